"""Days typed in an address."""

from datetime import date

from django.utils.dateparse import parse_date


def day_of(text: str | None) -> date | None:
    """The day an address names (2026-12-31), or None when it names none."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None
