"""The tables of millions of rows pay for no index that another one begins with: each costs every import and every night."""

import pytest
from django.db import connection

from contracts.models import Contract, Flag, WorkedMonth
from notifications.models import Notice
from parcours.models import FollowUp, Worker
from rights.models import RightStep

LARGE = (Worker, Contract, WorkedMonth, Flag, FollowUp, RightStep, Notice)


@pytest.mark.django_db
@pytest.mark.parametrize("model", LARGE, ids=lambda model: model.__name__)
def test_no_index_of_a_large_table_begins_another(model):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, i.indkey::text, i.indclass::text, i.indisunique OR i.indexprs IS NOT NULL
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
            WHERE i.indrelid = %s::regclass AND m.amname = 'btree' AND i.indpred IS NULL""",
            [model._meta.db_table],
        )
        indexes = [
            (name, list(zip(columns.split(), classes.split(), strict=True)), special)
            for name, columns, classes, special in cursor.fetchall()
        ]

    useless = [
        (name, other)
        for name, columns, special in indexes
        for other, longer, _special in indexes
        if not special and name != other and longer[: len(columns)] == columns
    ]

    assert indexes
    assert useless == []
