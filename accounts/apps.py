import sys
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Comptes et organisations")

    def ready(self) -> None:
        post_migrate.connect(raise_the_wall, sender=self)


def raise_the_wall(using: str, **signal: Any) -> None:
    """After each `migrate`: the roles of the database and the rows each reaches are as the models say. After a step back, or
    part of the way, they stay as they were: a table without rules is closed to everyone."""
    from accounts import policies

    state = signal.get("apps")
    if state and not policies.tables().keys() <= {
        model._meta.db_table for model in state.get_models(include_auto_created=True)
    }:
        sys.stderr.write("Toutes les migrations ne sont pas faites : les murs de la base restent ceux d'avant.\n")
    elif not policies.ensure(using):
        sys.stderr.write("Les rôles de la base manquent : voir « manage.py walls ».\n")
