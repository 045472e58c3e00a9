"""95 % intervals (rule W): they describe how the process varies, not a sampling error. Four decimals, half up.

Interval ends are the only numbers here that floats may help to find: they are rounded to four decimals and nothing is
computed from them.
"""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

Z = Decimal("1.959964")
FEWEST_OF_A_MEAN = 11
Interval = tuple[Decimal | None, Decimal | None]


def four(number: Decimal | float) -> Decimal:
    """As an end is kept: four decimals, half up."""
    return Decimal(number).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def of_mean(spread: Sequence[tuple[Decimal, int]]) -> tuple[Decimal, Decimal] | None:
    """The interval of the mean of a spread of (value, how many), by the normal law: None under eleven values."""
    n = sum(count for _value, count in spread)
    if n < FEWEST_OF_A_MEAN:
        return None
    with localcontext(prec=40):
        mean = sum((value * count for value, count in spread), Decimal(0)) / n
        squares = sum(((value - mean) ** 2 * count for value, count in spread), Decimal(0))
        width = Z * (squares / (n - 1) / n).sqrt()
        return four(mean - width), four(mean + width)


def wilson(k: Decimal | None, n: Decimal, z: Decimal = Z) -> tuple[Decimal, Decimal] | None:
    """Wilson's interval of k successes in n; None without observation."""
    if k is None or n <= 0:
        return None
    with localcontext(prec=40):
        squared = z * z
        centre = k + squared / 2
        spread = z * (k * (n - k) / n + squared / 4).sqrt()
        low, high = (centre - spread) / (n + squared), (centre + spread) / (n + squared)
        return four(max(low, Decimal(0))), four(min(high, Decimal(1)))


def newcombe(k1: int, n1: int, k2: int, n2: int) -> tuple[Decimal, Decimal] | None:
    """Newcombe's interval of k1/n1 − k2/n2, from both Wilson intervals; None without observation on either side."""
    if not n1 or not n2:
        return None
    ends = []
    with localcontext(prec=40):
        squared = Z * Z
        for k, n in ((Decimal(k1), Decimal(n1)), (Decimal(k2), Decimal(n2))):
            centre, spread = k + squared / 2, Z * (k * (n - k) / n + squared / 4).sqrt()
            ends.append((k / n, (centre - spread) / (n + squared), (centre + spread) / (n + squared)))
        (p1, low1, high1), (p2, low2, high2) = ends
        gap = p1 - p2
        return (
            four(gap - ((p1 - low1) ** 2 + (high2 - p2) ** 2).sqrt()),
            four(gap + ((high1 - p1) ** 2 + (p2 - low2) ** 2).sqrt()),
        )


def poisson(k: int, exposure: Fraction) -> tuple[Decimal, Decimal] | None:
    """The exact (Garwood) interval of a rate: k events over an exposure; None without exposure."""
    if exposure <= 0:
        return None
    low = _gamma_quantile(k, 0.025) if k else 0.0
    high = _gamma_quantile(k + 1, 0.975)
    return four(low / float(exposure)), four(high / float(exposure))


@lru_cache(maxsize=10_000)
def _gamma_quantile(shape: int, p: float) -> float:
    """x such that the regularised lower gamma function P(shape, x) is p, by bisection."""
    spread = 10 * math.sqrt(shape) + 40
    low, high = max(shape - spread, 0.0), shape + spread
    for _ in range(80):
        middle = (low + high) / 2
        if _lower_gamma(shape, middle) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _lower_gamma(a: int, x: float) -> float:
    """P(a, x): a series below a + 1, a continued fraction (Lentz) above."""
    if x <= 0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1.0 / a
        n = a
        while abs(term) > abs(total) * 1e-15:
            n += 1
            term *= x / n
            total += term
        return front * total
    tiny = 1e-300
    b = x + 1.0 - a
    c, d = 1.0 / tiny, 1.0 / b
    h = d
    for i in range(1, 100_000):
        an = -i * (i - a)
        b += 2.0
        d = an * d + b
        d = 1.0 / (d if abs(d) > tiny else tiny)
        c = b + an / c
        c = c if abs(c) > tiny else tiny
        delta = d * c
        h *= delta
        if abs(delta - 1.0) < 1e-15:
            break
    return 1.0 - front * h
