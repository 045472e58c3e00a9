"""`manage.py walls`: the roles of the database and the rows each reaches, as the models say (accounts/policies.py)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import policies


class Command(BaseCommand):
    help = (
        "Pose dans la base les rôles des processus et les murs entre organisations ; dit combien de tables ils ferment."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sql", action="store_true", help="écrire les rôles à créer par l'administrateur de la base"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sql"]:
            for role, attributes in policies.ATTRIBUTES.items():
                self.stdout.write(f"CREATE ROLE {role} {attributes};")
            return
        if not policies.ensure():
            raise CommandError(
                "L'utilisateur de la base n'a pas le droit de créer ces rôles : faire passer à son administrateur ce qu'écrit"
                " « manage.py walls --sql », puis recommencer."
            )
        closed, all_of_them = policies.walled(), policies.tables()
        self.stdout.write(
            f"{len(closed)} tables fermées entre organisations sur {len(all_of_them)} ; les autres et leur raison :"
            " accounts/unwalled.yaml."
        )
