"""Migrations while people work."""

import os
import threading
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate as django_migrate
from django.db import connection

from console.management.commands import migrate

LOCK = "LOCK TABLE jobs_job IN ACCESS EXCLUSIVE MODE"


@pytest.fixture(params=["on the way", "at the end of a migration"])
def changing_a_table(monkeypatch, request):
    """Django's own command, as far as this one is concerned: it needs a table for itself. Counts its attempts."""
    attempts = []

    def handle(self, *args, **options):
        attempts.append(1)
        with connection.schema_editor(atomic=True) as editor:
            if request.param == "on the way":
                editor.execute(LOCK)
            else:
                editor.deferred_sql.append(LOCK)  # as references are

    monkeypatch.setattr(django_migrate.Command, "handle", handle)
    monkeypatch.setattr(migrate, "PATIENCE", "100ms")
    return attempts


@pytest.fixture
def reader(transactional_db):
    """Someone who reads a table in a long transaction, on a connection of her own."""
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}"))
    with psycopg.connect(url) as other:
        other.execute("SELECT count(*) FROM jobs_job")
        yield other


def test_a_table_that_is_read_is_waited_for_a_moment_at_a_time(reader, changing_a_table, capsys):
    threading.Timer(0.7, reader.rollback).start()

    call_command("migrate", verbosity=0)

    assert len(changing_a_table) > 1
    assert "on laisse passer ceux qui travaillent" in capsys.readouterr().err
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_table_that_stays_busy_is_said_in_words(reader, changing_a_table, monkeypatch):
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)

    with pytest.raises(CommandError, match="Une table reste occupée"):
        call_command("migrate", verbosity=0)


def test_a_step_back_leaves_the_walls_as_they_were(transactional_db, capsys):
    call_command("migrate", "privacy", "0001", verbosity=0)
    try:
        assert "les murs de la base restent ceux d'avant" in capsys.readouterr().err
    finally:
        call_command("migrate", verbosity=0)
    assert not capsys.readouterr().err
