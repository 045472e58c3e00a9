"""The quarters of an indicator as a small line, in numbers for a server-made SVG. The table beside it says the same."""

from dataclasses import dataclass

from indicators.report import Reading, Sheet

WIDTH, HEIGHT, EDGE = 160, 40, 4


@dataclass(frozen=True)
class Sparkline:
    """`points` for a polyline; `dots` for each figure shown, with its label."""

    points: str
    dots: list[tuple[float, float, str]]


def sparkline(sheet: Sheet) -> Sparkline | None:
    """None with fewer than two figures that may be shown."""
    kept: list[tuple[int, Reading, float]] = [
        (position, reading, float(reading.value.value))
        for position, reading in enumerate(sheet.quarters)
        if reading.published and not reading.small and reading.value.value is not None
    ]
    if len(kept) < 2:
        return None
    values = [value for _position, _reading, value in kept]
    low, span = min(values), (max(values) - min(values)) or 1
    step = (WIDTH - 2 * EDGE) / max(len(sheet.quarters) - 1, 1)
    dots = [
        (
            round(EDGE + position * step, 1),
            round(HEIGHT - EDGE - (value - low) / span * (HEIGHT - 2 * EDGE), 1),
            f"{reading.period.label} : {reading.headline}",
        )
        for position, reading, value in kept
    ]
    return Sparkline(" ".join(f"{x},{y}" for x, y, _label in dots), dots)
