"""What codes of cells, components and parameters are called on a page, in French."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.catalogue import BREAKDOWNS, Definition
from indicators.measures.cells import UNKNOWN
from indicators.measures.shape import rounded
from indicators.periods import Period
from indicators.report.readings import shown
from law.nomenclature import label
from law.parameters_at import NotInForce, parameters
from rights.catalogue import rights

SEXES = {"F": gettext_lazy("Femmes"), "M": gettext_lazy("Hommes")}
AGES = {
    "-26": gettext_lazy("Moins de 26 ans"),
    "26-49": gettext_lazy("26 à 49 ans"),
    "50+": gettext_lazy("50 ans et plus"),
}
STEPS = {
    "1": gettext_lazy("Sans diplôme de niveau CAP"),
    "2": gettext_lazy("CAP ou BEP"),
    "3": gettext_lazy("Baccalauréat"),
    "4": gettext_lazy("Au-delà du baccalauréat"),
}
YES_NO = {"yes": gettext_lazy("Oui"), "no": gettext_lazy("Non")}
# Components that are shares although their figure is not, or that are named otherwise.
SHARES = frozenset(
    {"internal", "durable_exits", "density", "known_only", "at_3_months", "durable_at_6_months", "among_elected", "among_electors",
     "none_in_60_days"}
)  # fmt: skip
MOST_DECIMALS = 3


def cell_label(breakdown: str, code: str) -> str:
    """« Femmes », « 26 à 49 ans », « Niveau 3 »… for a code of a breakdown; « inconnu » for « ? »."""
    if code == UNKNOWN:
        return _("Inconnu")
    if breakdown in {"sex", "age", "disability", "minima", "childcare"}:
        return str({**SEXES, **AGES, **YES_NO}.get(code, code))
    if breakdown == "qualification":
        return str(STEPS.get(code, code))
    if breakdown == "right":
        found = rights().get(code)
        return found.label if found else code
    if breakdown == "domain":
        return label("theme", code)
    if breakdown == "months_since_entry":
        return _("%(n)s mois et plus") % {"n": code[:-1]} if code.endswith("+") else _("%(n)s mois") % {"n": code}
    return code


@dataclass(frozen=True)
class Part:
    """A component of a figure, named and said."""

    name: str
    label: str
    said: str


def parts_of(definition: Definition, parts: Mapping[str, Any], small: bool = False) -> list[Part]:
    """The components a sheet names that are one number each, in its order; without shares of a few units (rule S)."""
    return [
        Part(name, title, _said(name, title, parts[name]))
        for name, title in definition.parts.items()
        if name in parts and not isinstance(parts[name], (dict, list)) and not (small and _is_share(name, title))
    ]


def _is_share(name: str, title: str) -> bool:
    return name in SHARES or name.endswith("_rate") or title.startswith("Part ")


def _said(name: str, title: str, value: Any) -> str:
    if value is None:
        return _("inconnu")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if _is_share(name, title):
        return shown(number, "percent")
    text = f"{rounded(Fraction(number), MOST_DECIMALS):,f}".rstrip("0").rstrip(".")
    return text.replace(",", "\u202f").replace(".", ",")


@dataclass(frozen=True)
class Served:
    """The worst-served group of one of the indicators EQU-03 looks at."""

    code: str
    group: str
    rate: str
    overall: str
    established: bool | None


def served(parts: Mapping[str, Any]) -> list[Served]:
    """What EQU-03 found in each of its parents."""
    return [
        Served(
            code,
            f"{BREAKDOWNS[told['by']]} : {cell_label(told['by'], told['group'])}",
            shown(Decimal(told["rate"]), "percent"),
            shown(Decimal(told["overall"]), "percent"),
            None if told["established"] is None else told["established"] == "yes",
        )
        for code, told in parts.get("parents", {}).items()
    ]


@dataclass(frozen=True)
class Rule:
    """A parameter of the law a figure rests on, as in force on the last day of its period."""

    key: str
    label: str
    value: str
    source: str
    confirmed: bool


def rules_of(definition: Definition, period: Period) -> Iterator[Rule]:
    for key in definition.parameters:
        parameter = parameters()[key]
        try:
            found = parameter.on(period.end)
        except NotInForce:
            yield Rule(key, parameter.label, _("pas en vigueur"), "", parameter.confirmed)
            continue
        value = str(found.value).replace(".", ",") if isinstance(found.value, Decimal) else str(found.value)
        yield Rule(key, parameter.label, f"{value} {parameter.unit}".strip(), found.source, parameter.confirmed)
