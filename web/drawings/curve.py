"""A curve in steps: who is still there (Kaplan–Meier), or what has been reached by then (Aalen–Johansen)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from indicators.report import shown
from web.drawings.scale import Scale, points, rounded_text, ticks

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 340, 210, 46, 12, 12, 36
Points = Sequence[tuple[int, Decimal]]
MOST_ROWS = 12


@dataclass(frozen=True)
class Curve:
    """`line` is the staircase; `across` and `down` the marks of the axes (pixel, label); `half` where it passes ½, if it
    does. `rows` is its table: (days, share) at round days."""

    line: str
    across: list[tuple[float, str]]
    down: list[tuple[float, str]]
    half: tuple[float, float] | None
    rows: list[tuple[int, str]]
    text: str

    width, height, left, right, bottom = WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM


def survival_curve(steps: Points, last: int | None = None) -> Curve | None:
    """The share not reached by each day, from (0, 1); `last` is the longest follow-up. None without an event."""
    half = next((day for day, share in steps if share <= Decimal("0.5")), None)
    return _curve(steps, half, last, _("médiane %(n)s jours"), _("la moitié n'est pas atteinte"))


def incidence_curve(steps: Points, last: int | None = None) -> Curve | None:
    """The share reached by each day, from (0, 0). None without an event."""
    half = next((day for day, share in steps if share >= Decimal("0.5")), None)
    return _curve(steps, half, last, _("la moitié en %(n)s jours"), _("la moitié n'est pas atteinte"))


def value_at(steps: Points, day: int) -> Decimal:
    """The height of the staircase on a day."""
    return next(share for at, share in reversed(steps) if at <= day)


def _curve(steps: Points, half: int | None, last: int | None, reached: str, never: str) -> Curve | None:
    if len(steps) < 2:
        return None
    end = max(steps[-1][0], last or 0)
    along, up = Scale(0, end, LEFT, WIDTH - RIGHT), Scale(0, 1, HEIGHT - BOTTOM, TOP)
    corners: list[tuple[float, float]] = []
    for day, share in steps:
        if corners:
            corners.append((along.at(day), corners[-1][1]))
        corners.append((along.at(day), up.at(share)))
    if end > steps[-1][0]:
        corners.append((along.at(end), corners[-1][1]))
    days = [int(day) for day in ticks(0, end, 5) if day == int(day)]
    rows = [(day, shown(value_at(steps, day), "percent")) for day in ticks_in_days(end)]
    middle = (reached % {"n": half}) if half is not None else never
    return Curve(
        line=points(corners),
        across=[(along.at(day), str(day)) for day in days],
        down=[(up.at(share), f"{rounded_text(share * 100)} %") for share in (0, 0.25, 0.5, 0.75, 1)],
        half=None if half is None else (along.at(half), up.at(0.5)),
        rows=rows,
        text=f"{middle} ; "
        + " ; ".join(_("à %(n)s jours %(share)s") % {"n": day, "share": said} for day, said in rows),
    )


def ticks_in_days(end: int) -> list[int]:
    """Round days from 0 to a last one, at most a dozen."""
    return [int(day) for day in ticks(0, end, MOST_ROWS - 4) if day == int(day)]
