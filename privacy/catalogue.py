"""What people may ask about their data and agree to: closed lists (`requests.yaml`, `consents.yaml`), with their sources."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

# The parts of a file that a person may say are wrong.
PARTS = [
    ("identity", _("Identité et coordonnées")),
    ("pathway", _("Parcours et sortie")),
    ("contracts", _("Contrats")),
    ("hours", _("Heures et paie")),
    ("follow_ups", _("Suivis")),
    ("plan", _("Plan")),
    ("rights", _("Droits")),
    ("skills", _("Compétences et formations")),
]


@cache
def _read(name: str) -> Any:
    return yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))


def term() -> dict[str, int]:
    """`months` to answer, `extended_months` more at most, `soon_days` before the end when it is pressing."""
    return dict(_read("requests.yaml")["term"])


def since() -> date:
    """The day these rights are from."""
    found: date = _read("requests.yaml")["since"]
    return found


def entries(name: str) -> dict[str, dict[str, Any]]:
    """The `kinds` of requests, or the `grounds` of refusals, by code."""
    return {entry["code"]: entry for entry in _read("requests.yaml")[name]}


def choices_of(name: str) -> list[tuple[str, str]]:
    return [(code, entry["label"]) for code, entry in entries(name).items()]


@dataclass(frozen=True)
class Purpose:
    """What an agreement is for. `versions` are its texts, the oldest first; none when it is kept elsewhere."""

    code: str
    label: str
    relied_on: str
    versions: tuple[dict[str, Any], ...]
    partner: bool = False
    kept_in: str = ""

    def on(self, day: date) -> dict[str, Any]:
        """The text in force on a day: `version` and `text`."""
        return [one for one in self.versions if one["since"] <= day][-1]


@cache
def consents() -> dict[str, Purpose]:
    """Everything a person may agree to, by code."""
    return {one["code"]: Purpose(**{**one, "versions": tuple(one["versions"])}) for one in _read("consents.yaml")}


def purposes() -> list[tuple[str, str]]:
    """What an answer may be written down for here: not what is kept elsewhere."""
    return [(one.code, one.label) for one in consents().values() if not one.kept_in]
