"""From values to pixels."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, log10

from indicators.measures.shape import rounded

Number = Decimal | float | int
PLACES = 1


@dataclass(frozen=True)
class Scale:
    """A straight line from values `low`–`high` to pixels `start`–`end`; values outside are drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: Number) -> float:
        span = self.high - self.low or 1
        share = min(max((float(value) - self.low) / span, 0.0), 1.0)
        return round(self.start + share * (self.end - self.start), PLACES)


def step_of(span: float, parts: int = 4) -> float:
    """A round step (1, 2, 2.5 or 5 × 10ⁿ) that cuts a span into about so many parts."""
    if span <= 0:
        return 1.0
    rough = span / parts
    size = 10.0 ** floor(log10(rough))
    return next((m * size for m in (1.0, 2.0, 2.5, 5.0) if m * size >= rough * 0.999), 10.0 * size)


def nice_top(highest: float) -> float:
    """The first round number at or above a value."""
    step = step_of(highest)
    return ceil(highest / step - 1e-9) * step if highest > 0 else 1.0


def ticks(low: float, high: float, parts: int = 4) -> list[float]:
    """Round values between two ends, both included when they are round."""
    step = step_of(high - low, parts)
    first = ceil(low / step - 1e-9)
    return [round(n * step, 6) for n in range(first, floor(high / step + 1e-9) + 1)]


def tick_label(value: float, unit: str) -> str:
    """A mark of an axis: « 50 % », « 2,5 », « 90 »."""
    number = rounded_text(value * 100 if unit == "percent" else value)
    return f"{number} %" if unit == "percent" else number


def rounded_text(value: float) -> str:
    """Two decimals at most, a comma."""
    text = f"{rounded(Fraction(str(value)), 2).normalize():f}"
    return text.replace(".", ",")


def points(pairs: list[tuple[float, float]]) -> str:
    """The `points` of a polyline."""
    return " ".join(f"{x},{y}" for x, y in pairs)
