"""Figures to take away: one row a figure, with the method beside it, the same for a spreadsheet and for JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from indicators.report.nine import Line
from indicators.report.readings import Reading, Sheet
from indicators.report.standing import Range

UNITS = {
    "percent": _("part (0 à 1)"),
    "ratio": _("rapport"),
    "days": _("jours"),
    "hours": _("heures"),
    "quarters": _("trimestres"),
    "per_year": _("par an"),
    "per_month": _("par mois"),
}
TITLES = {
    "structure": _("Structure"),
    "indicator": _("Indicateur"),
    "label": _("Libellé"),
    "dimension": _("Dimension"),
    "period_start": _("Du"),
    "period_end": _("Au"),
    "known_at": _("Connu au"),
    "reading": _("Lecture"),
    "value": _("Valeur"),
    "unit": _("Unité"),
    "interval_low": _("Intervalle à 95 %, bas"),
    "interval_high": _("Intervalle à 95 %, haut"),
    "low": _("Borne basse selon l'inconnu"),
    "high": _("Borne haute selon l'inconnu"),
    "k": _("Numérateur"),
    "known": _("Connus"),
    "eligible": _("Concernés"),
    "coverage": _("Couverture"),
    "status": _("État"),
    "kind_p10": _("Son type, 10 %"),
    "kind_p50": _("Son type, médiane"),
    "kind_p90": _("Son type, 90 %"),
    "kind_structures": _("Structures de son type"),
    "formula": _("Calcul"),
    "concerned": _("Qui est concerné"),
    "numerator": _("Ce qui est compté"),
    "window": _("Fenêtre"),
    "caution": _("Précaution"),
    "method": _("Version de la méthode"),
    "parameters": _("Empreinte des paramètres"),
    "inputs": _("Empreinte des données"),
}


@dataclass(frozen=True)
class Statement:
    """Rows of texts, decimals, days and moments by name, in the order of TITLES."""

    rows: list[dict[str, Any]]

    @property
    def titles(self) -> list[str]:
        return [str(title) for title in TITLES.values()]

    def lines(self) -> Iterator[list[Any]]:
        """The rows as lists, for a spreadsheet."""
        return ([row[name] for name in TITLES] for row in self.rows)


def of_board(structure: Organisation, lines: Iterable[Line]) -> Statement:
    """The last reading of each indicator of a dashboard, with the range of its kind."""
    return Statement([_row(structure, line.reading, line.range) for line in lines if line.reading])


def of_sheet(structure: Organisation, sheet: Sheet) -> Statement:
    """All the periods of one indicator, oldest first, years then quarters."""
    return Statement([_row(structure, reading, None) for reading in (*sheet.years, *sheet.quarters)])


def _row(structure: Organisation, reading: Reading, kind: Range | None) -> dict[str, Any]:
    """Under eleven units or when too little is known, the rate is left out: counts and bounds remain (rules M and S)."""
    value, definition = reading.value, reading.definition
    told = reading.published and not reading.small
    return {
        "structure": structure.name,
        "indicator": definition.code,
        "label": definition.label,
        "dimension": definition.dimension,
        "period_start": value.period_start,
        "period_end": value.period_end,
        "known_at": value.known_at,
        "reading": reading.headline,
        "value": value.value if told else None,
        "unit": str(UNITS[definition.unit]),
        "interval_low": value.interval_low if told else None,
        "interval_high": value.interval_high if told else None,
        "low": value.low if not reading.small else None,
        "high": value.high if not reading.small else None,
        "k": value.k,
        "known": value.known,
        "eligible": value.eligible,
        "coverage": str(value.get_coverage_display()),
        "status": str(value.get_status_display()),
        "kind_p10": kind.p10 if kind else None,
        "kind_p50": kind.p50 if kind else None,
        "kind_p90": kind.p90 if kind else None,
        "kind_structures": kind.structures if kind else None,
        "formula": definition.formula,
        "concerned": definition.concerned,
        "numerator": definition.numerator,
        "window": definition.window,
        "caution": definition.caution,
        "method": value.method,
        "parameters": value.parameters,
        "inputs": value.inputs,
    }
