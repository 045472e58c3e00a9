"""`manage.py sweep_files`: removes the files that no row names, as each night does, or only counts them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from privacy import leftovers


class Command(BaseCommand):
    help = "Efface les fichiers qu'aucune ligne ne nomme, laissés par une panne ou un disque plein."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="les compter, sans rien effacer")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now().timestamp()
        try:
            if options["check"]:
                found = leftovers.find(now)
                said = (
                    f"{len(found.unnamed)} fichiers à effacer ({found.size} octets) sur {found.judged} assez anciens."
                )
            else:
                said = "{} fichiers effacés ({} octets).".format(*leftovers.sweep(now))
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(said)
