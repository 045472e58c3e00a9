"""The jobs of this app."""

from datetime import date
from typing import Any

from jobs.registry import job
from parcours import attachments, exits


@job("parcours.scan_attachment")
def scan_attachment(attachment_id: int, **_schedule: Any) -> dict[str, Any]:
    return attachments.scan(attachment_id)


@job("parcours.plan_exit_calls")
def plan_exit_calls(day: str, **_schedule: Any) -> dict[str, Any]:
    """The calls of the exits that have none: recorded before calls were planned, or by an import."""
    return {"planned": exits.catch_up_calls(date.fromisoformat(day))}
