"""How long a night of indicators takes, beside reading the same rows once: `python -m benchmarks.indicators [workers…]`.

Seeds structures of 250 workers in a database of its own, dropped at the end (the history's triggers run), then times, for each
size:

- reading once, in bare SQL, every history row the computation needs, whatever it means (the rows);
- reading once, in bare SQL, the facts of each person and period that each indicator counts (the facts): the common tables are
  laid, then each unit of each measure is formed once, and nothing is counted, told apart, fingerprinted, or estimated;
- all indicators over the periods of a night as known at K, with their breakdowns, laying included; writing the values; the
  wider scopes; a second run of the first structures;
- the row-by-row ORM way of the reference, on one structure and one quarter, scaled.

Prints seconds, ratios, seconds for 1 000 workers and the peak of memory, and keeps them for docs/performance.md.
"""

import os
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from accounts.models import Organisation, User  # noqa: E402
from audit.history import event_table, known_at_sql  # noqa: E402
from benchmarks.database import database  # noqa: E402
from benchmarks.results import keep, peak, timed  # noqa: E402
from contracts.models import WorkedMonth  # noqa: E402
from indicators import facts  # noqa: E402
from indicators.catalogue import definitions  # noqa: E402
from indicators.computation import CHUNK, chunks, compute, save  # noqa: E402
from indicators.facts import rows as fact_rows  # noqa: E402
from indicators.gathering import gather  # noqa: E402
from indicators.measures import MEASURES  # noqa: E402
from indicators.periods import Period, local_day, periods_on, quarters  # noqa: E402
from tests.reference.indicators import SLOW, World  # noqa: E402

K = datetime(2026, 7, 20, 2, 30, tzinfo=ZoneInfo("Europe/Paris"))
A_STRUCTURE = 250
READ = [*(rows.model for rows in (*fact_rows.PEOPLE, *fact_rows.CASES)), WorkedMonth]

