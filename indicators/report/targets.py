"""What a structure aims at, and whether it got there: yes, no, or not known."""

from decimal import Decimal
from typing import Any

from accounts.models import Organisation
from audit.history import changes_where
from indicators.catalogue import Definition
from indicators.models import Target
from indicators.report.readings import Reading, Sheet

WITHOUT_TARGET = frozenset({"neutral"})  # no way is better: nothing to aim at (SEC-04, EXP-01)


def may_be_aimed_at(definition: Definition) -> bool:
    """Whether a structure may vote a target for it: not when neither way is better."""
    return definition.direction not in WITHOUT_TARGET


def judged(sheet: Sheet, year: int) -> Reading | None:
    """The figure a target of a year is compared with: that of the civil year, else of its last complete quarter, else of
    the last twelve months that end in it."""
    inside = [reading for reading in sheet.years if reading.period.end.year == year]
    civil = next((reading for reading in inside if reading.period.is_civil_year), None)
    quarters = [reading for reading in sheet.quarters if reading.period.end.year == year]
    return civil or (quarters[-1] if quarters else None) or (inside[-1] if inside else None)


def reached(definition: Definition, target: Decimal, reading: Reading | None) -> bool | None:
    """Whether a target is reached. None when what is unknown could change the answer, or too little is known.

    A figure with bounds is judged at both ends: reached when both are on the right side of the target, not when neither
    is. Without bounds the figure itself is judged, if it may be shown.
    """
    if reading is None or reading.value.value is None:
        return None
    value = reading.value
    if value.low is not None and value.high is not None:
        ends = [_right_side(definition, target, end) for end in (value.low, value.high)]
        if all(ends):
            return True
        crossed = definition.direction == "closer_to_one" and value.low <= 1 <= value.high
        return None if any(ends) or crossed else False
    if not reading.published or value.value is None:
        return None
    return _right_side(definition, target, value.value)


def _right_side(definition: Definition, target: Decimal, value: Decimal) -> bool:
    if definition.direction == "lower":
        return value <= target
    if definition.direction == "closer_to_one":
        return abs(value - 1) <= abs(target - 1)
    return value >= target


def targets_of(organisation: Organisation, year: int) -> dict[str, Target]:
    """The targets of a structure for a year, by indicator. One query."""
    return {row.indicator: row for row in Target.objects.filter(organisation=organisation, year=year)}


def history_of(organisation: Organisation, year: int) -> list[tuple[Any, str]]:
    """What was voted, changed and withdrawn for a year, newest first: (event, who). Two queries."""
    return changes_where(Target, organisation=organisation, year=year)
