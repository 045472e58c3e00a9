"""The dashboard in nine dimensions (§2.5): each with its lead indicator, its trend and the range of its own kind.

No league table and no single score: nothing here orders structures, nor adds dimensions up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _

from accounts.models import Organisation
from indicators.catalogue import DIMENSIONS, Dimension
from indicators.measures.intervals import newcombe
from indicators.models import Target
from indicators.report.readings import Reading, Sheet, dashboard, shown
from indicators.report.standing import Range, of_kind, range_in
from indicators.report.targets import reached

Way = Literal["up", "down", "same"]


@dataclass(frozen=True)
class Trend:
    """A reading beside the same period a year before: work and exits follow the season (§5.7).

    `established` says whether the difference is more than what the process varies by; None when it cannot be told.
    """

    last: Reading
    before: Reading
    change: Decimal
    established: bool | None

    @property
    def way(self) -> Way:
        return "same" if not self.change else "up" if self.change > 0 else "down"

    @property
    def words(self) -> str:
        """« en hausse de 3,1 points depuis T2 2024 (46,2 %) », and whether the difference is established."""
        unit = self.last.definition.unit
        size = abs(self.change)
        amount = (
            _("%(n)s points") % {"n": shown(size, unit).removesuffix(" %")} if unit == "percent" else shown(size, unit)
        )
        told = {"amount": amount, "then": self.before.period.label, "was": self.before.headline}
        said = {
            "up": _("en hausse de %(amount)s depuis %(then)s (%(was)s)"),
            "down": _("en baisse de %(amount)s depuis %(then)s (%(was)s)"),
            "same": _("comme en %(then)s (%(was)s)"),
        }[self.way] % told
        if self.established is None or self.way == "same":
            return said
        verdict = _("écart établi") if self.established else _("écart non établi")
        return f"{said} ; {verdict}"


def trend_of(sheet: Sheet) -> Trend | None:
    """The last quarter beside the same one a year before, or for a yearly indicator the last two civil years; None when
    one of them may not be shown as a figure."""
    now: Reading | None
    before: Reading | None
    if sheet.current:
        now, before = sheet.current, sheet.same_quarter_last_year
    else:
        civil = [reading for reading in sheet.years if reading.period.is_civil_year]
        now, before = (civil[-1], civil[-2]) if len(civil) > 1 else (None, None)
    if now is None or before is None or now.small or before.small or not (now.published and before.published):
        return None
    if now.value.value is None or before.value.value is None:
        return None
    return Trend(now, before, now.value.value - before.value.value, _established(now, before))


def _established(last: Reading, before: Reading) -> bool | None:
    """By Newcombe's interval for shares of units counted, else by intervals that do not meet; None without interval."""
    if last.definition.unit == "percent" and last.definition.over == "known" and last.definition.counted != "hours":
        counts = [n for reading in (last, before) for n in (reading.value.k, reading.value.known)]
        if all(n is not None and n == int(n) for n in counts):
            gap = newcombe(*(int(n or 0) for n in counts))
            return None if gap is None else gap[0] > 0 or gap[1] < 0
    ends = [(reading.value.interval_low, reading.value.interval_high) for reading in (last, before)]
    (low, high), (was_low, was_high) = ends
    if low is None or high is None or was_low is None or was_high is None:
        return None
    return low > was_high or high < was_low


@dataclass(frozen=True)
class Line:
    """An indicator on the dashboard: its last reading, its trend, the range of its kind, the target of the year."""

    sheet: Sheet
    reading: Reading | None
    trend: Trend | None
    range: Range | None
    target: Target | None

    @property
    def trend_words(self) -> str:
        """The trend, with its own period and figure when it is not that of the reading (a yearly indicator: civil years)."""
        if self.trend is None:
            return ""
        if self.trend.last is self.reading:
            return self.trend.words
        return f"{self.trend.last.period.label} : {self.trend.last.headline}, {self.trend.words}"

    @property
    def range_words(self) -> str:
        """« huit structures sur dix de ce type : de 40,0 % à 71,0 % », or why there is none. Empty without a reading."""
        if self.reading is None:
            return ""
        if self.range is None:
            return _("étendue de son type non montrée : moins de cinq structures")
        unit = self.sheet.definition.unit
        return _("huit structures sur dix de ce type : de %(low)s à %(high)s, médiane %(middle)s (%(n)s structures)") % {
            "low": shown(self.range.p10, unit), "high": shown(self.range.p90, unit),
            "middle": shown(self.range.p50, unit), "n": self.range.structures,
        }  # fmt: skip

    @property
    def target_words(self) -> str:
        """« 60,0 %, atteinte » : the target of the year beside this reading. Empty without one."""
        if self.target is None:
            return ""
        definition = self.sheet.definition
        verdict = {
            True: _("atteinte"), False: _("pas atteinte"), None: _("on ne peut pas dire si elle est atteinte"),
        }[reached(definition, self.target.value, self.reading)]  # fmt: skip
        return f"{shown(self.target.value, definition.unit)}, {verdict}"


@dataclass(frozen=True)
class Block:
    """A dimension: its lead, then its other indicators in the catalogue's order."""

    dimension: Dimension
    lead: Line
    others: tuple[Line, ...]


@dataclass(frozen=True)
class Board:
    """The nine dimensions of a structure as known at a time, and what its data are worth (QUA-01)."""

    blocks: tuple[Block, ...]
    data: Line
    known_at: datetime | None

    @property
    def lines(self) -> list[Line]:
        """All its lines, dimension by dimension."""
        return [*(line for block in self.blocks for line in (block.lead, *block.others)), self.data]


def board(organisation: Organisation, at: datetime) -> Board:
    """The dashboard of a structure as known at a time. Three queries, whatever the number of figures."""
    sheets = {sheet.definition.code: sheet for sheet in dashboard(organisation, at)}
    readings = [sheet.latest for sheet in sheets.values() if sheet.latest]
    kinds = of_kind(organisation, readings, at)
    years = {reading.period.end.year for reading in readings}
    targets = {
        (target.indicator, target.year): target
        for target in Target.objects.filter(organisation=organisation, year__in=years)
    }

    def line(sheet: Sheet) -> Line:
        reading = sheet.latest
        code = sheet.definition.code
        return Line(
            sheet,
            reading,
            trend_of(sheet),
            range_in(kinds.get((code, reading.period))) if reading else None,
            targets.get((code, reading.period.end.year)) if reading else None,
        )

    lines = {code: line(sheet) for code, sheet in sheets.items()}
    return Board(
        tuple(_block(dimension, lines.values()) for dimension in DIMENSIONS),
        lines["QUA-01"],
        max((reading.value.known_at for reading in readings), default=None),
    )


def _block(dimension: Dimension, lines: Iterable[Line]) -> Block:
    mine = [line for line in lines if line.sheet.definition.code[:3] in dimension.families]
    lead = next(line for line in mine if line.sheet.definition.code == dimension.lead)
    return Block(dimension, lead, tuple(line for line in mine if line is not lead))
