"""A released figure over periods: a dot and its margin at 95 % for each; a period not published leaves a gap."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from releases.reading import Cell
from releases.words import figure, margin
from web.drawings.scale import Scale, points, tick_label, ticks

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 360, 190, 54, 16, 14, 30


@dataclass(frozen=True)
class Evolution:
    """`dots` are (x, y, top, bottom, words) in pixels; top and bottom are the ends of the margin, None without one."""

    dots: list[tuple[float, float, float | None, float | None, str]]
    lines: list[str]
    across: list[tuple[float, str]]
    down: list[tuple[float, str]]
    text: str

    width, height, left, right, bottom = WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM


def evolution(series: Sequence[tuple[str, Cell]], unit: str) -> Evolution | None:
    """From (period, cell), oldest first. None with fewer than two published figures."""
    known = [(place, period, cell) for place, (period, cell) in enumerate(series) if cell.value is not None]
    if len(known) < 2:
        return None
    ends = [
        float(cell.value or 0) + side * float(cell.error or 0) for _place, _period, cell in known for side in (-1, 1)
    ]
    room = (max(ends) - min(ends)) * 0.15 or 1.0
    down = Scale(max(min(ends) - room, 0.0), max(ends) + room, HEIGHT - BOTTOM, TOP)
    along = Scale(0, len(series) - 1, LEFT + 22, WIDTH - RIGHT - 22)
    dots: list[tuple[float, float, float | None, float | None, str]] = []
    runs: list[list[tuple[float, float]]] = []
    before = -2
    for place, period, cell in known:
        x, value = along.at(place), float(cell.value or 0)
        top = bottom = None
        if cell.error is not None:
            top, bottom = down.at(value + float(cell.error)), down.at(value - float(cell.error))
        words = f"{period} : {figure(cell, unit)} {margin(cell, unit)}".strip()
        dots.append((x, down.at(value), top, bottom, words))
        if place != before + 1:
            runs.append([])
        runs[-1].append((x, down.at(value)))
        before = place
    label_unit = "" if unit != "percent" else " %"
    return Evolution(
        dots=dots,
        lines=[points(run) for run in runs if len(run) > 1],
        across=[(along.at(place), period) for place, (period, _cell) in enumerate(series)],
        down=[(down.at(tick), tick_label(tick, "") + label_unit) for tick in ticks(down.low, down.high)],
        text=_("Évolution : %(all)s") % {"all": " ; ".join(dot[4] for dot in dots)},
    )
