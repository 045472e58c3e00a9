"""What each indicator is, in one file of this folder: the definition that computation, pages, API and docs share.

One file an indicator, so that a change of definition is one readable diff, and two people do not meet in one file.
"""

from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from law.nomenclature import nomenclatures
from law.parameters_at import written

FOLDER = Path(__file__).parent
FAMILIES = (
    "SEC",
    "CON",
    "DRO",
    "REM",
    "TPS",
    "COM",
    "ACC",
    "PER",
    "PAR",
    "CIT",
    "ENG",
    "SOR",
    "EQU",
    "TER",
    "EXP",
    "QUA",
)
# What a cell of a breakdown may be told by. Structures' own features (kind, territory) are scopes, not cells.
BREAKDOWNS = {
    "sex": "sexe",
    "age": "âge",
    "qualification": "niveau de qualification",
    "disability": "reconnaissance de handicap",
    "minima": "minima sociaux",
    "childcare": "besoin de garde d'enfants",
    "job_family": "famille de métiers",
    "right": "droit",
    "domain": "domaine",
    "months_since_entry": "mois depuis l'entrée",
}
SENSITIVE = frozenset({"disability", "minima", "right", "domain"})
BY_SCOPE = frozenset({"kind", "territory", "region"})

CODED: dict[str, frozenset[object]] = {
    "unit": frozenset({"percent", "ratio", "days", "hours", "quarters", "per_year", "per_month"}),
    "direction": frozenset({"higher", "lower", "neutral", "closer_to_one", "up_to_target"}),
    "counted": frozenset(
        {"people", "contracts", "steps", "exits", "hours", "assignments", "barriers", "trainings", "days", "seats",
         "answers", "groups", "months", "spells", "electors"}
    ),
    "over": frozenset({"known", "eligible"}),
    "rhythm": frozenset({"quarterly", "yearly"}),
    "span": frozenset({"any", "year", "civil_year"}),
    "tier": frozenset({1, 2, 3}),
}  # fmt: skip


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
    `breakdowns` are the sheet's. `published_from` and `plain_from` are the coverages (0 to 1, as text) of rule M, `least`
    the fewest known units a figure is published from. Under `expected` (as text), a figure is an alert. `unknowns` says,
    for each reason the computation gives, why a unit is unknown; `complete` says what to do about it. `parts` names the
    components stored beside the value. `parameters` and `nomenclatures` are what the figure rests on in `law`. `span`
    restricts the periods measured: civil years alone (DRO-03), or by night years alone, where units are judged months after
    they begin (ACC-04).
    `tier`: 1 needs contracts, hours and pay only; 2 needs case management; 3 needs governance records or a survey.
    """

    code: str
    label: str
    dimension: str
    tier: int
    clauses: tuple[Clause, ...]
    formula: str
    concerned: str
    numerator: str
    window: str
    unit: str
    counted: str
    direction: str
    rhythm: str
    breakdowns: tuple[str, ...]
    published_from: str
    complete: str
    caution: str
    method: int
    reason: str
    review_on: date
    over: str = "known"
    plain_from: str = "0.95"
    least: int = 0
    expected: str | None = None
    span: str = "any"
    companions: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)
    unknowns: dict[str, str] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    nomenclatures: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return self.code.lower()

    @property
    def sensitive(self) -> bool:
        """Whether it tells of rights, barriers or health: never shown in small cells nor below the region (rule S)."""
        return self.code[:3] in {"ACC", "PER"}

    @property
    def cells(self) -> tuple[str, ...]:
        """The breakdowns kept in the cells of a value, in one order for all: those of the sheet that tell people apart,
        and those EQU-03 needs of its parents."""
        told = set(self.breakdowns) - BY_SCOPE
        if self.code in EQUITY_PARENTS:
            told |= set(EQUITY_GROUPS)
        return tuple(name for name in BREAKDOWNS if name in told)


# EQU-03 looks at these groups of people in these indicators (sheet EQU-03).
EQUITY_PARENTS = ("COM-02", "ACC-01", "ENG-03", "REM-03")
EQUITY_GROUPS = ("sex", "qualification", "disability", "minima")


@dataclass(frozen=True)
class Dimension:
    """One of the nine dimensions of the dashboard (§2.5) with the indicator that leads it."""

    code: str
    label: str
    lead: str
    families: tuple[str, ...]


DIMENSIONS = (
    Dimension("secure", "Contrats sécurisants", "SEC-01", ("SEC",)),
    Dimension("continuity", "Continuité", "CON-01", ("CON",)),
    Dimension("rights", "Droits", "ACC-01", ("DRO", "ACC")),
    Dimension("pay", "Rémunération et temps de travail", "REM-03", ("REM", "TPS", "EQU")),
    Dimension("skills", "Compétences", "COM-02", ("COM",)),
    Dimension("barriers", "Freins périphériques", "PER-01", ("PER",)),
    Dimension("voice", "Parole et participation", "PAR-04", ("PAR", "CIT")),
    Dimension("accompaniment", "Accompagnement", "ENG-03", ("ENG", "TER", "EXP")),
    Dimension("exits", "Sorties", "SOR-01", ("SOR",)),
)


@cache
def definitions() -> dict[str, Definition]:
    """All definitions by code, in the order of the reference. Raises CatalogueError when a file is wrong."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.yaml"))]
    order = {name: rank for rank, name in enumerate(FAMILIES)}
    found.sort(key=lambda definition: (order.get(definition.code[:3], len(order)), definition.code))
    return {definition.code: definition for definition in found}


def _read(path: Path) -> Definition:
    entry: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = {f.name for f in fields(Definition)}
    needed = {f.name for f in fields(Definition) if f.default is MISSING and f.default_factory is MISSING}
    if wrong := (needed - set(entry)) | (set(entry) - names):
        raise CatalogueError(f"{path.name} : champs absents ou inconnus {sorted(wrong)}")
    if path.stem != str(entry["code"]):
        raise CatalogueError(f"{path.name} : le fichier porte le code de l'indicateur, {entry['code']}")
    for name, allowed in CODED.items():
        if name in entry and entry[name] not in allowed:
            raise CatalogueError(f"{path.name} : {name} vaut {entry[name]}, attendu {sorted(map(str, allowed))}")
    for name in ("label", "dimension", "formula", "concerned", "numerator", "window", "complete", "caution", "reason"):
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise CatalogueError(f"{path.name} : {name} est vide")
    if not isinstance(entry["method"], int) or not isinstance(entry["review_on"], date):
        raise CatalogueError(f"{path.name} : method est un entier et review_on une date")
    if unheard := set(entry["breakdowns"]) - set(BREAKDOWNS) - BY_SCOPE:
        raise CatalogueError(f"{path.name} : ventilations inconnues {sorted(unheard)}")
    tuples = ("breakdowns", "companions", "parameters", "nomenclatures")
    entry |= {name: tuple(entry.get(name) or ()) for name in tuples}
    absent = set(entry["parameters"]) - set(written()) | set(entry["nomenclatures"]) - set(nomenclatures())
    if absent:
        raise CatalogueError(f"{path.name} : inconnus du droit {sorted(absent)}")
    entry |= {name: entry.get(name) or {} for name in ("parts", "unknowns")}
    return Definition(**{**entry, "clauses": tuple(Clause(**clause) for clause in entry["clauses"])})
