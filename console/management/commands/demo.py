"""`manage.py demo`: loads the demonstration once, and prints who may sign in."""

import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from console.demo.load import NotADemonstration, load, loaded
from console.demo.world import PASSWORD, PEOPLE, STRUCTURES


class Command(BaseCommand):
    help = "Charge une démonstration (structures et personnes inventées) dans une base vide."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=2012, help="graine : la même donne les mêmes vies")
        parser.add_argument("--structures", type=int, default=len(STRUCTURES))
        parser.add_argument("--workers", type=int, default=1500)
        parser.add_argument("--today", type=date.fromisoformat, help="dernier jour de l'histoire (AAAA-MM-JJ)")
        parser.add_argument("--logins", action="store_true", help="seulement rappeler les comptes")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            self.logins()
            return
        started = time.monotonic()

        def say(text: str) -> None:
            self.stdout.write(f"  {time.monotonic() - started:5.1f} s  {text}")

        try:
            if loaded():
                say("La démonstration est déjà là : rien n'est modifié.")
                return
            counts = load(
                seed=options["seed"],
                today=options["today"] or timezone.localdate(),
                structures=options["structures"],
                workers=options["workers"],
                say=say,
            )
        except NotADemonstration as refusal:
            raise CommandError(str(refusal)) from refusal
        for name, count in counts.items():
            self.stdout.write(f"          {count:>7} {name}")

    def logins(self) -> None:
        self.stdout.write(f"\nComptes de démonstration (mot de passe : {PASSWORD})")
        for email, first, last, role, where in PEOPLE:
            self.stdout.write(f"  {email:<30} {first} {last}, {role.label} — {where}")
