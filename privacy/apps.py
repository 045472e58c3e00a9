from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Données personnelles")

    def ready(self) -> None:
        from agenda.attention import MORE
        from agenda.calendar import DUES
        from privacy import dues, tasks  # noqa: F401 - registers the jobs

        MORE["data_request"] = dues.REASON
        DUES.append(dues.in_calendar)