SEED = [
    """INSERT INTO accounts_organisation (nature, kind, name, created_at)
    SELECT 'structure', (ARRAY['ACI', 'EI', 'AI', 'ETTI'])[1 + n %% 4], 'Banc ' || n, now()
    FROM generate_series(1, %(structures)s) n""",
    """INSERT INTO parcours_worker (organisation_id, reference, first_name, last_name, sex, email, phone, address,
        postal_code, city, education_level, birth_date, created_at)
    SELECT o.id, 'B' || n, 'A', 'N' || n, (ARRAY['F', 'M', ''])[1 + n %% 3], '', '', '', '', '', '51', date '1960-01-01' + n * 60, now()
    FROM accounts_organisation o, generate_series(1, %(each)s) n WHERE o.name LIKE 'Banc %%'""",
    """INSERT INTO parcours_pathway (worker_id, started_on, ended_on, phase, rights_diagnosed_on)
    SELECT w.id, d.first, CASE WHEN d.first + 500 < '2026-07-01' THEN d.first + 500 END, 'accompagnement',
        CASE WHEN w.id %% 5 > 0 THEN d.first + 20 END
    FROM parcours_worker w, LATERAL (SELECT date '2023-07-01' + (w.id * 37 %% 900)::int AS first) d
    WHERE w.reference LIKE 'B%%'""",
    """INSERT INTO contracts_contract (worker_id, reference, kind, signed_on, started_on, planned_end_on, ended_on,
        end_reason, weekly_hours, hourly_gross, rome_code, sentence_adjustment)
    SELECT p.worker_id, 'C' || n, (ARRAY['FIXED_TERM_I', 'FIXED_TERM_I', 'FIXED_TERM_USAGE', 'TEMPORARY'])[1 + p.id %% 4],
        p.started_on + 125 * n - 5, p.started_on + 125 * n, p.started_on + 125 * n + 120 + n,
        CASE WHEN p.started_on + 125 * n + 100 < '2026-07-01' AND p.id %% 7 = 0 THEN p.started_on + 125 * n + 100 END,
        '', 26, CASE WHEN p.id %% 11 > 0 THEN 11.88 + p.id %% 9 * 0.1 END, '', false
    FROM parcours_pathway p JOIN parcours_worker w ON w.id = p.worker_id, generate_series(0, 3) n
    WHERE w.reference LIKE 'B%%'""",
    """INSERT INTO contracts_workedmonth (contract_id, month, paid_hours, gross_pay, paid_days, closed)
    SELECT c.id, g::date, CASE WHEN c.id %% 17 > 0 THEN 80 + c.id %% 40 END, 1000 + c.id %% 500, 12 + c.id %% 8, true
    FROM contracts_contract c, generate_series(date_trunc('month', c.started_on::timestamp),
        least(COALESCE(c.ended_on, c.planned_end_on), '2026-06-30')::timestamp, interval '1 month') g
    WHERE c.reference LIKE 'C%%'""",
    """INSERT INTO contracts_amendment (contract_id, signed_on, effective_on, planned_end_on, reason)
    SELECT id, started_on + 30, started_on + 40, planned_end_on, '' FROM contracts_contract WHERE id %% 10 = 0""",
    """INSERT INTO parcours_exit (pathway_id, exited_on, outcome)
    SELECT id, ended_on, (ARRAY['cdi', 'cdd_mission', 'unemployed', ''])[1 + id %% 4]
    FROM parcours_pathway WHERE ended_on IS NOT NULL""",
    """INSERT INTO rights_rightstep (pathway_id, "right", state, triggered_on, opened_on, trigger, note)
    SELECT id, 'D0' || n, CASE WHEN id %% 3 > 0 THEN 'opened' ELSE 'requested' END, started_on + n,
        CASE WHEN id %% 3 > 0 THEN started_on + 40 END, '', ''
    FROM parcours_pathway, generate_series(1, 3) n""",
    """INSERT INTO skills_training (worker_id, title, provider, started_on, mandatory_safety, certifying, result)
    SELECT id, 'SST', '', date '2024-07-01' + (id * 13 %% 700)::int, id %% 4 = 0, false, ''
    FROM parcours_worker WHERE id %% 2 = 0""",
    """INSERT INTO skills_trainingsession (training_id, held_on, attended_hours)
    SELECT id, started_on + n, CASE WHEN id %% 9 > 0 THEN 7 END FROM skills_training, generate_series(0, 1) n""",
    """INSERT INTO accounts_user (email, first_name, last_name, password, date_joined)
    VALUES ('banc@banc.example', 'A', 'B', '!', now())""",
    """INSERT INTO parcours_followup (pathway_id, author_id, kind, outcome, held_on, minutes, themes, created_at)
    SELECT p.id, u.id, 'entretien_individuel', 'present', p.started_on + 40 * n, 30, '{}', now()
    FROM parcours_pathway p, accounts_user u, generate_series(1, 10) n
    WHERE u.email = 'banc@banc.example' AND p.started_on + 40 * n < '2026-07-01'""",
    """INSERT INTO parcours_barrier (pathway_id, theme, identified_on, said_by, recorded_by_id)
    SELECT p.id, (ARRAY['mobilite', 'logement'])[n], p.started_on + 20, 'worker', u.id
    FROM parcours_pathway p, accounts_user u, generate_series(1, 2) n WHERE u.email = 'banc@banc.example'""",
    """INSERT INTO parcours_barrierstate (barrier_id, state, since, said_by, recorded_by_id)
    SELECT id, 'resolved', identified_on + 60, 'worker', recorded_by_id FROM parcours_barrier WHERE id %% 2 = 0""",
    """INSERT INTO parcours_hourswish (worker_id, weekly_hours, available, stated_on, recorded_by_id)
    SELECT p.worker_id, 24 + p.id %% 11, true, date '2026-03-01', u.id
    FROM parcours_pathway p, accounts_user u WHERE u.email = 'banc@banc.example'""",
]


