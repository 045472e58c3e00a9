"""The publications of the demonstration: the last two civil years, prepared by one person and approved by another."""

from datetime import date, datetime

from django.utils import timezone

from accounts.models import Organisation, User
from indicators.periods import Period, civil_years
from releases import actions, secrets
from releases.models import Release
from releases.tasks import run


def publish_releases(*, federation: Organisation, analyst: User, publisher: User, today: date) -> int:
    """Prepare, approve and publish, here and now; how many. One the checks refuse is left refused, and says why."""
    return sum(_published(federation, analyst, publisher, period, timezone.now()) for period in civil_years(today))


def _published(federation: Organisation, analyst: User, publisher: User, period: Period, now: datetime) -> bool:
    secrets.create(period.end.year)
    release = actions.prepare(by=analyst, federation=federation, period=period, known_at=now)
    release = run(release)
    if release.state != Release.State.AUDITED:
        return False
    actions.approve(by=publisher, release=release, at=now)
    actions.publish(by=publisher, release=release, at=now)
    return True
