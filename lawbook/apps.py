from django.apps import AppConfig
from django.core.signals import request_finished, request_started
from django.utils.translation import gettext_lazy as _


class LawbookConfig(AppConfig):
    """Values of the law added without code, and what each of them changed."""

    name = "lawbook"
    verbose_name = _("Valeurs de la loi")

    def ready(self) -> None:
        from jobs.registry import before_each
        from law.parameters_at import added_by
        from lawbook import (
            overlay,
            tasks,  # noqa: F401 - registers the jobs
        )

        added_by(overlay.current)
        before_each(overlay.begin)
        request_started.connect(overlay.begin, dispatch_uid="lawbook.begin")
        request_finished.connect(overlay.end, dispatch_uid="lawbook.end")
