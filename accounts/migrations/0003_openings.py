import accounts.models.opening
import datetime
import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_territory'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apitoken',
            name='role',
            field=models.CharField(choices=[('counsellor', 'Conseiller en insertion'), ('hr', 'Ressources humaines'), ('director', 'Direction de structure'), ('protection', 'Référent données personnelles'), ('analyst', 'Analyste de la fédération'), ('publisher', 'Responsable des publications'), ('administrator', 'Administration')], max_length=16, verbose_name='rôle'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('counsellor', 'Conseiller en insertion'), ('hr', 'Ressources humaines'), ('director', 'Direction de structure'), ('protection', 'Référent données personnelles'), ('analyst', 'Analyste de la fédération'), ('publisher', 'Responsable des publications'), ('administrator', 'Administration')], max_length=16, verbose_name='rôle'),
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('help', 'Aide demandée par la structure'), ('defect', 'Anomalie à comprendre'), ('data', 'Reprise ou import de données'), ('security', 'Incident de sécurité'), ('rights', "Demande d'une personne sur ses données")], max_length=12, verbose_name='nature du motif')),
                ('motive', models.CharField(max_length=500, verbose_name='motif')),
                ('reference', models.CharField(blank=True, max_length=60, verbose_name='référence de la demande')),
                ('opened_at', models.DateTimeField(verbose_name='ouvert le')),
                ('until', models.DateTimeField(verbose_name="jusqu'à")),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='fermé le')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='fermé par')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ouvert par')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='accounts.organisation', verbose_name='structure')),
            ],
            options={
                'verbose_name': "accès de l'équipe technique",
                'verbose_name_plural': "accès de l'équipe technique",
                'ordering': ['-opened_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['help', 'defect', 'data', 'security', 'rights'])), name='opening_kind_listed', violation_error_message='Choisissez la nature du motif dans la liste.'), models.CheckConstraint(condition=models.Q(('motive__regex', '^\\S.{18,}\\S$')), name='opening_has_a_motive', violation_error_message='Dites pourquoi, en vingt lettres au moins : la structure le lira.'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('opened_at')), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('opened_at'), '+', models.Value(datetime.timedelta(days=1))))), name='opening_ends_within_a_day', violation_error_message='Un accès dure un jour au plus.'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__gte', models.F('opened_at')), ('closed_at__lte', models.F('until')), ('closed_by__isnull', False)), _connector='OR'), name='opening_closed_while_it_runs', violation_error_message='Cet accès était déjà fini.'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('holder', '='), ('organisation', '='), (accounts.models.opening.Span(models.F('opened_at'), django.db.models.functions.comparison.Coalesce('closed_at', 'until')), '&&')], name='opening_one_at_a_time', violation_error_message='Vous avez déjà un accès ouvert à cette structure.')],
            },
        ),
    ]
