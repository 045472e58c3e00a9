import django.core.validators
import django.db.models.deletion
import functools
import law.nomenclature
from django.conf import settings
from django.db import migrations, models

from accounts.operations import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_territory'),
        ('parcours', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('worker', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='parcours.worker', verbose_name='salarié')),
                ('counsellor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='avec')),
                ('kind', models.CharField(choices=functools.partial(law.nomenclature.choices, *('follow_up_kind',), **{}), default='entretien_individuel', max_length=24, verbose_name='nature')),
                ('starts_at', models.DateTimeField(verbose_name='début')),
                ('minutes', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(1, 'Un rendez-vous dure au moins une minute.'), django.core.validators.MaxValueValidator(720, 'Un rendez-vous ne dure pas plus de 12 heures.')], verbose_name='durée en minutes')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='lieu')),
                ('together', models.UUIDField(blank=True, null=True, verbose_name='fait ensemble')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='annulé le')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name="motif de l'annulation")),
            ],
            options={
                'verbose_name': 'rendez-vous',
                'verbose_name_plural': 'rendez-vous',
                'ordering': ['starts_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('cancelled_at__isnull', True)), fields=['counsellor', 'starts_at'], name='appointment_agenda'), models.Index(fields=['worker', 'starts_at'], name='appointment_of_worker')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cancelled_at__isnull', True)), fields=('worker', 'counsellor', 'starts_at'), name='appointment_once', violation_error_message="Ce rendez-vous est déjà à l'agenda."), models.CheckConstraint(condition=models.Q(('minutes__gte', 1), ('minutes__lte', 720)), name='appointment_minutes_possible', violation_error_message='Un rendez-vous dure entre une minute et 12 heures.')],
            },
        ),
        migrations.CreateModel(
            name='AppointmentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='agenda.appointment')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('worker', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parcours.worker', verbose_name='salarié')),
                ('counsellor', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='avec')),
                ('kind', models.CharField(choices=functools.partial(law.nomenclature.choices, *('follow_up_kind',), **{}), default='entretien_individuel', max_length=24, verbose_name='nature')),
                ('starts_at', models.DateTimeField(verbose_name='début')),
                ('minutes', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(1, 'Un rendez-vous dure au moins une minute.'), django.core.validators.MaxValueValidator(720, 'Un rendez-vous ne dure pas plus de 12 heures.')], verbose_name='durée en minutes')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='lieu')),
                ('together', models.UUIDField(blank=True, null=True, verbose_name='fait ensemble')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='annulé le')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name="motif de l'annulation")),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FeedToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feed_tokens', to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
                ('name', models.CharField(max_length=60, verbose_name='nom')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='créé le')),
                ('last_used_at', models.DateTimeField(blank=True, null=True, verbose_name='dernier usage')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='révoqué le')),
            ],
            options={
                'verbose_name': "adresse d'agenda",
                'verbose_name_plural': "adresses d'agenda",
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Snooze',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('worker', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='snoozes', to='parcours.worker', verbose_name='salarié')),
                ('fact', models.CharField(max_length=16, verbose_name='fait')),
                ('subject', models.BigIntegerField(default=0, verbose_name='objet')),
                ('due_on', models.DateField(verbose_name='échéance du fait')),
                ('snoozed_on', models.DateField(verbose_name='remis le')),
                ('until', models.DateField(help_text='Jour où le fait revient dans la liste.', verbose_name="jusqu'au")),
                ('reason', models.CharField(max_length=300, verbose_name='motif')),
                ('snoozed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='remis par')),
            ],
            options={
                'verbose_name': 'report',
                'ordering': ['until', 'id'],
                'constraints': [models.UniqueConstraint(fields=('worker', 'fact', 'subject', 'due_on'), name='snooze_once', violation_error_message='Ce fait est déjà remis à plus tard.'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('snoozed_on'))), name='snooze_until_a_later_day', violation_error_message='On remet à plus tard : choisissez un jour à venir.'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='snooze_has_a_reason', violation_error_message='Dites pourquoi cela peut attendre.')],
            },
        ),
        migrations.CreateModel(
            name='SnoozeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='agenda.snooze')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('worker', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parcours.worker', verbose_name='salarié')),
                ('fact', models.CharField(max_length=16, verbose_name='fait')),
                ('subject', models.BigIntegerField(default=0, verbose_name='objet')),
                ('due_on', models.DateField(verbose_name='échéance du fait')),
                ('snoozed_on', models.DateField(verbose_name='remis le')),
                ('until', models.DateField(help_text='Jour où le fait revient dans la liste.', verbose_name="jusqu'au")),
                ('reason', models.CharField(max_length=300, verbose_name='motif')),
                ('snoozed_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='remis par')),
            ],
            options={
                'abstract': False,
            },
        ),
    ])]
