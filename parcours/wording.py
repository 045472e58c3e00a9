"""Gentle help with words: which listed terms a text uses, and what could be said instead. Never a refusal."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Suggestion:
    """The word as it was typed, and other words for it."""

    said: str
    instead: str


@cache
def _terms() -> list[tuple[re.Pattern[str], str]]:
    entries = yaml.safe_load((Path(__file__).parent / "wording.yaml").read_text(encoding="utf-8"))
    return [(re.compile(rf"(?<!\w)(?:{entry['term']})(?!\w)"), entry["instead"]) for entry in entries]


def _plain(text: str) -> str:
    """Lower case without accents, one character for one: positions stay those of the text."""
    return "".join(unicodedata.normalize("NFD", character)[0] for character in text).lower()


def suggestions(text: str) -> list[Suggestion]:
    """The listed terms of a text in the order they come, each once."""
    plain = _plain(text)
    found: dict[str, tuple[int, Suggestion]] = {}
    for pattern, instead in _terms():
        for match in pattern.finditer(plain):
            said = text[match.start() : match.end()]
            found.setdefault(said.lower(), (match.start(), Suggestion(said, instead)))
    return [suggestion for _start, suggestion in sorted(found.values(), key=lambda pair: pair[0])]
