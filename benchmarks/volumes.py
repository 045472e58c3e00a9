"""What pages cost at any volume, beside the barest SQL that reads the same rows: `python -m benchmarks.volumes PEOPLE…`.

Each volume is seeded in a database of its own, made beside that of the environment and dropped at the end, unless `--keep` says to
keep it for the next run, which then only measures. A counsellor and a
human resources officer of one structure of 250 people ask each page TIMES times, alone. Prints, and keeps in
benchmarks/results for docs/performance.md (`python -m benchmarks.document`): queries, median and p95 in
milliseconds, the bare query's median, kilobytes of HTML; then how much each page grew from the smallest volume to the largest.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import User  # noqa: E402
from benchmarks import results  # noqa: E402
from benchmarks.database import database  # noqa: E402
from benchmarks.life import live  # noqa: E402
from benchmarks.seed import TODAY  # noqa: E402
from contracts.flags import refresh  # noqa: E402
from contracts.models import Contract  # noqa: E402
from parcours.models import FollowUp, Worker  # noqa: E402

TIMES = 60
WORKERS = "SELECT w.* FROM parcours_worker w WHERE w.organisation_id = 1 {} ORDER BY w.name_key, w.id LIMIT 51"
PERSON = """SELECT w.*, p.*, c.*, f.* FROM parcours_worker w JOIN parcours_pathway p ON p.worker_id = w.id
    LEFT JOIN contracts_contract c ON c.worker_id = w.id LEFT JOIN parcours_followup f ON f.pathway_id = p.id WHERE w.id = %(person)s"""
MINE = """SELECT w.*, p.*, (SELECT max(held_on) FROM parcours_followup f WHERE f.pathway_id = p.id),
    (SELECT min(due_on) FROM contracts_flag g WHERE g.worker_id = w.id AND g.closed_on IS NULL),
    (SELECT min(due_on) FROM rights_rightstep r WHERE r.pathway_id = p.id)
    FROM parcours_worker w JOIN parcours_pathway p ON p.worker_id = w.id AND p.ended_on IS NULL
    WHERE w.organisation_id = 1 AND w.counsellor_id = 1"""
UNSEALED = " || ' ' || ".join(
    f"CASE WHEN starts_with(f.{name}, 'sealed1:') THEN '' ELSE f.{name} END" for name in ("note", "next_step")
)
SAYING = f"""SELECT f.* FROM parcours_followup f JOIN parcours_pathway p ON p.id = f.pathway_id
    JOIN parcours_worker w ON w.id = p.worker_id WHERE w.organisation_id = 1
    AND to_tsvector('french', plain_text({UNSEALED})) @@ websearch_to_tsquery('french', 'logement')
    ORDER BY f.held_on DESC, f.id DESC LIMIT 30"""
SAVING = """INSERT INTO parcours_followup (pathway_id, author_id, kind, outcome, held_on, minutes, themes, note, next_step,
    cancel_reason, created_at) SELECT id, 1, 'telephone', 'present', %(day)s, 15, '{}', '', '', '', now()
    FROM parcours_pathway WHERE worker_id = %(person)s LIMIT 1"""
FLAGS = """SELECT f.*, w.last_name FROM contracts_flag f JOIN parcours_worker w ON w.id = f.worker_id
    WHERE f.organisation_id = 1 AND f.closed_on IS NULL ORDER BY f.severity DESC, f.due_on, f.id LIMIT 31"""
CONTRACTS = """SELECT c.*, w.last_name, w.first_name FROM contracts_contract c JOIN parcours_worker w ON w.id = c.worker_id
    WHERE w.organisation_id = 1 AND c.started_on <= %(day)s AND (c.ended_on >= %(day)s OR c.ended_on IS NULL
    AND (c.planned_end_on IS NULL OR c.planned_end_on >= %(day)s)) {} ORDER BY COALESCE(c.ended_on, c.planned_end_on, '9999-12-31'),
    c.id LIMIT 41"""
API_CONTRACTS = """SELECT c.* FROM contracts_contract c JOIN parcours_worker w ON w.id = c.worker_id
    WHERE w.organisation_id = 1 {} ORDER BY c.id DESC LIMIT 51"""
Ask = Callable[[], Any]


def signed_in(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email), backend=results.BACKEND)
    return client


def times(call: Ask) -> list[float]:
    return sorted(results.milliseconds(call) for _time in range(TIMES))


def bare(sql: str, person: int) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql, {"day": TODAY, "person": person})
            if cursor.description:
                cursor.fetchall()
        transaction.set_rollback(True)


def saved(client: Client, person: int) -> Any:
    """A follow-up kept, then undone."""
    with transaction.atomic():
        answer = client.post("/suivi/", {"people": [person], "kind": "telephone", "minutes": 15, "held_on": TODAY.isoformat(),
                                         "sent_once": uuid4()})  # fmt: skip
        assert answer.status_code == 302
        transaction.set_rollback(True)
    return answer


def pages(counsellor: Client, officer: Client) -> Iterator[tuple[str, Ask, str]]:
    """(what, how it is asked, the barest SQL)."""
    person = Worker.objects.filter(organisation=1, counsellor=1, pathways__ended_on=None).order_by("pk")[0].pk
    contract = Contract.objects.filter(worker=person).order_by("pk")[0].pk
    followed = officer.get("/api/v1/contracts/").json()["next"]
    deep = officer.get(followed).json()["next"] or followed if followed else "/api/v1/contracts/"
    for what, client, address, sql in (
        ("Ma journée", counsellor, "/a-suivre/", MINE),
        ("Salariés, liste", counsellor, "/salaries/", WORKERS.format("")),
        ("Salariés, un nom cherché", counsellor, "/salaries/?q=diallo", WORKERS.format("AND w.name_key LIKE '%%diallo%%'")),
        ("Fiche d'un salarié", counsellor, f"/salaries/{person}/", PERSON),
        ("Suivis, un mot cherché", counsellor, "/suivis/?q=logement", SAYING),
        ("Échéances", officer, "/echeances/", FLAGS),
        ("Contrats, liste", officer, "/contrats/", CONTRACTS.format("")),
        ("Contrats, un nom cherché", officer, "/contrats/?q=diallo", CONTRACTS.format("AND w.name_key LIKE '%%diallo%%'")),
        ("API, contrats", officer, "/api/v1/contracts/", API_CONTRACTS.format("")),
        ("API, contrats, curseur", officer, deep, API_CONTRACTS.format("AND c.id < 1000000000")),
        ("API, un contrat", officer, f"/api/v1/contracts/{contract}/", f"SELECT * FROM contracts_contract WHERE id = {contract}"),
    ):  # fmt: skip
        yield what, lambda client=client, address=address: client.get(address), sql
    yield "Suivi, formulaire", lambda: counsellor.get("/suivi/"), WORKERS.format("AND w.counsellor_id = 1")
    yield "Suivi, enregistrement", lambda: saved(counsellor, person), SAVING


def measured(workers: int) -> dict[str, Any]:
    """Seed a volume and ask every page of it."""
    started = time.perf_counter()
    live(workers)
    refresh(TODAY)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE contracts_flag")
    rows = {model._meta.db_table: model._default_manager.count() for model in (Worker, Contract, FollowUp)}
    print(f"\n{rows}, semés en {time.perf_counter() - started:.0f} s, charge {os.getloadavg()[0]:.1f}", flush=True)
    found = {}
    person = Worker.objects.filter(organisation=1).order_by("pk")[0].pk
    for what, ask, sql in pages(signed_in("counsellor1@banc.example"), signed_in("hr1@banc.example")):
        answer = ask()
        if answer.status_code not in {200, 302}:
            sys.exit(f"{what} : {answer.status_code}")
        with CaptureQueriesContext(connection) as queries:
            ask()
        said = [q["sql"] for q in queries.captured_queries if results.asks(q["sql"])]
        page, barest = times(ask), times(lambda sql=sql: bare(sql, person))  # type: ignore[misc]
        found[what] = {
            "queries": len(said), "median": median(page), "p95": page[int(len(page) * 0.95) - 1], "bare": median(barest),
            "kilobytes": len(answer.content) / 1000,
        }  # fmt: skip
        one = found[what]
        print(f"{what:<28} {one['queries']:>3} requêtes  médiane {one['median']:7.1f} ms, p95 {one['p95']:7.1f}, nu {one['bare']:6.2f}, "
              f"{one['kilobytes']:5.0f} ko", flush=True)  # fmt: skip
    return {"rows": rows, "pages": found}


def run(volumes: list[int], keep: bool) -> dict[str, Any]:
    settings.ALLOWED_HOSTS = [
        *settings.ALLOWED_HOSTS,
        "testserver",
    ]  # no instrumented templates: pages as they are served
    found: dict[str, Any] = {}
    for workers in volumes:
        with database(f"banc_{workers}", keep):
            found[str(workers)] = measured(workers)
    smallest, largest = found[str(volumes[0])]["pages"], found[str(volumes[-1])]["pages"]
    print(f"\nDe {volumes[0]} à {volumes[-1]} personnes :")
    for what, one in largest.items():
        print(
            f"{what:<28} {one['median'] / smallest[what]['median']:5.2f} fois, {one['queries'] - smallest[what]['queries']:+d} requête"
        )
    return found


if __name__ == "__main__":
    with time_machine.travel(datetime(TODAY.year, TODAY.month, TODAY.day, 10, tzinfo=UTC), tick=True):
        asked = [int(one) for one in sys.argv[1:] if one != "--keep"]
        measures = run(asked or [10_000, 100_000], keep="--keep" in sys.argv)
    results.keep("volumes", times=TIMES, volumes=measures)
