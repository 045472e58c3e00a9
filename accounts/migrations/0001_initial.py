import accounts.models.organisation
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import functools
import law.nomenclature
from django.conf import settings
from django.db import migrations, models

from accounts.operations import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Region',
            fields=[
                ('code', models.CharField(max_length=3, primary_key=True, serialize=False, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='nom')),
            ],
            options={
                'verbose_name': 'région',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Departement',
            fields=[
                ('code', models.CharField(max_length=3, primary_key=True, serialize=False, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='nom')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departements', to='accounts.region', verbose_name='région')),
            ],
            options={
                'verbose_name': 'département',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Commune',
            fields=[
                ('code', models.CharField(max_length=5, primary_key=True, serialize=False, verbose_name='code INSEE')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('departement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='communes', to='accounts.departement', verbose_name='département')),
                ('postal_codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), blank=True, default=list, size=None, verbose_name='codes postaux')),
            ],
            options={
                'verbose_name': 'commune',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='adresse e-mail')),
                ('first_name', models.CharField(blank=True, max_length=100, verbose_name='prénom')),
                ('last_name', models.CharField(blank=True, max_length=100, verbose_name='nom')),
                ('is_active', models.BooleanField(default=True, verbose_name='actif')),
                ('is_staff', models.BooleanField(default=False, verbose_name='équipe technique')),
                ('date_joined', models.DateTimeField(auto_now_add=True, verbose_name='inscrit le')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'utilisateur',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='user_email_ci', violation_error_message='Cette adresse e-mail a déjà un compte.')],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nature', models.CharField(choices=[('structure', 'Structure'), ('group', 'Groupe économique solidaire'), ('federation', 'Fédération')], default='structure', max_length=12, verbose_name='nature')),
                ('kind', models.CharField(blank=True, choices=functools.partial(law.nomenclature.choices, *('structure_kind',), **{}), max_length=8, verbose_name='type de structure')),
                ('name', models.CharField(max_length=200, verbose_name='nom')),
                ('siret', models.CharField(blank=True, max_length=14, null=True, unique=True, validators=[accounts.models.organisation.validate_siret], verbose_name='SIRET')),
                ('commune', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='organisations', to='accounts.commune', verbose_name='commune')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='accounts.organisation', verbose_name='groupe')),
                ('federation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='affiliates', to='accounts.organisation', verbose_name='fédération')),
                ('emplois_id', models.PositiveIntegerField(blank=True, null=True, unique=True, verbose_name="identifiant des Emplois de l'inclusion")),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='fermée le')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'organisation',
                'ordering': ['name', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('siret__isnull', True), ('siret__regex', '^\\d{14}$'), _connector='OR'), name='organisation_siret_is_14_digits', violation_error_message='Le SIRET compte 14 chiffres.'), models.CheckConstraint(condition=models.Q(models.Q(('nature', 'structure'), models.Q(('kind', ''), _negated=True)), models.Q(models.Q(('nature', 'structure'), _negated=True), ('kind', '')), _connector='OR'), name='organisation_kind_only_for_structures', violation_error_message="Une structure a un type (AI, ETTI, EI, ACI…) ; un groupe n'en a pas."), models.CheckConstraint(condition=models.Q(models.Q(('group', models.F('id')), _negated=True), models.Q(('federation', models.F('id')), _negated=True)), name='organisation_not_its_own_parent', violation_error_message='Une organisation ne peut pas être son propre groupe.')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='utilisateur')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.organisation', verbose_name='organisation')),
                ('role', models.CharField(choices=[('counsellor', 'Conseiller en insertion'), ('hr', 'Ressources humaines'), ('director', 'Direction de structure'), ('analyst', 'Analyste de la fédération'), ('publisher', 'Responsable des publications'), ('administrator', 'Administration')], max_length=16, verbose_name='rôle')),
                ('started_on', models.DateField(default=datetime.date.today, verbose_name='depuis le')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name="jusqu'au")),
            ],
            options={
                'verbose_name': 'appartenance',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_on__isnull', True)), fields=('user', 'organisation', 'role'), name='membership_once', violation_error_message='Cette personne a déjà ce rôle dans cette organisation.'), models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gte', models.F('started_on')), _connector='OR'), name='membership_ends_after_it_starts', violation_error_message='La fin précède le début.')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to='accounts.organisation', verbose_name='organisation')),
                ('name', models.CharField(max_length=100, verbose_name='nom')),
                ('role', models.CharField(choices=[('counsellor', 'Conseiller en insertion'), ('hr', 'Ressources humaines'), ('director', 'Direction de structure'), ('analyst', 'Analyste de la fédération'), ('publisher', 'Responsable des publications'), ('administrator', 'Administration')], max_length=16, verbose_name='rôle')),
                ('prefix', models.CharField(max_length=8, verbose_name='début du jeton')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='créé par')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='créé le')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expire le')),
                ('last_used_at', models.DateTimeField(blank=True, null=True, verbose_name='dernier usage')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='révoqué le')),
            ],
            options={
                'verbose_name': "jeton d'API",
                'ordering': ['-created_at'],
            },
        ),
    ])]
