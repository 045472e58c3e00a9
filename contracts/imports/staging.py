"""Many rows at once: COPY into a temporary table of the model's shape, then one INSERT or UPDATE from it.

The statement from the temporary table fires the history's triggers with the reason of the import. Rows are objects of
their model whose values are put straight into place: its constructor would be half the time of an import.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from django.db import IntegrityError, connection, models, transaction
from django.db.models.base import ModelState
from django.db.models.lookups import Lookup

M = TypeVar("M", bound=models.Model)
IDS_AT_ONCE = 5000
SCATTER = 128  # rows of neighbours are written so many apart, where an index of ranges would make them wait


class Among(Lookup):  # not generic when it runs
    """`field = ANY (array)`: one parameter however many values there are, where `in` binds them one by one."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} = ANY (%s::{self.lhs.output_field.db_type(connection)}[])", (*params, list(self.rhs))


def stored_fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def loaded(found: models.QuerySet[M], *names: str) -> list[M]:
    """The rows of a query; only the columns named are read, or all that are stored."""
    columns = names or [field.attname for field in stored_fields(found.model)]
    return [_row(found.model, values, new=False) for values in found.values(*columns)]


def _row(model: type[M], values: dict[str, Any], *, new: bool) -> M:
    """A row of the values by attribute, a reference by its number: `worker_id`."""
    row = model.__new__(model)
    row.__dict__.update(values, _state=ModelState())
    row._state.adding = new
    return row


class Staging:
    """Writes rows of one model; holds numbers taken in advance, so that rows of one batch may point to each other."""

    def __init__(self, model: type[models.Model]) -> None:
        quote = connection.ops.quote_name
        self.model = model
        self.fields = stored_fields(model)
        blank = model()
        for field in self.fields:
            if getattr(field, "auto_now_add", False):
                field.pre_save(blank, True)
        self.blank = {field.attname: blank.__dict__[field.attname] for field in self.fields}
        self.table, self.stage = quote(model._meta.db_table), quote(f"import_{model._meta.db_table}")
        self.columns = ", ".join(quote(str(field.column)) for field in self.fields)
        self.ids: Iterator[int] = iter(())

    def new(self, values: dict[str, Any]) -> models.Model:
        """A new row, numbered, of the values by attribute; the others are the model's defaults."""
        return _row(self.model, {**self.blank, self.fields[0].attname: self._number(), **values}, new=True)

    def _number(self) -> int:
        if (number := next(self.ids, None)) is not None:
            return number
        with connection.cursor() as cursor:
            cursor.execute(  # the name of the sequence is asked once, not for each number
                "SELECT nextval((SELECT pg_get_serial_sequence(%s, %s)::regclass)) FROM generate_series(1, %s)",
                [self.model._meta.db_table, self.fields[0].column, IDS_AT_ONCE],
            )
            self.ids = iter([number for (number,) in cursor.fetchall()])
        return next(self.ids)

    def insert(self, rows: Sequence[models.Model]) -> None:
        """Raises IntegrityError or DataError as the database does."""
        with connection.cursor() as cursor:
            self._fill(cursor, rows)
            cursor.execute(f"INSERT INTO {self.table} ({self.columns}) SELECT {self.columns} FROM {self.stage}")  # noqa: S608 - names of the model

    def insert_from(self, found: models.QuerySet[Any, Any], *names: str) -> int:
        """Insert one row for each row of a query, whose columns are the attributes named; the others are the model's defaults.
        Rows the tables refuse, because someone has just written theirs, are left out. Returns how many were written."""
        quote = connection.ops.quote_name
        fixed = {name: value for name, value in self.blank.items() if value is not None and name not in names}
        named = {field.attname: quote(field.column) for field in self.fields}
        columns = ", ".join(named[name] for name in (*names, *fixed))
        sql, params = found.query.sql_with_params()
        insert = f"INSERT INTO {self.table} ({columns}) SELECT found.*{', %s' * len(fixed)} FROM ({sql}) found"  # noqa: S608 - names of the model
        with connection.cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute(insert, [*fixed.values(), *params])
            except IntegrityError:  # else not asked for: it makes an exclusion constraint be searched twice
                cursor.execute(f"{insert} ON CONFLICT DO NOTHING", [*fixed.values(), *params])
            written: int = cursor.rowcount
        return written

    def change(self, rows: Sequence[models.Model], names: Sequence[str]) -> None:
        """Write the named attributes of existing rows. Raises IntegrityError or DataError as the database does."""
        quote = connection.ops.quote_name
        columns = [quote(str(field.column)) for field in self.fields if field.attname in names]
        key = quote(str(self.fields[0].column))
        changes = ", ".join(f"{column} = staged.{column}" for column in columns)
        with connection.cursor() as cursor:
            self._fill(cursor, rows)
            cursor.execute(
                f"UPDATE {self.table} written SET {changes} FROM {self.stage} staged WHERE written.{key} = staged.{key}"  # noqa: S608 - names of the model
            )

    def _fill(self, cursor: Any, rows: Sequence[models.Model]) -> None:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {self.stage} ON COMMIT DROP AS "  # noqa: S608 - names of the model
            f"SELECT {self.columns} FROM {self.table} WITH NO DATA"
        )
        cursor.execute(f"TRUNCATE {self.stage}")
        cells = itemgetter(*self.blank)
        with cursor.copy(f"COPY {self.stage} ({self.columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(cells(row.__dict__))
