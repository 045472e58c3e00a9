"""The quarters of an indicator as a small line; a quarter that may not be shown leaves a gap."""

from dataclasses import dataclass

from indicators.report import Reading, Sheet
from web.drawings.scale import Scale, points

WIDTH, HEIGHT, EDGE = 160, 40, 5


@dataclass(frozen=True)
class Sparkline:
    """`lines`, one for each run of quarters without gap, as `points` of a polyline; `dots` are (x, y, words); `then` is the
    dot of the same quarter a year before the last."""

    lines: list[str]
    dots: list[tuple[float, float, str]]
    then: tuple[float, float] | None
    text: str

    width, height = WIDTH, HEIGHT


def sparkline(sheet: Sheet) -> Sparkline | None:
    """None with fewer than two figures that may be shown."""
    kept = [(place, reading) for place, reading in enumerate(sheet.quarters) if _drawn(reading)]
    if len(kept) < 2:
        return None
    values = [float(reading.value.value or 0) for _place, reading in kept]
    low, high = min(values), max(values)
    down = Scale(low, high, HEIGHT - EDGE, EDGE) if high > low else Scale(low - 1, low + 1, HEIGHT - EDGE, EDGE)
    along = Scale(0, max(len(sheet.quarters) - 1, 1), EDGE, WIDTH - EDGE)
    runs: list[list[tuple[float, float]]] = []
    dots, before, then = [], None, None
    for place, reading in kept:
        x, y = along.at(place), down.at(reading.value.value or 0)
        if before is None or place != before + 1:
            runs.append([])
        runs[-1].append((x, y))
        before = place
        dots.append((x, y, f"{reading.period.label} : {reading.headline}"))
        if reading is sheet.same_quarter_last_year:
            then = x, y
    return Sparkline([points(run) for run in runs if len(run) > 1], dots, then, " ; ".join(dot[2] for dot in dots))


def _drawn(reading: Reading) -> bool:
    return reading.published and not reading.small and reading.value.value is not None
