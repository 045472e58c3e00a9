"""Values read back as what may be shown of them, in words; the sheets of a structure, a group or any scope."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from indicators import scopes
from indicators.catalogue import Definition, definitions
from indicators.measures.cells import decoded
from indicators.measures.shape import added, rounded
from indicators.models import Value
from indicators.periods import QUARTERS, Period

SMALL = 11  # under eleven units a rate says nothing: counts are shown (§2.1, rule S)
MOST_CROSSED = 2  # breakdowns read together (§2.1)
DECIMALS = {"percent": 1, "days": 1, "hours": 1, "ratio": 3, "quarters": 1, "per_year": 2, "per_month": 2}


def latest(values: QuerySet[Value], at: datetime | None) -> QuerySet[Value]:
    """The last value known at a time for each (scope, indicator, period), in the current methods."""
    if at is not None:
        values = values.filter(known_at__lte=at)
    return values.order_by("scope", "indicator", "period_start", "period_end", "-method", "-known_at").distinct(
        "scope", "indicator", "period_start", "period_end"
    )


def values_as_of(organisation: Organisation, at: datetime) -> list[Value]:
    """All figures of a structure as they were known at a time: for each, the latest row at or before it."""
    return list(latest(Value.objects.filter(scope=scope_of(organisation)).defer("cells"), at))


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


def whole(number: Decimal | None) -> str:
    """A count as one says it: « 1 234 », « 353,5 »; « inconnu » for None."""
    if number is None:
        return _("inconnu")
    figure, _point, part = f"{rounded(Fraction(number), 1):,f}".partition(".")
    return figure.replace(",", "\u202f") + ("" if part in {"", "0"} else f",{part}")


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
        """Share of the units concerned that are known, or of the people whose situation was looked at when the sheet asks
        for it and it is less; None when nobody is concerned."""
        if not self.value.eligible:
            return None
        known = Fraction(self.value.known) / Fraction(self.value.eligible)
        diagnosed, present = self._diagnosed
        return rounded(
            min(known, Fraction(diagnosed) / Fraction(present)) if diagnosed is not None and present else known
        )

    @property
    def uncovered(self) -> Decimal:
        """What the sheet's second coverage lacks: people nobody looked at, months to declare. Reads the cells."""
        counts = added(decoded(self.value.cells).values())
        return counts.to_cover - counts.covered

    @property
    def _diagnosed(self) -> tuple[Decimal | None, Decimal | None]:
        """People whose situation was looked at, and people in a pathway; None where the sheet does not ask for it."""
        made, present = (self.value.parts.get(name) for name in ("diagnosed", "in_pathway"))
        return (None, None) if made is None or present is None else (Decimal(made), Decimal(present))

    @property
    def published(self) -> bool:
        """Whether the figure itself may be shown; when not, its bounds alone (rule M)."""
        return self.value.value is not None and self.value.coverage in {Value.Coverage.FULL, Value.Coverage.PARTIAL}

    @property
    def small(self) -> bool:
        """Whether the figure is a share of fewer than eleven units: shown as a count."""
        return self.definition.unit == "percent" and self.definition.counted != "hours" and self.value.eligible < SMALL

    @property
    def alert(self) -> str:
        """What a figure under what the sheet expects is: REM-01's is an alert, not a statistic."""
        expected, value = self.definition.expected, self.value.value
        if expected is None or value is None or value >= Decimal(expected):
            return ""
        return _("Alerte : la valeur attendue est %(value)s.") % {
            "value": shown(Decimal(expected), self.definition.unit)
        }

    @property
    def headline(self) -> str:
        """« 49,3 % », « 3 sur 4 » under eleven units, the bounds when too little is known, or why there is nothing."""
        if self.value.coverage == Value.Coverage.EMPTY:
            return _("Personne n'est concerné")
        if not self.published:
            few = self.value.coverage == Value.Coverage.FEW
            return self.bounds or (_("Trop peu d'observations") if few else _("Trop peu de données connues"))
        if self.small and self.value.k is not None:
            n = denominator(self.definition, self.value)
            return _("%(k)s sur %(n)s") % {"k": f"{self.value.k.normalize():f}", "n": f"{n.normalize():f}"}
        return shown(self.value.value, self.definition.unit)

    @property
    def interval(self) -> str:
        """« de 18,8 % à 81,2 % »: the 95 % interval, empty when the sheet has none, too little is known or units are few."""
        low, high = self.value.interval_low, self.value.interval_high
        if low is None or not self.published or self.small:
            return ""
        unit = self.definition.unit
        if high is None:
            return _("à partir de %(low)s") % {"low": shown(low, unit)}
        return _("de %(low)s à %(high)s") % {"low": shown(low, unit), "high": shown(high, unit)}

    @property
    def coverage_words(self) -> str:
        """« couverture complète », « couverture partielle »… and the counts: « couverture partielle : 9 connus sur 10 »."""
        kinds = Value.Coverage
        said = {
            kinds.FULL: _("couverture complète"),
            kinds.PARTIAL: _("couverture partielle"),
            kinds.INSUFFICIENT: _("couverture insuffisante"),
            kinds.FEW: _("trop peu d'observations"),
            kinds.EMPTY: _("personne n'est concerné"),
        }[kinds(self.value.coverage)]
        if not self.value.eligible:
            return said
        diagnosed, present = self._diagnosed
        if diagnosed is not None and present is not None:
            return _("%(said)s : %(known)s connus sur %(eligible)s, diagnostic fait pour %(n)s personnes sur %(all)s") % {
                "said": said, "known": whole(self.value.known), "eligible": whole(self.value.eligible),
                "n": whole(diagnosed), "all": whole(present),
            }  # fmt: skip
        return _("%(said)s : %(known)s connus sur %(eligible)s") % {
            "said": said, "known": whole(self.value.known), "eligible": whole(self.value.eligible)
        }  # fmt: skip

    @property
    def bounds(self) -> str:
        """« entre 42,9 % et 57,1 % », « entre 3 et 4 sur 7 » under eleven, when some units are unknown; else empty."""
        low, high = self.value.low, self.value.high
        if low is None or high is None or low == high:
            return ""
        if self.small:
            least, eligible = self.value.k or Decimal(0), self.value.eligible
            return _("entre %(low)s et %(high)s sur %(n)s") % {
                "low": whole(least), "high": whole(least + eligible - self.value.known), "n": whole(eligible)
            }  # fmt: skip
        unit = self.definition.unit
        return _("entre %(low)s et %(high)s") % {"low": shown(low, unit), "high": shown(high, unit)}


