"""Reading values: what a page, the API, a release and the command line show of them.

One query each for what is stored, whatever the number of rows:

- `dashboard`, `sheet`, `values_as_of`: the figures of a structure or group, over quarters and years, as known at a time;
- `at_scope`: the same for any scope (`indicators.scopes`: kind, territory, group, whole), for those entitled to it;
- `broken_down`: a figure by at most two of its sheet's breakdowns; `contributions`: what each structure adds to a cell;
- `range_of_kind`, `funnel`: where a structure stands among those of its kind, without naming or ranking any;
- `survival`, `incidence`, `transitions`: the curves and the matrix behind SEC-04, ACC-02, PER-01 and SEC-03;
- `revisions`: the value of a period by knowledge date (the revision triangle, one row a vintage).

Who is unknown and why is computed from the facts: `indicators.computation.unknowns`, for those who may see people.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from indicators import scopes
from indicators.catalogue import SENSITIVE, Definition, definitions
from indicators.computation import coverage_of
from indicators.measures import MEASURES, Counts, Figure, cells
from indicators.measures.intervals import wilson
from indicators.measures.sec import transition_matrix
from indicators.measures.shape import added, rounded
from indicators.measures.survival import cumulative_incidence, kaplan_meier, life_table
from indicators.models import Value
from indicators.periods import QUARTERS, Period

SMALL = 11  # under eleven units a rate says nothing: counts are shown (§2.1, rule S)
MOST_CROSSED = 2  # breakdowns read together (§2.1)
DECIMALS = {"percent": 1, "days": 1, "hours": 1, "ratio": 3, "quarters": 1, "per_year": 2, "per_month": 2}


def _latest(values: QuerySet[Value], at: datetime | None) -> QuerySet[Value]:
    """The last value known at a time for each (scope, indicator, period), in the current methods."""
    if at is not None:
        values = values.filter(known_at__lte=at)
    return values.order_by("scope", "indicator", "period_start", "period_end", "-method", "-known_at").distinct(
        "scope", "indicator", "period_start", "period_end"
    )


def values_as_of(organisation: Organisation, at: datetime) -> list[Value]:
    """All figures of a structure as they were known at a time: for each, the latest row at or before it."""
    return list(_latest(Value.objects.filter(scope=scope_of(organisation)).defer("cells"), at))


def scope_of(organisation: Organisation) -> str:
    """The scope of a structure or of a group."""
    if organisation.nature == Organisation.Nature.GROUP:
        return scopes.group(organisation.pk)
    return scopes.structure(organisation.pk)


def period_of(value: Value) -> Period:
    return Period(value.period_start, value.period_end)


def denominator(definition: Definition, value: Value) -> Decimal:
    """What the numerator is divided by: the units known, or all those concerned (SOR-01)."""
    return value.eligible if definition.over == "eligible" else value.known


def shown(number: Decimal | Fraction | None, unit: str) -> str:
    """A figure in French, rounded half up: « 49,3 % », « 71,0 jours », « 24,5 h », « 1,027 »; « inconnu » for None."""
    if number is None:
        return _("inconnu")
    exact = Fraction(number) * (100 if unit == "percent" else 1)
    figure = f"{rounded(exact, DECIMALS[unit]).quantize(Decimal(1).scaleb(-DECIMALS[unit]), ROUND_HALF_UP):f}"
    figure = figure.replace(".", ",")
    return {
        "percent": _("%(n)s %%"),
        "days": _("%(n)s jours"),
        "hours": _("%(n)s h"),
        "ratio": "%(n)s",
        "quarters": _("%(n)s trimestres"),
        "per_year": _("%(n)s par an"),
        "per_month": _("%(n)s par mois"),
    }[unit] % {"n": figure}


@dataclass(frozen=True)
class Reading:
    """A value with its definition: what may be shown of it, in words."""

    definition: Definition
    value: Value

    @property
    def period(self) -> Period:
        return period_of(self.value)

    @property
    def covered(self) -> Decimal | None:
        """Share of the units concerned that are known, or None when nobody is concerned."""
        return rounded(Fraction(self.value.known) / Fraction(self.value.eligible)) if self.value.eligible else None

    @property
    def published(self) -> bool:
        """Whether the figure itself may be shown; when not, its bounds alone (rule M)."""
        return self.value.value is not None and self.value.coverage in {Value.Coverage.FULL, Value.Coverage.PARTIAL}

    @property
    def small(self) -> bool:
        """Whether the figure is a share of fewer than eleven units: shown as a count."""
        return self.definition.unit == "percent" and self.definition.counted != "hours" and self.value.eligible < SMALL

    @property
    def headline(self) -> str:
        """« 49,3 % », « 3 sur 4 » under eleven units, the bounds when too little is known, or why there is nothing."""
        if self.value.coverage == Value.Coverage.EMPTY:
            return _("Personne n'est concerné")
        if not self.published:
            return self.bounds or _("Trop peu de données connues")
        if self.small and self.value.k is not None:
            n = denominator(self.definition, self.value)
            return _("%(k)s sur %(n)s") % {"k": f"{self.value.k.normalize():f}", "n": f"{n.normalize():f}"}
        return shown(self.value.value, self.definition.unit)

    @property
    def interval(self) -> str:
        """« de 18,8 % à 81,2 % »: the 95 % interval, empty when the sheet has none or too little is known."""
        low, high = self.value.interval_low, self.value.interval_high
        if low is None or not self.published:
            return ""
        unit = self.definition.unit
        if high is None:
            return _("à partir de %(low)s") % {"low": shown(low, unit)}
        return _("de %(low)s à %(high)s") % {"low": shown(low, unit), "high": shown(high, unit)}

    @property
    def bounds(self) -> str:
        """« entre 42,9 % et 57,1 % » when some units are unknown; empty when all are known or a bound is not."""
        low, high = self.value.low, self.value.high
        if low is None or high is None or low == high:
            return ""
        unit = self.definition.unit
        return _("entre %(low)s et %(high)s") % {"low": shown(low, unit), "high": shown(high, unit)}


@dataclass(frozen=True)
class Sheet:
    """One indicator of one structure: the last rolling year, and its quarters, oldest first."""

    definition: Definition
    year: Reading | None
    quarters: tuple[Reading, ...]

    @property
    def current(self) -> Reading | None:
        """The last complete quarter."""
        return self.quarters[-1] if self.quarters else None

    @property
    def same_quarter_last_year(self) -> Reading | None:
        """What the current quarter is compared with: work and exits follow the season (§5.7)."""
        if not self.quarters:
            return None
        last = self.quarters[-1].period
        return next(
            (q for q in self.quarters if q.period.start == last.start.replace(year=last.start.year - 1)),
            None,
        )


def dashboard(organisation: Organisation, at: datetime) -> list[Sheet]:
    """All indicators of a structure as known at a time, in the catalogue's order. One query."""
    by_code: dict[str, list[Value]] = defaultdict(list)
    for value in values_as_of(organisation, at):
        by_code[value.indicator].append(value)
    return [_sheet(definition, by_code[definition.code]) for definition in definitions().values()]


