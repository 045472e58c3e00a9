import django.db.models.deletion
import functools
import law.nomenclature
import rights.catalogue
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
            name='Circumstance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='circumstances', to='parcours.worker', verbose_name='salarié')),
                ('kind', models.CharField(choices=functools.partial(law.nomenclature.choices, *('circumstance',), **{}), max_length=24, verbose_name='situation')),
                ('since', models.DateField(verbose_name='depuis le')),
                ('until', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                ('label', models.CharField(blank=True, help_text="Seulement de quoi s'y retrouver : « aînée », « carte de 4 ans ».", max_length=80, verbose_name='précision')),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par')),
            ],
            options={
                'verbose_name': 'situation déclarée',
                'verbose_name_plural': 'situations déclarées',
                'ordering': ['since', 'id'],
                'constraints': [models.UniqueConstraint(fields=('worker', 'kind', 'since', 'label'), name='circumstance_once', violation_error_message='Cette situation est déjà notée à cette date.'), models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='circumstance_ends_after_it_starts', violation_error_message='La fin de la situation précède son début.')],
            },
        ),
        migrations.CreateModel(
            name='CircumstanceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='rights.circumstance')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('worker', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parcours.worker', verbose_name='salarié')),
                ('kind', models.CharField(choices=functools.partial(law.nomenclature.choices, *('circumstance',), **{}), max_length=24, verbose_name='situation')),
                ('since', models.DateField(verbose_name='depuis le')),
                ('until', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                ('label', models.CharField(blank=True, help_text="Seulement de quoi s'y retrouver : « aînée », « carte de 4 ans ».", max_length=80, verbose_name='précision')),
                ('recorded_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RightStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pathway', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='right_steps', to='parcours.pathway', verbose_name='parcours')),
                ('right', models.CharField(choices=rights.catalogue.right_choices, max_length=8, verbose_name='droit')),
                ('state', models.CharField(blank=True, choices=functools.partial(law.nomenclature.choices, *('right_state',), **{}), max_length=16, verbose_name='état')),
                ('triggered_on', models.DateField(verbose_name='déclenché le')),
                ('trigger', models.CharField(blank=True, max_length=200, verbose_name='déclencheur')),
                ('cause', models.CharField(blank=True, editable=False, max_length=40, verbose_name='cause')),
                ('renewed_from', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='renewal', to='rights.rightstep', verbose_name='renouvelle')),
                ('held_before', models.BooleanField(default=False, verbose_name="déjà ouvert à l'entrée")),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='à faire avant le')),
                ('requested_on', models.DateField(blank=True, null=True, verbose_name='demandé le')),
                ('opened_on', models.DateField(blank=True, null=True, verbose_name='ouvert le')),
                ('refused_on', models.DateField(blank=True, null=True, verbose_name='refusé le')),
                ('appealed_on', models.DateField(blank=True, null=True, verbose_name='recours déposé le')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='dernier jour du droit')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='clos le')),
                ('waiver_signed_on', models.DateField(blank=True, help_text="La personne, informée, a signé qu'elle ne demande pas ce droit.", null=True, verbose_name='renoncement éclairé signé le')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='précision')),
                ('updated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modifié par')),
            ],
            options={
                'verbose_name': "démarche d'accès à un droit",
                'verbose_name_plural': "démarches d'accès aux droits",
                'ordering': ['due_on', 'id'],
                'indexes': [models.Index(fields=['pathway', 'due_on', 'id'], name='right_step_by_pathway'), models.Index(condition=models.Q(('closed_on__isnull', True), ('state', 'opened')), fields=['expires_on'], name='right_step_open_until')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('cause', ''), ('renewed_from__isnull', True)), fields=('pathway', 'right', 'triggered_on'), name='right_step_once', violation_error_message='Cette démarche est déjà ouverte pour ce parcours.'), models.UniqueConstraint(condition=models.Q(('cause', ''), _negated=True), fields=('pathway', 'right', 'cause'), name='right_step_cause_once', violation_error_message='Cette démarche est déjà ouverte pour ce parcours.'), models.CheckConstraint(condition=models.Q(('expires_on__isnull', True), ('opened_on__isnull', True), ('expires_on__gte', models.F('opened_on')), _connector='OR'), name='right_step_expires_after_it_opens', violation_error_message="Le droit expire avant d'être ouvert."), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['opened', 'renewed']), _negated=True), ('opened_on__isnull', False), _connector='OR'), name='right_step_opened_has_a_date', violation_error_message="Un droit ouvert a une date d'ouverture."), models.CheckConstraint(condition=models.Q(('waiver_signed_on__isnull', True), ('state', 'declined'), _connector='OR'), name='right_step_waiver_is_a_refusal', violation_error_message="Le renoncement signé va avec l'état « décliné par la personne ».")],
            },
        ),
        migrations.CreateModel(
            name='RightStepEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='rights.rightstep')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('pathway', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parcours.pathway', verbose_name='parcours')),
                ('right', models.CharField(choices=rights.catalogue.right_choices, max_length=8, verbose_name='droit')),
                ('state', models.CharField(blank=True, choices=functools.partial(law.nomenclature.choices, *('right_state',), **{}), max_length=16, verbose_name='état')),
                ('triggered_on', models.DateField(verbose_name='déclenché le')),
                ('trigger', models.CharField(blank=True, max_length=200, verbose_name='déclencheur')),
                ('cause', models.CharField(blank=True, editable=False, max_length=40, verbose_name='cause')),
                ('renewed_from', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='rights.rightstep', verbose_name='renouvelle')),
                ('held_before', models.BooleanField(default=False, verbose_name="déjà ouvert à l'entrée")),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='à faire avant le')),
                ('requested_on', models.DateField(blank=True, null=True, verbose_name='demandé le')),
                ('opened_on', models.DateField(blank=True, null=True, verbose_name='ouvert le')),
                ('refused_on', models.DateField(blank=True, null=True, verbose_name='refusé le')),
                ('appealed_on', models.DateField(blank=True, null=True, verbose_name='recours déposé le')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='dernier jour du droit')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='clos le')),
                ('waiver_signed_on', models.DateField(blank=True, help_text="La personne, informée, a signé qu'elle ne demande pas ce droit.", null=True, verbose_name='renoncement éclairé signé le')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='précision')),
                ('updated_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modifié par')),
            ],
            options={
                'abstract': False,
            },
        ),
    ])]
