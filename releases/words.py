"""How a released figure is said, in French: the same words on the pages, in the report and for who reads aloud."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from disclosure.policy import policy as policy_of
from releases import margins
from releases.catalogue import catalogue
from releases.reading import Cell, Edition, Table, change

NOT_PUBLISHED = gettext_lazy("« np », non publié : trop peu de personnes, ou un résultat qui en dirait trop.")
DIMENSIONS = {
    "region": gettext_lazy("Région"),
    "department": gettext_lazy("Département"),
    "structure": gettext_lazy("Structure"),
    "kind": gettext_lazy("Type"),
    "sex": gettext_lazy("Sexe"),
    "age": gettext_lazy("Âge"),
    "level": gettext_lazy("Niveau"),
}
QUARTILES = ("p25", "p50", "p75")
SPREAD = {"euros": 2}  # decimals of a margin, one otherwise
ORDER = {"age": ("-26", "26-49", "50+"), "level": ("1", "2", "3", "4"), "sex": ("F", "M")}
AFTER = {"percent": " %", "euros": " €", "heures": " h"}


def number(value: Decimal) -> str:
    """1234.50 as « 1 234,5 »."""
    whole, _point, part = f"{value:,f}".partition(".")
    part = part.rstrip("0")
    return whole.replace(",", "\u202f") + (f",{part}" if part else "")


def figure(cell: Cell, unit: str) -> str:
    """« 61,8 % », « 1 234 », « np », or that a duration lies beyond the table."""
    if cell.value is None:
        return _("au-delà de la table") if cell.marker == "beyond" else "np"
    return measured(cell.value, unit)


def measured(value: Decimal, unit: str) -> str:
    """A value with its unit: a share keeps its decimal, a number of people goes without unit."""
    after = AFTER.get(unit, "" if unit == "personnes" else f" {unit}")
    said = f"{value:.1f}".replace(".", ",") if unit == "percent" else number(value)
    return said + after.replace(" ", "\u00a0")


def margin(cell: Cell, unit: str) -> str:
    """« ± 1,6 point » (95 cases in 100), or nothing when the figure has none."""
    return "" if cell.value is None or cell.error is None else f"±\u00a0{spread(cell.error, unit)}"


def spread(size: Decimal, unit: str) -> str:
    """A difference with its unit: points for shares."""
    if unit == "percent":
        shown = Decimal(str(round(size, 1)))
        return (_("%(n)s points") if shown >= 2 else _("%(n)s point")) % {"n": number(shown)}
    return measured(Decimal(str(round(size, SPREAD.get(unit, 1)))), unit)


def breakdown(margin: Iterable[str]) -> str:
    """« Région × Type », or « Ensemble »."""
    return " × ".join(str(DIMENSIONS[name]) for name in margin) or _("Ensemble")


def place(of: Edition, coordinates: dict[str, str]) -> list[str]:
    """The coordinates of a cell in words."""
    return [of.labels.get(name, {}).get(code, code) for name, code in coordinates.items()]


def categories(of: Edition, table: Table) -> dict[str, str]:
    """The labels of a table in the order of the catalogue (the database keeps none)."""
    listed = next((one.categories for one in catalogue(of.catalogue).tables if one.code == table.code), {})
    order = [code for code in (*listed, *QUARTILES) if code in table.categories]
    return {code: table.categories[code] for code in dict.fromkeys([*order, *table.categories])}


def rank(dimension: str, code: str) -> tuple[int, str]:
    """Where a code stands among those of its dimension; what is not known comes last."""
    known = ORDER.get(dimension, ())
    return (known.index(code) if code in known else 999 if code == "?" else 99, code)


def least_change(of: Edition) -> int:
    """The fewest people a change of a number may be read from."""
    return margins.least_change(policy_of(of.policy))


@dataclass(frozen=True)
class Step:
    """A figure and what changed since the one before. `clear` says whether the change may be read."""

    period: str
    value: str
    margin: str
    change: str
    clear: bool


def steps(table: Table, points: Iterable[tuple[str, Cell]]) -> list[Step]:
    """A figure over periods, oldest first, in words."""
    found: list[Step] = []
    before: Cell | None = None
    for period, cell in points:
        moved = change(before, cell) if before is not None else None
        said = ""
        if moved is not None:
            sign = "+" if moved.difference > 0 else "−" if moved.difference < 0 else ""
            said = sign + spread(abs(moved.difference), table.unit)
            if moved.error is not None:
                said += f" (±\u00a0{spread(moved.error, table.unit)})"
        clear = moved is not None and moved.clear
        found.append(Step(period, figure(cell, table.unit), margin(cell, table.unit), said, clear))
        before = cell
    return found
