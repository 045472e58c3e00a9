"""The jobs of this app. Arguments are texts: days and moments come from the schedule, never from a clock in here."""

from datetime import date
from typing import Any

from audit.history import because
from jobs.registry import job
from rights import night


@job("rights.open_steps")
def open_steps(day: str, **_schedule: Any) -> dict[str, Any]:
    with because("Nuit des droits"):
        return night.refresh(date.fromisoformat(day))
