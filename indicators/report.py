"""Reading values: what a page, the API and the command line show of them. One query each, whatever the number of rows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from indicators.catalogue import Definition, definitions
from indicators.measures import MEASURES
from indicators.measures.shape import rounded
from indicators.models import Value
from indicators.periods import QUARTERS, Period

SMALL = 11  # under eleven units a rate says nothing: counts are shown (§2.1, rule S)
DECIMALS = {"percent": 1, "days": 1, "hours": 1, "ratio": 3}


def _latest(values: QuerySet[Value], at: datetime | None) -> QuerySet[Value]:
    """The last value known at a time for each (structure, indicator, period), in the current methods."""
    if at is not None:
        values = values.filter(known_at__lte=at)
    return values.order_by(
        "organisation_id", "indicator", "period_start", "period_end", "-method", "-known_at"
    ).distinct("organisation_id", "indicator", "period_start", "period_end")


def values_as_of(organisation: Organisation, at: datetime) -> list[Value]:
    """All figures of a structure as they were known at a time: for each, the latest row at or before it."""
    return list(_latest(Value.objects.filter(organisation=organisation), at))


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
    return _sheet(definition, list(_latest(Value.objects.filter(organisation=organisation, indicator=code), at)))


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
    for value in _latest(Value.objects.all(), at):
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