def fill_in() -> None:
    """Give the columns that must hold something the default of their model, for plain INSERTs."""
    written = [*READ, Organisation, User]
    with connection.schema_editor(atomic=False) as editor:
        for model in written:
            for field in model._meta.concrete_fields:
                if field.primary_key or field.null or field.remote_field or field.generated:
                    continue
                value = field.get_default()
                if isinstance(value, str | bool | int):
                    editor.execute(
                        f'ALTER TABLE "{model._meta.db_table}" ALTER COLUMN "{field.column}" SET DEFAULT {editor.quote_value(value)}'
                    )


def seed(workers: int) -> list[int]:
    fill_in()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('parcours.recorded_at', '2026-07-01T00:00:00+02:00', true)")
        for statement in SEED:
            cursor.execute(statement, {"structures": workers // A_STRUCTURE, "each": A_STRUCTURE})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT id FROM accounts_organisation WHERE name LIKE 'Banc %' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def read(sql: Callable[[type], str]) -> int:
    """Make PostgreSQL read and form every row of the models' histories once. Returns how many."""
    total = 0
    with connection.cursor() as cursor:
        for model in READ:
            cursor.execute(f"SELECT count(*), max(length(r::text)) FROM ({sql(model)}) r", {"known_at": K})
            total += cursor.fetchone()[0]
    return total


def read_facts(structures: list[int], periods: list[Period]) -> int:
    """Lay the facts of some structures and form each unit of each measure once. Returns how many."""
    total = 0
    with facts.known(structures, periods, K) as (cursor, named):
        for measure in MEASURES.values():
            if measure.units:  # those made of others' cells have none
                cursor.execute(f"SELECT count(*), max(length(u::text)) FROM ({measure.units}) u", named)
                total += cursor.fetchone()[0]
    return total


def by_orm(structure: int) -> float:
    """Seconds the slow way takes for one structure and quarter, all indicators."""
    organisation, period = Organisation.objects.get(pk=structure), quarters(local_day(K))[-1]

    def slowly() -> None:
        world = World(organisation, K, period.month)
        for measure in SLOW.values():
            measure(world, period)

    return timed(slowly)[0]


def measured(workers: int) -> dict[str, float]:
    """The figures of one size: seconds, and counts of rows, facts and values."""
    periods, structures = periods_on(local_day(K)), seed(workers)
    told: dict[str, float] = Counter(workers=workers)
    told["read"], told["rows"] = timed(lambda: read(lambda model: f"SELECT * FROM {event_table(model)}"))
    told["as_known"], _rows = timed(lambda: read(known_at_sql))
    for chunk in chunks(structures, CHUNK):
        seconds, units = timed(lambda chunk=chunk: read_facts(chunk, periods))
        told["facts"] += seconds
        told["units"] += units
        seconds, found = timed(lambda chunk=chunk: compute(chunk, periods, K, nightly=True))
        told["compute"] += seconds
        told["values"] += len(found)
        told["write"] += timed(lambda found=found: save(found))[0]
    told["wide"] = timed(lambda: [save(gather(K, periods, [code])) for code in definitions()])[0]
    first = structures[:CHUNK]
    told["again"], changed = timed(lambda: save(compute(first, periods, K, nightly=True)))
    assert changed == 0, changed
    told["orm"] = by_orm(structures[0]) * len(structures) * len(periods)
    told["memory"] = peak()
    return told


def main(sizes: list[int]) -> None:
    heads = "workers rows read as_known units facts compute /read /facts write wide again s/1000 orm orm/ours MB values"
    print(" ".join(f"{head:>9}" for head in heads.split()))
    runs = []
    for workers in sizes:
        with database(f"banc_indicators_{workers}", keep=False):
            told = measured(workers)
        runs.append(told)
        spent = told["compute"]
        shown = (
            workers, told["rows"], told["read"], told["as_known"], told["units"], told["facts"], spent, spent / told["read"],
            spent / told["facts"], told["write"], told["wide"], told["again"], spent / workers * 1000, told["orm"],
            told["orm"] / spent, told["memory"], told["values"],
        )  # fmt: skip
        print(" ".join(f"{one:9.2f}" if one % 1 else f"{one:9.0f}" for one in shown), flush=True)
    keep("indicators", sizes=runs)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_250, 6_250, 15_000])
