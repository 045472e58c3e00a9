import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.operations import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_territory'),
        ('contracts', '0001_initial'),
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notification_preference', to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
                ('frequency', models.CharField(choices=[('daily', 'Chaque matin'), ('weekly', 'Une fois par semaine'), ('never', 'Jamais par courriel')], default='daily', max_length=8, verbose_name='courriels')),
                ('least_severity', models.PositiveSmallIntegerField(choices=[(1, 'À prévoir'), (2, 'À suivre'), (3, 'À décider'), (4, 'Urgent'), (5, 'Dépassé')], default=1, verbose_name='à partir de la gravité')),
                ('by_structure', models.BooleanField(default=False, help_text='Sinon un seul message, rangé par structure.', verbose_name='un message par structure')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='choisi le')),
            ],
            options={
                'verbose_name': 'préférence de notification',
                'verbose_name_plural': 'préférences de notification',
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='destinataire')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='structure')),
                ('day', models.DateField(verbose_name='jour')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='remis le')),
                ('notices_sent', models.PositiveIntegerField(blank=True, help_text="Zéro : tout était réglé, rien n'est parti.", null=True, verbose_name='faits annoncés')),
            ],
            options={
                'verbose_name': 'message groupé',
                'verbose_name_plural': 'messages groupés',
                'ordering': ['-day', '-id'],
                'constraints': [models.UniqueConstraint(fields=('recipient', 'organisation', 'day'), name='digest_once', nulls_distinct=False, violation_error_message='Ce message est déjà préparé.')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL, verbose_name='destinataire')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='accounts.organisation', verbose_name='structure')),
                ('flag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='contracts.flag', verbose_name='alerte')),
                ('severity', models.PositiveSmallIntegerField(choices=[(1, 'À prévoir'), (2, 'À suivre'), (3, 'À décider'), (4, 'Urgent'), (5, 'Dépassé')], verbose_name='gravité')),
                ('rung', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='seuil')),
                ('told_on', models.DateField(verbose_name='annoncé le')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='lu le')),
                ('digest', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notices', to='notifications.digest', verbose_name='message')),
            ],
            options={
                'verbose_name': 'notification',
                'ordering': ['-told_on', '-severity', '-id'],
                'indexes': [models.Index(fields=['recipient', '-told_on', '-id'], name='notice_of_recipient'), models.Index(condition=models.Q(('digest__isnull', True)), fields=['recipient', 'told_on'], name='notice_to_send')],
                'constraints': [models.UniqueConstraint(fields=('recipient', 'flag', 'severity', 'rung'), name='notice_once', nulls_distinct=False, violation_error_message='Cette personne a déjà été avertie de ce fait.')],
            },
        ),
    ])]
