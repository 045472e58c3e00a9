"""The closed list of what may be released, read from the versioned files of this folder and passed through the linters.

A table says whose value is shown, where it comes from, by what it is told apart, and to whom. There is no other filter.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from disclosure.audience import Audience
from disclosure.catalogue import Margin, Measure, Sensitivity, Statistic, faults
from disclosure.policy import policy
from disclosure.population import STRUCTURE

FOLDER = Path(__file__).parent
CURRENT = "2026-1"
DIMENSIONS = (STRUCTURE, "department", "region", "kind", "sex", "age", "level")
BELOW_REGION = frozenset({STRUCTURE, "department"})
RULES = frozenset({"all", "any", "last", "mean", "sum"})
YES, NO = "oui", "non"
RHYTHMS = frozenset({"quarter", "year"})


class CatalogueError(ValueError):
    """The catalogue is wrong or unsafe; the message says which table and why."""


@dataclass(frozen=True)
class Source:
    """Where a person's value comes from: a name of releases.facts, or an indicator and how her units make one value."""

    fact: str = ""
    indicator: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Table:
    """One table. Texts are French. `categories` are those published, with their labels; `of` says who the base is."""

    code: str
    title: str
    dimension: str
    observatoire: tuple[str, ...]
    measure: Measure
    sensitivity: Sensitivity
    unit: str
    of: str
    attribute: str
    source: Source
    rhythm: str
    categories: dict[str, str]
    margins: tuple[Margin, ...]
    peers: tuple[Margin, ...]
    low: float = 0.0
    high: float = 0.0
    centre: float = 0.0
    grid: float = 1.0
    steps: tuple[float, ...] = field(default=())

    @property
    def labels(self) -> tuple[str, ...]:
        """The values a person may have. « oui » alone has « non » beside it."""
        return (NO, YES) if set(self.categories) == {YES} else tuple(sorted(self.categories))

    @property
    def counts_labels(self) -> bool:
        """Whether a person's value is a label; a number otherwise."""
        return self.measure == Measure.SHARE

    def statistic(self, audience: Audience) -> Statistic:
        return Statistic(
            self.code,
            self.measure,
            self.margins if audience == Audience.FEDERATION else self.peers,
            self.sensitivity,
            self.attribute,
            tuple(self.categories) if self.counts_labels else (),
            low=self.low,
            high=self.high,
            centre=self.centre,
            grid=self.grid,
            steps=self.steps,
        )


@dataclass(frozen=True)
class Catalogue:
    version: str
    policy: str
    tables: tuple[Table, ...]

    def of(self, *, year: bool) -> tuple[Table, ...]:
        """The tables released for a civil year, or for a quarter."""
        return tuple(table for table in self.tables if year or table.rhythm == "quarter")

    def table(self, code: str) -> Table:
        """Raises KeyError."""
        return next(table for table in self.tables if table.code == code)


@cache
def catalogue(version: str = CURRENT) -> Catalogue:
    """A version of the catalogue. Raises CatalogueError when it is unknown, wrong, or refused by a linter."""
    path = FOLDER / f"{version}.yaml"
    if not path.is_file():
        raise CatalogueError(f"catalogue {version} inconnu")
    found = read(path.read_text(encoding="utf-8"))
    if refused := refusals(found):
        raise CatalogueError("\n".join(refused))
    return found


def read(text: str) -> Catalogue:
    """A catalogue from its text, before any linter. Raises CatalogueError for a missing or unknown field."""
    entry: dict[str, Any] = yaml.safe_load(text)
    named: dict[str, list[Any]] = entry["margins"]
    peers = _margins(entry["peers"], named)
    return Catalogue(
        str(entry["version"]), str(entry["policy"]), tuple(_table(t, named, peers) for t in entry["tables"])
    )


def _margins(listed: list[Any], named: dict[str, list[Any]]) -> tuple[Margin, ...]:
    found: list[Margin] = []
    for item in listed:
        found += [tuple(margin) for margin in named[item]] if isinstance(item, str) else [tuple(item)]
    return tuple(found)


def _table(entry: dict[str, Any], named: dict[str, list[Any]], peers: tuple[Margin, ...]) -> Table:
    known = {"code", "title", "dimension", "observatoire", "measure", "sensitivity", "unit", "of", "attribute", "from",
             "rhythm", "categories", "margins", "low", "high", "centre", "grid", "steps"}  # fmt: skip
    if unknown := set(entry) - known:
        raise CatalogueError(f"{entry.get('code')} : champs inconnus {sorted(unknown)}")
    try:
        margins = _margins(entry["margins"], named)
        came = entry.get("from", "")
        source = Source(**came) if isinstance(came, dict) else Source(fact=came)
        return Table(
            code=entry["code"],
            title=entry["title"],
            dimension=entry["dimension"],
            observatoire=tuple(entry.get("observatoire", ())),
            measure=Measure(entry["measure"]),
            sensitivity=Sensitivity(entry.get("sensitivity", "B")),
            unit=entry["unit"],
            of=entry.get("of", ""),
            attribute=entry.get("attribute", ""),
            source=source,
            rhythm=entry.get("rhythm", "quarter"),
            categories=entry.get("categories", {}),
            margins=margins,
            peers=tuple(margin for margin in margins if margin in peers),
            **{name: float(entry[name]) for name in ("low", "high", "centre", "grid") if name in entry},
            steps=tuple(map(float, entry.get("steps", ()))),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise CatalogueError(f"{entry.get('code')} : {wrong}") from wrong


def refusals(found: Catalogue) -> list[str]:
    """Why a catalogue is refused, one line each: the linter of disclosure control for both rhythms, then our own."""
    rules = policy(found.policy)
    lines: list[str] = []
    for year in (True, False):
        statistics = [table.statistic(Audience.FEDERATION) for table in found.of(year=year)]
        lines += faults(statistics, rules, period_is_year=year)
    for table in found.tables:
        lines += [f"{table.code}: {why}" for why in _own_refusals(table)]
    return list(dict.fromkeys(lines))


def _own_refusals(table: Table) -> list[str]:
    found = []
    for margin in table.margins:
        if unknown := set(margin) - set(DIMENSIONS):
            found.append(f"{', '.join(sorted(unknown))} is no dimension of the catalogue")
        if table.sensitivity == Sensitivity.A and set(margin) & BELOW_REGION:
            found.append("rights, barriers, health and status are never told under the region")
    if any(STRUCTURE in margin for margin in table.peers):
        found.append("structures are not told one by one to other structures")
    if table.rhythm not in RHYTHMS:
        found.append(f"{table.rhythm} is no rhythm")
    if table.source.indicator and table.source.rule not in RULES:
        found.append(f"{table.source.rule} is no rule to make one value of a person's units")
    if table.attribute and not (table.source.fact or table.source.indicator):
        found.append("nothing says where a person's value comes from")
    return found
