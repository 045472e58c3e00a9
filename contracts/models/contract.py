"""The contract and what changes it: amendments, suspensions, assignments to clients (mises à disposition, missions).

A renewal is a contract of its own that points to the one it continues: a chain. The planned end is the one signed;
`ended_on` is the effective end, known only once the contract is over.
"""

from decimal import Decimal
from functools import partial

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices, contract_kinds
from parcours.models import Worker
from parcours.models.pathway import DateSpan

EXCLUSIVE_KINDS = sorted(kind.code for kind in contract_kinds() if not kind.may_overlap)
OPEN_ENDED_KINDS = sorted(kind.code for kind in contract_kinds() if kind.open_ended)
MAX_WEEKLY_HOURS = Decimal(48)  # L3121-20 CT


@tracked
class Contract(models.Model):
    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("salarié"))
    reference = models.CharField(_("numéro de contrat"), max_length=64, blank=True)
    kind = models.CharField(
        _("nature du contrat"), max_length=24, choices=partial(choices, "contract_kind"), blank=True
    )
    renews = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_by", verbose_name=_("renouvelle")
    )
    signed_on = models.DateField(_("signé le"), null=True, blank=True)
    started_on = models.DateField(_("début"))
    planned_end_on = models.DateField(_("fin prévue"), null=True, blank=True)
    ended_on = models.DateField(_("fin effective"), null=True, blank=True)
    end_reason = models.CharField(_("motif de fin"), max_length=32, choices=partial(choices, "end_reason"), blank=True)
    weekly_hours = models.DecimalField(
        _("heures par semaine"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(MAX_WEEKLY_HOURS)],
    )
    hourly_gross = models.DecimalField(
        _("salaire horaire brut, en euros"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    rome_code = models.CharField(_("code ROME du poste"), max_length=5, blank=True)
    sentence_adjustment = models.BooleanField(
        _("aménagement de peine"), default=False, help_text=_("Lève la durée minimale de 4 mois (L5132-5 CT).")
    )

    objects = ScopedQuerySet["Contract"].as_manager()

    class Meta:
        verbose_name = _("contrat")
        ordering = ["-started_on", "-id"]
        indexes = [
            models.Index(fields=["worker", "-started_on", "-id"], name="contract_by_worker"),
            models.Index(fields=["planned_end_on"], name="contract_open_end", condition=Q(ended_on__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_end_on__isnull=True) | Q(planned_end_on__gte=F("started_on")),
                name="contract_planned_end_after_start",
                violation_error_message=_("La fin prévue du contrat précède son début."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="contract_ends_after_it_starts",
                violation_error_message=_("La fin effective du contrat précède son début."),
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours__isnull=True) | Q(weekly_hours__gt=0, weekly_hours__lte=MAX_WEEKLY_HOURS),
                name="contract_weekly_hours_possible",
                violation_error_message=_(
                    "Une semaine de travail compte au plus 48 heures (L3121-20 du code du travail)."
                ),
            ),
            models.CheckConstraint(
                condition=Q(hourly_gross__isnull=True) | Q(hourly_gross__gt=0),
                name="contract_hourly_gross_positive",
                violation_error_message=_("Le salaire horaire est un montant positif."),
            ),
            models.CheckConstraint(
                condition=Q(renews__isnull=True) | ~Q(renews=F("id")),
                name="contract_does_not_renew_itself",
                violation_error_message=_("Un contrat ne se renouvelle pas lui-même."),
            ),
            models.UniqueConstraint(
                fields=["worker", "reference"],
                condition=~Q(reference=""),
                name="contract_reference_once",
                violation_error_message=_("Ce numéro désigne déjà un autre contrat de la personne."),
            ),
            ExclusionConstraint(
                name="contract_no_overlap",
                expressions=[
                    ("worker", RangeOperators.EQUAL),
                    (DateSpan("started_on", Coalesce("ended_on", "planned_end_on")), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind__in=EXCLUSIVE_KINDS),
                violation_error_message=_(
                    "La personne a déjà un contrat de travail de ce genre dans la structure à ces dates : "
                    "seuls les CDD d'usage et les missions peuvent se superposer."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display() or _('Contrat de nature inconnue')} — {self.started_on:%d/%m/%Y}"


@tracked
class Amendment(models.Model):
    """A signed change of a contract from a day on. Only the named terms change; null keeps the former one."""

    organisation_path = "contract__worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="amendments", verbose_name=_("contrat")
    )
    signed_on = models.DateField(_("signé le"))
    effective_on = models.DateField(_("prend effet le"))
    planned_end_on = models.DateField(_("nouvelle fin prévue"), null=True, blank=True)
    weekly_hours = models.DecimalField(
        _("nouvelles heures par semaine"), max_digits=4, decimal_places=2, null=True, blank=True
    )
    hourly_gross = models.DecimalField(
        _("nouveau salaire horaire brut"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    reason = models.CharField(_("objet"), max_length=200, blank=True)

    objects = ScopedQuerySet["Amendment"].as_manager()

    class Meta:
        verbose_name = _("avenant")
        ordering = ["effective_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekly_hours__isnull=True) | Q(weekly_hours__gt=0, weekly_hours__lte=MAX_WEEKLY_HOURS),
                name="amendment_weekly_hours_possible",
                violation_error_message=_(
                    "Une semaine de travail compte au plus 48 heures (L3121-20 du code du travail)."
                ),
            ),
            models.CheckConstraint(
                condition=Q(planned_end_on__isnull=True) | Q(planned_end_on__gte=F("effective_on")),
                name="amendment_end_after_effect",
                violation_error_message=_("La nouvelle fin prévue précède l'effet de l'avenant."),
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Avenant')} — {self.effective_on:%d/%m/%Y}"


@tracked
class Suspension(models.Model):
    organisation_path = "contract__worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="suspensions", verbose_name=_("contrat")
    )
    started_on = models.DateField(_("début"))
    ended_on = models.DateField(_("fin"), null=True, blank=True)
    reason = models.CharField(
        _("motif"), max_length=32, choices=partial(choices, "contract_suspension_reason"), blank=True
    )

    objects = ScopedQuerySet["Suspension"].as_manager()

    class Meta:
        verbose_name = _("suspension de contrat")
        ordering = ["started_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="suspension_ends_after_it_starts",
                violation_error_message=_("La fin de la suspension précède son début."),
            ),
            ExclusionConstraint(
                name="suspension_one_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    (DateSpan("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Le contrat est déjà suspendu à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Suspension')} — {self.started_on:%d/%m/%Y}"


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

    objects = ScopedQuerySet["Assignment"].as_manager()

    class Meta:
        verbose_name = _("mise à disposition")
        verbose_name_plural = _("mises à disposition")
        ordering = ["started_on", "id"]
        constraints = [
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
