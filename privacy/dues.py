"""Requests that wait for an answer, as reasons of the day and as letters to who must answer: when they come, when a week is
left, when the term is past. Each is told once."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from agenda.attention import More
from privacy import catalogue
from privacy.models import DataRequest

SOON = catalogue.term()["soon_days"]


def _say(due_on: date, detail: str, today: date) -> str:
    said = {"what": dict(catalogue.choices_of("kinds")).get(detail, detail), "day": f"{due_on:%d/%m/%Y}"}
    if due_on < today:
        return _("Demande « %(what)s » : réponse en retard, due le %(day)s") % said
    return _("Demande « %(what)s » : réponse due le %(day)s") % said


REASON = More(
    sql=f"""
    SELECT p.worker_id, 'data_request', q.id,
           CASE WHEN q.due_on < %(today)s THEN 5 WHEN q.due_on <= %(today)s + {SOON} THEN 4 ELSE 2 END, q.due_on, q.kind
    FROM people p JOIN privacy_datarequest q ON q.worker_id = p.worker_id WHERE q.answered_on IS NULL""",  # noqa: S608
    say=_say,
)


def to_tell(day: date) -> list[tuple[str, dict[str, Any]]]:
    """The letters the requests that wait ask for, each by what it is told once: come, a week left, late."""
    told = []
    for row in DataRequest.objects.unanswered().filter(received_on__lte=day).select_related("worker").order_by("pk"):
        rung = "late" if row.due_on < day else "soon" if row.due_on <= day + timedelta(days=SOON) else "come"
        where = {"organisation": row.worker.organisation_id, "due_on": row.due_on.isoformat(), "day": day.isoformat()}
        told.append((f"{row.pk}:{row.due_on}:{rung}", where))
    return told
