"""Codes with their French labels, and what the law attaches to each. Read once from nomenclatures.yaml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Entry = dict[str, Any]


@cache
def nomenclatures() -> dict[str, list[Entry]]:
    """All nomenclatures by name; each entry has at least `code` and `label`."""
    found: dict[str, list[Entry]] = yaml.safe_load(
        (Path(__file__).parent / "nomenclatures.yaml").read_text(encoding="utf-8")
    )
    return found


def choices(name: str) -> list[tuple[str, str]]:
    """(code, label) pairs in the order of the file, as forms and models want them."""
    return [(entry["code"], entry["label"]) for entry in nomenclatures()[name]]


def label(name: str, code: str) -> str:
    """The French label of a code, or the code itself when it is not in the nomenclature."""
    return dict(choices(name)).get(code, code)


@dataclass(frozen=True)
class ContractKind:
    """A kind of contract. `securing` is the class of rule X (2, 1, 0), None when the kind is not mapped.

    `signed_by` are the kinds of structure that use it; `article` is the text that keeps it for them, empty when none does.
    """

    code: str
    label: str
    short: str
    securing: int | None
    open_ended: bool
    may_overlap: bool
    insertion: bool
    cddi: bool
    signed_by: tuple[str, ...]
    article: str


@cache
def contract_kinds() -> tuple[ContractKind, ...]:
    return tuple(
        ContractKind(**{**entry, "signed_by": tuple(entry["signed_by"])}) for entry in nomenclatures()["contract_kind"]
    )


def contract_kind(code: str) -> ContractKind | None:
    """The kind behind a code, or None for an unknown one."""
    return next((kind for kind in contract_kinds() if kind.code == code), None)


def signed_by(code: str) -> tuple[str, ...]:
    """The kinds of structure that use a kind of contract; none for an unknown one."""
    kind = contract_kind(code)
    return kind.signed_by if kind else ()


def codes(name: str, **having: object) -> list[str]:
    """Codes of the entries whose fields have the given values, sorted: `codes("client_kind", counted=True)`."""
    return sorted(
        entry["code"]
        for entry in nomenclatures()[name]
        if all(entry.get(field) == value for field, value in having.items())
    )
