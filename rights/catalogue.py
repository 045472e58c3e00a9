"""The rights a counsellor follows, read from catalogue.yaml (articles in each entry).

code, label, group     D… a step of a counsellor, E… owed to any employee at entry, H… opened by seniority or hours
triggers               events that open a step (nomenclatures `right_event` and `circumstance`)
held_by                facts that say the person has it already: the step is opened filled in
each                   one step for each event (each hire, each child); absent: one for the whole pathway
once_hired, from_age   the step waits for the hire, for the birthday
instead_of             the other way to be served: one done, the other is no concern
due, due_in            when to have acted, counted from the trigger (`due_in`: by kind of structure)
answer                 usual time for the answer, from the request; absent: unknown
validity, lasts        how long it lasts once open; absent: without term, or written on the decision
renewal                [from, to]: how long before its last day to act, at the earliest and at the latest
proof, advice, source  what closes the step; what to know; where it is said
status                 `to_confirm` when nobody of ours has read the text
sensitive              speaks of health or of the right to stay
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from law.dates import add_months, last_day, working_days_after
from law.nomenclature import choices

FILE = Path(__file__).parent / "catalogue.yaml"
SPAN = re.compile(r"(\d+) (working days|days?|months?)")


class CatalogueError(ValueError):
    """An entry of the catalogue is wrong; the message names it."""


@dataclass(frozen=True)
class Span:
    """A length of time as the texts give it: days, months from date to date, or working days."""

    days: int = 0
    months: int = 0
    working_days: int = 0

    @classmethod
    def read(cls, text: str) -> "Span":
        """« 30 days », « 2 months », « 2 working days ». Raises CatalogueError."""
        found = SPAN.fullmatch(text)
        if found is None:
            raise CatalogueError(f"« {text} » n'est pas une durée (30 days, 2 months, 2 working days)")
        unit = found[2].replace(" ", "_").rstrip("s") + "s"
        return cls(**{unit: int(found[1])})

    def after(self, day: date) -> date:
        return working_days_after(add_months(day, self.months), self.working_days) + timedelta(days=self.days)


@dataclass(frozen=True)
class Right:
    code: str
    label: str
    group: str
    triggers: tuple[str, ...]
    due: Span
    proof: str
    source: str
    held_by: tuple[str, ...] = ()
    each: bool = False
    once_hired: bool = False
    from_age: int | None = None
    instead_of: str | None = None
    due_in: tuple[tuple[str, Span], ...] = ()
    answer: Span | None = None
    validity: Span | None = None
    validity_if_disabled: Span | None = None
    lasts: str | None = None
    renewal: tuple[Span, Span] | None = None
    advice: str = ""
    confirmed: bool = True
    sensitive: bool = False

    def due_on(self, triggered_on: date, structure_kind: str = "") -> date:
        """Last day to have acted on a step triggered that day."""
        return dict(self.due_in).get(structure_kind, self.due).after(triggered_on)

    def last_day(self, opened_on: date, disabled: bool = False) -> date | None:
        """Last day of a right opened that day; None when it has no term or the decision says it."""
        span = (self.validity_if_disabled if disabled else None) or self.validity
        return last_day(opened_on, span.months) if span else None

    def answer_expected_on(self, requested_on: date) -> date | None:
        """When the answer usually has come; None when the delay is unknown."""
        return self.answer.after(requested_on) if self.answer else None


@cache
def rights() -> dict[str, Right]:
    """All rights by code. Raises CatalogueError, naming the entry, when anything in it is not as the module says."""
    found: dict[str, Right] = {}
    for entry in yaml.safe_load(FILE.read_text(encoding="utf-8")):
        try:
            right = _read(dict(entry))
        except (CatalogueError, TypeError, KeyError) as error:
            raise CatalogueError(f"{entry.get('code', '?')} : {error}") from None
        if right.code in found:
            raise CatalogueError(f"{right.code} est défini deux fois")
        found[right.code] = right
    return found


def _read(entry: dict[str, Any]) -> Right:
    status = entry.pop("status", "confirmed")
    if status not in {"confirmed", "to_confirm"}:
        raise CatalogueError(f"statut inconnu « {status} »")
    events = {code for name in ("right_event", "circumstance") for code, _label in choices(name)}
    for name in ("triggers", "held_by"):
        entry[name] = tuple(entry.get(name, ()))
        if unknown := set(entry[name]) - events:
            raise CatalogueError(f"événements inconnus {', '.join(sorted(unknown))}")
    if entry["group"] not in {code for code, _label in choices("right_group")}:
        raise CatalogueError(f"groupe inconnu « {entry['group']} »")
    for name in ("due", "answer", "validity", "validity_if_disabled"):
        if name in entry:
            entry[name] = Span.read(entry[name])
    if "renewal" in entry:
        earliest, latest = entry["renewal"]
        entry["renewal"] = (Span.read(earliest), Span.read(latest))
    entry["due_in"] = tuple((kind, Span.read(text)) for kind, text in entry.get("due_in", {}).items())
    return Right(**entry, confirmed=status == "confirmed")


def right_choices() -> list[tuple[str, str]]:
    return [(right.code, right.label) for right in rights().values()]


def sensitive_rights() -> list[str]:
    """The codes of the rights that speak of health or of the right to stay."""
    return [right.code for right in rights().values() if right.sensitive]


def named(code: str) -> str:
    """The name of a right; without its code, it is one that the reader may not know."""
    if not code:
        return _("Droit réservé")
    return rights()[code].label if code in rights() else code
