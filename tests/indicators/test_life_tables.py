"""EX-30 again, on our own sets: the exact median is the smallest time that half have reached; a float sometimes misses it."""

import math
import random
from decimal import Decimal
from fractions import Fraction

from indicators.measures.intervals import of_mean
from indicators.measures.survival import cumulative_incidence, incidence_interval, life_table, median_time

SETS = 3998


def slow_median(pairs: list[tuple[int, int]]) -> tuple[int | None, bool]:
    """The median, and whether S was exactly one half at a step."""
    s, median, exact_half = Fraction(1), None, False
    for day in sorted({t for t, event in pairs if event}):
        s *= 1 - Fraction(sum(1 for t, e in pairs if t == day and e), sum(1 for t, _e in pairs if t >= day))
        exact_half = exact_half or s == Fraction(1, 2)
        if median is None and s <= Fraction(1, 2):
            median = day
    return median, exact_half


def float_median(pairs: list[tuple[int, int]]) -> int | None:
    s = 1.0
    for day in sorted({t for t, event in pairs if event}):
        s *= 1 - sum(1 for t, e in pairs if t == day and e) / sum(1 for t, _e in pairs if t >= day)
        if s <= 0.5:
            return day
    return None


def table(pairs: list[tuple[int, int]]) -> dict[str, int]:
    return {f"{t} {event}": pairs.count((t, event)) for t, event in pairs}


def test_ex_30_the_median_is_exact_on_every_set_and_a_float_errs_only_when_half_is_reached_exactly() -> None:
    dice = random.Random(30)
    halves = wrong = 0
    for _ in range(SETS):
        pairs = [(dice.randint(1, 60), dice.choice([0, 1, 1])) for _person in range(dice.randint(4, 20))]
        median, exact_half = slow_median(pairs)
        assert median_time(life_table(table(pairs))) == median
        halves += exact_half
        if float_median(pairs) != median:
            wrong += 1
            assert exact_half
    assert halves > 300
    assert wrong > 20


def test_incidence_and_survival_share_the_whole_when_nobody_is_censored() -> None:
    dice = random.Random(14)
    for _ in range(200):
        pairs = [(dice.randint(1, 40), dice.choice([1, 2])) for _person in range(dice.randint(1, 15))]
        lifted = cumulative_incidence(life_table(table(pairs)), 40)
        assert lifted == Fraction(sum(1 for _t, outcome in pairs if outcome == 1), len(pairs))


# Intervals ----------------------------------------------------------------------------------------------------------------


def test_without_censoring_an_incidence_varies_as_a_proportion_whatever_competes() -> None:
    """Three lifted, two gone, five still open after the horizon: 0.3, of variance 0.3 × 0.7 / 10, on the log-log scale."""
    steps = life_table({"20 1": 1, "40 2": 1, "60 1": 2, "90 2": 1, "200 0": 5})
    width = 1.959964 * math.sqrt(0.3 * 0.7 / 10) / (0.3 * -math.log(0.3))
    low, high = 0.3 ** math.exp(width), 0.3 ** math.exp(-width)
    assert incidence_interval(steps, 180) == (Decimal(f"{low:.4f}"), Decimal(f"{high:.4f}"))
    assert incidence_interval(steps, 19) is None  # nobody yet
    assert incidence_interval(life_table({"5 1": 4}), 180) is None  # everybody


def test_the_interval_of_a_mean_is_told_from_eleven_values() -> None:
    assert of_mean([(Decimal(10), 10)]) is None
    assert of_mean([(Decimal(10), 11)]) == (Decimal("10.0000"), Decimal("10.0000"))
    # 0 and 20, six each: mean 10, variance 1200 / 11
    width = 1.959964 * math.sqrt(1200 / 11 / 12)
    assert of_mean([(Decimal(0), 6), (Decimal(20), 6)]) == (Decimal(f"{10 - width:.4f}"), Decimal(f"{10 + width:.4f}"))
