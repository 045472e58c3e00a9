"""The tables of millions of rows pay for no index that another one begins with: each costs every import and every night. And where an
import points, the primary key is in one index only: in a table believed empty, PostgreSQL may look for a row through any other."""

import pytest
from django.db import connection

from contracts.models import Assignment, Contract, Flag, WorkedMonth
from notifications.models import Notice
from parcours.models import FollowUp, Pathway, Worker
from rights.models import RightStep

LARGE = (Worker, Contract, WorkedMonth, Flag, FollowUp, RightStep, Notice)
POINTED_TO = (Worker, Pathway, Contract, Assignment)


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
            (
                name,
                list(zip(columns.split(), classes.split(), strict=False)),
                special,
            )  # what an index includes has no class
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


@pytest.mark.django_db
@pytest.mark.parametrize("model", POINTED_TO, ids=lambda model: model.__name__)
def test_the_primary_key_is_in_one_index(model):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = i.indrelid
            WHERE i.indrelid = %s::regclass AND a.attname = %s AND a.attnum = ANY (i.indkey::int2[])""",
            [model._meta.db_table, model._meta.pk.column],
        )
        assert [name for (name,) in cursor.fetchall()] == [f"{model._meta.db_table}_pkey"]
