"""What a kind of paper is: what it speaks of, the facts it prints, the texts a structure may change."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.roles import Permission

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
COMMON = ("salarie", "structure")


@dataclass(frozen=True)
class Text:
    """A text a structure may replace. `names` are the facts it may hold between braces, besides COMMON."""

    label: str
    standard: str
    names: tuple[str, ...] = ()
    most: int = 1500

    def checked(self, said: str) -> str:
        """The text, clean. Raises ValidationError when it is too long or names a fact the paper does not have."""
        said = said.replace("\r\n", "\n").strip()
        if len(said) > self.most:
            raise ValidationError(
                _("« %(label)s » compte %(n)s signes, au plus %(most)s : raccourcissez-le.")
                % {"label": self.label, "n": len(said), "most": self.most}
            )
        known = (*COMMON, *self.names)
        for name in _PLACEHOLDER.findall(said):
            if name not in known:
                raise ValidationError(
                    _("« {%(name)s} » n'existe pas dans « %(label)s » : choisissez parmi %(known)s.")
                    % {"name": name, "label": self.label, "known": ", ".join(f"{{{one}}}" for one in known)}
                )
        return said

    @staticmethod
    def filled(said: str, facts: Mapping[str, str]) -> str:
        """The text with its facts; braces that name nothing stay as they are, and what is put in is never read again."""
        return _PLACEHOLDER.sub(lambda found: facts.get(found[1], found[0]), said)


@dataclass(frozen=True)
class PaperKind:
    """One kind of paper.

    `about` is the model it speaks of; `facts(subject, today)` is the plain structure its template prints and raises
    ValidationError when the record does not allow the paper yet. `sections` may be left out by a structure.
    """

    code: str
    label: str
    about: type[Model]
    facts: Callable[[Any, date], Any]
    seen_with: Permission
    issued_with: Permission
    texts: Mapping[str, Text] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    related: tuple[str, ...] = ()
