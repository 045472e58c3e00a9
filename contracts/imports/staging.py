"""Many rows at once: COPY into a temporary table of the model's shape, then one INSERT or UPDATE from it.

The statement from the temporary table fires the history's triggers with the reason of the import.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.lookups import Lookup

IDS_AT_ONCE = 5000


class Among(Lookup):  # not generic when it runs
    """`field = ANY (array)`: one parameter however many values there are, where `in` binds them one by one."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        sql, params = self.process_lhs(compiler, connection)
        return f"{sql} = ANY (%s::{self.lhs.output_field.db_type(connection)}[])", (*params, list(self.rhs))


class Staging:
    """Writes rows of one model; holds numbers taken in advance, so that rows of one batch may point to each other."""

    def __init__(self, model: type[models.Model]) -> None:
        quote = connection.ops.quote_name
        self.model = model
        self.fields = [field for field in model._meta.concrete_fields if not field.generated]
        self.table, self.stage = quote(model._meta.db_table), quote(f"import_{model._meta.db_table}")
        self.columns = ", ".join(quote(str(field.column)) for field in self.fields)
        self.ids: Iterator[int] = iter(())

    def number(self, row: models.Model) -> None:
        """Give a new row its primary key."""
        try:
            row.pk = next(self.ids)
        except StopIteration:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                    [self.model._meta.db_table, self.fields[0].column, IDS_AT_ONCE],
                )
                self.ids = iter([number for (number,) in cursor.fetchall()])
            row.pk = next(self.ids)

    def insert(self, rows: Sequence[models.Model]) -> None:
        """Raises IntegrityError or DataError as the database does; new rows must be numbered."""
        with connection.cursor() as cursor:
            self._fill(cursor, rows, new=True)
            cursor.execute(f"INSERT INTO {self.table} ({self.columns}) SELECT {self.columns} FROM {self.stage}")  # noqa: S608 - names of the model

    def change(self, rows: Sequence[models.Model], names: Sequence[str]) -> None:
        """Write the named fields of existing rows. Raises IntegrityError or DataError as the database does."""
        quote = connection.ops.quote_name
        columns = [quote(str(field.column)) for field in self.fields if field.name in names]
        key = quote(str(self.fields[0].column))
        changes = ", ".join(f"{column} = staged.{column}" for column in columns)
        with connection.cursor() as cursor:
            self._fill(cursor, rows, new=False)
            cursor.execute(
                f"UPDATE {self.table} written SET {changes} FROM {self.stage} staged WHERE written.{key} = staged.{key}"  # noqa: S608 - names of the model
            )

    def _fill(self, cursor: Any, rows: Sequence[models.Model], new: bool) -> None:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {self.stage} ON COMMIT DROP AS "  # noqa: S608 - names of the model
            f"SELECT {self.columns} FROM {self.table} WITH NO DATA"
        )
        cursor.execute(f"TRUNCATE {self.stage}")
        dated = [field for field in self.fields if new and getattr(field, "auto_now_add", False)]
        attributes = [field.attname for field in self.fields]
        with cursor.copy(f"COPY {self.stage} ({self.columns}) FROM STDIN") as copy:
            for row in rows:
                for field in dated:
                    field.pre_save(row, True)
                known = row.__dict__
                copy.write_row([known[name] for name in attributes])
