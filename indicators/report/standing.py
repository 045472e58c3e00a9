"""Where a structure stands among those of its kind, without naming or ranking any."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import Organisation
from indicators import scopes
from indicators.catalogue import Definition
from indicators.measures.intervals import wilson
from indicators.models import Value
from indicators.periods import Period
from indicators.report.readings import Reading, denominator, latest, period_of
from indicators.standard import Beside, beside


@dataclass(frozen=True)
class Range:
    """Where the published values of the structures of a kind lie: how many, and quantiles. No structure is named."""

    structures: int
    p10: Decimal
    p25: Decimal
    p50: Decimal
    p75: Decimal
    p90: Decimal


def of_kind(
    organisation: Organisation, readings: Iterable[Reading], at: datetime, *, cells: bool = False
) -> dict[tuple[str, Period], Value]:
    """The values of a structure's own kind for the indicators and periods of some readings, with their cells or not. One
    query."""
    wanted = {(reading.definition.code, reading.period) for reading in readings}
    rows = Value.objects.filter(
        scope=scopes.kind(organisation.kind),
        indicator__in={code for code, _period in wanted},
        period_end__in={period.end for _code, period in wanted},
    )
    found = {(row.indicator, period_of(row)): row for row in latest(rows if cells else rows.defer("cells"), at)}
    return {key: row for key, row in found.items() if key in wanted}


def range_in(value: Value | None) -> Range | None:
    """The range of the structures kept in the value of their kind, or None under five structures."""
    found = (value.parts.get("range") if value else None) or None
    if found is None:
        return None
    return Range(int(found["structures"]), *(Decimal(found[name]) for name in ("p10", "p25", "p50", "p75", "p90")))


def range_of_kind(organisation: Organisation, reading: Reading, at: datetime) -> Range | None:
    """The range of a structure's own kind, or None under five structures. One query."""
    return range_in(next(iter(of_kind(organisation, [reading], at).values()), None))


# What tells intakes apart (§5.3), of what the sheet tells; kind is given: one compares within it.
CASE_MIX = ("sex", "qualification", "minima")


def case_mix(definition: Definition) -> list[str]:
    """The breakdowns of a sheet that tell intakes apart."""
    return [name for name in CASE_MIX if name in definition.cells]


def alike(reading: Reading, kind: Value | None) -> Beside | None:
    """A published proportion of a structure beside its kind's at equal case mix, where a funnel is shown and the sheet tells
    people apart; None otherwise. Reads the cells of the kind."""
    by = case_mix(reading.definition)
    if kind is None or not by or funnel_in(reading, kind) is None:
        return None
    return beside(reading.value, kind, by)


@dataclass(frozen=True)
class Funnel:
    """A structure's proportion beside its kind's: `limits` are (n, low 95 %, high 95 %, low 99.8 %, high 99.8 %) for sizes n.

    `verdict` is « within », « outside_95 » or « outside_998 »; most are within, and that is the honest answer.
    """

    target: Decimal
    size: Decimal
    value: Decimal
    limits: tuple[tuple[int, Decimal, Decimal, Decimal, Decimal], ...]
    verdict: str


Z_998 = Decimal("3.090232")


def funnel(reading: Reading, at: datetime) -> Funnel | None:
    """The funnel of a published proportion of a structure within its kind; None when there is none. One query."""
    if reading.value.organisation is None:
        return None
    return funnel_in(reading, next(iter(of_kind(reading.value.organisation, [reading], at).values()), None))


def funnel_in(reading: Reading, kind: Value | None) -> Funnel | None:
    """The funnel of a reading beside the value of its kind. None under five structures, without a rate to show, or when
    units are hours: chance does not draw them one by one."""
    value, definition = reading.value, reading.definition
    whole, n = kind, denominator(definition, value)
    if definition.unit != "percent" or definition.counted == "hours" or not reading.published or reading.small:
        return None
    if whole is None or whole.value is None or value.value is None or range_in(whole) is None or n < 1:
        return None
    target = whole.value
    sizes = sorted({5, 10, 20, 50, 100, 200, 500, int(n)})
    limits = tuple((size, *_limits(target, size)) for size in sizes)
    low, high, far_low, far_high = _limits(target, int(n))
    verdict = "within" if low <= value.value <= high else "outside_95"
    if not far_low <= value.value <= far_high:
        verdict = "outside_998"
    return Funnel(target, n, value.value, limits, verdict)


def _limits(target: Decimal, n: int) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """The 95 % and 99.8 % limits of a proportion around a target, for n units."""
    near, far = wilson(target * n, Decimal(n)), wilson(target * n, Decimal(n), Z_998)
    if near is None or far is None:
        raise ValueError("limits need units")
    return (*near, *far)
