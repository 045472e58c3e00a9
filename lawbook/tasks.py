"""The jobs of this app."""

from datetime import date
from typing import Any

from jobs.registry import job
from lawbook.actions import WEIGH
from lawbook.models import AddedValue
from lawbook.weighing import weigh


@job(WEIGH)
def weigh_value(value_id: int, day: str) -> dict[str, Any]:
    """What an added value changes in the alerts and the rights of everyone."""
    value = AddedValue.objects.filter(pk=value_id).first()
    return weigh(value, date.fromisoformat(day)) if value else {}
