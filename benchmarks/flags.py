"""How long a night of flags takes, beside the barest reading and the row-by-row way: `python -m benchmarks.flags [workers…]`.

Seeds an empty database in one transaction that is rolled back, then times: reading once in bare SQL the contracts, passes
and pathways the rules must see; the refresh that opens every flag; the refresh that finds nothing changed; and the ORM and
the pure functions one person at a time on a sample, scaled. Prints seconds and ratios to the bare reading.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from contracts.flags import refresh  # noqa: E402
from parcours.models import Worker  # noqa: E402
from tests.reference.flags import flags_of  # noqa: E402

DAY = date(2026, 6, 15)
SAMPLE = 500
SEED = [
    """INSERT INTO accounts_organisation (nature, kind, name, created_at)
       SELECT 'structure', (ARRAY['ACI', 'EI', 'ETTI'])[1 + n %% 3], 'Banc ' || n, now()
       FROM generate_series(1, %(workers)s / 250 + 1) n""",
    """INSERT INTO parcours_worker (organisation_id, reference, first_name, last_name, sex, email, phone, address,
           postal_code, city, education_level, created_at)
       SELECT o.first + n %% o.many, n, 'Prénom', 'Nom' || n, '', '', '', '', '', '', '', now()
       FROM generate_series(1, %(workers)s) n, (SELECT min(id) AS first, count(*) AS many FROM accounts_organisation) o""",
    """INSERT INTO parcours_pathway (worker_id, started_on, ended_on, phase)
       SELECT id, DATE '2024-01-08' + (id %% 700)::int, CASE WHEN id %% 3 = 0 THEN DATE '2026-06-01' END, 'accueil'
       FROM parcours_worker""",
    """INSERT INTO parcours_passiae (worker_id, number, started_on, ended_on, origin)
       SELECT id, '99999' || lpad(id::text, 7, '0'), DATE '2024-01-08' + (id %% 700)::int,
              DATE '2024-01-08' + (id %% 700)::int + 729, 'default' FROM parcours_worker""",
    """INSERT INTO contracts_contract (worker_id, reference, kind, signed_on, started_on, planned_end_on, end_reason,
           weekly_hours, rome_code, sentence_adjustment)
       SELECT w.id, c, 'FIXED_TERM_I', s.day, s.day, s.day + 181, '', 26, '', false
       FROM parcours_worker w, generate_series(0, 2) c,
            LATERAL (SELECT DATE '2024-12-01' + (w.id %% 200)::int + c * 182 AS day) s""",
]
BARE = """SELECT count(*), max(c.planned_end_on), max(p.ended_on), max(t.started_on) FROM parcours_worker w
    LEFT JOIN contracts_contract c ON c.worker_id = w.id LEFT JOIN parcours_passiae p ON p.worker_id = w.id
    LEFT JOIN parcours_pathway t ON t.worker_id = w.id"""


def timed(call: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE)
        cursor.fetchall()


def one_by_one(workers: int) -> float:
    """Seconds for everyone, from a sample read and judged one person at a time."""
    sample = list(Worker.objects.select_related("organisation")[:SAMPLE])
    seconds, _found = timed(lambda: [flags_of(worker, DAY) for worker in sample])
    return seconds * workers / len(sample)


def run(workers: int) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in SEED:
                cursor.execute(statement, {"workers": workers})
            cursor.execute("ANALYZE")
        read = min(timed(bare)[0] for _time in range(3))
        first, report = timed(lambda: refresh(DAY).totals())
        again, nothing = timed(lambda: refresh(DAY).totals())
        slow = one_by_one(workers)
        print(
            f"{workers:>8} salariés | lecture nue {read:6.2f} s | première nuit {first:6.2f} s ({first / read:4.1f}×) {report}"
            f" | rien de nouveau {again:6.2f} s ({again / read:4.1f}×) {nothing} | un par un {slow:7.1f} s ({slow / first:5.1f}× la nuit)"
        )
        transaction.set_rollback(True)


if __name__ == "__main__":
    if Organisation.objects.exists():
        sys.exit("La base n'est pas vide : ce banc ne tourne que sur une base de mesure.")
    for size in [int(argument) for argument in sys.argv[1:]] or [10_000, 50_000]:
        run(size)
