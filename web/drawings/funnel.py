"""The funnel: a structure's share beside its kind's, and how far chance alone may take a structure of its size."""

from dataclasses import dataclass
from math import log10

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.report import Funnel, shown, whole
from web.drawings.scale import Scale, nice_top, points, tick_label, ticks

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 340, 220, 46, 14, 12, 36
VERDICTS = {
    "within": gettext_lazy("dans les limites : rien ne la distingue de son type"),
    "outside_95": gettext_lazy("hors des limites à 95 % : à regarder, sans conclure"),
    "outside_998": gettext_lazy("hors des limites à 99,8 % : différente de son type"),
}


@dataclass(frozen=True)
class FunnelPlot:
    """`near` and `far` are the 95 % and 99.8 % limits, low then high, as `points`; `target` the height of the kind's share;
    `dot` the structure. `rows` is the table: (size, 95 % limits, 99.8 % limits)."""

    near: tuple[str, str]
    far: tuple[str, str]
    target: float
    dot: tuple[float, float]
    across: list[tuple[float, str]]
    down: list[tuple[float, str]]
    rows: list[tuple[str, str, str]]
    verdict: str
    text: str

    width, height, left, right, bottom = WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM


def funnel_plot(found: Funnel) -> FunnelPlot:
    sizes = [limit[0] for limit in found.limits]
    along = Scale(log10(min(sizes)), log10(max(sizes)), LEFT, WIDTH - RIGHT)
    top = min(nice_top(float(max(max(limit[4] for limit in found.limits), found.value))), 1.0)
    up = Scale(0, top, HEIGHT - BOTTOM, TOP)
    lines = [points([(along.at(log10(row[0])), up.at(row[side])) for row in found.limits]) for side in (1, 2, 3, 4)]
    verdict = str(VERDICTS[found.verdict])
    between = _("de %(low)s à %(high)s")
    rows = [
        (
            str(row[0]),
            between % {"low": shown(row[1], "percent"), "high": shown(row[2], "percent")},
            between % {"low": shown(row[3], "percent"), "high": shown(row[4], "percent")},
        )
        for row in found.limits
    ]
    return FunnelPlot(
        near=(lines[0], lines[1]),
        far=(lines[2], lines[3]),
        target=up.at(found.target),
        dot=(along.at(log10(max(float(found.size), 1.0))), up.at(found.value)),
        across=[(along.at(log10(n)), str(n)) for n in (5, 10, 20, 50, 100, 200, 500) if min(sizes) <= n <= max(sizes)],
        down=[(up.at(tick), tick_label(tick, "percent")) for tick in ticks(0, top)],
        rows=rows,
        verdict=verdict,
        text=_("%(value)s pour %(n)s, son type %(target)s ; %(verdict)s")
        % {
            "value": shown(found.value, "percent"), "n": whole(found.size), "target": shown(found.target, "percent"),
            "verdict": verdict,
        },
    )  # fmt: skip