def sheet(organisation: Organisation, code: str, at: datetime) -> Sheet:
    """One indicator of a structure as known at a time. One query. Raises KeyError for an unknown code."""
    definition = definitions()[code]
    rows = Value.objects.filter(scope=scope_of(organisation), indicator=code)
    return _sheet(definition, list(_latest(rows, at)))


def at_scope(scope: str, at: datetime, code: str | None = None) -> list[Sheet]:
    """The sheets of any scope as known at a time, of one indicator or all. One query. Raises KeyError for an unknown code.

    Kinds, territories and the whole are not for structures nor for the federation but through a release: callers check.
    """
    chosen = definitions().values() if code is None else [definitions()[code]]
    rows = Value.objects.filter(scope=scope, indicator__in=[definition.code for definition in chosen]).defer("cells")
    by_code: dict[str, list[Value]] = defaultdict(list)
    for value in _latest(rows, at):
        by_code[value.indicator].append(value)
    return [_sheet(definition, by_code[definition.code]) for definition in chosen]


def _sheet(definition: Definition, values: list[Value]) -> Sheet:
    readings = sorted((Reading(definition, value) for value in values), key=lambda r: (r.period.end, r.period.start))
    years = [reading for reading in readings if not reading.period.is_quarter]
    return Sheet(
        definition,
        years[-1] if years else None,
        tuple([reading for reading in readings if reading.period.is_quarter][-QUARTERS:]),
    )


