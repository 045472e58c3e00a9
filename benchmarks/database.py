"""Databases of their own for benchmarks, beside that of the environment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection


@contextmanager
def database(name: str, keep: bool) -> Iterator[None]:
    """A database of its own, migrated; made anew and dropped at the end, or kept."""
    before = str(connection.settings_dict["NAME"])

    def be(asked: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = asked

    with connection.cursor() as cursor:
        if not keep:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        if not cursor.rowcount:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        be(name)
        call_command("migrate", verbosity=0)
        yield
    finally:
        be(before)
        if not keep:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
