"""EX-30 again, on our own sets: the exact median is the smallest time that half have reached; a float sometimes misses it."""

import random
from fractions import Fraction

from indicators.measures.survival import cumulative_incidence, life_table, median_time

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
