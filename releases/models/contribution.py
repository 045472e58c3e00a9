"""What members with their own installation send: the people of a period, blinded before they leave, in a signed file."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation
from accounts.roles import Permission
from audit.history import tracked


@tracked
class ContributorKey(models.Model):
    """The public half of the key a member signs with (Ed25519, 32 bytes in base64). A key taken back signs nothing more."""

    organisation_path = "organisation"
    seen_with = Permission.MANAGE_ORGANISATION

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="contributor_keys", verbose_name=_("adhérent")
    )
    public_key = models.CharField(_("clé publique"), max_length=44, unique=True)
    registered_at = models.DateTimeField(_("enregistrée le"))
    revoked_at = models.DateTimeField(_("reprise le"), null=True, blank=True)

    objects = ScopedQuerySet["ContributorKey"].as_manager()

    class Meta:
        verbose_name = _("clé d'adhérent")
        verbose_name_plural = _("clés d'adhérents")
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("registered_at")),
                name="contributor_key_revoked_after",
                violation_error_message=_("Une clé se reprend après avoir été enregistrée."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.public_key[:8]}…"


class Contribution(models.Model):
    """A file as received, once: the same bytes or an old number are refused. `people` are its rows, for the secure zone
    only. The last number of a period is the one that counts."""

    organisation_path = "organisation"
    seen_with = Permission.MANAGE_ORGANISATION

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="contributions", verbose_name=_("adhérent")
    )
    key = models.ForeignKey(ContributorKey, on_delete=models.PROTECT, related_name="+", verbose_name=_("clé"))
    period_start = models.DateField(_("du"))
    period_end = models.DateField(_("au"))
    sequence = models.PositiveIntegerField(_("numéro d'envoi"))
    catalogue = models.CharField(_("catalogue"), max_length=16)
    structures = models.JSONField(_("structures"))
    people = models.JSONField(_("lignes"))
    count = models.PositiveIntegerField(_("personnes"))
    sha256 = models.CharField(_("empreinte"), max_length=64)
    received_at = models.DateTimeField(_("reçue le"))

    objects = ScopedQuerySet["Contribution"].as_manager()

    class Meta:
        verbose_name = _("contribution")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                name="contribution_once",
                violation_error_message=_("Ce fichier a déjà été reçu."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "period_start", "period_end", "sequence"],
                name="contribution_number_once",
                violation_error_message=_("Ce numéro d'envoi a déjà servi pour la période."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.organisation} {self.period_end:%d/%m/%Y} n° {self.sequence}"
