"""From our themes to the official lists of « freins » and services, and back (crosswalk.yaml)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Correspondence:
    """One theme in the words of the others; None where their list has nothing like it."""

    theme: str
    asp: str | None
    ft: str | None
    situations: dict[str, str]
    di: tuple[str, ...]
    cdb: str
    sol: str | None


@cache
def crosswalk() -> dict[str, Correspondence]:
    """The correspondences by theme, in the order of the file."""
    entries = yaml.safe_load((Path(__file__).parent / "crosswalk.yaml").read_text(encoding="utf-8"))
    return {entry["theme"]: Correspondence(**{**entry, "di": tuple(entry["di"])}) for entry in entries}


def theme_of_topic(topic: str) -> str | None:
    """Our theme for a data·inclusion thématique: a sub-theme of its own wins over its theme. None when unknown."""
    head = topic.partition("--")[0]
    found = {name: row.theme for row in crosswalk().values() for name in row.di}
    return found.get(topic) or found.get(head)


def themes_of_topics(topics: list[str]) -> list[str]:
    """Our themes for several thématiques, each once, sorted."""
    return sorted({theme for topic in topics if (theme := theme_of_topic(topic))})


def situation_label(code: str) -> str:
    """The label of a situation, or the code itself when it is in no list."""
    return next((row.situations[code] for row in crosswalk().values() if code in row.situations), code)
