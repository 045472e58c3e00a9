"""Watching the nights: what ran last, what failed, what was missed, and telling the administrators once.

A night's job is a row whose key is `name:day`; its hour comes from settings.NIGHT.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Membership, User
from accounts.roles import Role
from jobs.models import Job
from jobs.registry import job

LATE_AFTER = timedelta(hours=2)  # a night's job not done so long after its hour was missed


@dataclass(frozen=True)
class Night:
    """One job of the schedule: its last run that ended well, the last asked for, what failed, and when it comes next."""

    name: str
    hour: str
    done: Job | None
    last: Job | None
    failures: int
    due_at: datetime
    next_at: datetime

    @property
    def seconds(self) -> float | None:
        """How long the last good run took; unknown when nothing ran."""
        if self.done is None or self.done.started_at is None or self.done.done_at is None:
            return None
        return (self.done.done_at - self.done.started_at).total_seconds()

    @property
    def counts(self) -> list[tuple[str, Any]]:
        """What it was done on, as the job counted it."""
        result = self.done.result if self.done else {}
        return [(name, value) for name, value in result.items() if isinstance(value, int | float)]

    @property
    def refused(self) -> str:
        """Why the last good run did nothing, when it said so."""
        return str(self.done.result.get("refused", "")) if self.done else ""

    @property
    def failure(self) -> str:
        """The kind of error of the last run, without its words: they may hold a person's data."""
        return self.last.error.partition(":")[0] if self.last and self.last.error else ""

    def missed_at(self, now: datetime) -> bool:
        """Whether the run that was due is not done long after its hour, or was given up."""
        if self.last and self.last.failed_at and self.last.key == key_of(self.name, self.due_at):
            return True
        done_for = self.done.key if self.done else ""
        return now > self.due_at + LATE_AFTER and done_for != key_of(self.name, self.due_at)


def key_of(name: str, due_at: datetime) -> str:
    return f"{name}:{timezone.localtime(due_at).date()}"


def due(hour: str, now: datetime) -> datetime:
    """The last time this hour came, in local time."""
    at = parse_time(hour)
    if at is None:
        raise ValueError(f"« {hour} » n'est pas une heure (attendu : 02:30).")
    here = timezone.localtime(now)
    today = here.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today if today <= here else today - timedelta(days=1)


def nights(now: datetime) -> list[Night]:
    """Every job of the schedule, in its order. Three questions however long the history."""
    rows = _asked()
    last, done = _last(rows), _last_done(rows)
    week = rows.filter(created_at__gt=now - timedelta(days=7)).values("name")
    failed = {
        row["name"]: row["n"]
        for row in week.annotate(n=Count("pk", filter=Q(failed_at__isnull=False) | Q(attempts__gt=0)))
    }
    found = []
    for name, hour in settings.NIGHT.items():
        due_at = due(hour, now)
        found.append(
            Night(name, hour, done.get(name), last.get(name), failed.get(name, 0), due_at, due_at + timedelta(days=1))
        )
    return found


def _asked() -> QuerySet[Job]:
    return Job.objects.filter(name__in=settings.NIGHT, key__regex=r":\d{4}-\d{2}-\d{2}$")


def _last(rows: QuerySet[Job]) -> dict[str, Job]:
    return {row.name: row for row in rows.order_by("name", "-key").distinct("name")}


def _last_done(rows: QuerySet[Job]) -> dict[str, Job]:
    return {row.name: row for row in rows.filter(done_at__isnull=False).order_by("name", "-done_at").distinct("name")}


def forgettable(before: datetime) -> QuerySet[Job]:
    """The jobs done or given up before a time, less those that « Travaux de nuit » reads however old they are."""
    kept = {row.pk for found in (_last, _last_done) for row in found(_asked()).values()}
    return Job.objects.filter(Q(done_at__lt=before) | Q(failed_at__lt=before)).exclude(pk__in=kept)


def missed(now: datetime) -> list[Night]:
    """The jobs that should have been done by now and are not. None before the first night ever asked for."""
    return [night for night in nights(now) if night.last is not None and night.missed_at(now)]


def watchers(on: date) -> list[User]:
    """Who is told: the platform's team and the federation's administrators."""
    administrators = Membership.objects.in_force(on).filter(role=Role.ADMINISTRATOR, organisation__nature="federation")
    rows = User.objects.filter(Q(is_staff=True) | Q(pk__in=administrators.values("user")), is_active=True)
    return list(rows.order_by("pk"))


def alerts(now: datetime, name: str | None = None) -> Sequence[tuple[str, dict[str, Any]]]:
    """The alerts to ask for, of one job or of all, by key: a missed night is told once."""
    return [
        (f"alert:{key_of(night.name, night.due_at)}", {"name": night.name, "due_at": night.due_at.isoformat()})
        for night in missed(now)
        if name in {None, night.name}
    ]


@job("jobs.alert")
def alert(name: str, due_at: str) -> dict[str, Any]:
    """Write to the administrators that a night was missed: its name, its hour, nothing of anyone's file."""
    when = timezone.localtime(datetime.fromisoformat(due_at))
    told = watchers(when.date())
    with override(settings.LANGUAGE_CODE):
        words = {"name": name, "day": f"{when:%d/%m/%Y}", "hour": f"{when:%H:%M}"}
        subject = _("Parcours : le travail de nuit « %(name)s » n'a pas été fait") % words
        text = (
            _(
                "Le travail « %(name)s », attendu le %(day)s à %(hour)s, n'est pas fait.\n\n"
                "Les alertes et les chiffres peuvent dater de la veille. La page « Travaux de nuit » dit ce qui a échoué ; "
                "« ./run manage night --follow » le redemande."
            )
            % words
        )
        for user in told:
            EmailMessage(subject, f"{text}\n\n{settings.PUBLIC_URL}/travaux/\n", to=[user.email]).send()
    return {"told": len(told)}
