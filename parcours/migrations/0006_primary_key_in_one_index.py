from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without the primary key in it: in a table believed empty, PostgreSQL looked for one row through the whole of this index. Made
    beside those who work: it waits for older transactions, and keeps nobody waiting."""

    atomic = False

    dependencies = [
        ('parcours', '0005_fewer_indexes'),
    ]

    operations = [
        migrations.RunSQL("SET lock_timeout = 0", "SET lock_timeout = '3s'"),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS worker_of_organisation", ""),  # one begun and cut short
        AddIndexConcurrently(
            model_name='worker',
            index=models.Index(fields=['organisation', 'name_key'], name='worker_of_organisation'),
        ),
        RemoveIndexConcurrently(
            model_name='worker',
            name='worker_by_name',
        ),
        migrations.RunSQL("SET lock_timeout = '3s'", "SET lock_timeout = 0"),
    ]
