from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    """Papers made from the record: templates a structure adapts, and what was issued to whom."""

    name = "documents"
    verbose_name = _("Documents")
