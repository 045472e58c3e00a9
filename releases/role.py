"""The database role of the federation: it reads what is released, and nothing else.

`parcours_federation` cannot sign in. A dashboard signs in as a user granted this role; our own pages put it on for the time
of each question (`released_only`). It is made after each `migrate` when the database user may create roles, or by the host
with `manage.py release role`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError

from releases.models import Issue, ReleasedCell, ReleasedTable, Withdrawal

ROLE = "parcours_federation"
READABLE = tuple(model._meta.db_table for model in (Issue, ReleasedTable, ReleasedCell, Withdrawal))

MAKE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
GRANTS = (
    f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}",
    f"GRANT USAGE ON SCHEMA public TO {ROLE}",
    f"GRANT SELECT ON {', '.join(READABLE)} TO {ROLE}",
    f"GRANT {ROLE} TO CURRENT_USER",
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
            cursor.execute(f"SET LOCAL ROLE {ROLE}")
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
