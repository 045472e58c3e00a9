"""Templates of follow-ups: those shipped with Parcours, and those a structure writes for itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from accounts.models import Organisation, User
from audit.saving import saved
from parcours.models import FollowUpTemplate


@dataclass(frozen=True)
class Template:
    """What fills a follow-up form. `key` names it in an address: a word for a shipped one, a number for one's own."""

    key: str
    title: str
    kind: str
    minutes: int | None
    themes: tuple[str, ...]
    note: str
    next_step: str
    next_in_days: int | None


@cache
def shipped() -> tuple[Template, ...]:
    entries = yaml.safe_load((Path(__file__).parent / "follow_up_templates.yaml").read_text(encoding="utf-8"))
    return tuple(Template(**{**entry, "themes": tuple(entry["themes"])}) for entry in entries)


def templates(own: Iterable[FollowUpTemplate]) -> list[Template]:
    """A structure's own first, then the shipped ones."""
    mine = [
        Template(str(t.pk), t.title, t.kind, t.minutes, tuple(t.themes), t.note, t.next_step, t.next_in_days)
        for t in own
    ]
    return [*mine, *shipped()]


def write_template(
    *,
    by: User,
    organisation: Organisation,
    title: str,
    kind: str = "",
    minutes: int | None = None,
    themes: Sequence[str] = (),
    note: str = "",
    next_step: str = "",
    next_in_days: int | None = None,
) -> FollowUpTemplate:
    """Keep a template for a structure. Raises ValidationError when the title is taken."""
    said = {"kind": kind, "minutes": minutes, "themes": list(themes), "note": note, "next_step": next_step,
            "next_in_days": next_in_days}  # fmt: skip
    return change_template(by=by, template=FollowUpTemplate(organisation=organisation), title=title, **said)


def change_template(*, by: User, template: FollowUpTemplate, **said: Any) -> FollowUpTemplate:
    """Write a template otherwise. Raises ValidationError when the title is taken."""
    for name, value in said.items():
        setattr(template, name, value)
    return saved(template)


def drop_template(*, by: User, template: FollowUpTemplate) -> None:
    """Take a template away; the follow-ups it helped to write keep their words."""
    template.delete()
