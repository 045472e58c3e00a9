"""Gini and Theil of a sorted spread (rule of sheet EQU-02)."""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from indicators.measures.shape import Spread, size


def total(spread: Spread) -> Fraction:
    return sum((Fraction(value) * count for value, count in spread), Fraction(0))


def gini(spread: Spread) -> Fraction | None:
    """Σ|xi − xj| / (2 n² μ), in one pass over sorted values; None without pay. Zero pay is kept."""
    n, whole = size(spread), total(spread)
    if not n or not whole:
        return None
    before, gaps, reached = 0, Fraction(0), Fraction(0)
    for value, count in spread:
        # each value is compared with all those below it
        gaps += count * (Fraction(value) * before - reached)
        before += count
        reached += Fraction(value) * count
    return 2 * gaps / (2 * n * whole)


def theil(spread: Spread) -> Decimal | None:
    """Theil T = Σ (x/μ) ln(x/μ) / n, with 0·ln 0 = 0; ten decimals, None without pay."""
    n, whole = size(spread), total(spread)
    if not n or not whole:
        return None
    with localcontext(prec=34):
        mu = Decimal(whole.numerator) / Decimal(whole.denominator) / n
        found = sum(((value / mu) * (value / mu).ln() * count for value, count in spread if value), Decimal(0)) / n
        return found.quantize(Decimal("1e-10"))


def theil_between(groups: Sequence[Spread]) -> Decimal | None:
    """The part of Theil T that lies between groups; the rest is within them."""
    n = sum(size(group) for group in groups)
    whole = sum((total(group) for group in groups), Fraction(0))
    if not n or not whole:
        return None
    with localcontext(prec=34):
        found = Decimal(0)
        for group in groups:
            inside = total(group)
            if inside:
                share = inside / whole
                ratio = share / Fraction(size(group), n)
                weight = Decimal(share.numerator) / Decimal(share.denominator)
                found += weight * (Decimal(ratio.numerator) / Decimal(ratio.denominator)).ln()
        return found.quantize(Decimal("1e-10"))