def lines(at: datetime | None = None) -> list[str]:
    """The indicators over all structures for the last rolling year, as an aligned table in French.

    Shares and means are ratios of sums over structures, never means of rates; a median does not add up, so its range over
    the structures is given. The same person in two structures counts twice.
    """
    years: dict[str, list[Value]] = defaultdict(list)
    for value in _latest(Value.objects.filter(scope__startswith="structure:").defer("cells"), at):
        if not period_of(value).is_quarter:
            years[value.indicator].append(value)
    rows = [(_("Indicateur"), "", _("Valeur"), _("Couverture"), _("Structures"))]
    for definition in definitions().values():
        values = years[definition.code]
        end = max((value.period_end for value in values), default=None)
        last = [value for value in values if value.period_end == end and value.eligible]
        known, eligible = sum(value.known for value in last), sum(value.eligible for value in last)
        rows.append(
            (
                definition.code,
                definition.label,
                _over_all(definition, last),
                shown(Fraction(known) / Fraction(eligible), "percent") if eligible else "—",
                str(len(last)),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _over_all(definition: Definition, values: list[Value]) -> str:
    if not MEASURES[definition.code].additive:
        known = [value.value for value in values if value.value is not None]
        if not known:
            return "—"
        return _("%(low)s à %(high)s") % {
            "low": shown(min(known), definition.unit),
            "high": shown(max(known), definition.unit),
        }
    k = sum(value.k or 0 for value in values)
    n = sum(denominator(definition, value) for value in values)
    return shown(Fraction(k) / Fraction(n), definition.unit) if n else "—"


@dataclass(frozen=True)
class Cell:
    """One figure of a breakdown: `breakdown` is {"sex": "F", …}, « ? » being unknown; the rest is as in a Value."""

    breakdown: dict[str, str]
    counts: Counts
    figure: Figure
    coverage: str

    @property
    def published(self) -> bool:
        return self.figure.value is not None and self.coverage in {Value.Coverage.FULL, Value.Coverage.PARTIAL}


def broken_down(value: Value, by: Sequence[str]) -> list[Cell]:
    """A figure by one or two of its sheet's breakdowns, from the cells of its row; sums of cells, never means.

    Raises ValueError for more than two breakdowns, for one the sheet has not, or for a sensitive one below the region.
    """
    definition = definitions()[value.indicator]
    allowed = [name for name in definition.breakdowns if name in definition.cells]
    if len(by) > MOST_CROSSED or not set(by) <= set(allowed):
        raise ValueError(f"{value.indicator} se ventile par {', '.join(allowed) or 'rien'}, au plus deux à la fois")
    if SENSITIVE & set(by) and value.scope.startswith("departement:"):
        raise ValueError("une ventilation sensible ne se lit pas sous la région")
    measure, period = MEASURES[definition.code], period_of(value)
    cube = cells.told_by(cells.decoded(value.cells), value.cells.get("by", ()), by)
    return [
        Cell(dict(zip(by, key, strict=True)), counts, measure.finish(counts, period), coverage_of(definition, counts))
        for key, counts in sorted(cube.items())
        if counts.eligible or not by
    ]


def contributions(
    code: str, period: Period, at: datetime, by: Sequence[str] = ()
) -> dict[int, dict[tuple[str, ...], Counts]]:
    """What each structure adds to each cell of an indicator and period, as known at a time: structure id → cell → counts.

    For disclosure control (how many structures, how dominant one is); this is the restricted zone. One query.
    """
    rows = Value.objects.filter(
        indicator=code, scope__startswith="structure:", period_start=period.start, period_end=period.end
    )
    return {
        row.organisation_id: cells.told_by(cells.decoded(row.cells), row.cells.get("by", ()), by)
        for row in _latest(rows, at)
        if row.organisation_id is not None
    }


@dataclass(frozen=True)
class Range:
    """Where the published values of the structures of a kind lie: how many, and quantiles. No structure is named."""

    structures: int
    p10: Decimal
    p25: Decimal
    p50: Decimal
    p75: Decimal
    p90: Decimal


def _of_kind(organisation: Organisation, code: str, period: Period, at: datetime) -> Value | None:
    rows = Value.objects.filter(
        scope=scopes.kind(organisation.kind), indicator=code, period_start=period.start, period_end=period.end
    )
    return next(iter(_latest(rows.defer("cells"), at)), None)


def range_of_kind(organisation: Organisation, code: str, period: Period, at: datetime) -> Range | None:
    """The range of a structure's own kind, or None under five structures. One query."""
    value = _of_kind(organisation, code, period, at)
    found = (value.parts.get("range") if value else None) or None
    if found is None:
        return None
    return Range(int(found["structures"]), *(Decimal(found[name]) for name in ("p10", "p25", "p50", "p75", "p90")))


@dataclass(frozen=True)
class Funnel:
    """A structure's proportion beside its kind's: `limits` are (n, low 95 %, high 95 %, low 99.8 %, high 99.8 %) for sizes n.

    `verdict` is « within », « outside_95 » or « outside_998 »; most are within, and that is the honest answer.
    """

    target: Decimal
    size: Decimal
    value: Decimal
    limits: tuple[tuple[int, Decimal, Decimal, Decimal, Decimal], ...]
    verdict: str


Z_998 = Decimal("3.090232")


def funnel(reading: "Reading", at: datetime) -> Funnel | None:
    """The funnel of a published proportion of a structure within its kind; None when there is none. One query."""
    value, definition = reading.value, reading.definition
    if definition.unit != "percent" or not reading.published or value.organisation is None or value.value is None:
        return None
    whole = _of_kind(value.organisation, value.indicator, reading.period, at)
    if whole is None or whole.value is None or not denominator(definition, whole):
        return None
    target, n = whole.value, denominator(definition, value)
    sizes = sorted({5, 10, 20, 50, 100, 200, 500, int(n)} - {0})
    limits = tuple((size, *_limits(target, size)) for size in sizes)
    low, high, far_low, far_high = _limits(target, int(n))
    verdict = "within" if low <= value.value <= high else "outside_95"
    if not far_low <= value.value <= far_high:
        verdict = "outside_998"
    return Funnel(target, n, value.value, limits, verdict)


def _limits(target: Decimal, n: int) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """The 95 % and 99.8 % limits of a proportion around a target, for n units."""
    near, far = wilson(target * n, Decimal(n)), wilson(target * n, Decimal(n), Z_998)
    if near is None or far is None:
        raise ValueError("limits need units")
    return (*near, *far)


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


def _spread(value: Value, name: str) -> Any:
    return added(cells.decoded(value.cells).values()).spread(name)


@dataclass(frozen=True)
class Revision:
    """One vintage of a figure."""

    known_at: datetime
    value: Decimal | None
    status: str
    change: Decimal | None


def revisions(scope: str, code: str, end: date | None = None) -> dict[Period, list[Revision]]:
    """The revision triangle of an indicator in a scope: for each period (those that end on a day, or all), its vintages,
    oldest first, with the change from the one before. One query."""
    rows = Value.objects.filter(scope=scope, indicator=code, method=definitions()[code].method).defer("cells")
    if end is not None:
        rows = rows.filter(period_end=end)
    found: dict[Period, list[Revision]] = defaultdict(list)
    for row in rows.order_by("period_end", "period_start", "known_at"):
        before = found[period_of(row)][-1].value if found[period_of(row)] else None
        change = row.value - before if row.value is not None and before is not None else None
        found[period_of(row)].append(Revision(row.known_at, row.value, row.status, change))
    return dict(found)


def mean_absolute_revision(triangle: dict[Period, list[Revision]]) -> Decimal | None:
    """The mean, over periods, of |last vintage − first|; None without a revised period."""
    moves = [abs(last.value - first.value) for first, last in
             ((vintages[0], vintages[-1]) for vintages in triangle.values() if len(vintages) > 1)
             if first.value is not None and last.value is not None]  # fmt: skip
    return sum(moves, Decimal(0)) / len(moves) if moves else None
