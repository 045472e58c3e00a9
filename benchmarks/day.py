"""What "my day" costs at 60 people, alone in the base and among all the others: `python -m benchmarks.day [workers]`.

Fills an empty base with `seed`, adds follow-ups and appointments by SQL, then opens the page as one counsellor
and prints its queries, its milliseconds, the plan of its statement, and the tables it reads whole: at volume, none of
those that grow with people. (On a base of sixty people PostgreSQL reads whole tables, and is right to.)
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import Organisation, User  # noqa: E402
from agenda.attention import the_day  # noqa: E402
from benchmarks.seed import TODAY, fill  # noqa: E402
from parcours.models import FollowUp, Worker  # noqa: E402

PEOPLE = 60  # a structure's, so that the page shows as many at any size of the base
LIFE = [
    """INSERT INTO parcours_followup (pathway_id, author_id, kind, outcome, held_on, minutes, themes, note, next_step,
           next_due_on, cancel_reason, created_at)
       SELECT t.id, w.counsellor_id, 'entretien_individuel', 'present', DATE '2026-06-10' - (n * 21 + t.id % 40)::int, 30,
              ARRAY['logement'], 'Point sur le projet', CASE WHEN n = 0 THEN 'Rappeler' ELSE '' END,
              CASE WHEN n = 0 THEN DATE '2026-06-12' + (t.id % 9)::int END, '', now()
       FROM parcours_pathway t JOIN parcours_worker w ON w.id = t.worker_id, generate_series(0, 5) n
       WHERE t.ended_on IS NULL AND t.started_on <= DATE '2026-06-10' - (n * 21 + t.id % 40)::int""",
    """INSERT INTO agenda_appointment (worker_id, counsellor_id, kind, starts_at, minutes, place, created_at, cancel_reason)
       SELECT w.id, w.counsellor_id, 'bilan', TIMESTAMPTZ '2026-06-15 08:00+02' + (w.id % 400 - 200) * interval '1 hour', 30,
              '', now(), '' FROM parcours_worker w WHERE w.id % 5 = 0 AND w.counsellor_id IS NOT NULL""",
    """INSERT INTO rights_rightstep (pathway_id, "right", state, triggered_on, "trigger", cause, held_before, due_on, opened_on,
           expires_on, note)
       SELECT t.id, r.code, r.state, t.started_on, 'hire', '', false,
              CASE WHEN r.state = 'to_study' THEN DATE '2026-06-10' + (t.id % 60)::int END,
              CASE WHEN r.state = 'opened' THEN t.started_on END,
              CASE WHEN r.state = 'opened' THEN DATE '2026-06-10' + (t.id % 400)::int END, ''
       FROM parcours_pathway t, (VALUES ('D02', 'opened'), ('D09', 'opened'), ('D04', 'to_study'), ('D15', 'to_study')) r (code, state)
       WHERE t.ended_on IS NULL""",
    """INSERT INTO parcours_exit (pathway_id, exited_on, outcome, education_level, said_by)
       SELECT id, ended_on, '', '', '' FROM parcours_pathway WHERE ended_on >= DATE '2025-05-15'""",
    """INSERT INTO parcours_exitcall (exit_id, months, due_on, answer, said_by, situation)
       SELECT id, m, (exited_on + make_interval(months => m))::date, '', '', '' FROM parcours_exit, unnest(ARRAY[3, 6, 12]) m""",
]


def plan_of(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF, TIMING OFF) {sql}")
        lines = [line for (line,) in cursor.fetchall()]
    return [line.strip() for line in lines if "Scan" in line or "Execution" in line]


def live(workers: int) -> None:
    """An empty base filled with people and what one notes of them; one already filled is kept."""
    fill(workers=workers, structures=max(1, workers // PEOPLE), months=False)
    if FollowUp.objects.exists():
        return
    with connection.cursor() as cursor:
        for statement in LIFE:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def run(workers: int) -> None:
    started = time.perf_counter()
    live(workers)
    structure = Organisation.objects.get(pk=1)
    counsellor = User.objects.get(pk=1)
    print(f"{Worker.objects.count()} salariés dans la base, {structure.workers.count()} dans la structure"
          f" (semis {time.perf_counter() - started:.0f} s)")  # fmt: skip

    def day(mine: bool) -> object:
        return the_day(
            organisations=[structure.pk], today=TODAY, counsellor=counsellor if mine else None, reader=counsellor
        )

    for mine in (True, False):
        with CaptureQueriesContext(connection) as queries:
            found = day(mine)
        times = []
        for _time in range(20):
            before = time.perf_counter()
            day(mine)
            times.append(1000 * (time.perf_counter() - before))
        title = "mes personnes" if mine else "toute la structure"
        people, facts = len(found.people), sum(len(p.reasons) for p in found.people)
        print(
            f"{title:>20} | {len(queries)} requête | {people} personnes, {facts} raisons | {sorted(times)[10]:6.1f} ms"
        )
    plan = plan_of(queries.captured_queries[0]["sql"])
    for line in plan:
        print("   ", line)
    whole = [
        line
        for line in plan
        if line.lstrip("-> ").startswith(("Seq Scan", "Parallel Seq Scan")) and "never" not in line
    ]
    print("tables lues en entier :", "; ".join(whole) or "aucune")


if __name__ == "__main__":
    run(int((sys.argv[1:] or ["60"])[0]))
