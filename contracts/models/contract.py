"""The contract, and the draft it may come from.

A draft engages nobody: it is a row of another table, so that no rule, figure or constraint on contracts can count it.
A renewal is a contract of its own that points to the one it continues: a chain. The terms are those last signed;
`ended_on` is the effective end, known only once the contract is over. See contracts.life for the states.
"""

from decimal import Decimal
from functools import partial
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices, contract_kinds
from parcours.models import Worker
from parcours.models.pathway import DateSpan

EXCLUSIVE_KINDS = sorted(kind.code for kind in contract_kinds() if not kind.may_overlap)
MAX_WEEKLY_HOURS = Decimal(48)  # L3121-20 CT


class Terms(models.Model):
    """What a contract promises, signed or still a draft. Null or an empty kind: unknown, or no term."""

    kind = models.CharField(
        _("nature du contrat"), max_length=24, choices=partial(choices, "contract_kind"), blank=True
    )
    started_on = models.DateField(_("début"))
    planned_end_on = models.DateField(_("fin prévue"), null=True, blank=True)
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

    class Meta:
        abstract = True


@tracked
class Contract(Terms):
    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("salarié"), db_index=False
    )
    reference = models.CharField(_("numéro de contrat"), max_length=64, blank=True)
    renews = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_by", verbose_name=_("renouvelle")
    )
    signed_on = models.DateField(_("signé le"), null=True, blank=True)
    ended_on = models.DateField(_("fin effective"), null=True, blank=True)
    end_notified_on = models.DateField(
        _("fin annoncée le"),
        null=True,
        blank=True,
        help_text=_("Jour où la rupture a été notifiée : le préavis en part."),
    )
    handed_on = models.DateField(_("remis au salarié le"), null=True, blank=True)
    rights_information_on = models.DateField(
        _("information écrite remise le"),
        null=True,
        blank=True,
        help_text=_("Droits à la formation, convention collective et représentants du personnel."),
    )
    end_reason = models.CharField(_("motif de fin"), max_length=32, choices=partial(choices, "end_reason"), blank=True)
    objects = ScopedQuerySet["Contract"].as_manager()

    class Meta:
        verbose_name = _("contrat")
        ordering = ["-started_on", "-id"]
        indexes = [
            # The kind, for the night to find a person's first employment without the table; no id (tests/architecture/test_indexes.py).
            models.Index(fields=["worker", "-started_on"], include=["kind"], name="contract_of_worker"),
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


class DraftQuerySet(ScopedQuerySet["ContractDraft"]):
    def waiting(self) -> Self:
        """Neither signed nor abandoned."""
        return self.filter(contract=None, abandoned_on=None)


@tracked
class ContractDraft(Terms):
    """A contract being prepared. Signing makes it a contract, once; it may also be abandoned, and is kept either way."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="contract_drafts", verbose_name=_("salarié")
    )
    renews = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="drafts", verbose_name=_("renouvelle")
    )
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("préparé par"))
    prepared_on = models.DateField(_("préparé le"))
    contract = models.OneToOneField(
        Contract,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="draft",
        verbose_name=_("contrat signé"),
    )
    abandoned_on = models.DateField(_("abandonné le"), null=True, blank=True)
    abandon_reason = models.CharField(_("motif d'abandon"), max_length=200, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("projet de contrat")
        verbose_name_plural = _("projets de contrat")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_end_on__isnull=True) | Q(planned_end_on__gte=F("started_on")),
                name="draft_planned_end_after_start",
                violation_error_message=_("La fin prévue du contrat précède son début."),
            ),
            models.CheckConstraint(
                condition=Q(contract__isnull=True) | Q(abandoned_on__isnull=True),
                name="draft_signed_or_abandoned",
                violation_error_message=_("Un projet signé ne s'abandonne pas, un projet abandonné ne se signe pas."),
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Projet')} — {self.get_kind_display()} — {self.started_on:%d/%m/%Y}"
