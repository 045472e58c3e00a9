"""`manage.py reseal`: all that is sealed, under the first secrets; what is still in clear, sealed. Then an old secret may go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy import resealing


class Command(BaseCommand):
    help = (
        "Scelle de nouveau, sous le premier secret de chaque liste, ce que d'autres secrets scellent encore et ce qui est"
        " en clair ; dit ce qui reste. Se relance sans risque, le site ouvert."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="ne rien changer : dire ce qui reste, échouer s'il en reste"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        told = [] if options["check"] else [f"Scellés de nouveau : {resealing.reseal()}"]
        found = resealing.held()
        if options["check"]:
            told += [f"{one.where} : {one.rows}, {one.key}" for one in found if one.done]
        left = [one for one in found if not one.done]
        if not left:
            told.append("Tout est sous les premiers secrets : les autres peuvent être retirés.")
        if options["verbosity"]:
            self.stdout.write("\n".join(told))
        if left:
            said = "\n".join(f"  {one.where} : {one.rows}, {one.key}" for one in left)
            raise CommandError(f"À sceller de nouveau :\n{said}", returncode=1)
