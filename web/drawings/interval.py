"""A figure on its axis: the point, its interval, what the unknown may change, the range of its kind, the target."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from indicators.report import Range, Reading, shown
from web.drawings.scale import Scale, nice_top, tick_label, ticks

WIDTH, HEIGHT, EDGE = 320, 62, 22
AXIS = 44
Band = tuple[float, float]  # where it starts, how wide


@dataclass(frozen=True)
class Strip:
    """Pixels along the axis; what is not known or not shown is None. `text` says all of it."""

    ticks: list[tuple[float, str]]
    value: float | None
    interval: Band | None
    bounds: Band | None
    kind: Band | None
    kind_middle: float | None
    target: float | None
    text: str

    width, height, axis, edge = WIDTH, HEIGHT, AXIS, EDGE


def strip(reading: Reading, kind: Range | None = None, target: Decimal | None = None) -> Strip | None:
    """None when there is neither a figure nor bounds to draw. A share of fewer than eleven units is not drawn as a rate."""
    value = reading.value
    figure = value.value if reading.published and not reading.small else None
    low, high = (value.low, value.high) if reading.bounds else (None, None)
    if reading.small or (figure is None and low is None):
        return None
    ends = (value.interval_low, value.interval_high) if figure is not None else (None, None)
    unit = reading.definition.unit
    drawn = [n for n in (figure, low, high, *ends, target, kind.p90 if kind else None) if n is not None]
    top = 1.0 if unit == "percent" and max(drawn) <= 1 else nice_top(float(max(drawn)))
    scale = Scale(0, top, EDGE, WIDTH - EDGE)
    said = [reading.headline]
    if reading.interval:
        said.append(_("intervalle à 95 %% %(ends)s") % {"ends": reading.interval})
    if reading.bounds and figure is not None:
        said.append(_("selon l'inconnu %(ends)s") % {"ends": reading.bounds})
    if kind is not None:
        low_end, high_end = shown(kind.p10, unit), shown(kind.p90, unit)
        said.append(_("son type de %(low)s à %(high)s") % {"low": low_end, "high": high_end})
    if target is not None:
        said.append(_("cible %(target)s") % {"target": shown(target, unit)})
    return Strip(
        ticks=[(scale.at(tick), tick_label(tick, unit)) for tick in ticks(0, top)],
        value=None if figure is None else scale.at(figure),
        interval=_band(scale, ends[0], ends[1] if ends[1] is not None or ends[0] is None else Decimal(str(top))),
        bounds=_band(scale, low, high),
        kind=_band(scale, kind.p10, kind.p90) if kind else None,
        kind_middle=scale.at(kind.p50) if kind else None,
        target=None if target is None else scale.at(target),
        text=" ; ".join(said),
    )


def _band(scale: Scale, low: Decimal | None, high: Decimal | None) -> Band | None:
    if low is None or high is None:
        return None
    start = scale.at(low)
    return start, round(max(scale.at(high) - start, 1.0), 1)
