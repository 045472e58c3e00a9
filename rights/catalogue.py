"""The rights a counsellor follows, read from catalogue.yaml (source: domain.md §3.1, articles in each entry)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Right:
    """One right. `validity_months` null: without term or unknown. `renewal_from`/`renewal_to`: days before expiry."""

    code: str
    label: str
    trigger: str
    due_days: int
    validity_months: int | None
    renewal_from: int | None
    renewal_to: int | None
    proof: str
    source: str
    sensitive: bool = False


@cache
def rights() -> dict[str, Right]:
    """All rights by code. Raises TypeError when an entry lacks a field or has an unknown one."""
    entries = yaml.safe_load((Path(__file__).parent / "catalogue.yaml").read_text(encoding="utf-8"))
    return {entry["code"]: Right(**entry) for entry in entries}


def right_choices() -> list[tuple[str, str]]:
    return [(right.code, right.label) for right in rights().values()]
