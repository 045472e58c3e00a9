import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import accounts.sealed_fields
import parcours.models.follow_up


class Migration(migrations.Migration):
    """The index of words, made again beside those who work. It waits for older transactions, and keeps nobody waiting."""

    atomic = False

    dependencies = [
        ('parcours', '0003_sealed_texts'),
    ]

    operations = [
        migrations.RunSQL("SET lock_timeout = 0", "SET lock_timeout = '3s'"),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS follow_up_words", ""),  # one begun and cut short
        AddIndexConcurrently(
            model_name='followup',
            index=django.contrib.postgres.indexes.GinIndex(parcours.models.follow_up.Words(accounts.sealed_fields.Unsealed(models.F('note')), accounts.sealed_fields.Unsealed(models.F('next_step'))), name='follow_up_words'),
        ),
        migrations.RunSQL("SET lock_timeout = '3s'", "SET lock_timeout = 0"),
    ]