@dataclass(frozen=True)
class Sheet:
    """One indicator of one structure: its years (civil, and the last rolling one) and its quarters, oldest first."""

    definition: Definition
    years: tuple[Reading, ...]
    quarters: tuple[Reading, ...]

    @property
    def year(self) -> Reading | None:
        """The last year measured."""
        return self.years[-1] if self.years else None

    @property
    def latest(self) -> Reading | None:
        """What is shown first: the last complete quarter, or the last year of a yearly indicator."""
        return self.current or self.year

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
    return _sheet(definition, list(latest(rows, at)))


def at_scope(scope: str, at: datetime, code: str | None = None) -> list[Sheet]:
    """The sheets of any scope as known at a time, of one indicator or all. One query. Raises KeyError for an unknown code.

    Kinds, territories and the whole are not for structures nor for the federation but through a release: callers check.
    """
    chosen = definitions().values() if code is None else [definitions()[code]]
    rows = Value.objects.filter(scope=scope, indicator__in=[definition.code for definition in chosen]).defer("cells")
    by_code: dict[str, list[Value]] = defaultdict(list)
    for value in latest(rows, at):
        by_code[value.indicator].append(value)
    return [_sheet(definition, by_code[definition.code]) for definition in chosen]


def _sheet(definition: Definition, values: list[Value]) -> Sheet:
    readings = sorted((Reading(definition, value) for value in values), key=lambda r: (r.period.end, r.period.start))
    years = [reading for reading in readings if not reading.period.is_quarter]
    return Sheet(
        definition,
        tuple(years),
        tuple([reading for reading in readings if reading.period.is_quarter][-QUARTERS:]),
    )


def lines(at: datetime | None = None) -> list[str]:
    """The indicators over all structures for the last rolling year, as an aligned table in French.

    The same person in two structures counts twice.
    """
    years: dict[str, Reading] = {}
    for value in latest(Value.objects.filter(scope=scopes.WHOLE).defer("cells"), at):  # the last period last
        if not period_of(value).is_quarter:
            years[value.indicator] = Reading(definitions()[value.indicator], value)
    rows = [(_("Indicateur"), "", _("Valeur"), _("Couverture"), _("Structures"))]
    for definition in definitions().values():
        read = years.get(definition.code)
        covered = read.covered if read else None
        rows.append(
            (
                definition.code,
                definition.label,
                read.headline if read else "—",
                "—" if covered is None else shown(covered, "percent"),
                str(read.value.reporting if read else 0),
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
