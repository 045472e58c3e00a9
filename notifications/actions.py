"""Verbs on notifications: read them, choose how to be told. Each says who acts, and acts on her own rows only."""

from datetime import datetime

from accounts.models import User
from audit.saving import saved
from notifications.models import Notice, Preference


def mark_read(*, by: User, at: datetime, notice: Notice | None = None) -> int:
    """Say that a notice was read, or all of them; how many were not yet."""
    rows = Notice.objects.filter(recipient=by, read_at__isnull=True)
    return (rows.filter(pk=notice.pk) if notice else rows).update(read_at=at)


def preference_of(user: User) -> Preference:
    """How a user is told; the usual way, not kept, when she chose nothing."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


def prefer(
    *, by: User, frequency: str | None = None, least_severity: int | None = None, by_structure: bool | None = None
) -> Preference:
    """Choose how to be told; what is not named stays. Raises ValidationError."""
    row = preference_of(by)
    row.frequency = row.frequency if frequency is None else frequency
    row.least_severity = row.least_severity if least_severity is None else least_severity
    row.by_structure = row.by_structure if by_structure is None else by_structure
    return saved(row)
