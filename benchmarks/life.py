"""What one notes of the people of benchmarks.seed: follow-ups, appointments, rights, exits and the calls after them."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from benchmarks.seed import fill  # noqa: E402
from parcours.models import FollowUp  # noqa: E402

PEOPLE = 250  # a structure's over the years, so that a page shows as many at any size of the base
LIFE = [
    """INSERT INTO parcours_followup (pathway_id, author_id, kind, outcome, held_on, minutes, themes, note, next_step,
           next_due_on, cancel_reason, created_at)
       SELECT t.id, w.counsellor_id, 'entretien_individuel', 'present', d.held_on, 30,
              ARRAY['logement'], (ARRAY['Point sur le projet', 'Recherche de logement', 'Permis de conduire', 'Rendez-vous à la CAF'])[1 + (t.id + n) % 4], CASE WHEN n = 0 THEN 'Rappeler' ELSE '' END,
              CASE WHEN n = 0 THEN DATE '2026-06-12' + (t.id % 9)::int END, '', now()
       FROM parcours_pathway t JOIN parcours_worker w ON w.id = t.worker_id, generate_series(0, 5) n,
            LATERAL (SELECT LEAST(t.ended_on, DATE '2026-06-10') - (n * 21 + t.id % 40)::int AS held_on) d
       WHERE d.held_on >= t.started_on""",
    """INSERT INTO agenda_appointment (worker_id, counsellor_id, kind, starts_at, minutes, place, created_at, cancel_reason)
       SELECT w.id, w.counsellor_id, 'bilan', TIMESTAMPTZ '2026-06-15 08:00+02' + (w.id % 400 - 200) * interval '1 hour', 30,
              '', now(), '' FROM parcours_worker w WHERE w.id % 5 = 0 AND w.counsellor_id IS NOT NULL""",
    """INSERT INTO rights_rightstep (pathway_id, "right", state, triggered_on, "trigger", cause, held_before, due_on, opened_on,
           expires_on, note)
       SELECT t.id, r.code, r.state, t.started_on, 'hire', '', false,
              CASE WHEN r.state = 'to_study' THEN DATE '2026-06-10' + (t.id % 60)::int END,
              CASE WHEN r.state = 'opened' THEN t.started_on END,
              CASE WHEN r.state = 'opened' THEN GREATEST(t.started_on, DATE '2026-06-10' + (t.id % 400)::int) END, ''
       FROM parcours_pathway t, (VALUES ('D02', 'opened'), ('D09', 'opened'), ('D04', 'to_study'), ('D15', 'to_study')) r (code, state)
       WHERE t.ended_on IS NULL""",
    """INSERT INTO parcours_exit (pathway_id, exited_on, outcome, education_level, said_by)
       SELECT id, ended_on, '', '', '' FROM parcours_pathway WHERE ended_on >= DATE '2025-05-15'""",
    """INSERT INTO parcours_exitcall (exit_id, months, due_on, answer, said_by, situation)
       SELECT id, m, (exited_on + make_interval(months => m))::date, '', '', '' FROM parcours_exit, unnest(ARRAY[3, 6, 12]) m""",
]


def live(workers: int) -> None:
    """An empty base filled with people, their contracts and what one notes of them, without the history of any change; one
    already filled is kept."""
    if FollowUp.objects.exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # no trigger: the history is not what is measured
        fill(workers=workers, structures=max(1, workers // PEOPLE), months=False)
        for statement in LIFE:
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
