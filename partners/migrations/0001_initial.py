import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import functools
import law.nomenclature
import parcours.models.worker
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
            name='Partner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(blank=True, help_text='Vide pour le répertoire commun.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='partners', to='accounts.organisation', verbose_name='structure')),
                ('source', models.CharField(max_length=100, verbose_name='source')),
                ('source_id', models.CharField(max_length=250, verbose_name='identifiant')),
                ('name', models.CharField(max_length=150, verbose_name='nom')),
                ('kind', models.CharField(blank=True, choices=functools.partial(law.nomenclature.choices, *('partner_kind',), **{}), max_length=16, verbose_name='genre')),
                ('siret', models.CharField(blank=True, max_length=14, verbose_name='SIRET')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('commune', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.commune', verbose_name='commune')),
                ('departement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.departement', verbose_name='département')),
                ('city', models.CharField(blank=True, max_length=150, verbose_name='ville')),
                ('postal_code', models.CharField(blank=True, max_length=5, verbose_name='code postal')),
                ('address', models.CharField(blank=True, max_length=400, verbose_name='adresse')),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('phone', models.CharField(blank=True, max_length=100, verbose_name='téléphone')),
                ('email', models.CharField(blank=True, max_length=254, verbose_name='courriel')),
                ('website', models.CharField(blank=True, max_length=2083, verbose_name='site')),
                ('opening_hours', models.CharField(blank=True, max_length=500, verbose_name="horaires d'accueil")),
                ('networks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('updated_on', models.DateField(verbose_name='mis à jour le')),
            ],
            options={
                'verbose_name': 'partenaire',
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'source_id'), name='partner_once', nulls_distinct=False, violation_error_message='Ce partenaire est déjà dans le répertoire.'), models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__gte', -90), ('latitude__lte', 90), ('longitude__gte', -180), ('longitude__lte', 180)), _connector='OR'), name='partner_coordinates_possible', violation_error_message='Ces coordonnées ne sont pas sur la Terre.')],
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='services', to='partners.partner', verbose_name='partenaire')),
                ('source', models.CharField(max_length=100, verbose_name='source')),
                ('source_id', models.CharField(max_length=250, verbose_name='identifiant')),
                ('name', models.CharField(max_length=150, verbose_name='nom')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('kind', models.CharField(blank=True, max_length=32, verbose_name='type de service')),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None, verbose_name='thématiques')),
                ('themes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=24), blank=True, default=list, size=None, verbose_name='thèmes')),
                ('publics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None)),
                ('conditions', models.TextField(blank=True, verbose_name="conditions d'accès")),
                ('fee', models.CharField(blank=True, max_length=32, verbose_name='frais')),
                ('fee_details', models.TextField(blank=True, verbose_name='précisions sur les frais')),
                ('how', models.TextField(blank=True, verbose_name='comment y accéder')),
                ('link', models.CharField(blank=True, max_length=2083, verbose_name='lien')),
                ('contact', models.CharField(blank=True, max_length=200, verbose_name='contact')),
                ('phone', models.CharField(blank=True, max_length=100, verbose_name='téléphone')),
                ('email', models.CharField(blank=True, max_length=254, verbose_name='courriel')),
                ('commune', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.commune', verbose_name='commune')),
                ('departement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.departement', verbose_name='département')),
                ('city', models.CharField(blank=True, max_length=150, verbose_name='ville')),
                ('postal_code', models.CharField(blank=True, max_length=5, verbose_name='code postal')),
                ('address', models.CharField(blank=True, max_length=400, verbose_name='adresse')),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('zones', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=9), blank=True, default=list, size=None)),
                ('remote', models.BooleanField(blank=True, null=True, verbose_name='à distance')),
                ('updated_on', models.DateField(verbose_name='mis à jour le')),
                ('search_key', models.GeneratedField(db_persist=True, expression=parcours.models.worker.PlainText(models.F('name')), output_field=models.TextField())),
            ],
            options={
                'verbose_name': 'service',
                'ordering': ['name', 'id'],
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['themes'], name='service_by_theme'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('search_key'), name='gin_trgm_ops'), name='service_name_search'), models.Index(fields=['departement', 'id'], name='service_by_departement')],
                'constraints': [models.UniqueConstraint(fields=('partner', 'source_id'), name='service_once', violation_error_message='Ce service est déjà dans le répertoire.')],
            },
        ),
        migrations.CreateModel(
            name='DirectoryFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='directory_files', to='accounts.organisation', verbose_name='structure')),
                ('name', models.CharField(max_length=255, verbose_name='nom du fichier')),
                ('kind', models.CharField(choices=[('structures', 'Structures'), ('services', 'Services')], max_length=12, verbose_name='contenu')),
                ('sha256', models.CharField(max_length=64)),
                ('created', models.PositiveIntegerField(default=0, verbose_name='ajoutés')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='modifiés')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='inchangés')),
                ('faulty', models.PositiveIntegerField(default=0, verbose_name='en erreur')),
                ('read_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='déposé par')),
                ('read_at', models.DateTimeField(auto_now_add=True, verbose_name='lu le')),
            ],
            options={
                'verbose_name': 'fichier du répertoire',
                'verbose_name_plural': 'fichiers du répertoire',
                'ordering': ['-read_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='DirectoryFault',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='faults', to='partners.directoryfile', verbose_name='fichier')),
                ('line', models.PositiveIntegerField(help_text='Rang dans le fichier, le premier étant 1.', verbose_name='élément')),
                ('column', models.CharField(blank=True, max_length=100, verbose_name='champ')),
                ('value', models.CharField(blank=True, max_length=250, verbose_name='valeur lue')),
                ('message', models.CharField(max_length=300, verbose_name='erreur')),
            ],
            options={
                'verbose_name': 'élément en erreur',
                'verbose_name_plural': 'éléments en erreur',
                'ordering': ['line', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='accounts.organisation', verbose_name='structure')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='partners.partner', verbose_name='partenaire')),
                ('subject', models.CharField(max_length=200, verbose_name='objet')),
                ('signed_on', models.DateField(verbose_name='signée le')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par')),
            ],
            options={
                'verbose_name': 'convention de partenariat',
                'verbose_name_plural': 'conventions de partenariat',
                'ordering': ['-signed_on', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('signed_on')), _connector='OR'), name='agreement_ends_after_it_is_signed', violation_error_message='La fin de la convention précède sa signature.'), models.UniqueConstraint(fields=('organisation', 'partner', 'signed_on'), name='agreement_once', violation_error_message='Cette convention est déjà notée.')],
            },
        ),
        migrations.CreateModel(
            name='AgreementEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='partners.agreement')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('organisation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.organisation', verbose_name='structure')),
                ('partner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partners.partner', verbose_name='partenaire')),
                ('subject', models.CharField(max_length=200, verbose_name='objet')),
                ('signed_on', models.DateField(verbose_name='signée le')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
                ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Orientation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pathway', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orientations', to='parcours.pathway', verbose_name='parcours')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orientations', to='partners.partner', verbose_name='partenaire')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orientations', to='partners.service', verbose_name='service')),
                ('action', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orientations', to='parcours.planaction', verbose_name='action du plan')),
                ('theme', models.CharField(choices=functools.partial(law.nomenclature.choices, *('theme',), **{}), max_length=24, verbose_name='thème')),
                ('sent_on', models.DateField(verbose_name='orientée le')),
                ('state', models.CharField(choices=functools.partial(law.nomenclature.choices, *('orientation_state',), **{}), default='sent', max_length=12, verbose_name='suite')),
                ('state_on', models.DateField(verbose_name='depuis le')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par')),
            ],
            options={
                'verbose_name': 'orientation vers un partenaire',
                'verbose_name_plural': 'orientations vers un partenaire',
                'ordering': ['-sent_on', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state_on__gte', models.F('sent_on'))), name='orientation_moves_after_it_is_sent', violation_error_message="Cette suite précède l'orientation."), models.UniqueConstraint(fields=('pathway', 'partner', 'service', 'theme', 'sent_on'), name='orientation_once_a_day', nulls_distinct=False, violation_error_message='Cette orientation est déjà notée pour ce jour.')],
            },
        ),
        migrations.CreateModel(
            name='OrientationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='partners.orientation')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('pathway', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parcours.pathway', verbose_name='parcours')),
                ('partner', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partners.partner', verbose_name='partenaire')),
                ('service', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='partners.service', verbose_name='service')),
                ('action', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parcours.planaction', verbose_name='action du plan')),
                ('theme', models.CharField(choices=functools.partial(law.nomenclature.choices, *('theme',), **{}), max_length=24, verbose_name='thème')),
                ('sent_on', models.DateField(verbose_name='orientée le')),
                ('state', models.CharField(choices=functools.partial(law.nomenclature.choices, *('orientation_state',), **{}), default='sent', max_length=12, verbose_name='suite')),
                ('state_on', models.DateField(verbose_name='depuis le')),
                ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='UnmetNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pathway', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unmet_needs', to='parcours.pathway', verbose_name='parcours')),
                ('theme', models.CharField(choices=functools.partial(law.nomenclature.choices, *('theme',), **{}), max_length=24, verbose_name='thème')),
                ('topic', models.CharField(blank=True, max_length=120, verbose_name='besoin précis')),
                ('reason', models.CharField(choices=functools.partial(law.nomenclature.choices, *('unmet_reason',), **{}), max_length=16, verbose_name='pourquoi')),
                ('commune', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.commune', verbose_name='commune')),
                ('noted_on', models.DateField(verbose_name='constaté le')),
                ('answered_on', models.DateField(blank=True, null=True, verbose_name='une réponse a été trouvée le')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par')),
            ],
            options={
                'verbose_name': 'besoin sans réponse',
                'verbose_name_plural': 'besoins sans réponse',
                'ordering': ['-noted_on', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('answered_on__isnull', True), ('answered_on__gte', models.F('noted_on')), _connector='OR'), name='unmet_need_answered_after_it_is_noted', violation_error_message='La réponse précède le constat.'), models.UniqueConstraint(fields=('pathway', 'theme', 'topic', 'noted_on'), name='unmet_need_once_a_day', violation_error_message='Ce besoin est déjà noté pour ce jour.')],
            },
        ),
        migrations.CreateModel(
            name='UnmetNeedEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='partners.unmetneed')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('id', models.BigIntegerField()),
                ('pathway', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='parcours.pathway', verbose_name='parcours')),
                ('theme', models.CharField(choices=functools.partial(law.nomenclature.choices, *('theme',), **{}), max_length=24, verbose_name='thème')),
                ('topic', models.CharField(blank=True, max_length=120, verbose_name='besoin précis')),
                ('reason', models.CharField(choices=functools.partial(law.nomenclature.choices, *('unmet_reason',), **{}), max_length=16, verbose_name='pourquoi')),
                ('commune', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='accounts.commune', verbose_name='commune')),
                ('noted_on', models.DateField(verbose_name='constaté le')),
                ('answered_on', models.DateField(blank=True, null=True, verbose_name='une réponse a été trouvée le')),
                ('recorded_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par')),
            ],
            options={
                'abstract': False,
            },
        ),
    ])]
