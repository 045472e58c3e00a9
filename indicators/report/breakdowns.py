"""A figure by at most two of its sheet's breakdowns, and what each structure adds to a cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from indicators.catalogue import SENSITIVE, definitions
from indicators.computation import coverage_of, stored
from indicators.measures import MEASURES, Counts, Figure, cells
from indicators.models import Value
from indicators.periods import Period
from indicators.report.readings import MOST_CROSSED, Reading, latest, period_of


@dataclass(frozen=True)
class Cell:
    """One figure of a breakdown: `breakdown` is {"sex": "F", …}, « ? » being unknown; the rest is as in a Value."""

    breakdown: dict[str, str]
    counts: Counts
    figure: Figure
    coverage: str

    @property
    def published(self) -> bool:
        return self.figure.value is not None and self.coverage in {Value.Coverage.FULL, Value.Coverage.PARTIAL}

    def reading(self, value: Value) -> Reading:
        """The cell read as a figure of its own: a row that is saved nowhere, in the same method and period."""
        definition, figure = definitions()[value.indicator], self.figure
        low, high = figure.interval or (None, None)
        row = Value(
            indicator=value.indicator, method=value.method, scope=value.scope, period_start=value.period_start,
            period_end=value.period_end, known_at=value.known_at, k=self.counts.k, known=self.counts.known,
            eligible=self.counts.eligible, value=stored(figure.value), interval_low=low, interval_high=high,
            low=stored(figure.low), high=stored(figure.high), coverage=self.coverage, status=value.status,
        )  # fmt: skip
        return Reading(definition, row)


def broken_down(value: Value, by: Sequence[str]) -> list[Cell]:
    """A figure by one or two of its sheet's breakdowns, from the cells of its row; sums of cells, never means.

    Raises ValueError for more than two breakdowns, for one the sheet has not, or for a sensitive one below the region.
    """
    definition = definitions()[value.indicator]
    allowed = [name for name in definition.breakdowns if name in definition.cells]
    if len(by) > MOST_CROSSED or not set(by) <= set(allowed):
        raise ValueError(f"{value.indicator} se ventile par {', '.join(allowed) or 'rien'}, au plus deux à la fois")
    if SENSITIVE & set(by) and value.scope.startswith("departement:"):
        raise ValueError("une ventilation sensible ne se lit pas sous la région")
    measure, period = MEASURES[definition.code], period_of(value)
    cube = cells.told_by(cells.decoded(value.cells), value.cells.get("by", ()), by)
    return [
        Cell(dict(zip(by, key, strict=True)), counts, measure.finish(counts, period), coverage_of(definition, counts))
        for key, counts in sorted(cube.items())
        if counts.eligible or not by
    ]


def contributions(
    code: str, period: Period, at: datetime, by: Sequence[str] = ()
) -> dict[int, dict[tuple[str, ...], Counts]]:
    """What each structure adds to each cell of an indicator and period, as known at a time: structure id → cell → counts.

    For disclosure control (how many structures, how dominant one is); this is the restricted zone. One query.
    """
    rows = Value.objects.filter(
        indicator=code, scope__startswith="structure:", period_start=period.start, period_end=period.end
    )
    return {
        row.organisation_id: cells.told_by(cells.decoded(row.cells), row.cells.get("by", ()), by)
        for row in latest(rows, at)
        if row.organisation_id is not None
    }
