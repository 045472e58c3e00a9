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


def raise_the_wall(using: str, **_signal: Any) -> None:
    """After each `migrate`: the roles of the database and the rows each reaches are as the models say."""
    from accounts import policies

    if not policies.ensure(using):
        sys.stderr.write("Les rôles de la base manquent : voir « manage.py walls ».\n")
