"""The database role of the federation: it reads what is released, and nothing else.

`parcours_federation` cannot sign in. A dashboard signs in as a user granted this role; our own pages put it on for the time
of each question (`released_only`). It is made after each `migrate` when the database user may create roles, or by the host
with `manage.py release role`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError

from accounts.policies import role_sql
from releases.models import Issue, ReleasedCell, ReleasedTable, Withdrawal

ROLE = "parcours_federation"
ISSUES, TABLES, CELLS, WITHDRAWALS = (
    model._meta.db_table for model in (Issue, ReleasedTable, ReleasedCell, Withdrawal)
)
READABLE = (ISSUES, TABLES, CELLS, WITHDRAWALS)
WITHDRAWN = ("release_id", "reason", "withdrawn_at")  # what is read of a withdrawal: never who decided it

MAKE = role_sql(ROLE, "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT")
# Of a withdrawn release one reads that it was taken back and why (its issue, its withdrawal), and no figure. The
# role of requests passes these rules (accounts/policies.py), as the tables' owner does.
RULES = {
    TABLES: f"NOT EXISTS (SELECT FROM {ISSUES} i JOIN {WITHDRAWALS} w ON w.release_id = i.release_id"
    f" WHERE i.id = {TABLES}.issue_id)",
    CELLS: f"EXISTS (SELECT FROM {TABLES} t WHERE t.id = {CELLS}.table_id)",  # those of tables that may be read
}
GRANTS = (  # rules before rights, as the walls (accounts/policies.py)
    *(
        statement
        for table, rule in RULES.items()
        for statement in (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS not_withdrawn ON {table}",
            f"CREATE POLICY not_withdrawn ON {table} FOR SELECT TO {ROLE} USING ({rule})",
        )
    ),
    f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}",
    f"GRANT USAGE ON SCHEMA public TO {ROLE}",
    f"GRANT SELECT ON {ISSUES}, {TABLES}, {CELLS} TO {ROLE}",
    f"GRANT SELECT ({', '.join(WITHDRAWN)}) ON {WITHDRAWALS} TO {ROLE}",
)


def ensure(using: str = "default") -> bool:
    """Create the role and give it what it may read. False when the database user may not create roles."""
    with connections[using].cursor() as cursor:
        try:
            with transaction.atomic(using=using):
                cursor.execute(MAKE)
                for statement in GRANTS:
                    cursor.execute(statement)
        except ProgrammingError as refused:
            if getattr(refused.__cause__, "sqlstate", "") != "42501":  # insufficient privilege
                raise
            return False
    return True


@contextmanager
def released_only() -> Iterator[None]:
    """Within the block, the database answers about released tables only and refuses any other."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SHOW ROLE")
            (before,) = cursor.fetchone()
            cursor.execute(f"SET LOCAL ROLE {ROLE}")
        yield
        with (
            connection.cursor() as cursor
        ):  # that of the block around, if any; after an error, the savepoint gives it back
            cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(before) if before != 'none' else 'NONE'}")
