"""The strategic plan 2012-17, word for word, and what a structure's figures and targets say of each of its clauses."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from accounts.models import Organisation
from indicators.catalogue import Definition, definitions
from indicators.models import Target
from indicators.report import Reading, Sheet, dashboard, judged, may_be_aimed_at, reached, shown, targets_of

FILE = Path(__file__).parent / "plan.yaml"


@dataclass(frozen=True)
class PlanClause:
    """A clause; `heading` when its parts are measured rather than itself, `unmeasured` why nothing here measures it."""

    number: str
    text: str
    rest: str = ""
    heading: bool = False
    unmeasured: str = ""

    @property
    def measured_by(self) -> list[Definition]:
        """The indicators that quote it, in the catalogue's order."""
        return [d for d in definitions().values() if self.number in {clause.number for clause in d.clauses}]


@dataclass(frozen=True)
class Group:
    title: str
    clauses: tuple[PlanClause, ...]


@dataclass(frozen=True)
class Section:
    title: str
    groups: tuple[Group, ...]


@cache
def plan() -> tuple[Section, ...]:
    """The plan as voted. Raises TypeError when a clause of the file has an unknown or missing field."""
    entry: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(
        Section(
            section["title"],
            tuple(
                Group(
                    group["title"],
                    tuple(PlanClause(**{**clause, "number": str(clause["number"])}) for clause in group["clauses"]),
                )
                for group in section["groups"]
            ),
        )
        for section in entry["sections"]
    )


@dataclass(frozen=True)
class Aim:
    """An indicator for a year: the figure of that year, the target voted, and whether it is reached (None: not known)."""

    definition: Definition
    reading: Reading | None
    target: Target | None
    reached: bool | None

    @property
    def may_be_aimed_at(self) -> bool:
        return may_be_aimed_at(self.definition)

    @property
    def target_said(self) -> str:
        """The target in the unit of its figure; empty without one."""
        return shown(self.target.value, self.definition.unit) if self.target else ""

    @property
    def so_far(self) -> bool:
        """Whether the year is not over in the figure."""
        return self.reading is not None and (self.reading.period.end.month, self.reading.period.end.day) != (12, 31)


@dataclass(frozen=True)
class Account:
    """A year of a structure, by indicator. Clauses are not added up, nor is the plan given a mark."""

    year: int
    aims: dict[str, Aim]

    def of(self, clause: PlanClause) -> list[Aim]:
        return [self.aims[definition.code] for definition in clause.measured_by]


def account(organisation: Organisation, year: int, at: datetime) -> Account:
    """What a structure did of what it aimed at in a year, as known at a time. Two queries."""
    sheets: dict[str, Sheet] = {sheet.definition.code: sheet for sheet in dashboard(organisation, at)}
    targets = targets_of(organisation, year)
    return Account(year, {code: aim(sheet, targets.get(code), year) for code, sheet in sheets.items()})


def aim(sheet: Sheet, target: Target | None, year: int) -> Aim:
    """An indicator beside its target of a year."""
    reading = judged(sheet, year)
    return Aim(sheet.definition, reading, target, reached(sheet.definition, target.value, reading) if target else None)
