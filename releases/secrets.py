"""The secret keys of the noise: one a calendar year, outside the database, never printed.

They come from the environment (RELEASE_SECRETS, « 2025:<hex>,2026:<hex> ») or from a file that only the host reads
(RELEASE_SECRETS_FILE). Only the jobs and the commands read them: the site is given none (config.settings). Whoever has a key
of a year can take the noise off the figures of that year: neither the federation nor a structure may have it, and it is
destroyed when the year's figures are no longer corrected.
"""

import hashlib
import os
import re
import secrets
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from disclosure.keys import Secret


class KeyRefused(ImproperlyConfigured):
    """No key to use. Its words, in French, are for whoever prepares a release: they hold no key."""


LINE = re.compile(r"^(\d{4}):([0-9a-f]{64,})$")


def _listed() -> dict[int, set[str]]:
    """The keys of each year, wherever they are written."""
    lines: list[str] = list(settings.RELEASE_SECRETS)
    path = Path(settings.RELEASE_SECRETS_FILE)
    try:
        if path.is_file():
            lines += path.read_text(encoding="ascii", errors="replace").split()
    except OSError as refused:
        raise KeyRefused(
            _("Le fichier des clés des publications ne se lit pas : l'hébergeur doit l'ouvrir au compte des travaux.")
        ) from refused
    found: dict[int, set[str]] = {}
    for number, line in enumerate(lines, start=1):
        match = LINE.match(line.strip())
        if match is None:  # the line itself is never repeated: it may hold a key
            raise KeyRefused(
                _("Clé des publications n° %(number)d illisible : écrire « année:clé », 64 chiffres hexadécimaux.")
                % {"number": number}
            )
        found.setdefault(int(match[1]), set()).add(match[2])
    return found


def secret_of(year: int, name: str = "") -> Secret:
    """The secret of a calendar year; of that name, when a release says under which it was prepared.

    Raises KeyRefused when there is none, when it cannot be read, when there are two and no release says which, or when none is
    the release's own: a second draw of the same figures would tell the noise.
    """
    found = {key_id(year, key): key for key in _listed().get(year, set())}
    if not found:
        raise KeyRefused(
            _(
                "Aucune clé de publication pour %(year)d. L'hébergeur la crée avec « manage.py release key --year %(year)d » "
                "ou la donne dans RELEASE_SECRETS."
            )
            % {"year": year}
        )
    if name and name not in found:
        raise KeyRefused(
            _(
                "La clé de publication de %(year)d est %(found)s, et non %(name)s sous laquelle cette publication a été "
                "préparée : remettre celle-ci."
            )
            % {"year": year, "found": ", ".join(sorted(found)), "name": name}
        )
    if not name and len(found) > 1:
        raise KeyRefused(
            _(
                "Plusieurs clés de publication pour %(year)d, entre RELEASE_SECRETS et le fichier des clés : n'en laisser "
                "qu'une, celle des publications déjà faites."
            )
            % {"year": year}
        )
    chosen = name or next(iter(found))
    return Secret(chosen, bytes.fromhex(found[chosen]))


def key_id(year: int, key: str) -> str:
    """What may be written of a key: its year and a few digits of its fingerprint."""
    return f"{year}-{hashlib.sha256(b'key id' + bytes.fromhex(key)).hexdigest()[:8]}"


def create(year: int) -> str:
    """Draw the key of a year into the file, readable by its owner only. Returns its name; an existing one is kept."""
    if year not in _listed():
        path = Path(settings.RELEASE_SECRETS_FILE)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="ascii") as kept:
            kept.write(f"{year}:{secrets.token_hex(32)}\n")
    return secret_of(year).key_id


def in_environment(year: int) -> bool:
    """Whether the environment gives a key for a year: it is removed there and nowhere else."""
    return any(line.strip().startswith(f"{year}:") for line in settings.RELEASE_SECRETS)


def forget(year: int) -> bool:
    """Destroy the key of a year in the file: its noise can never be made again, and no correction of it is possible. False
    when the file holds none. Asked through `releases.actions.forget`, which removes the people too."""
    path = Path(settings.RELEASE_SECRETS_FILE)
    if not path.is_file():
        return False
    lines = path.read_text(encoding="ascii").splitlines()
    kept = [line for line in lines if not line.startswith(f"{year}:")]
    if len(kept) == len(lines):
        return False
    path.write_text("".join(f"{line}\n" for line in kept), encoding="ascii")
    return True
