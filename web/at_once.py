"""Several lists of rows in one question to PostgreSQL: a page about a person has many short ones."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet


def at_once(lists: Mapping[str, QuerySet[Any]]) -> dict[str, list[Any]]:
    """The rows of each queryset, in its order, all read by one statement.

    Rows hold their own columns and what is annotated; what a queryset joins is refused (ValueError), for it would be lost.
    """
    asked: list[tuple[str, str]] = []
    given: list[Any] = []
    found: dict[str, list[Any]] = {}
    for name, rows in lists.items():
        if rows.query.select_related:
            raise ValueError(f"« {name} » joint une autre table : à lire à part.")
        found[name] = []
        try:
            sql, parameters = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        asked.append((name, f"(SELECT json_agg(row)::text FROM ({sql}) row)"))  # noqa: S608 - what Django compiled
        given += parameters
    if not asked:
        return found
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(sql for _name, sql in asked)}", given)
        for (name, _sql), text in zip(asked, cursor.fetchone(), strict=True):
            found[name] = [_row(lists[name], row) for row in json.loads(text or "[]", parse_float=Decimal)]
    return found


def _row(rows: QuerySet[Any], values: Mapping[str, Any]) -> Model:
    fields = rows.model._meta.concrete_fields
    row: Model = rows.model.from_db(
        connection.alias,
        [field.attname for field in fields],
        [field.to_python(values[str(field.column)]) for field in fields],
    )
    for name, annotation in rows.query.annotations.items():
        setattr(row, name, annotation.output_field.to_python(values[name]))
    return row
