import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.operations import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_territory'),
        ('contracts', '0001_initial'),
        ('parcours', '0001_initial'),
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='wordings', to='accounts.organisation', verbose_name='structure')),
                ('kind', models.CharField(max_length=32, verbose_name='document')),
                ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                ('texts', models.JSONField(blank=True, default=dict, verbose_name='textes')),
                ('hidden', models.JSONField(blank=True, default=list, verbose_name='rubriques masquées')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='écrit par')),
                ('written_at', models.DateTimeField(auto_now_add=True, verbose_name='écrit le')),
            ],
            options={
                'verbose_name': 'modèle de document',
                'verbose_name_plural': 'modèles de documents',
                'ordering': ['kind', '-version'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'kind', 'version'), name='wording_version_once', violation_error_message="Ce modèle vient d'être modifié par quelqu'un d'autre : relisez-le.")],
            },
        ),
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='accounts.organisation', verbose_name='structure')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='parcours.worker', verbose_name='salarié')),
                ('contract', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='contracts.contract', verbose_name='contrat')),
                ('kind', models.CharField(max_length=32, verbose_name='document')),
                ('subject_id', models.PositiveBigIntegerField(help_text='Identifiant de ce dont parle le document.', verbose_name='objet')),
                ('seen_by', models.CharField(default='see_people', max_length=24, verbose_name='droit de lecture')),
                ('title', models.CharField(max_length=250, verbose_name='titre')),
                ('issued_on', models.DateField(verbose_name='fait le')),
                ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='émis par')),
                ('issued_at', models.DateTimeField(auto_now_add=True, verbose_name='émis le')),
                ('facts', models.JSONField(verbose_name='faits')),
                ('facts_sha256', models.CharField(max_length=64, verbose_name='empreinte des faits')),
                ('press', models.CharField(max_length=64, verbose_name='empreinte de la mise en page')),
                ('wording', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.wording', verbose_name='modèle')),
                ('letterhead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.wording', verbose_name='en-tête')),
                ('file', models.FileField(max_length=200, upload_to='papers/%Y/%m/', verbose_name='fichier')),
                ('file_sha256', models.CharField(max_length=64, verbose_name='empreinte du fichier')),
                ('size', models.PositiveIntegerField(verbose_name='taille en octets')),
            ],
            options={
                'verbose_name': 'document émis',
                'verbose_name_plural': 'documents émis',
                'ordering': ['-issued_at', '-id'],
                'indexes': [models.Index(fields=['worker', '-id'], name='paper_of_worker'), models.Index(fields=['contract', '-id'], name='paper_of_contract')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'subject_id', 'facts_sha256', 'press'), name='paper_once', violation_error_message="Ce document vient d'être émis.")],
            },
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='accounts.organisation', verbose_name='organisation')),
                ('exported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='exporté par')),
                ('token', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.apitoken', verbose_name='jeton')),
                ('listing', models.CharField(max_length=32, verbose_name='liste')),
                ('format', models.CharField(max_length=8, verbose_name='format')),
                ('filters', models.JSONField(blank=True, default=dict, verbose_name='filtres')),
                ('started_at', models.DateTimeField(verbose_name='commencé le')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='fini le')),
                ('rows', models.PositiveIntegerField(blank=True, null=True, verbose_name='lignes')),
                ('complete', models.BooleanField(blank=True, help_text='Non : le téléchargement a été interrompu.', null=True, verbose_name='complet')),
            ],
            options={
                'verbose_name': 'export',
                'ordering': ['-started_at', '-id'],
                'indexes': [models.Index(fields=['organisation', '-started_at'], name='export_of_organisation')],
            },
        ),
    ])]
