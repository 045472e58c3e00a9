"""Work for a client: mises à disposition of an AI, missions of an ETTI, and the hours planned for them."""

from decimal import Decimal
from functools import partial

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.roles import Permission
from audit.history import tracked
from contracts.models.contract import Contract
from law.nomenclature import choices

MAX_MONTHLY_HOURS = Decimal(310)  # 31 days of 10 hours, the longest day of work (L3121-18 CT)


@tracked
class Assignment(models.Model):
    """Work for a client: mise à disposition of an AI, mission of an ETTI. The client's kind decides the 480 hours."""

    organisation_path = "contract__worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("contrat")
    )
    client_name = models.CharField(_("client"), max_length=200)
    client_kind = models.CharField(
        _("genre de client"), max_length=16, choices=partial(choices, "client_kind"), blank=True
    )
    started_on = models.DateField(_("début"))
    ended_on = models.DateField(_("fin"), null=True, blank=True)
    announced_on = models.DateField(
        _("annoncée au salarié le"), null=True, blank=True, help_text=_("Vide : on ne sait pas quand.")
    )
    cancelled_on = models.DateField(_("annulée le"), null=True, blank=True)
    place = models.CharField(_("lieu"), max_length=200, blank=True)
    tasks = models.CharField(_("tâches"), max_length=300, blank=True)
    client_pay = models.DecimalField(
        _("salaire de référence chez le client, en euros de l'heure"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("Ce qu'un salarié équivalent y gagne après l'essai (L5132-11, R5132-20 CT)."),
    )
    protective_equipment = models.CharField(
        _("équipements de protection"),
        max_length=200,
        blank=True,
        help_text=_("Lesquels, et qui les fournit ; « aucun » si le poste n'en demande pas."),
    )
    signed_on = models.DateField(_("contrat signé avec le client le"), null=True, blank=True)

    objects = ScopedQuerySet["Assignment"].as_manager()

    class Meta:
        verbose_name = _("mise à disposition")
        verbose_name_plural = _("mises à disposition")
        ordering = ["started_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(client_pay__isnull=True) | Q(client_pay__gt=0),
                name="assignment_client_pay_positive",
                violation_error_message=_("Le salaire de référence est un montant positif."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="assignment_ends_after_it_starts",
                violation_error_message=_("La fin de la mise à disposition précède son début."),
            ),
            models.UniqueConstraint(
                fields=["contract", "client_name", "started_on"],
                name="assignment_once",
                violation_error_message=_("Cette mise à disposition existe déjà."),
            ),
        ]

    def __str__(self) -> str:
        return self.client_name


@tracked
class PlannedMonth(models.Model):
    """Hours agreed with the client for a month. What was done is a worked month: planned hours never count as paid."""

    organisation_path = "assignment__contract__worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    assignment = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="planned_months", verbose_name=_("mise à disposition")
    )
    month = models.DateField(_("mois"), help_text=_("Premier jour du mois."))
    hours = models.DecimalField(
        _("heures prévues"),
        max_digits=6,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(MAX_MONTHLY_HOURS)],
    )

    objects = ScopedQuerySet["PlannedMonth"].as_manager()

    class Meta:
        verbose_name = _("mois prévu")
        verbose_name_plural = _("mois prévus")
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "month"],
                name="planned_month_once",
                violation_error_message=_("Ce mois est déjà prévu pour cette mise à disposition."),
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="planned_month_is_a_first_day",
                violation_error_message=_("Le mois se désigne par son premier jour."),
            ),
            models.CheckConstraint(
                condition=Q(hours__gte=0, hours__lte=MAX_MONTHLY_HOURS),
                name="planned_month_hours_possible",
                violation_error_message=_("Un mois compte entre 0 et 310 heures."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y}"
