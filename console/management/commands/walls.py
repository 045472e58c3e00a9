"""`manage.py walls`: the roles of the database and the rows each reaches, as the models say (accounts/policies.py)."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from accounts import policies
from releases.role import ROLE as FEDERATION

# What the processes sign in as in production: the login, the variable that holds its password, the roles it may put on.
LOGINS = {
    "parcours_web": ("WEB_PASSWORD", (policies.APP, FEDERATION)),
    "parcours_jobs": ("JOBS_PASSWORD", (policies.WORKER, FEDERATION)),
}


class Command(BaseCommand):
    help = (
        "Pose dans la base les rôles des processus et les murs entre organisations ; dit combien de tables ils ferment."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sql", action="store_true", help="écrire les rôles à créer par l'administrateur de la base"
        )
        parser.add_argument(
            "--logins",
            action="store_true",
            help="donner au site et aux travaux leurs comptes (WEB_PASSWORD, JOBS_PASSWORD)",
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
        if options["logins"]:
            self.logins()
        closed, all_of_them = policies.walled(), policies.tables()
        self.stdout.write(
            f"{len(closed)} tables fermées entre organisations sur {len(all_of_them)} ; les autres et leur raison :"
            " accounts/unwalled.yaml."
        )

    @transaction.atomic
    def logins(self) -> None:
        """The accounts of the site and of the jobs: no right of their own, and the roles above to put on."""
        for login, (variable, roles) in LOGINS.items():
            password = os.environ.get(variable)
            if not password:
                raise CommandError(f"{variable} manque : c'est le mot de passe de {login}.")
            with connection.cursor() as cursor:
                cursor.execute(policies.role_sql(login, "LOGIN"))
                cursor.execute(f"ALTER ROLE {login} {policies.PLAIN} NOINHERIT LOGIN PASSWORD %s", [password])
                cursor.execute(f"ALTER ROLE {login} SET role = {roles[0]}")
                cursor.execute(f"GRANT {', '.join(roles)} TO {login}")
