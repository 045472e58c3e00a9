"""The threads of a process of the site share connections: each request has one to itself, behind its own wall."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

SHARED = """
import django, json
django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from accounts import walls

WHO = "SELECT pg_backend_pid(), current_user, current_setting('parcours.organisations', true), pg_sleep(0.02)"

def asked():
    with connection.cursor() as cursor:
        cursor.execute(WHO)
        return cursor.fetchone()[:3]

def request(number):
    try:
        with walls.reaching(number):
            return asked()
    finally:
        connection.close()  # as Django does at the end of a request

def refusing():
    connection.ensure_connection()
    walls._ask("SELECT set_config('parcours.organisations', '25', false)")
    connection.connection.execute("BEGIN")
    try:
        connection.connection.execute("SELECT 1/0")
    except Exception:
        walls.take_down()

with ThreadPoolExecutor(8) as threads:
    rows = list(threads.map(request, range(1, 25)))
refusing()
print(json.dumps([rows, asked()]))
"""


@pytest.mark.django_db
def test_eight_threads_share_one_connection_and_none_finds_the_reach_of_another():
    here = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": urlunsplit(here),
        "DATABASE_ROLE": "parcours_app", "DATABASE_POOL": "1", "CONN_MAX_AGE": "60",
    }  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-c", SHARED], cwd=settings.BASE_DIR, env=environment, check=True, stdout=subprocess.PIPE
    ).stdout
    rows, after = json.loads(said)

    assert len({process for process, _role, _reach in rows}) == 1
    assert [row[1:] for row in rows] == [["parcours_app", str(number)] for number in range(1, 25)]
    assert after[1:] == ["parcours_app", None]  # a connection that would not be cleared is closed
