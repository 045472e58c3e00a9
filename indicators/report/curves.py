"""The curves and the matrix behind SEC-03, SEC-04, CON-02, ACC-02 and PER-01, from the cells of a value."""

from decimal import Decimal
from typing import Any

from indicators.measures import cells
from indicators.measures.sec import transition_matrix
from indicators.measures.shape import added, rounded
from indicators.measures.survival import cumulative_incidence, follow_up, kaplan_meier, life_table
from indicators.models import Value


def survival(value: Value) -> list[tuple[int, Decimal]]:
    """Points of the survival curve behind SEC-04, ACC-02 and the delay of CON-02: (days, S), from (0, 1). Day by day, so it
    is individual data: for the structure itself only (§5.2)."""
    steps = life_table(_spread(value, "life"))
    return [(0, Decimal(1)), *((day, rounded(s, 4)) for day, s in kaplan_meier(steps))]


def incidence(value: Value) -> list[tuple[int, Decimal]]:
    """Points of the cumulative incidence behind PER-01: (days, share lifted), from (0, 0)."""
    steps = life_table(_spread(value, "life"))
    return [(0, Decimal(0)), *((step.day, rounded(cumulative_incidence(steps, step.day), 4)) for step in steps)]


def transitions(value: Value) -> dict[str, dict[str, int]]:
    """The matrix behind SEC-03: people by class a year before (U, I, C) and state now (U, I, C, X+, Xo, N, ?)."""
    return transition_matrix(_spread(value, "moves"))


CURVES = {"SEC-04": survival, "CON-02": survival, "ACC-02": survival, "PER-01": incidence}


def curve_of(value: Value) -> list[tuple[int, Decimal]] | None:
    """The points of the curve behind a value: survival, or incidence for PER-01; None for an indicator without one."""
    draw = CURVES.get(value.indicator)
    return draw(value) if draw else None


def last_day(value: Value) -> int | None:
    """The longest follow-up of a value's life table, in days."""
    return follow_up(_spread(value, "life"))


def _spread(value: Value, name: str) -> Any:
    return added(cells.decoded(value.cells).values()).spread(name)
