"""What a rule finds: how grave, until when, from which figures, by which article, and what may be done next.

Findings are returned, never raised nor saved; today is an argument. The rules themselves are in the modules named for
their subject; `law.review` is where they are all asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from law.nomenclature import label


class Severity(IntEnum):
    INFO = 1
    WATCH = 2
    WARNING = 3
    URGENT = 4
    OVERDUE = 5


# Days before the due day, tightest first, and what each means. Past the due day: rung 0, overdue.
LADDER: tuple[tuple[int, Severity], ...] = (
    (15, Severity.URGENT),
    (30, Severity.WARNING),
    (60, Severity.WATCH),
    (90, Severity.INFO),
)
FIRST_RUNG = 90


def rung_on(due_on: date, today: date) -> tuple[int, Severity] | None:
    """The rung of the ladder reached today and its severity; None while the due day is more than 90 days away."""
    days = (due_on - today).days
    if days < 0:
        return 0, Severity.OVERDUE
    return next(((rung, severity) for rung, severity in LADDER if days <= rung), None)


@dataclass(frozen=True)
class Rule:
    """A rule as people read it.

    `when` (English, for the documentation) says when it speaks, `why` tells one finding with its facts, `next` what may
    be done then; `decisions` are the Decision kinds it calls for. `at_night`: the night looks for it in what is recorded;
    `on_saving`: it is asked of a contract before it is signed. `by_structure`: its article for each kind of structure.
    """

    code: str
    title: str
    about: str
    when: str
    why: str
    next: str
    articles: tuple[str, ...]
    decisions: tuple[str, ...] = ()
    at_night: bool = False
    on_saving: bool = False
    by_structure: Mapping[str, str] = field(default_factory=dict)

    def articles_for(self, structure: str) -> tuple[str, ...]:
        """The articles for a kind of structure: its own when the rule has one for each kind."""
        own = self.by_structure.get(structure)
        return (own,) if own else self.articles


@cache
def rules() -> dict[str, Rule]:
    """All rules by code, in the order of the file."""
    entries = yaml.safe_load((Path(__file__).parent / "rules.yaml").read_text(encoding="utf-8"))
    return {
        entry["code"]: Rule(
            **{**entry, "articles": tuple(entry["articles"]), "decisions": tuple(entry.get("decisions", ()))}
        )
        for entry in entries
    }


def night_rules() -> dict[str, Rule]:
    """The rules the night looks for in what is recorded: each may become a flag."""
    return {code: rule for code, rule in rules().items() if rule.at_night}


@dataclass(frozen=True)
class Finding:
    """`due_on` is the last day to act, `opened_on` the day it became true, `facts` the figures the rule used.

    `forbids`: the law forbids it, so it cannot be saved; only a rule with an article and confirmed figures may.
    """

    code: str
    severity: Severity
    rung: int | None
    due_on: date
    opened_on: date
    facts: dict[str, Any] = field(default_factory=dict)
    forbids: bool = False
    cited: tuple[str, ...] = ()

    @property
    def rule(self) -> Rule:
        return rules()[self.code]

    @property
    def articles(self) -> tuple[str, ...]:
        """What it rests on: the articles it cites, else those of its rule."""
        return self.cited or self.rule.articles

    @property
    def why(self) -> str:
        """The finding in a French sentence, with its figures."""
        return said(self.rule.why, self.facts, self.due_on)

    @property
    def next(self) -> str:
        """What may be done next, in a French sentence."""
        return said(self.rule.next, self.facts, self.due_on)

    @property
    def told(self) -> str:
        """Why, by which articles, and what may be done: « Trop tard (L5132-5 CT). Faire ceci. »"""
        return f"{self.why.rstrip('.')} ({', '.join(self.articles)}). {self.next}"


def said(sentence: str, facts: Mapping[str, Any], due_on: date) -> str:
    """A sentence of a rule filled with the facts of a finding, as one says them."""
    return sentence.format(**{name: spoken(name, fact) for name, fact in facts.items()}, due_on=f"{due_on:%d/%m/%Y}")


def spoken(name: str, fact: object) -> str:
    """A fact as one says it: 2026-07-14 is 14/07/2026, a contract kind is its label, 26.5 is 26,5."""
    if fact is None:
        return "inconnue"
    if name == "kind":
        return label("contract_kind", str(fact))
    if name.endswith("_on"):
        return f"{date.fromisoformat(str(fact)):%d/%m/%Y}"
    if isinstance(fact, float):
        return f"{fact:.10g}".replace(".", ",")
    return str(fact)


def laddered(code: str, since: date, due_on: date, today: date, facts: dict[str, Any]) -> Finding | None:
    """A finding whose severity follows the days left before `due_on`; None while they are more than 90."""
    reached = rung_on(due_on, today)
    if reached is None:
        return None
    rung, severity = reached
    return Finding(code, severity, rung, due_on, max(since, due_on - timedelta(days=FIRST_RUNG)), facts)
