"""The jobs of this app. Arguments are texts: days and moments come from the schedule, never from a clock in here."""

from datetime import date
from typing import Any

from contracts import flags
from jobs.models import Job
from jobs.registry import job

REFRESH = "contracts.refresh_flags"


@job(REFRESH)
def refresh_flags(day: str, **_schedule: Any) -> dict[str, Any]:
    """A night that comes after a later one has nothing to say: the flags would go back in time."""
    if Job.objects.filter(name=REFRESH, done_at__isnull=False, arguments__day__gt=day).exists():
        return {"opened": 0, "changed": 0, "closed": 0}
    return flags.refresh(date.fromisoformat(day)).totals()
