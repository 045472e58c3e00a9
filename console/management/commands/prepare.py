"""`manage.py prepare`: what must exist before serving, made from sources."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

# Files that libraries bring and no page of ours serves.
UNUSED = ["rest_framework", "redoc*", "*.js.map", "*-es-bundle*", "htmx-4*", "htmax*"]


class Command(BaseCommand):
    help = "Rassemble les fichiers statiques et compile les traductions."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in Path(folder).glob("*/LC_MESSAGES/*.po"):
                compile_catalogue(source)
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)


def compile_catalogue(source: Path) -> None:
    """Write the .mo beside a .po when it is older. No gettext binary is needed."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parts[-3])
    with target.open("wb") as compiled:
        write_mo(compiled, catalogue)
