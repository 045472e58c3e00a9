from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "contracts"
    verbose_name = _("Contrats")

    def ready(self) -> None:
        from contracts import tasks  # noqa: F401 - registers the jobs
