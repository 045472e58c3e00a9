"""Figures of a structure written by hand, as a night would have left them."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import Organisation
from indicators import scopes
from indicators.catalogue import definitions
from indicators.computation import coverage_of, stored
from indicators.measures import MEASURES, Counts, cells
from indicators.measures.shape import Cube, added
from indicators.models import Value
from indicators.periods import Period, quarters

PARIS = ZoneInfo("Europe/Paris")
RANGE = {"structures": "7", "p10": "0.3", "p25": "0.4", "p50": "0.5", "p75": "0.6", "p90": "0.7"}


def first_known(period: Period) -> datetime:
    """The first instant after a period: never in the future of a period that is over."""
    return datetime.combine(period.end + timedelta(days=1), time.min, PARIS)


def figure(
    structure: Organisation, code: str, period: Period, cube: Cube, known_at: datetime | None = None, kind: bool = False
) -> Value:
    """A figure of a structure, or of its kind with its range."""
    definition, measure = definitions()[code], MEASURES[code]
    counts = added(cube.values())
    found = measure.finish(counts, period)
    low, high = found.interval or (None, None)
    return Value.objects.create(
        indicator=code, method=definition.method, organisation=None if kind else structure,
        scope=scopes.kind(structure.kind) if kind else scopes.structure(structure.pk),
        period_start=period.start, period_end=period.end,
        known_at=known_at or first_known(period),
        k=counts.k if measure.additive else None, known=counts.known, eligible=counts.eligible, value=stored(found.value),
        interval_low=low, interval_high=high, low=stored(found.low), high=stored(found.high),
        coverage=coverage_of(definition, counts), status="provisional", reporting=1, members=1,
        parts={**found.parts, **({"range": RANGE} if kind else {})}, cells=cells.encoded(definition.cells, cube),
        parameters="p" * 64, inputs="d" * 64,
    )  # fmt: skip


def people(yes: int, no: int, unknown: int = 0, **spreads: dict[str, int]) -> Counts:
    return Counts(
        units=yes + no + unknown,
        k=Decimal(yes) if yes + no else None,
        known=Decimal(yes + no),
        eligible=Decimal(yes + no + unknown),
        spreads={name: Counter(spread) for name, spread in spreads.items()},
    )


def told(code: str, counts: Counts, **at: str) -> Cube:
    """A cube of one cell; breakdowns not given are unknown."""
    return {tuple(at.get(name, "?") for name in definitions()[code].cells): counts}


def a_year_of_figures(structure: Organisation, today: date) -> list[Period]:
    """SEC-01 over eight quarters, the last revised once, with its kind; SEC-03 with its matrix; SEC-04 with its curve."""
    periods = quarters(today)
    for rank, period in enumerate(periods):
        cube = {**told("SEC-01", people(8 + rank, 12, 1), sex="F"), **told("SEC-01", people(6, 5), sex="M")}
        figure(structure, "SEC-01", period, cube)
    last = periods[-1]
    later = first_known(last) + timedelta(seconds=1)
    figure(
        structure, "SEC-01", last,
        {**told("SEC-01", people(16, 12), sex="F"), **told("SEC-01", people(6, 5), sex="M")}, known_at=later,
    )  # fmt: skip
    figure(structure, "SEC-01", last, told("SEC-01", people(200, 200)), kind=True)
    moves = {"U U": 12, "U I": 4, "U X+": 2, "I C": 1, "I I": 3, "C C": 2}
    figure(structure, "SEC-03", last, told("SEC-03", people(7, 15, moves=moves)))
    life = {"30 1": 5, "90 1": 8, "200 1": 9, "400 0": 6}
    figure(structure, "SEC-04", last, told("SEC-04", people(22, 6, life=life)))
    return periods
