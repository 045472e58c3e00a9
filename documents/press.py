"""The press: facts in, PDF out. The same facts give the same bytes, whatever the day and the machine.

Facts travel to typst as JSON, never as source: whatever a record says, it is text. Templates are ours (`typst/*.typ`),
read from one folder and nowhere else; fonts are those that come with typst, so no machine prints differently.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typst
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

TEMPLATES = Path(__file__).parent / "typst"
STANDARDS: Any = ["a-2a", "ua-1"]  # kept for years, and read aloud: PDF/A-2a and PDF/UA-1
_UNDRAWN = re.compile(r'the text `"(.+?)"` could not be displayed')


@cache
def fingerprint() -> str:
    """What the press is made of: its templates and the version of typst. Two presses may differ in their bytes."""
    made_of = hashlib.sha256(version("typst").encode())
    for path in sorted(TEMPLATES.glob("*.typ")):
        made_of.update(path.name.encode() + b"\0" + path.read_bytes())
    return made_of.hexdigest()


def canonical(facts: Mapping[str, Any]) -> str:
    """Facts as one text, the same for the same facts."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def printable(value: Any) -> Any:
    """Facts as JSON: days in ISO, amounts as text, and texts without what no font draws (emoji, control signs)."""
    if isinstance(value, Mapping):
        return {name: printable(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(inner) for inner in value]
    if isinstance(value, str):
        return "".join(sign for sign in unicodedata.normalize("NFC", value) if _drawn(sign))
    if value is None or isinstance(value, (bool, int)):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _drawn(sign: str) -> bool:
    if sign in "\n\t":
        return True
    pictogram = ord(sign) > 0xFFFF and unicodedata.category(sign) in {"So", "Sk"}
    return not pictogram and unicodedata.category(sign) not in {"Cc", "Cn", "Co"} and sign not in "\u200d\ufe0e\ufe0f"


def pressed(template: str, facts: Mapping[str, Any], *, preview: bool = False) -> bytes:
    """The PDF of a paper. `facts` holds `issued_on` (ISO) and what the template asks for.

    Raises ValidationError when a letter is in none of the fonts: better no paper than a name with holes.
    """
    text = canonical(facts)
    made_at = datetime.combine(date.fromisoformat(facts["issued_on"]), time(12), UTC)
    inputs = {"facts": text, "reference": digest(text)[:8].upper(), "preview": "oui" if preview else ""}
    compiler = typst.Compiler(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=[],
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    try:
        made: Any = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=int(made_at.timestamp()))
    except typst.TypstError as error:
        undrawn = _UNDRAWN.search(str(error))
        if undrawn is None:
            raise
        raise ValidationError(
            _("« %(text)s » ne s'imprime avec aucune police du document : écrivez-le en lettres latines.")
            % {"text": undrawn[1]},
            code="undrawn",
        ) from error
    return bytes(made)
