"""The story being told: rows and changes filed under the day they were learnt."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model

from accounts.models import Organisation, User
from law.dates import add_months
from parcours.models import Pathway, Worker
from skills.models import Skill

PARIS = ZoneInfo("Europe/Paris")
Change = tuple[Model, dict[str, Any]]


@dataclass
class Story:
    """Rows by the day they were learnt, and changes of rows by the day the change was learnt."""

    today: date
    rows: dict[date, list[Model]] = field(default_factory=lambda: defaultdict(list))
    changes: dict[date, list[Change]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, day: date, row: Model) -> Any:
        """File a row; one learnt in the future is not known, and is dropped by the caller's own test."""
        self.rows[min(day, self.today)].append(row)
        return row

    def change(self, day: date, row: Model, **fields: Any) -> None:
        if day <= self.today:
            self.changes[day].append((row, fields))


@dataclass(frozen=True)
class Setting:
    organisation: Organisation
    counsellors: list[User]
    skills: list[Skill]


def months_between(start: date, end: date) -> list[date]:
    """First days of the months from start's to end's, both included."""
    month, found = start.replace(day=1), []
    while month <= end:
        found.append(month)
        month = add_months(month, 1)
    return found


class Teller:
    """What both halves of a life share: the dice, the story, the person and her structure."""

    random: Random
    story: Story
    setting: Setting
    kind: str
    entry: date
    exit_on: date
    today: date
    worker: Worker
    pathway: Pathway
    counsellor: User

    def happens(self, share: float) -> bool:
        return self.random.random() < share

    def age(self) -> int:
        birth = self.worker.birth_date
        return 0 if birth is None else (self.today - birth).days // 365
