"""What each indicator is, in one file of this folder: the definition that computation, pages, API and docs share.

One file an indicator, so that a change of definition is one readable diff, and two people do not meet in one file.
"""

from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from law.nomenclature import nomenclatures
from law.parameters_at import parameters

FOLDER = Path(__file__).parent
UNITS = frozenset({"percent", "ratio", "days", "hours"})
DIRECTIONS = frozenset({"higher", "lower", "neutral"})
COUNTED = frozenset({"people", "contracts", "steps", "exits", "hours"})
OVER = frozenset({"known", "eligible"})
RHYTHMS = frozenset({"quarterly", "yearly"})

CODED = {"unit": UNITS, "counted": COUNTED, "over": OVER, "direction": DIRECTIONS, "rhythm": RHYTHMS}


class CatalogueError(ValueError):
    """A definition is wrong; the message names the file and the field."""


@dataclass(frozen=True)
class Clause:
    """A clause of the plan 2012-17 and its words, verbatim."""

    number: str
    text: str


@dataclass(frozen=True)
class Definition:
    """One indicator. Texts are French, as users read them.

    `counted` is what one unit is, and `over` what the numerator is divided by: the units known, or all those concerned.
    `published_from` and `plain_from` are the coverages (0 to 1, as text) of rule M. `unknowns` says, for each reason the
    computation gives, why a unit is unknown; `complete` says what to do about it. `parts` names the components stored
    beside the value. `parameters` and `nomenclatures` are what the figure rests on in `law`.
    """

    code: str
    label: str
    dimension: str
    clauses: tuple[Clause, ...]
    formula: str
    concerned: str
    numerator: str
    window: str
    unit: str
    counted: str
    over: str
    direction: str
    rhythm: str
    plain_from: str
    published_from: str
    companions: tuple[str, ...]
    parts: dict[str, str]
    unknowns: dict[str, str]
    complete: str
    caution: str
    parameters: tuple[str, ...]
    nomenclatures: tuple[str, ...]
    method: int
    reason: str
    review_on: date

    @property
    def slug(self) -> str:
        return self.code.lower()


@cache
def definitions() -> dict[str, Definition]:
    """All definitions by code, in the order of the plan's dimensions. Raises CatalogueError when a file is wrong."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.yaml"))]
    order = {name: rank for rank, name in enumerate(("SEC", "CON", "REM", "COM", "ACC", "SOR"))}
    found.sort(key=lambda definition: (order.get(definition.code[:3], len(order)), definition.code))
    return {definition.code: definition for definition in found}


def _read(path: Path) -> Definition:
    entry: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = {field.name for field in fields(Definition)}
    if set(entry) != names:
        raise CatalogueError(f"{path.name} : champs absents ou inconnus {sorted(names ^ set(entry))}")
    if path.stem != str(entry["code"]):
        raise CatalogueError(f"{path.name} : le fichier porte le code de l'indicateur, {entry['code']}")
    for name, allowed in CODED.items():
        if entry[name] not in allowed:
            raise CatalogueError(f"{path.name} : {name} vaut {entry[name]}, attendu {sorted(allowed)}")
    for name in ("label", "dimension", "formula", "concerned", "numerator", "window", "complete", "caution", "reason"):
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise CatalogueError(f"{path.name} : {name} est vide")
    if not isinstance(entry["method"], int) or not isinstance(entry["review_on"], date):
        raise CatalogueError(f"{path.name} : method est un entier et review_on une date")
    absent = set(entry["parameters"]) - set(parameters()) | set(entry["nomenclatures"]) - set(nomenclatures())
    if absent:
        raise CatalogueError(f"{path.name} : inconnus du droit {sorted(absent)}")
    return Definition(
        **{
            **entry,
            "clauses": tuple(Clause(**clause) for clause in entry["clauses"]),
            "companions": tuple(entry["companions"]),
            "parameters": tuple(entry["parameters"]),
            "nomenclatures": tuple(entry["nomenclatures"]),
        }
    )
