import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_openings'),
        ('parcours', '0002_private_notes_out_of_history'),
        ('privacy', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OpenedList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.CharField(max_length=60, verbose_name='page')),
                ('hour', models.DateTimeField(verbose_name='heure')),
            ],
            options={
                'verbose_name': "liste lue par l'équipe technique",
                'verbose_name_plural': "listes lues par l'équipe technique",
                'ordering': ['-hour', '-id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='consultation',
            name='consultation_once_an_hour',
        ),
        migrations.AddField(
            model_name='consultation',
            name='opening',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='consultations', to='accounts.opening', verbose_name="accès de l'équipe technique"),
        ),
        migrations.AddConstraint(
            model_name='consultation',
            constraint=models.UniqueConstraint(fields=('worker', 'hour', 'reader', 'page', 'token', 'opening'), name='consultation_once_an_hour', nulls_distinct=False, violation_error_message='Cette consultation est déjà notée.'),
        ),
        migrations.AddField(
            model_name='openedlist',
            name='opening',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lists', to='accounts.opening', verbose_name='accès'),
        ),
        migrations.AddField(
            model_name='openedlist',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organisation', verbose_name='structure'),
        ),
        migrations.AddConstraint(
            model_name='openedlist',
            constraint=models.UniqueConstraint(fields=('opening', 'page', 'hour'), name='opened_list_once_an_hour', violation_error_message='Cette lecture est déjà notée.'),
        ),
    ]
