"""The agenda over days: appointments and next steps due; and the same as an iCalendar text (RFC 5545).

What leaves in a calendar goes to telephones and to other companies' servers: a first name, an initial, the nature of the
meeting. No note, no place, no theme, no next step in words. What a domain above adds (`DUES`) names nobody.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Principal
from accounts.models import User
from agenda.models import Appointment
from parcours.models import FollowUp

FEED_BEFORE, FEED_AFTER = timedelta(days=30), timedelta(days=180)
OCTETS = 75


@dataclass(frozen=True)
class Entry:
    """One line of the agenda. `starts_at` is None for what is due on a day and at no hour."""

    on: date
    starts_at: datetime | None
    minutes: int
    title: str
    worker_id: int
    name: str
    first_name: str
    last_name: str
    place: str = ""
    appointment_id: int | None = None
    follow_up_id: int | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Due:
    """What somebody must do by a day, without a word of who it is about: `url` leads to it. `changed_on` is the day it took
    this term."""

    uid: str
    on: date
    title: str
    url: str
    changed_on: date


Dues = Callable[[User, date, date], Iterable[Due]]
DUES: list[Dues] = []  # of the domains above, for a user and two days, both included


def entries(principal: Principal, *, start: date, end: date, counsellor: User | None = None) -> list[Entry]:
    """What is planned from `start` to `end`, both included, in order: appointments with, and steps written by,
    `counsellor` (everybody's when None). Two queries."""
    zone = timezone.get_default_timezone()
    appointments = (
        Appointment.objects.visible_to(principal)
        .standing()
        .filter(
            starts_at__gte=datetime.combine(start, time(), zone),
            starts_at__lt=datetime.combine(end + timedelta(days=1), time(), zone),
        )
    )
    steps = (
        FollowUp.objects.visible_to(principal)
        .standing()
        .filter(next_due_on__range=(start, end), pathway__ended_on__isnull=True)
    )
    if counsellor:
        appointments, steps = appointments.filter(counsellor=counsellor), steps.filter(author=counsellor)
    found = [
        Entry(
            timezone.localdate(a.starts_at), a.starts_at, a.minutes, a.get_kind_display(), a.worker_id, str(a.worker),
            a.worker.first_name, a.worker.last_name, a.place, appointment_id=a.pk, changed_at=a.created_at,
        )
        for a in appointments.select_related("worker")
    ]  # fmt: skip
    for step in steps.select_related("pathway__worker"):
        worker = step.pathway.worker
        title = step.shown_next_step or _("Étape prévue")
        found.append(
            Entry(
                step.next_due_on or start, None, 0, title, worker.pk, str(worker), worker.first_name, worker.last_name,
                follow_up_id=step.pk, changed_at=step.created_at,
            )
        )  # fmt: skip
    return sorted(
        found, key=lambda e: (e.on, e.starts_at is not None, e.starts_at or datetime.max.replace(tzinfo=UTC), e.name)
    )


def feed(user: User, *, today: date, page: str) -> str:
    """The user's agenda as an iCalendar text. `page` is the address of a person's page, ending before her number."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Parcours//Agenda//FR", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "X-WR-CALNAME:Parcours", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]  # fmt: skip
    start, end = today - FEED_BEFORE, today + FEED_AFTER
    for entry in entries(user, start=start, end=end, counsellor=user):
        lines += _event(entry, page)
    for due in (due for found in DUES for due in found(user, start, end)):
        changed_at = datetime.combine(due.changed_on, time(), timezone.get_default_timezone())
        lines += ["BEGIN:VEVENT", f"UID:{due.uid}@parcours", f"DTSTAMP:{_moment(changed_at)}"]
        lines += [*_whole_day(due.on, due.title), f"URL:{due.url}", "CLASS:PRIVATE", "END:VEVENT"]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _event(entry: Entry, page: str) -> Iterable[str]:
    who = f"{entry.first_name} {entry.last_name[:1]}.".strip()
    uid = f"rdv-{entry.appointment_id}" if entry.appointment_id else f"etape-{entry.follow_up_id}"
    yield from ("BEGIN:VEVENT", f"UID:{uid}@parcours", f"DTSTAMP:{_moment(entry.changed_at)}")
    if entry.starts_at:
        yield f"DTSTART:{_moment(entry.starts_at)}"
        yield f"DTEND:{_moment(entry.starts_at + timedelta(minutes=entry.minutes))}"
        yield f"SUMMARY:{_escaped(f'{entry.title} — {who}')}"
    else:
        yield from _whole_day(entry.on, _("Étape prévue") + f" — {who}")
    yield f"URL:{page}{entry.worker_id}/"
    yield from ("CLASS:PRIVATE", "END:VEVENT")


def _whole_day(on: date, title: str) -> Iterable[str]:
    yield f"DTSTART;VALUE=DATE:{on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(title)}"
    yield "TRANSP:TRANSPARENT"


def _moment(at: datetime | None) -> str:
    return f"{(at or datetime(2000, 1, 1, tzinfo=UTC)).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11)."""
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets, never cut inside a character (RFC 5545 §3.1)."""
    folded, size = [], 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > OCTETS:
            folded.append("\r\n ")
            size = 1
        folded.append(sign)
        size += octets
    return "".join(folded)
