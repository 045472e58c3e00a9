"""How long a night of flags takes beside one bare statement that yields the same set: `python -m benchmarks.flags [people]`.

On an empty database, filled by benchmarks.seed, or on one that benchmarks.volumes kept (its people are then counted). Times, in this
order: the bare statement (BARE, written by hand); the first night, which opens every flag of an empty table; a night with nothing new
(these three in turn, five times: medians); the pure functions of the law one person at a time on a sample, scaled to all; every row
written again, as peers do; a night in which one contract in fifty changed; two schedulers at once, which must leave the rows of one.
The two sets are compared row by row before any figure is printed.
"""

import os
import sys
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from benchmarks.results import keep, timed  # noqa: E402
from benchmarks.seed import TODAY, fill  # noqa: E402
from contracts.flags import refresh  # noqa: E402
from contracts.models import Contract, Flag  # noqa: E402
from parcours.models import Worker  # noqa: E402
from tests.reference.flags import flags_of  # noqa: E402

SAMPLE = 500
ROUNDS = 5
BARE = (Path(__file__).parent / "bare_flags.sql").read_text(encoding="utf-8")
KEPT = "SELECT code, worker_id, contract_id, pass_iae_id, due_on, severity FROM contracts_flag WHERE closed_on IS NULL"


def bare() -> None:
    """Run as the night runs: one transaction, the same memory, no compilation."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE TEMP TABLE bare AS {BARE}", {"day": TODAY})


def difference() -> int:
    """Rows that one of the two sets has and the other has not."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (({KEPT} EXCEPT ALL TABLE bare) UNION ALL (TABLE bare EXCEPT ALL {KEPT})) d"
        )
        return int(cursor.fetchone()[0])


def emptied() -> None:
    """No flag, and no history of any."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE contracts_flag, contracts_flagevent, lawbook_consequence, notifications_notice")


def two_schedulers() -> bool:
    """Whether two nights started together on a fresh table leave the rows that one leaves."""
    columns = ("code", "worker_id", "contract_id", "pass_iae_id", "due_on", "severity", "rung", "opened_on")
    alone = sorted(map(str, Flag.objects.values_list(*columns)))
    emptied()

    def night() -> None:
        refresh(TODAY)
        connection.close()

    both = [Thread(target=night) for _number in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    return sorted(map(str, Flag.objects.values_list(*columns))) == alone


def one_by_one(workers: int) -> float:
    """Seconds for everyone, from a sample read and judged one person at a time."""
    sample = list(Worker.objects.select_related("organisation").order_by("id")[: workers : max(1, workers // SAMPLE)])
    seconds, _found = timed(lambda: [flags_of(worker, TODAY) for worker in sample])
    return seconds * workers / len(sample)


def rewriting() -> int:
    """A night as peers write it: every row computed is written again, changed or not. Returns how many."""
    bare()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE bare")
        cursor.execute(
            "UPDATE contracts_flag f SET severity = b.severity, due_on = b.due_on FROM bare b WHERE f.closed_on IS NULL"
            " AND f.code = b.code AND f.worker_id = b.worker_id AND f.due_on = b.due_on"
            " AND f.contract_id IS NOT DISTINCT FROM b.contract_id AND f.pass_iae_id IS NOT DISTINCT FROM b.pass_iae_id"
        )
        written = int(cursor.rowcount)
        transaction.set_rollback(True)
    return written


def run(workers: int) -> dict[str, Any]:
    if found := Worker.objects.count():
        seeding, counts, workers = 0.0, {"contracts_contract": Contract.objects.count()}, found
    else:
        seeding, counts = timed(lambda: fill(workers=workers, structures=min(600, max(10, workers // 100))))
    print(f"{counts['contracts_contract']} contrats, {workers} personnes, semés en {seeding:.0f} s", flush=True)
    rounds = []
    for _round in range(ROUNDS):
        read, _none = timed(bare)
        emptied()
        first, report = timed(lambda: refresh(TODAY).totals())
        if different := difference():
            sys.exit(f"Les deux ensembles diffèrent de {different} lignes : rien n'est mesuré.")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE contracts_flag")
        again, nothing = timed(lambda: refresh(TODAY).totals())
        rounds.append((read, first, again))
    read, first, again = (median(times) for times in zip(*rounds, strict=True))
    print(f"ordre nu                {read:7.2f} s, {sum(report.values())} alertes")
    print(f"première nuit           {first:7.2f} s, {first / read:.2f} fois l'ordre nu {report}")
    print(f"nuit sans rien de neuf  {again:7.2f} s, {again / read:.2f} fois {nothing}", flush=True)
    slow = one_by_one(workers)
    steps = {"the bare statement": read, "first night, every flag opened": first, "night with nothing new": again}
    print(f"un par un, mis à l'échelle {slow:7.0f} s, {slow / first:.0f} fois la première nuit", flush=True)
    again_all, written = timed(rewriting)
    print(
        f"tout récrire            {again_all:7.2f} s, {again_all / read:.2f} fois, {written} lignes récrites",
        flush=True,
    )
    with transaction.atomic():
        Contract.objects.filter(
            pk__in=range(1, counts["contracts_contract"], 50), ended_on=None, planned_end_on__gte=TODAY
        ).update(ended_on=F("started_on"))
        some, changed = timed(lambda: refresh(TODAY).totals())
        print(f"un contrat sur 50 fini  {some:7.2f} s, {some / read:.2f} fois {changed}", flush=True)
        transaction.set_rollback(True)
    steps |= {
        "night after one contract in fifty ended": some,
        "every row written again, as peers do": again_all,
        "people judged one by one through the ORM, scaled": slow,
    }
    print(
        "deux ordonnanceurs à la fois : mêmes lignes" if two_schedulers() else "DEUX ORDONNANCEURS : LIGNES DIFFÉRENTES"
    )
    return {"contracts": counts["contracts_contract"], "people": workers, "seeding": seeding, "rounds": ROUNDS, "bare": read,
            "steps": steps}  # fmt: skip


if __name__ == "__main__":
    keep("flags", **run(int(sys.argv[1]) if len(sys.argv) > 1 else 2_900))
