"""The shape every measure has, the statistics it adds up, and the exact arithmetic measures share.

A *cell* is a set of units that share the values of the sheet's breakdowns; its `Counts` are sums, so the counts of any
wider set (a breakdown with fewer dimensions, a structure, a territory) are the sum of those of its cells. A *cube* is
all the cells of a figure. No float in a figure; rounding is for display and storage.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from indicators.measures.intervals import wilson
from indicators.periods import Period

ZERO = Decimal(0)


@dataclass
class Counts:
    """What was counted in one cell. All of it adds up.

    `covered` of `to_cover` is a second coverage, where the sheet asks for one (workers diagnosed, months declared).
    `sums` are the measure's own totals; `spreads` its multisets: how many units had each value (of a pay, of a number of
    days, of « time outcome » in a life table), which is what medians and survival curves are made of.
    """

    units: int = 0
    k: Decimal | None = None
    known: Decimal = ZERO
    eligible: Decimal = ZERO
    covered: Decimal = ZERO
    to_cover: Decimal = ZERO
    sums: Counter[str] = field(default_factory=Counter)
    spreads: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def unknown(self) -> Decimal:
        return self.eligible - self.known

    @property
    def coverage(self) -> Fraction | None:
        """The worse of the two coverages (rule M); None when nobody is concerned."""
        pairs = ((self.known, self.eligible), (self.covered, self.to_cover))
        return min((Fraction(part) / Fraction(whole) for part, whole in pairs if whole), default=None)

    def sum(self, name: str) -> Decimal:
        return Decimal(self.sums.get(name) or 0)

    def spread(self, name: str) -> Counter[str]:
        return self.spreads.get(name) or Counter()

    def numbers(self, name: str) -> "Spread":
        """A spread whose values are numbers, sorted."""
        return sorted((Decimal(value), count) for value, count in self.spread(name).items())

    def add(self, other: "Counts") -> None:
        self.units += other.units
        self.k = other.k if self.k is None else self.k + (other.k or 0)
        self.known += other.known
        self.eligible += other.eligible
        self.covered += other.covered
        self.to_cover += other.to_cover
        for name, amount in other.sums.items():
            self.sums[name] += amount
        for name, spread in other.spreads.items():
            self.spreads.setdefault(name, Counter()).update(spread)


Spread = list[tuple[Decimal, int]]
Key = tuple[str, ...]
Cube = dict[Key, Counts]


def added(counts: Iterable[Counts]) -> Counts:
    """The sum of many counts."""
    total = Counts()
    for one in counts:
        total.add(one)
    return total


def merge(into: Cube, cube: Cube) -> None:
    """Add a cube's cells to another's."""
    for key, counts in cube.items():
        into.setdefault(key, Counts()).add(counts)


@dataclass(frozen=True)
class Figure:
    """The value, its 95 % interval, its bounds if all unknown units were a no, then a yes, and its components.

    Components are JSON, numbers as text. An end of the interval that is not reached is None.
    """

    value: Fraction | None
    low: Fraction | None = None
    high: Fraction | None = None
    interval: tuple[Decimal | None, Decimal | None] | None = None
    parts: dict[str, Any] = field(default_factory=dict)


Finish = Callable[[Counts, Period], Figure]


@dataclass(frozen=True)
class Measure:
    """`units` is a SELECT of one row a unit, with at least these columns:

    organisation_id, period_no, worker_id (null when the unit is no person's), item (tells the units of a worker apart),
    weight (what the unit counts for among those concerned: 1, or hours), amount (its part of the numerator, null when
    unknown), reason (why it is unknown, a key of the definition's `unknowns`, or null), covered and to_cover (see Counts,
    or null), detail (text: the facts used). A breakdown of its own (a right, a domain) is a column of that name.

    `sums` names further aggregates over these rows, and `spreads` an expression of a row whose values are counted (null
    leaves the row out). `bins` rounds a spread's values in scopes wider than a structure, to that many decimals.
    `finish` turns counts into a figure and is pure. `additive` is false when amounts do not add up to a numerator.
    `scale` says by how many the units are divided when they are counted several times: the months of a yearly stock.
    `own` names the breakdowns read from the rows rather than from the person's file. `enough` is what the definition's
    `least` is compared with.
    """

    units: str
    finish: Finish
    sums: Mapping[str, str] = field(default_factory=dict)
    spreads: Mapping[str, str] = field(default_factory=dict)
    bins: Mapping[str, int] = field(default_factory=dict)
    additive: bool = True
    own: frozenset[str] = frozenset()
    enough: Callable[[Counts], Decimal] = lambda counts: counts.known
    scale: Callable[[Period], int] = lambda period: 1


def exact(number: Decimal | int | None) -> Fraction:
    return Fraction(number or 0)


def ratio(part: Decimal | Fraction | int | None, whole: Decimal | Fraction | int | None) -> Fraction | None:
    """part / whole, or None when there is nothing to divide by: undefined is not 0."""
    return Fraction(part or 0) / Fraction(whole) if whole else None


def text(number: Fraction | Decimal | int | None, places: int = 10) -> str | None:
    """A number as JSON text, rounded half up where its decimals do not end; None stays None."""
    if number is None:
        return None
    return plain(rounded(number if isinstance(number, Decimal) else Fraction(number), places))


def rounded(number: Fraction | Decimal, places: int = 10) -> Decimal:
    """An exact number as a Decimal with `places` decimals, half up (away from zero at the half)."""
    if isinstance(number, Decimal):
        with localcontext(prec=60):
            return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    scaled = abs(number) * 10**places if places >= 0 else abs(number) / 10**-places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    with localcontext(prec=60):
        return Decimal(whole if number >= 0 else -whole).scaleb(-places)


def plain(number: Decimal) -> str:
    """A Decimal without exponent nor idle zeros: 110.50 → "110.5", 200 → "200"."""
    return f"{number.normalize() + 0:f}"


def share(counts: Counts, **parts: Any) -> Figure:
    """k / known with the bounds [k/N, (k+u)/N] (rule M) and Wilson's interval (rule W)."""
    k = counts.k or ZERO
    return Figure(
        value=ratio(counts.k, counts.known),
        low=ratio(k, counts.eligible),
        high=ratio(k + counts.unknown, counts.eligible),
        interval=wilson(counts.k, counts.known),
        parts=parts,
    )


def mean(counts: Counts, **parts: Any) -> Figure:
    """k / known of amounts that may be anything: bounded only when nothing is unknown."""
    value = ratio(counts.k, counts.known)
    bound = None if counts.unknown else value
    return Figure(value=value, low=bound, high=bound, parts=parts)


def size(spread: Spread) -> int:
    return sum(count for _value, count in spread)


def nth(spread: Spread, position: int) -> Decimal:
    """The value at a position (from 0) of a sorted spread. Raises IndexError past its end."""
    for value, count in spread:
        if position < count:
            return value
        position -= count
    raise IndexError("no such position")


def median(spread: Spread) -> Fraction | None:
    """The middle of a sorted spread, the mean of both middles when its values are even in number."""
    n = size(spread)
    return (Fraction(nth(spread, (n - 1) // 2)) + Fraction(nth(spread, n // 2))) / 2 if n else None


def median_bounds(spread: Spread, unknown: int) -> tuple[Fraction | None, Fraction | None]:
    """The median if all unknown values were lower than any known one, then higher; None where it would be unknown."""
    n = size(spread)
    total = n + unknown
    if not total:
        return None, None
    first, second = (total - 1) // 2, total // 2
    low = (
        (Fraction(nth(spread, first - unknown)) + Fraction(nth(spread, second - unknown))) / 2
        if first >= unknown
        else None
    )
    high = (Fraction(nth(spread, first)) + Fraction(nth(spread, second))) / 2 if second < n else None
    return low, high
