"""Kaplan–Meier and Aalen–Johansen in exact arithmetic (rule K).

A life table counts « time outcome » pairs, in days: outcome 1 is the event, 0 a censoring, 2 a competing event. Events
come before censorings at ties. Products are kept as unreduced pairs of whole numbers: exact, and quick on any table.
The median is the smallest t with S(t) ≤ ½: a float would say the next one when S is exactly ½.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from indicators.measures.intervals import four

Z = 1.959964


@dataclass(frozen=True)
class Step:
    """A time with an event: how many were at risk just before, how many had the event, and had the competing one."""

    day: int
    at_risk: int
    events: int
    competing: int = 0


def life_table(pairs: Mapping[str, int]) -> list[Step]:
    """The steps of a table of « time outcome » pairs, in order. Censored-only times are not steps."""
    by_day: dict[int, Counter[int]] = {}
    for pair, count in pairs.items():
        time, outcome = pair.split()
        by_day.setdefault(int(time), Counter())[int(outcome)] += count
    at_risk = sum(sum(outcomes.values()) for outcomes in by_day.values())
    steps = []
    for day in sorted(by_day):
        outcomes = by_day[day]
        if outcomes[1] or outcomes[2]:
            steps.append(Step(day, at_risk, outcomes[1], outcomes[2]))
        at_risk -= sum(outcomes.values())
    return steps


def follow_up(pairs: Mapping[str, int]) -> int | None:
    """The longest time of a table, in days."""
    return max((int(pair.split()[0]) for pair in pairs), default=None)


def kaplan_meier(steps: list[Step]) -> list[tuple[int, Fraction]]:
    """S(t) after each event time: (day, S)."""
    curve = []
    top = bottom = 1
    for step in steps:
        top *= step.at_risk - step.events
        bottom *= step.at_risk
        curve.append((step.day, Fraction(top, bottom)))
    return curve


def median_time(steps: list[Step]) -> int | None:
    """The smallest t with S(t) ≤ ½, None when it is not reached."""
    top = bottom = 1
    for step in steps:
        top *= step.at_risk - step.events
        bottom *= step.at_risk
        if 2 * top <= bottom:
            return step.day
    return None


def restricted_mean(steps: list[Step], horizon: int) -> Fraction:
    """RMST: the area under S up to a horizon, in days."""
    inside = [step for step in steps if step.day < horizon]
    if not inside:
        return Fraction(horizon)
    ends = [*[step.day for step in inside[1:]], horizon]
    top, bottom = 0, 1
    for step, end in zip(reversed(inside), reversed(ends), strict=True):
        # area from this step on = (1 − d/n) × (its width + the area after it)
        top = (step.at_risk - step.events) * ((end - step.day) * bottom + top)
        bottom *= step.at_risk
    return inside[0].day + Fraction(top, bottom)


def median_interval(steps: list[Step]) -> tuple[Decimal | None, Decimal | None]:
    """The 95 % log-log interval of the median: the first times the lower, then the upper band of S is at most ½."""
    low = high = None
    top = bottom = 1
    variance = 0.0
    for step in steps:
        left = step.at_risk - step.events
        top *= left
        bottom *= step.at_risk
        if top == 0:
            # S is 0 for good, and so are both its bands
            low = step.day if low is None else low
            high = step.day if high is None else high
            break
        variance += step.events / (step.at_risk * left)
        if top == bottom:
            continue
        hazard = math.log(bottom) - math.log(top)  # −log S
        width = Z * math.sqrt(variance) / hazard
        if low is None and hazard * math.exp(width) >= math.log(2):
            low = step.day
        if high is None and hazard * math.exp(-width) >= math.log(2):
            high = step.day
    return (None if low is None else Decimal(low)), (None if high is None else Decimal(high))


def incidence_interval(steps: list[Step], day: int) -> tuple[Decimal, Decimal] | None:
    """The 95 % log-log interval of a cumulative incidence, its variance by the delta method (Dinse and Larson, Biometrika
    1986). None while the event happened to nobody, or to all."""
    inside = [step for step in steps if step.day <= day]
    reached = []  # the incidence after each step, and who was left without either event before it
    survival, incidence = 1.0, 0.0
    for step in inside:
        before = survival
        incidence += before * step.events / step.at_risk
        survival *= 1 - (step.events + step.competing) / step.at_risk
        reached.append((before, incidence))
    if not 0 < incidence < 1 - 1e-12:
        return None
    variance = 0.0
    for step, (before, by_then) in zip(inside, reached, strict=True):
        gone, n, to_come = step.events + step.competing, step.at_risk, incidence - by_then
        if gone < n:
            variance += to_come**2 * gone / (n * (n - gone))
        variance += before**2 * step.events * (n - step.events) / n**3 - 2 * to_come * before * step.events / n**2
    width = Z * math.sqrt(max(variance, 0.0)) / (incidence * -math.log(incidence))
    low, high = (incidence ** math.exp(sign * width) for sign in (1, -1))
    return four(low), four(high)


def cumulative_incidence(steps: list[Step], day: int) -> Fraction:
    """Aalen–Johansen: the probability that the event happened by a day, the competing event being possible."""
    top, bottom = 0, 1
    for step in reversed([step for step in steps if step.day <= day]):
        # incidence from this step on = d/n + (1 − (d + c)/n) × the incidence after it
        top = step.events * bottom + (step.at_risk - step.events - step.competing) * top
        bottom *= step.at_risk
    return Fraction(top, bottom)
