from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReleasesConfig(AppConfig):
    name = "releases"
    verbose_name = _("Publications")

    def ready(self) -> None:
        post_migrate.connect(grant_what_is_released, sender=self)


def grant_what_is_released(using: str, **_signal: Any) -> None:
    """After each `migrate`: the federation's role reads the released tables."""
    from releases import role

    role.ensure(using)
