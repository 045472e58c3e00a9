"""The outbox: work to do, kept in PostgreSQL. The broker only wakes workers up and may lose everything.

A job is unique by key: asking twice for the same work gives one row. Its effect and `done_at` are one transaction.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    name = models.CharField(_("travail"), max_length=80)
    key = models.CharField(_("clé"), max_length=200, unique=True)
    arguments = models.JSONField(_("arguments"), default=dict)
    batch = models.CharField(_("lot"), max_length=200, blank=True, db_index=True)
    available_at = models.DateTimeField(_("à partir de"))
    created_at = models.DateTimeField(_("demandé le"), auto_now_add=True)
    published_at = models.DateTimeField(_("publié le"), null=True, blank=True)
    started_at = models.DateTimeField(_("commencé le"), null=True, blank=True)
    done_at = models.DateTimeField(_("fini le"), null=True, blank=True)
    failed_at = models.DateTimeField(_("abandonné le"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    error = models.TextField(_("erreur"), blank=True)
    result = models.JSONField(_("résultat"), default=dict)

    class Meta:
        verbose_name = _("travail")
        verbose_name_plural = _("travaux")
        indexes = [
            models.Index(
                fields=["available_at"], name="job_waiting", condition=Q(done_at__isnull=True, failed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.key
