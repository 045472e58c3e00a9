"""Open Badges 3.0: what a structure recognises, to whom it was given, and the keys that make it verifiable by anyone.

A badge once given is a signed document that never changes; what may change is whether it still stands (`revoked_on`).
"""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation, User
from accounts.roles import Permission
from audit.history import tracked
from parcours.models import Worker
from skills.models.framework import Skill

STATUS_LIST_SIZE = 131_072  # the least number of places in a Bitstring Status List (W3C, §5.1)


class IssuerKey(models.Model):
    """A structure's Ed25519 key pair. The private half is sealed; a retired key signs no more and still verifies."""

    organisation_path = "organisation"
    seen_with = Permission.MANAGE_ORGANISATION
    opened_by = "uuid"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="issuer_keys", verbose_name=_("structure")
    )
    public = models.CharField(_("clé publique"), max_length=64, editable=False)
    sealed = models.TextField(_("clé privée, chiffrée"), editable=False)
    created_on = models.DateField(_("créée le"))
    retired_on = models.DateField(_("retirée le"), null=True, blank=True)

    objects = ScopedQuerySet["IssuerKey"].as_manager()

    class Meta:
        verbose_name = _("clé de signature")
        verbose_name_plural = _("clés de signature")
        ordering = ["-created_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(retired_on__isnull=True),
                name="issuer_key_one_in_use",
                violation_error_message=_("La structure a déjà une clé en service."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} — {self.created_on:%d/%m/%Y}"


@tracked
class Badge(models.Model):
    """What a structure recognises: its name, and what one must have done to receive it."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE
    opened_by = "uuid"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="badges", verbose_name=_("structure")
    )
    name = models.CharField(_("nom"), max_length=120)
    description = models.CharField(_("ce qu'il reconnaît"), max_length=500)
    criteria = models.TextField(_("ce qu'il faut avoir fait"), max_length=2000)
    skill = models.ForeignKey(
        Skill, on_delete=models.PROTECT, null=True, blank=True, related_name="badges", verbose_name=_("compétence")
    )
    closed_on = models.DateField(_("n'est plus remis depuis le"), null=True, blank=True)

    objects = ScopedQuerySet["Badge"].as_manager()

    class Meta:
        verbose_name = _("badge")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name"],
                name="badge_name_once",
                violation_error_message=_("La structure a déjà un badge de ce nom."),
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked
class Award(models.Model):
    """A badge given to a person. `credential` is the signed document, as handed over; `place` its bit in the status list."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    opened_by = "uuid"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    badge = models.ForeignKey(Badge, on_delete=models.PROTECT, related_name="awards", verbose_name=_("badge"))
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="awards", verbose_name=_("salarié"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="awards", verbose_name=_("structure émettrice")
    )
    key = models.ForeignKey(
        IssuerKey, on_delete=models.PROTECT, related_name="awards", verbose_name=_("clé de signature")
    )
    awarded_on = models.DateField(_("remis le"))
    evidence = models.CharField(_("ce qui le montre"), max_length=500, blank=True)
    place = models.PositiveIntegerField(_("place dans la liste d'état"), editable=False)
    credential = models.TextField(_("document signé"), editable=False)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("remis par"))
    revoked_on = models.DateField(_("retiré le"), null=True, blank=True)
    revocation_reason = models.CharField(_("motif du retrait"), max_length=300, blank=True)

    objects = ScopedQuerySet["Award"].as_manager()

    class Meta:
        verbose_name = _("badge remis")
        verbose_name_plural = _("badges remis")
        ordering = ["-awarded_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["badge", "worker"],
                condition=Q(revoked_on__isnull=True),
                name="award_once",
                violation_error_message=_("La personne a déjà ce badge."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "place"],
                name="award_place_once",
                violation_error_message=_("Cette place de la liste d'état est prise. Recommencez."),
            ),
            models.CheckConstraint(
                condition=Q(place__lt=STATUS_LIST_SIZE),
                name="award_place_in_the_list",
                violation_error_message=_("La place est hors de la liste d'état."),
            ),
            models.CheckConstraint(
                condition=Q(revoked_on__isnull=True) | ~Q(revocation_reason=""),
                name="award_revoked_with_a_reason",
                violation_error_message=_("Dites pourquoi le badge est retiré."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.badge)
