"""What the walls of the database cost: the same pages with them and without, in turn: `python -m benchmarks.walls [people]`.

An empty base is filled as `benchmarks.volumes` does. A counsellor and a human resources officer of one structure ask each page
fifteen times behind the wall and fifteen times as the owner of the tables, one after the other; medians and their ratio.
"""

import os
import statistics
import sys
from datetime import UTC, datetime
from functools import partial
from unittest.mock import patch

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import time_machine  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from accounts import walls  # noqa: E402
from accounts.models import User  # noqa: E402
from benchmarks.life import live  # noqa: E402
from benchmarks.results import BACKEND, milliseconds  # noqa: E402
from benchmarks.seed import TODAY  # noqa: E402
from contracts.flags import refresh  # noqa: E402
from parcours.models import Worker  # noqa: E402

TIMES = 15


def read(client: Client, address: str) -> None:
    answer = client.get(address)
    b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.status_code != 200:
        sys.exit(f"{address} : {answer.status_code}")


def run(people: int) -> None:
    setup_test_environment()
    live(people)
    refresh(TODAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    worker = Worker.objects.filter(organisation=1).order_by("pk")[3]
    print(f"{Worker.objects.count()} personnes, charge {os.getloadavg()[0]:.1f}")
    ratios = []
    for user, address in (
        ("counsellor", "/a-suivre/"),
        ("counsellor", "/a-suivre/?qui=tous"),
        ("counsellor", "/salaries/"),
        ("counsellor", "/salaries/?q=diallo"),
        ("counsellor", f"/salaries/{worker.pk}/"),
        ("counsellor", "/suivis/"),
        ("counsellor", "/suivis/?q=projet"),
        ("counsellor", "/agenda/"),
        ("hr", "/contrats/"),
        ("hr", "/contrats/?q=dialo"),
        ("hr", "/contrats/?etat=tous&tri=debut"),
        ("hr", "/contrats/?format=csv"),
        ("hr", "/echeances/"),
        ("hr", "/api/v1/contracts/"),
    ):
        client = Client()
        who = User.objects.get(pk=1) if user == "counsellor" else User.objects.get(email="hr1@banc.example")
        client.force_login(who, backend=BACKEND)
        with_wall, without = [], []
        for _time in range(TIMES + 1):
            with_wall.append(milliseconds(partial(read, client, address)))
            with patch.object(walls, "put_up", lambda principal: None):
                without.append(milliseconds(partial(read, client, address)))
        up, down = statistics.median(with_wall[1:]), statistics.median(without[1:])
        ratios.append(up / down)
        print(f"{address[:34]:<34} avec {up:7.1f} ms, sans {down:7.1f} ms, {up / down:5.2f} fois")
    print(f"médiane des rapports : {statistics.median(ratios):.2f}, le plus grand {max(ratios):.2f}")


if __name__ == "__main__":
    with time_machine.travel(datetime(TODAY.year, TODAY.month, TODAY.day, 10, tzinfo=UTC), tick=True):
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
