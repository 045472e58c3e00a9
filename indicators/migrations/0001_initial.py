import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from accounts.operations import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_territory'),
        ('contracts', '0001_initial'),
        ('parcours', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Experiment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='experiments', to='accounts.organisation', verbose_name='structure')),
                ('title', models.CharField(max_length=200, verbose_name='intitulé')),
                ('subject', models.CharField(choices=[('contract', 'Contrat de travail'), ('status', 'Statut des personnes'), ('relations', 'Relations sociales'), ('organisation', 'Organisation du travail')], max_length=12, verbose_name='objet')),
                ('hypothesis', models.TextField(verbose_name='hypothèse')),
                ('outcome', models.TextField(verbose_name="résultat attendu, nommé d'avance")),
                ('comparison', models.TextField(verbose_name="à quoi l'on compare")),
                ('registered_on', models.DateField(verbose_name='inscrite le')),
                ('started_on', models.DateField(verbose_name='début')),
                ('planned_end_on', models.DateField(blank=True, null=True, verbose_name='fin prévue')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='fin')),
                ('result', models.TextField(blank=True, verbose_name='résultat')),
                ('evaluation_published_on', models.DateField(blank=True, null=True, verbose_name='évaluation publiée le')),
            ],
            options={
                'verbose_name': 'expérimentation',
                'ordering': ['-started_on', '-id'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'title'), name='experiment_title_once', violation_error_message='Une expérimentation de la structure porte déjà cet intitulé.'), models.CheckConstraint(condition=models.Q(('registered_on__lte', models.F('started_on'))), name='experiment_registered_before_it_starts', violation_error_message="Une expérimentation s'inscrit avant de commencer."), models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='experiment_ends_after_it_starts', violation_error_message="La fin de l'expérimentation précède son début."), models.CheckConstraint(condition=models.Q(('evaluation_published_on__isnull', True), models.Q(('ended_on__isnull', False), ('evaluation_published_on__gte', models.F('started_on')), models.Q(('result', ''), _negated=True)), _connector='OR'), name='experiment_evaluation_has_a_result', violation_error_message="Une évaluation publiée porte un résultat, et l'expérimentation est finie.")],
            },
        ),
        migrations.CreateModel(
            name='ExperimentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='indicators.experiment')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('organisation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.organisation', verbose_name='structure')),
                ('title', models.CharField(max_length=200, verbose_name='intitulé')),
                ('subject', models.CharField(choices=[('contract', 'Contrat de travail'), ('status', 'Statut des personnes'), ('relations', 'Relations sociales'), ('organisation', 'Organisation du travail')], max_length=12, verbose_name='objet')),
                ('hypothesis', models.TextField(verbose_name='hypothèse')),
                ('outcome', models.TextField(verbose_name="résultat attendu, nommé d'avance")),
                ('comparison', models.TextField(verbose_name="à quoi l'on compare")),
                ('registered_on', models.DateField(verbose_name='inscrite le')),
                ('started_on', models.DateField(verbose_name='début')),
                ('planned_end_on', models.DateField(blank=True, null=True, verbose_name='fin prévue')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='fin')),
                ('result', models.TextField(blank=True, verbose_name='résultat')),
                ('evaluation_published_on', models.DateField(blank=True, null=True, verbose_name='évaluation publiée le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('experiment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participants', to='indicators.experiment', verbose_name='expérimentation')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='experiments', to='parcours.worker', verbose_name='salarié')),
                ('contract', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='experiments', to='contracts.contract', verbose_name='contrat')),
                ('joined_on', models.DateField(verbose_name='depuis le')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                ('consented_on', models.DateField(blank=True, help_text="Vide : on ne sait pas si la personne est d'accord.", null=True, verbose_name='accord donné le')),
            ],
            options={
                'verbose_name': 'participant',
                'ordering': ['joined_on', 'id'],
                'constraints': [models.UniqueConstraint(fields=('experiment', 'worker', 'joined_on'), name='participant_once', violation_error_message="Cette personne participe déjà à l'expérimentation depuis ce jour."), models.CheckConstraint(condition=models.Q(('left_on__isnull', True), ('left_on__gte', models.F('joined_on')), _connector='OR'), name='participant_leaves_after_joining', violation_error_message='La fin de la participation précède son début.')],
            },
        ),
        migrations.CreateModel(
            name='ParticipantEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='indicators.participant')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('experiment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='indicators.experiment', verbose_name='expérimentation')),
                ('worker', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parcours.worker', verbose_name='salarié')),
                ('contract', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='contracts.contract', verbose_name='contrat')),
                ('joined_on', models.DateField(verbose_name='depuis le')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                ('consented_on', models.DateField(blank=True, help_text="Vide : on ne sait pas si la personne est d'accord.", null=True, verbose_name='accord donné le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='accounts.organisation', verbose_name='structure')),
                ('indicator', models.CharField(max_length=8, verbose_name='indicateur')),
                ('year', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='année')),
                ('value', models.DecimalField(decimal_places=4, max_digits=12, validators=[django.core.validators.MinValueValidator(0)], verbose_name='cible')),
                ('voted_on', models.DateField(verbose_name='votée le')),
                ('voted_by', models.CharField(choices=[('board', "Conseil d'administration"), ('assembly', 'Assemblée générale'), ('works_council', 'Comité social et économique'), ('funders', 'Dialogue de gestion'), ('team', 'Équipe')], max_length=16, verbose_name='votée par')),
            ],
            options={
                'verbose_name': 'cible',
                'ordering': ['-year', 'indicator'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'indicator', 'year'), name='target_once_a_year', violation_error_message='Cet indicateur a déjà une cible pour cette année.'), models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='target_not_negative', violation_error_message="Une cible n'est pas négative."), models.CheckConstraint(condition=models.Q(('year__gte', 2000), ('year__lte', 2100)), name='target_year_possible', violation_error_message="L'année se situe entre 2000 et 2100.")],
            },
        ),
        migrations.CreateModel(
            name='TargetEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='indicators.target')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('organisation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.organisation', verbose_name='structure')),
                ('indicator', models.CharField(max_length=8, verbose_name='indicateur')),
                ('year', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(2000), django.core.validators.MaxValueValidator(2100)], verbose_name='année')),
                ('value', models.DecimalField(decimal_places=4, max_digits=12, validators=[django.core.validators.MinValueValidator(0)], verbose_name='cible')),
                ('voted_on', models.DateField(verbose_name='votée le')),
                ('voted_by', models.CharField(choices=[('board', "Conseil d'administration"), ('assembly', 'Assemblée générale'), ('works_council', 'Comité social et économique'), ('funders', 'Dialogue de gestion'), ('team', 'Équipe')], max_length=16, verbose_name='votée par')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Value',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('indicator', models.CharField(max_length=8, verbose_name='indicateur')),
                ('method', models.PositiveSmallIntegerField(verbose_name='version de la méthode')),
                ('scope', models.CharField(max_length=32, verbose_name='périmètre')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='values', to='accounts.organisation', verbose_name='structure ou groupe')),
                ('period_start', models.DateField(verbose_name='du')),
                ('period_end', models.DateField(verbose_name='au')),
                ('known_at', models.DateTimeField(verbose_name='connu au')),
                ('k', models.DecimalField(decimal_places=4, max_digits=16, null=True, verbose_name='numérateur')),
                ('known', models.DecimalField(decimal_places=4, max_digits=16, verbose_name='connus')),
                ('eligible', models.DecimalField(decimal_places=4, max_digits=16, verbose_name='concernés')),
                ('value', models.DecimalField(decimal_places=10, max_digits=20, null=True, verbose_name='valeur')),
                ('interval_low', models.DecimalField(decimal_places=4, max_digits=14, null=True, verbose_name='intervalle à 95 %, bas')),
                ('interval_high', models.DecimalField(decimal_places=4, max_digits=14, null=True, verbose_name='intervalle à 95 %, haut')),
                ('low', models.DecimalField(decimal_places=10, max_digits=20, null=True, verbose_name='borne basse')),
                ('high', models.DecimalField(decimal_places=10, max_digits=20, null=True, verbose_name='borne haute')),
                ('coverage', models.CharField(choices=[('full', 'Complète'), ('partial', 'Partielle'), ('insufficient', 'Insuffisante'), ('few', "Trop peu d'observations"), ('empty', "Personne n'est concerné")], max_length=12, verbose_name='couverture')),
                ('status', models.CharField(choices=[('provisional', 'Provisoire'), ('semi_final', 'Semi-définitif'), ('final', 'Définitif')], max_length=12, verbose_name='état')),
                ('reporting', models.PositiveIntegerField(verbose_name='structures qui renseignent')),
                ('members', models.PositiveIntegerField(verbose_name='structures du périmètre')),
                ('parts', models.JSONField(default=dict, verbose_name='composantes')),
                ('cells', models.JSONField(default=dict, verbose_name='cellules')),
                ('parameters', models.CharField(max_length=64, verbose_name='empreinte des paramètres')),
                ('inputs', models.CharField(max_length=64, verbose_name='empreinte des données')),
            ],
            options={
                'verbose_name': "valeur d'indicateur",
                'verbose_name_plural': "valeurs d'indicateurs",
                'ordering': ['indicator', '-period_end', '-known_at'],
                'indexes': [models.Index(fields=['indicator', 'period_end'], name='value_to_gather')],
                'constraints': [models.UniqueConstraint(fields=('scope', 'indicator', 'method', 'period_start', 'period_end', 'known_at'), name='value_once'), models.CheckConstraint(condition=models.Q(('period_end__gte', models.F('period_start'))), name='value_period_in_order'), models.CheckConstraint(condition=models.Q(('known__lte', models.F('eligible'))), name='value_known_within_eligible'), models.CheckConstraint(condition=models.Q(('reporting__lte', models.F('members'))), name='value_reporting_within_members'), models.CheckConstraint(condition=models.Q(models.Q(('organisation__isnull', True), ('scope__regex', '^(kind:\\w+|departement:\\w+|region:\\w+(/kind:\\w+)?|whole)$')), models.Q(('organisation__isnull', False), ('scope__regex', '^(structure|group):\\d+$')), _connector='OR'), name='value_organisation_of_its_scope')],
            },
        ),
    ])]
