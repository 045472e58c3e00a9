"""`manage.py messages`: finds every text of the interface and keeps the English catalogue in step. No gettext needed."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import template

CATALOGUE = "locale/en/LC_MESSAGES/django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
}  # fmt: skip


def ours() -> list[str]:
    """The apps of this repository, in the order of the settings."""
    return [app for app in settings.INSTALLED_APPS if (settings.BASE_DIR / app / "__init__.py").exists()]


def texts() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """(file, line, text or its singular and plural) of everything said through gettext."""
    for app in ours():
        for path in sorted((settings.BASE_DIR / app).rglob("*")):
            if path.suffix not in {".py", ".html"} or "migrations" in path.parts or "static" in path.parts:
                continue
            source = path.read_text(encoding="utf-8")
            if path.suffix == ".html":
                source = "\n".join(line.strip() for line in template.templatize(source).splitlines())
            found = extract("python", io.BytesIO(source.encode()), KEYWORDS)
            for line, message, _comments, _context in found:
                if message and message != ("", ""):
                    yield str(path.relative_to(settings.BASE_DIR)), line, message


def fresh() -> Catalog:
    """The English catalogue as it should be: every text of today, with the translations it already has."""
    path = Path(settings.BASE_DIR) / CATALOGUE
    known = Catalog(locale="en")
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale="en")
    catalogue = Catalog(locale="en", project="Parcours", charset="utf-8", fuzzy=False)
    for place, _line, message in texts():
        key = message if isinstance(message, str) else tuple(message[:2])
        kept = known.get(key)
        catalogue.add(key, kept.string if kept else None, locations=[(place, 0)])
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    return [
        str(message.id)
        for message in catalogue
        if message.id and not (all(message.string) if isinstance(message.string, (tuple, list)) else message.string)
    ]


class Command(BaseCommand):
    help = "Relève tous les textes de l'interface et tient à jour le catalogue anglais."

    def handle(self, *args: Any, **options: Any) -> None:
        catalogue = fresh()
        path = Path(settings.BASE_DIR) / CATALOGUE
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, width=0, omit_header=False, sort_output=True, include_lineno=False)
        missing = untranslated(catalogue)
        self.stdout.write(f"{len(catalogue)} textes, {len(missing)} sans traduction.")
