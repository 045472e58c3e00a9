"""The jobs of this app. Arguments are texts: days and moments come from the schedule, never from a clock in here."""

from datetime import date
from typing import Any

from contracts import flags
from jobs.registry import job


@job("contracts.refresh_flags")
def refresh_flags(day: str, **_schedule: Any) -> dict[str, Any]:
    return flags.refresh(date.fromisoformat(day)).totals()
