"""Requests that wait for an answer: as reasons of the day, as dates in the calendars of who must answer, and as letters to them
(when they come, when a week is left, when the term is past; each is told once)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from agenda.attention import More
from agenda.calendar import Due
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


def in_calendar(user: User, start: date, end: date) -> Iterator[Due]:
    """The terms of the requests that this user must answer."""
    mine = DataRequest.objects.visible_to(user, Permission.PROTECT_DATA).unanswered()
    for row in mine.filter(due_on__range=(start, end)).order_by("due_on", "pk"):
        title = _("Réponse due à une demande sur ses données")
        url = f"{settings.PUBLIC_URL}/donnees/demandes/{row.pk}/"
        yield Due(f"demande-{row.pk}", row.due_on, title, url, row.extended_on or row.received_on)


def to_tell(day: date) -> list[tuple[str, dict[str, Any]]]:
    """The letters the requests that wait ask for, each by what it is told once: come, a week left, late."""
    told = []
    for row in DataRequest.objects.unanswered().filter(received_on__lte=day).select_related("worker").order_by("pk"):
        rung = "late" if row.due_on < day else "soon" if row.due_on <= day + timedelta(days=SOON) else "come"
        where = {"organisation": row.worker.organisation_id, "due_on": row.due_on.isoformat(), "day": day.isoformat()}
        told.append((f"{row.pk}:{row.due_on}:{rung}", where))
    return told
