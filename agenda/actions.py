"""Verbs of the agenda: appointments, what is put off, the addresses calendar programs read."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.tokens import digest
from agenda.attention import Reason, the_day
from agenda.models import Appointment, FeedToken, Snooze
from audit.history import because
from audit.saving import all_saved, saved
from law import law_on
from parcours.models import Worker


def plan_appointment(
    *,
    by: User,
    workers: Sequence[Worker],
    kind: str,
    starts_at: datetime,
    now: datetime,
    minutes: int = 30,
    place: str = "",
) -> list[Appointment]:
    """Put one appointment in the agenda of `by`, with one person or several. Raises ValidationError."""
    if not workers:
        raise ValidationError({"people": _("Choisissez au moins une personne.")})
    if starts_at < now - timedelta(hours=1):
        raise ValidationError({"starts_at": _("Cette heure est passée : notez plutôt un suivi.")})
    together = uuid4() if len(workers) > 1 else None
    said = {"counsellor": by, "kind": kind, "starts_at": starts_at, "minutes": minutes, "place": place}
    return all_saved([Appointment(worker=worker, together=together, **said) for worker in workers])


def move_appointment(*, by: User, appointment: Appointment, starts_at: datetime, now: datetime) -> Appointment:
    """Change the hour of an appointment. Raises ValidationError when it is cancelled or the hour is past."""
    _refuse_cancelled(appointment)
    if starts_at < now:
        raise ValidationError({"starts_at": _("Cette heure est passée.")})
    appointment.starts_at = starts_at
    return saved(appointment)


def cancel_appointment(*, by: User, appointment: Appointment, reason: str, at: datetime) -> Appointment:
    """Take an appointment out of the agenda; it stays in the history with the reason."""
    _refuse_cancelled(appointment)
    appointment.cancelled_at, appointment.cancel_reason = at, reason
    with because(reason or _("rendez-vous annulé"), user=by.pk):
        return saved(appointment)


def _refuse_cancelled(appointment: Appointment) -> None:
    if appointment.cancelled_at is not None:
        raise ValidationError(_("Ce rendez-vous est annulé."))


def last_day_to_wait(due_on: date, today: date) -> date:
    """The last day a fact may come back: a snooze never hides longer what is past due."""
    return due_on + timedelta(days=law_on(today).whole("snooze.past_due_days"))


def fact_of(worker: Worker, *, fact: str, subject: int, due_on: date, today: date) -> Reason:
    """The reason a person is on the list, by its name. Raises ValidationError when it is not, or no longer, true."""
    day = the_day(organisations=[worker.organisation_id], today=today, worker_id=worker.pk)
    for person in [*day.people, *day.waiting]:
        for reason in [*person.reasons, *person.put_off]:
            if (reason.code, reason.subject, reason.due_on) == (fact, subject, due_on):
                return reason
    raise ValidationError(_("Ce fait n'est plus d'actualité : rien n'est à remettre."))


def snooze(
    *, by: User, worker: Worker, fact: str, subject: int, due_on: date, until: date, reason: str, today: date
) -> Snooze:
    """Put a fact off until a day, with why; said again, it replaces the day and the reason. Raises ValidationError."""
    fact_of(worker, fact=fact, subject=subject, due_on=due_on, today=today)
    last = last_day_to_wait(due_on, today)
    if last <= today:
        raise ValidationError(_("L'échéance est dépassée depuis trop longtemps : cela ne peut plus attendre."))
    if until > last:
        raise ValidationError({"until": _("Pas au-delà du %(day)s.") % {"day": f"{last:%d/%m/%Y}"}})
    named = {"worker": worker, "fact": fact, "subject": subject, "due_on": due_on}
    row = Snooze.objects.filter(**named).first() or Snooze(**named)
    row.until, row.reason, row.snoozed_on, row.snoozed_by = until, reason.strip(), today, by
    with because(reason, user=by.pk):
        return saved(row)


def wake(*, by: User, snooze: Snooze) -> None:
    """Bring a fact back at once."""
    with because(_("repris"), user=by.pk):
        snooze.delete()


def issue_feed(*, by: User, name: str) -> tuple[FeedToken, str]:
    """Create an address for a calendar program; returns it with its secret, shown once and never stored."""
    secret = secrets.token_urlsafe(32)
    return saved(FeedToken(user=by, name=name.strip() or _("Mon agenda"), digest=digest(secret))), secret


def revoke_feed(*, by: User, feed: FeedToken, at: datetime) -> None:
    """Close an address; whoever still calls it finds nothing."""
    FeedToken.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=at)


def find_feed(secret: str, at: datetime) -> FeedToken | None:
    """The living address behind a secret, its use noted at most once a minute. None when unknown, revoked or its owner gone."""
    feed = (
        FeedToken.objects.select_related("user")
        .filter(digest=digest(secret), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if feed and (feed.last_used_at is None or at - feed.last_used_at > timedelta(minutes=1)):
        FeedToken.objects.filter(pk=feed.pk).update(last_used_at=at)
    return feed
