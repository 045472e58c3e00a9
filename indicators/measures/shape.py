"""The shape every measure has, and the exact arithmetic they share. No float anywhere; rounding is for display."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

Z = Decimal("1.959964")  # 95 %, rule W


@dataclass(frozen=True)
class Counts:
    """What one SQL pass counted for one structure and period.

    `covered` of `to_cover` is a second coverage, where the sheet asks for one (workers diagnosed, months declared).
    `also` holds the measure's own aggregates.
    """

    k: Decimal | None
    known: Decimal
    eligible: Decimal
    covered: Decimal
    to_cover: Decimal
    also: Mapping[str, Any]

    @property
    def unknown(self) -> Decimal:
        return self.eligible - self.known


@dataclass(frozen=True)
class Figure:
    """The value, its bounds if all unknown units were a no, then a yes, and its components (JSON, numbers as text)."""

    value: Fraction | None
    low: Fraction | None = None
    high: Fraction | None = None
    parts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """`units` is a SELECT of one row a unit, with at least these columns:

    organisation_id, period_no, worker_id, item (tells the units of a worker apart), weight (what the unit counts for among
    those concerned: 1, or hours), amount (its part of the numerator, null when unknown), reason (why it is unknown, a key
    of the definition's `unknowns`, or null), covered and to_cover (see Counts, or null), detail (text: the facts used).

    `also` names further aggregates over these rows. `finish` turns counts into a figure and is pure.
    `additive` is false when amounts do not add up to a numerator (medians).
    """

    units: str
    finish: Callable[[Counts], Figure]
    also: Mapping[str, str] = field(default_factory=dict)
    additive: bool = True


def exact(number: Decimal | int | None) -> Fraction:
    return Fraction(number or 0)


def ratio(part: Decimal | int | None, whole: Decimal | int | None) -> Fraction | None:
    """part / whole, or None when there is nothing to divide by: undefined is not 0."""
    return exact(part) / exact(whole) if whole else None


def text(number: Fraction | Decimal | int | None, places: int = 10) -> str | None:
    """A number as JSON text, rounded half up where its decimals do not end; None stays None."""
    if number is None:
        return None
    return str(rounded(Fraction(number), places).normalize() + 0) if number else "0"


def rounded(number: Fraction, places: int = 10) -> Decimal:
    """A fraction as a Decimal with `places` decimals, half up (away from zero at the half)."""
    scaled = abs(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    with localcontext(prec=60):
        return Decimal(whole if number >= 0 else -whole).scaleb(-places)


def plain(number: Decimal) -> str:
    """A Decimal without exponent nor idle zeros: 110.50 → "110.5", 200 → "200"."""
    return f"{number.normalize():f}"


def wilson(k: Decimal | None, n: Decimal) -> list[str] | None:
    """Wilson's 95 % interval of k successes in n (rule W), as two texts of 4 decimals; None without observation.

    It describes how the process varies, not a sampling error.
    """
    if k is None or n <= 0:
        return None
    with localcontext(prec=40):
        squared = Z * Z
        centre = k + squared / 2
        spread = Z * (k * (n - k) / n + squared / 4).sqrt()
        ends = ((centre - spread) / (n + squared), (centre + spread) / (n + squared))
        return [plain(rounded(Fraction(min(max(end, Decimal(0)), Decimal(1))), 4)) for end in ends]


def share(counts: Counts) -> Figure:
    """k / known with the bounds [k/N, (k+u)/N] (rule M) and Wilson's interval of persons or steps."""
    k = counts.k or Decimal(0)
    return Figure(
        value=ratio(counts.k, counts.known),
        low=ratio(k, counts.eligible),
        high=ratio(k + counts.unknown, counts.eligible),
        parts={"wilson": wilson(counts.k, counts.known)},
    )


def median(values: list[Decimal]) -> Fraction | None:
    """The middle of sorted values, the mean of both middles when they are even in number."""
    if not values:
        return None
    return (Fraction(values[(len(values) - 1) // 2]) + Fraction(values[len(values) // 2])) / 2


def median_bounds(values: list[Decimal], unknown: int) -> tuple[Fraction | None, Fraction | None]:
    """The median if all unknown values were lower than any known one, then higher; None where it would be unknown."""
    total = len(values) + unknown
    if not total:
        return None, None
    first, second = (total - 1) // 2, total // 2
    low = (Fraction(values[first - unknown]) + Fraction(values[second - unknown])) / 2 if first >= unknown else None
    high = (Fraction(values[first]) + Fraction(values[second])) / 2 if second < len(values) else None
    return low, high
