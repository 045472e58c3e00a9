"""The revision triangle: the value of each period by knowledge date."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from indicators.catalogue import definitions
from indicators.models import Value
from indicators.periods import Period
from indicators.report.readings import Reading, period_of

NOTABLE = Decimal("0.02")


@dataclass(frozen=True)
class Revision:
    """One vintage of a figure."""

    known_at: datetime
    value: Decimal | None
    status: str
    change: Decimal | None
    reading: Reading

    @property
    def notable(self) -> bool:
        """Whether it moved by more than two points, which calls for a word (§5.11)."""
        return self.change is not None and self.reading.definition.unit == "percent" and abs(self.change) > NOTABLE


def revisions(
    scope: str, code: str, end: date | None = None, until: datetime | None = None
) -> dict[Period, list[Revision]]:
    """The revision triangle of an indicator in a scope: for each period (those that end on a day, or all), its vintages,
    oldest first, with the change from the one before; `until` leaves out what was known later. One query."""
    definition = definitions()[code]
    rows = Value.objects.filter(scope=scope, indicator=code, method=definition.method).defer("cells")
    if until is not None:
        rows = rows.filter(known_at__lte=until)
    if end is not None:
        rows = rows.filter(period_end=end)
    found: dict[Period, list[Revision]] = defaultdict(list)
    for row in rows.order_by("period_end", "period_start", "known_at"):
        before = found[period_of(row)][-1].value if found[period_of(row)] else None
        change = row.value - before if row.value is not None and before is not None else None
        found[period_of(row)].append(Revision(row.known_at, row.value, row.status, change, Reading(definition, row)))
    return dict(found)


def mean_absolute_revision(triangle: dict[Period, list[Revision]]) -> Decimal | None:
    """The mean, over periods, of |last vintage − first|; None without a revised period."""
    moves = [abs(last.value - first.value) for first, last in
             ((vintages[0], vintages[-1]) for vintages in triangle.values() if len(vintages) > 1)
             if first.value is not None and last.value is not None]  # fmt: skip
    return sum(moves, Decimal(0)) / len(moves) if moves else None
