"""What changes a contract once signed: amendments and suspensions; and the derogations that lift a limit of the law."""

from functools import partial

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation
from accounts.roles import Permission
from audit.history import tracked
from contracts.models.contract import MAX_WEEKLY_HOURS, Contract
from law.nomenclature import choices, codes
from parcours.models import Worker
from parcours.models.pathway import DateSpan

STRUCTURE_WIDE = codes("derogation_kind", scope="structure")


@tracked
class Amendment(models.Model):
    """A signed change of a contract from a day on. Only the named terms change; null keeps the former one.

    What it replaced is kept beside it (`former_…`), so the terms in force on any day can be told (contracts.life).
    """

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
    former_planned_end_on = models.DateField(_("fin prévue remplacée"), null=True, blank=True, editable=False)
    former_weekly_hours = models.DecimalField(
        _("heures par semaine remplacées"), max_digits=4, decimal_places=2, null=True, blank=True, editable=False
    )
    former_hourly_gross = models.DecimalField(
        _("salaire horaire brut remplacé"), max_digits=7, decimal_places=4, null=True, blank=True, editable=False
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
    """Days on which a contract is suspended; `ended_on` is the last one, the return is the day after."""

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
class Derogation(models.Model):
    """A limit lifted by someone the law names, for dates. Without person: for all those of the structure.

    `kind` says which limit (weekly hours, length of the contracts, hours of an AI) and by which article.
    """

    organisation_path = "organisation"
    seen_with = Permission.SEE_CONTRACTS

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="derogations", verbose_name=_("structure")
    )
    worker = models.ForeignKey(
        Worker,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="derogations",
        verbose_name=_("salarié"),
    )
    kind = models.CharField(_("dérogation"), max_length=32, choices=partial(choices, "derogation_kind"))
    decided_by = models.CharField(_("décidée par"), max_length=24, choices=partial(choices, "derogation_authority"))
    decided_on = models.DateField(_("décidée le"))
    started_on = models.DateField(_("début"))
    ended_on = models.DateField(_("fin"))
    reference = models.CharField(_("numéro ou référence de la décision"), max_length=120, blank=True)
    note = models.CharField(_("précision"), max_length=200, blank=True)

    objects = ScopedQuerySet["Derogation"].as_manager()

    class Meta:
        verbose_name = _("dérogation")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__gte=F("started_on")),
                name="derogation_ends_after_it_starts",
                violation_error_message=_("La fin de la dérogation précède son début."),
            ),
            models.CheckConstraint(
                condition=Q(worker__isnull=True, kind__in=STRUCTURE_WIDE)
                | (Q(worker__isnull=False) & ~Q(kind__in=STRUCTURE_WIDE)),
                name="derogation_for_a_person_or_a_structure",
                violation_error_message=_(
                    "Une dérogation individuelle nomme une personne ; une dérogation de la structure n'en nomme aucune."
                ),
            ),
            ExclusionConstraint(
                name="derogation_once_for_a_person",
                expressions=[
                    ("worker", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (DateSpan("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("La personne a déjà cette dérogation à ces dates."),
            ),
            ExclusionConstraint(
                name="derogation_once_for_a_structure",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (DateSpan("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(worker__isnull=True),
                violation_error_message=_("La structure a déjà cette dérogation à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {self.started_on:%d/%m/%Y} → {self.ended_on:%d/%m/%Y}"
