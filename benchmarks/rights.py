"""How long a night of rights takes beside what it must read and write: `python -m benchmarks.rights [people]`.

On an empty database, filled by benchmarks.seed. Times, in turn, three times (medians): the reading (READ, by hand: each row the
night looks at, joined to its person once, nothing worked out), the first night (every step opened), the writing (its steps put
back into the emptied table by one bare INSERT, with the same indexes and the same history), and a night with nothing new. Then
people one at a time, as a page that saves one refreshes her, on a sample and scaled to all.
"""

import os
import sys
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from benchmarks.results import keep, timed  # noqa: E402
from benchmarks.seed import TODAY, fill  # noqa: E402
from rights.models import RightStep  # noqa: E402
from rights.night import refresh  # noqa: E402

ROUNDS = 3
SAMPLE = 200
STEPS = RightStep._meta.db_table
READ = """
SELECT p.id, w.birth_date, o.kind, c.contracts, c.first, c.last, m.month, s.suspensions, k.circumstances, r.steps
FROM parcours_pathway p JOIN parcours_worker w ON w.id = p.worker_id JOIN accounts_organisation o ON o.id = w.organisation_id
LEFT JOIN (SELECT worker_id, count(*) AS contracts, min(started_on) AS first, max(COALESCE(ended_on, planned_end_on)) AS last
           FROM contracts_contract GROUP BY worker_id) c ON c.worker_id = w.id
LEFT JOIN (SELECT c.worker_id, min(m.month) AS month FROM contracts_workedmonth m
           JOIN contracts_contract c ON c.id = m.contract_id WHERE m.gross_pay > 0 OR m.paid_hours > 0 GROUP BY c.worker_id) m
    ON m.worker_id = w.id
LEFT JOIN (SELECT c.worker_id, count(*) AS suspensions FROM contracts_suspension s
           JOIN contracts_contract c ON c.id = s.contract_id GROUP BY c.worker_id) s ON s.worker_id = w.id
LEFT JOIN (SELECT worker_id, count(*) AS circumstances FROM rights_circumstance GROUP BY worker_id) k ON k.worker_id = w.id
LEFT JOIN (SELECT pathway_id, count(*) AS steps FROM rights_rightstep GROUP BY pathway_id) r ON r.pathway_id = p.id
"""


def execute(*statements: str) -> None:
    """In one transaction, with the memory the night is given."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def read() -> None:
    execute("DROP TABLE IF EXISTS bare_read", f"CREATE TEMP TABLE bare_read AS {READ}")


def emptied() -> None:
    """No step, and no history of any; those there were are kept aside."""
    execute(
        "DROP TABLE IF EXISTS aside",
        f"CREATE TEMP TABLE aside AS TABLE {STEPS}",
        f"TRUNCATE {STEPS}, {STEPS}event CASCADE",
    )


def write() -> None:
    execute(f"INSERT INTO {STEPS} OVERRIDING SYSTEM VALUE TABLE aside")


def one_by_one(people: int) -> float:
    """Seconds for everyone, from a sample refreshed one person at a time, on steps that are there already."""
    sample = range(1, people + 1, max(1, people // SAMPLE))
    return timed(lambda: [refresh(TODAY, worker) for worker in sample])[0] * people / len(sample)


def run(people: int) -> dict[str, Any]:
    seeding, counts = timed(lambda: fill(workers=people, structures=min(600, max(10, people // 250))))
    print(f"{counts['contracts_contract']} contrats, {people} personnes, semés en {seeding:.0f} s", flush=True)
    rounds = []
    for _round in range(ROUNDS):
        emptied()
        first, opened = timed(lambda: refresh(TODAY))
        emptied()
        wrote, _none = timed(write)
        execute(f"ANALYZE {STEPS}")
        reading, _none = timed(read)
        again, nothing = timed(lambda: refresh(TODAY))
        if any(nothing.values()):
            sys.exit(f"La seconde nuit a écrit : {nothing}. Rien n'est mesuré.")
        rounds.append((reading, wrote, first, again))
        print("  ".join(f"{seconds:.2f} s" for seconds in rounds[-1]), opened, flush=True)
    reading, wrote, first, again = (median(times) for times in zip(*rounds, strict=True))
    slow = one_by_one(people)
    print(f"première nuit          {first:8.2f} s, {first / (reading + wrote):.2f} fois lire et écrire")
    print(f"nuit sans rien de neuf {again:8.2f} s, {again / reading:.2f} fois lire")
    print(f"un par un              {slow:8.0f} s, {slow / again:.0f} fois une nuit sans rien de neuf")
    return {"contracts": counts["contracts_contract"], "people": people, "rounds": ROUNDS, "opened": opened, "reading": reading,
            "writing": wrote, "first": first, "again": again, "one_by_one": slow}  # fmt: skip


if __name__ == "__main__":
    keep("rights", **run(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
