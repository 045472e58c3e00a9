"""Traces of those who work here: who read which file, who signed in from where, work done or given up. They are forgotten once the
term that the register gives is past; what is over needs no term.

Small statements, a second run finds nothing more.
"""

from datetime import date, datetime, time
from typing import Any

from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from jobs.nights import forgettable
from law.dates import add_months
from privacy.models import Consultation, OpenedList
from privacy.retention import consultations_rule

BATCH = 5_000  # rows a statement


def forget(day: date) -> dict[str, int]:
    """Remove the traces whose time is past on a day; how many consultations, and how many of the others."""
    today, oldest = _midnight(day), _midnight(add_months(day, -consultations_rule()["months"]))
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gte=today)
    read = [model.objects.filter(hour__lt=oldest) for model in (Consultation, OpenedList)]
    others: list[QuerySet[Any]] = [
        *(model.objects.filter(attempt_time__lt=oldest) for model in (AccessLog, AccessAttempt, AccessFailureLog)),
        Session.objects.filter(expire_date__lt=today),
        UserSession.objects.filter(~Exists(live), last_seen_at__lt=today),
        forgettable(oldest),
    ]
    return {"consultations_forgotten": sum(map(_removed, read)), "traces_forgotten": sum(map(_removed, others))}


def _removed(rows: QuerySet[Any]) -> int:
    removed = 0
    while found := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        rows.model._base_manager.filter(pk__in=found).delete()
        removed += len(found)
    return removed


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone())
