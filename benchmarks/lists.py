"""What the lists cost at any volume: queries, and p95 beside a bare indexed query: `python -m benchmarks.lists [people]`.

On a database filled by benchmarks.seed. A human resources officer of one structure asks each page fifty times; the bare
query reads the rows the page shows, in its order, by its index.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import time_machine  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from accounts.models import User  # noqa: E402
from benchmarks.seed import TODAY, fill  # noqa: E402
from contracts.flags import refresh  # noqa: E402

TIMES = 50
FLAGS = """SELECT f.*, w.last_name FROM contracts_flag f JOIN parcours_worker w ON w.id = f.worker_id
    WHERE f.organisation_id = 1 AND f.closed_on IS NULL ORDER BY f.severity DESC, f.due_on, f.id LIMIT 31"""
API_CONTRACTS = """SELECT c.* FROM contracts_contract c JOIN parcours_worker w ON w.id = c.worker_id
    WHERE w.organisation_id = 1 ORDER BY c.id DESC LIMIT 51"""
# The page of contracts shows those that run today; the bare queries read the same rows in the same order.
RUNNING = """SELECT c.*, w.last_name, w.first_name FROM contracts_contract c JOIN parcours_worker w ON w.id = c.worker_id
    WHERE w.organisation_id = 1 AND c.started_on <= %(day)s AND (c.ended_on >= %(day)s OR c.ended_on IS NULL
    AND (c.planned_end_on IS NULL OR c.planned_end_on >= %(day)s)) {} LIMIT 41"""
BY_END = RUNNING.format("ORDER BY COALESCE(c.ended_on, c.planned_end_on, '9999-12-31'), c.id")
BY_NAME = RUNNING.format("ORDER BY w.name_key, c.started_on DESC, c.id DESC")
NAMED = RUNNING.format(
    "AND w.name_key LIKE '%%diallo%%' ORDER BY COALESCE(c.ended_on, c.planned_end_on, '9999-12-31'), c.id"
)
EVERY = """SELECT c.*, w.last_name, w.first_name FROM contracts_contract c JOIN parcours_worker w ON w.id = c.worker_id
    WHERE w.organisation_id = 1 ORDER BY c.started_on DESC, c.id DESC LIMIT 41"""
MONTH = """SELECT due_on, count(*) FROM contracts_flag WHERE organisation_id = 1 AND closed_on IS NULL
    AND due_on BETWEEN '2026-06-01' AND '2026-07-05' GROUP BY 1"""


def p95(call: Callable[[], object]) -> float:
    """Milliseconds under which nineteen calls of twenty stay."""
    taken = []
    for _time in range(TIMES):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return sorted(taken)[int(TIMES * 0.95) - 1] * 1000


def bare(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"day": TODAY})
        cursor.fetchall()


def run(workers: int) -> None:
    setup_test_environment()
    counts = fill(workers=workers, structures=min(600, max(1, workers // 100)))
    refresh(TODAY)
    client = Client()
    client.force_login(
        User.objects.get(email="hr1@banc.example"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    print(
        f"{counts['contracts_contract']} contrats, {workers} personnes, processeurs chargés à {os.getloadavg()[0]:.1f}"
    )
    for address, sql in (
        ("/echeances/", FLAGS),
        (beyond(client, "/echeances/?"), FLAGS),
        ("/echeances/?q=diallo", FLAGS),
        ("/echeances/mois/?mois=2026-06", MONTH),
        ("/contrats/", BY_END),
        (beyond(client, "/contrats/?"), BY_END),
        ("/contrats/?tri=nom", BY_NAME),
        ("/contrats/?q=diallo", NAMED),
        ("/contrats/?q=dialo", NAMED),
        ("/contrats/?etat=tous&tri=debut", EVERY),
        ("/api/v1/contracts/", API_CONTRACTS),
        ("/api/v1/flags/?closed_on__isnull=true", FLAGS),
    ):
        answer = client.get(address)
        if answer.status_code != 200:
            sys.exit(f"{address} : {answer.status_code}")
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        count = len(queries)
        asked = sum(float(query["time"]) for query in queries.captured_queries) * 1000
        page, row = p95(lambda address=address: client.get(address)), p95(lambda sql=sql: bare(sql))
        print(
            f"{address[:40]:<40} {count:>3} requêtes ({asked:4.0f} ms)  p95 {page:7.1f} ms, nu {row:6.2f} ms, "
            f"{page / row:6.1f} fois"
        )


def beyond(client: Client, address: str) -> str:
    """The address of the second page of a list, or of the first one when there is no other."""
    page = client.get(address).content.decode()
    return address + "apres=" + page.split("apres=")[1].split('"')[0] if "apres=" in page else address


if __name__ == "__main__":
    with time_machine.travel(datetime(TODAY.year, TODAY.month, TODAY.day, 10, tzinfo=UTC), tick=True):
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 2_900)
