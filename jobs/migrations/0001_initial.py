from django.db import migrations, models

from accounts.operations import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [CreateModels([
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='travail')),
                ('key', models.CharField(max_length=200, unique=True, verbose_name='clé')),
                ('arguments', models.JSONField(default=dict, verbose_name='arguments')),
                ('batch', models.CharField(blank=True, db_index=True, max_length=200, verbose_name='lot')),
                ('available_at', models.DateTimeField(verbose_name='à partir de')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='demandé le')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='publié le')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='commencé le')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='fini le')),
                ('failed_at', models.DateTimeField(blank=True, null=True, verbose_name='abandonné le')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='essais')),
                ('error', models.TextField(blank=True, verbose_name='erreur')),
                ('result', models.JSONField(default=dict, verbose_name='résultat')),
            ],
            options={
                'verbose_name': 'travail',
                'verbose_name_plural': 'travaux',
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True), ('failed_at__isnull', True)), fields=['available_at'], name='job_waiting')],
            },
        ),
    ])]
