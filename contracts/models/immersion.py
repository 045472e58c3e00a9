"""Immersions: périodes de mise en situation en milieu professionnel (PMSMP, L5135-1 CT)."""

from decimal import Decimal
from functools import partial

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.roles import Permission
from audit.history import tracked
from contracts.models.contract import Contract
from law.nomenclature import choices
from parcours.models import Worker


@tracked
class Immersion(models.Model):
    """One convention with one host, for one object. The person keeps status and pay (L5135-3 CT).

    `ended_on` is the last day; an empty `result` is unknown. A renewal points to the convention it continues.
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="immersions", verbose_name=_("salarié"))
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="immersions", verbose_name=_("contrat")
    )
    renews = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_by", verbose_name=_("renouvelle")
    )
    host_name = models.CharField(_("structure d'accueil"), max_length=200)
    host_siret = models.CharField(_("SIRET de l'accueil"), max_length=14, blank=True)
    tutor = models.CharField(_("personne qui accueille"), max_length=200, blank=True)
    object = models.CharField(_("objet"), max_length=16, choices=partial(choices, "pmsmp_object"))
    objective = models.CharField(_("objectif"), max_length=300, blank=True)
    started_on = models.DateField(_("début"))
    ended_on = models.DateField(_("fin"))
    hours = models.DecimalField(
        _("heures de présence"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    prescriber = models.CharField(_("prescripteur"), max_length=200, blank=True)
    signed_on = models.DateField(_("convention signée le"), null=True, blank=True)
    result = models.CharField(_("résultat"), max_length=16, choices=partial(choices, "pmsmp_result"), blank=True)
    assessment = models.TextField(_("bilan"), blank=True)
    cancelled_on = models.DateField(_("annulée le"), null=True, blank=True)

    objects = ScopedQuerySet["Immersion"].as_manager()

    class Meta:
        verbose_name = _("immersion")
        ordering = ["-started_on", "-id"]
        indexes = [models.Index(fields=["worker", "-started_on"], name="immersion_by_worker")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__gte=F("started_on")),
                name="immersion_ends_after_it_starts",
                violation_error_message=_("La fin de l'immersion précède son début."),
            ),
            models.CheckConstraint(
                condition=Q(renews__isnull=True) | ~Q(renews=F("id")),
                name="immersion_does_not_renew_itself",
                violation_error_message=_("Une immersion ne se renouvelle pas elle-même."),
            ),
            models.CheckConstraint(
                condition=Q(host_siret="") | Q(host_siret__regex=r"^\d{14}$"),
                name="immersion_host_siret_is_14_digits",
                violation_error_message=_("Un SIRET compte 14 chiffres."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host_name} — {self.started_on:%d/%m/%Y}"
