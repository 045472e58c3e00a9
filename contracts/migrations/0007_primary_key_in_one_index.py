from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without the primary key in it: in a table believed empty, PostgreSQL looked for one row through the whole of this index. Made
    beside those who work: it waits for older transactions, and keeps nobody waiting."""

    atomic = False

    dependencies = [
        ('contracts', '0006_fewer_indexes'),
    ]

    operations = [
        migrations.RunSQL("SET lock_timeout = 0", "SET lock_timeout = '3s'"),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS contract_of_worker", ""),  # one begun and cut short
        AddIndexConcurrently(
            model_name='contract',
            index=models.Index(fields=['worker', '-started_on'], include=['kind'], name='contract_of_worker'),
        ),
        RemoveIndexConcurrently(
            model_name='contract',
            name='contract_by_worker',
        ),
        migrations.RunSQL("SET lock_timeout = '3s'", "SET lock_timeout = 0"),
    ]
