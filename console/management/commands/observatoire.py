"""`manage.py observatoire --year 2025`: the report of the year as a PDF, from released tables only."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organisation
from releases import observatoire


class Command(BaseCommand):
    help = "Écrit le rapport de l'Observatoire d'une année (PDF), à partir des seuls tableaux publiés."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, required=True, metavar="ANNÉE", help="année civile publiée")
        parser.add_argument("--out", type=Path, metavar="FICHIER", help="par défaut observatoire-ANNÉE.pdf")
        parser.add_argument("--federation", type=int, help="identifiant, s'il y en a plusieurs")

    def handle(self, *args: Any, year: int, out: Path | None, federation: int | None, **options: Any) -> None:
        found = Organisation.objects.filter(nature="federation", **({"pk": federation} if federation else {}))
        if len(found) != 1:
            raise CommandError("Dites quelle fédération, avec --federation et son identifiant.")
        try:
            pdf = observatoire.printed(found[0].pk, found[0].name, year)
        except observatoire.Absent as absent:
            raise CommandError(str(absent)) from absent
        path = out or Path(f"observatoire-{year}.pdf")
        path.write_bytes(pdf)
        self.stdout.write(f"{path} : {len(pdf) // 1024} Ko.")
