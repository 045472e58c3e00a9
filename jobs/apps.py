from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Travaux")

    def ready(self) -> None:
        from jobs import nights  # noqa: F401 - registers the alert of a missed night
