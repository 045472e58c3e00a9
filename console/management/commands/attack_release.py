"""`manage.py attack_release`: the red team on a whole country of invented people. Says what broke and what held."""

import resource
import secrets
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from disclosure.attack.battle import Battle
from disclosure.attack.suite import ATTACKS
from disclosure.keys import Secret
from disclosure.population import STRUCTURE
from disclosure.synthetic import population


class Command(BaseCommand):
    help = "Attaque ce qui serait publié, avec les dix-sept attaques de la méthode, sur une population inventée."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--structures", type=int, default=600, help="nombre de structures (600, soit 147 000 salariés)"
        )
        parser.add_argument("--seed", type=int, default=1, help="graine de la population")

    def handle(self, *args: Any, **options: Any) -> None:
        people = population(options["seed"], options["structures"])
        regions = range(len(people.dimensions["region"].labels))
        battle = Battle(people, regions, Secret("essai", secrets.token_bytes(32)))
        structures = len(people.dimensions[STRUCTURE].labels)
        self.stdout.write(f"{len(people)} personnes, {structures} structures, politique {battle.policy.version}")
        fell = 0
        for attack in ATTACKS:
            started = time.monotonic()
            outcome = attack(battle)
            ok = outcome.broke and outcome.held
            fell += not ok
            self.stdout.write(
                f"{'✓' if ok else '✗'} {outcome.test:<4} {outcome.attack}  ({time.monotonic() - started:.1f} s)\n"
                f"       canari {'percé' if outcome.broke else 'PAS PERCÉ'} : {_figures(outcome.canary)}\n"
                f"       publié {'tient' if outcome.held else 'CÈDE'} : {_figures(outcome.figures)}"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.stdout.write(f"Mémoire au plus : {peak} Mo")
        if fell:
            raise CommandError(f"{fell} attaque(s) à regarder : rien ne se publie ainsi.")


def _figures(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
