"""What a slow figure is made of: units, sums, medians, curves."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from indicators.measures.shape import text


@dataclass
class Unit:
    worker: int
    amount: Decimal | None
    weight: Decimal = Decimal(1)


@dataclass
class Result:
    """What compare() checks, field by field."""

    k: Decimal | Fraction | None
    known: Decimal | Fraction
    eligible: Decimal | Fraction
    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    parts: dict[str, Any]
    covered: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    units: list[Unit] = field(default_factory=list)
    scale: int = 1

    @property
    def by_person(self) -> bool:
        return all(unit.worker for unit in self.units)


def total(units: list[Unit]) -> tuple[Decimal | None, Decimal, Decimal]:
    known = [unit for unit in units if unit.amount is not None]
    n = sum((unit.weight for unit in known), Decimal(0))
    k = sum((unit.amount for unit in known), Decimal(0)) if n else None
    return k, n, sum((unit.weight for unit in units), Decimal(0))


def over(part: Any, whole: Any) -> Fraction | None:
    return Fraction(part or 0) / Fraction(whole) if whole else None


def shares(units: list[Unit], **parts: Any) -> Result:
    k, known, eligible = total(units)
    return Result(
        k,
        known,
        eligible,
        over(k, known),
        over(k, eligible),
        over((k or 0) + eligible - known, eligible),
        parts,
        units=units,
    )


def middle(values: list[Any]) -> Fraction | None:
    ordered = sorted(Fraction(v) for v in values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def km(pairs: list[tuple[int, bool]]) -> tuple[list[tuple[int, Fraction]], int | None]:
    """The product-limit curve, day by day, and its median."""
    s, curve, median = Fraction(1), [], None
    for day in sorted({t for t, _event in pairs}):
        at_risk = sum(1 for t, _event in pairs if t >= day)
        events = sum(1 for t, event in pairs if t == day and event)
        if events:
            s *= Fraction(at_risk - events, at_risk)
            curve.append((day, s))
            if median is None and s <= Fraction(1, 2):
                median = day
    return curve, median


def rmst(curve: list[tuple[int, Fraction]], horizon: int) -> Fraction:
    area = Fraction(0)
    for day in range(horizon):
        area += min((s for t, s in curve if t <= day), default=Fraction(1))
    return area


def durations(pairs: list[tuple[int, bool]], horizon: int) -> Result:
    curve, median = km(pairs)
    n = Decimal(len(pairs))
    return Result(
        None,
        n,
        n,
        None if median is None else Fraction(median),
        None,
        None,
        {
            "events": str(sum(event for _t, event in pairs)),
            "max_follow_up": text(max((t for t, _event in pairs), default=None)),
            "rmst": text(rmst(curve, horizon)) if pairs else None,
        },
    )


def means(units: list[Unit], most: int | None, **parts: Any) -> Result:
    """A mean of amounts; `most` is the largest one, for the upper bound."""
    k, known, eligible = total(units)
    value = over(k, known)
    if most is None:
        bounds = (value, value) if known == eligible else (None, None)
    else:
        bounds = over(k, eligible), over((k or 0) + most * (eligible - known), eligible)
    return Result(k, known, eligible, value, *bounds, parts, units=units)


def incidence(lives: list[tuple[int, int]], horizon: int) -> Fraction:
    """Aalen–Johansen: Σ S(t−) d1(t) / n(t) up to the horizon, S falling at every event, competing ones too."""
    s, found = Fraction(1), Fraction(0)
    for day in sorted({t for t, _outcome in lives if t <= horizon}):
        at_risk = sum(1 for t, _outcome in lives if t >= day)
        events = sum(1 for t, outcome in lives if t == day and outcome == 1)
        competing = sum(1 for t, outcome in lives if t == day and outcome == 2)
        found += s * Fraction(events, at_risk)
        s *= Fraction(at_risk - events - competing, at_risk)
    return found


def rates(units: list[Unit], days: Fraction, covered: tuple[Decimal, Decimal], **parts: Any) -> Result:
    """Events for so many days of exposure, the weights of the units."""
    k, known, eligible = total(units)
    value = over(k, Fraction(known) / days)
    for name in ("person_years", "person_months"):
        if name in parts:
            parts[name] = text(Fraction(known) / days, 6)
    return Result(k, known, eligible, value, value, value, parts, covered, units=units)
