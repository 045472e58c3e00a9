"""The jobs of this app."""

from typing import Any

from jobs.registry import job
from parcours import attachments


@job("parcours.scan_attachment")
def scan_attachment(attachment_id: int, **_schedule: Any) -> dict[str, Any]:
    return attachments.scan(attachment_id)
