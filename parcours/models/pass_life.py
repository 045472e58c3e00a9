"""What moves the end of a PASS IAE: suspensions (R5132-1-3 CT) and prolongations (R5132-1-8 CT).

`PassIAE.ended_on` always counts the suspensions and the accepted prolongations recorded here (parcours.passes).
"""

from functools import partial

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models.pass_iae import PassIAE
from parcours.models.pathway import DateSpan


@tracked
class PassSuspension(models.Model):
    """Days the PASS does not run, both ends included; as many push its end. The end may be planned, then moved."""

    organisation_path = "pass_iae__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    pass_iae = models.ForeignKey(
        PassIAE, on_delete=models.PROTECT, related_name="suspensions", verbose_name=_("PASS IAE")
    )
    started_on = models.DateField(_("début"))
    ended_on = models.DateField(_("fin"))
    reason = models.CharField(_("motif"), max_length=32, choices=partial(choices, "pass_suspension_reason"))
    note = models.CharField(_("précision"), max_length=200, blank=True)

    objects = ScopedQuerySet["PassSuspension"].as_manager()

    class Meta:
        verbose_name = _("suspension de PASS IAE")
        verbose_name_plural = _("suspensions de PASS IAE")
        ordering = ["started_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__gte=F("started_on")),
                name="pass_suspension_ends_after_it_starts",
                violation_error_message=_("La fin de la suspension précède son début."),
            ),
            ExclusionConstraint(
                name="pass_suspension_one_at_a_time",
                expressions=[
                    ("pass_iae", RangeOperators.EQUAL),
                    (DateSpan("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Le PASS IAE est déjà suspendu à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} — {self.started_on:%d/%m/%Y} → {self.ended_on:%d/%m/%Y}"

    @property
    def days(self) -> int:
        return (self.ended_on - self.started_on).days + 1


@tracked
class PassProlongation(models.Model):
    """A request to move the end of a PASS by `days`; only an accepted one moves it.

    `from_on` is the end of the PASS when it was asked: the first added day is the next one.
    """

    organisation_path = "pass_iae__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    class State(models.TextChoices):
        REQUESTED = "requested", _("À traiter")
        ACCEPTED = "accepted", _("Acceptée")
        REFUSED = "refused", _("Refusée")

    pass_iae = models.ForeignKey(
        PassIAE, on_delete=models.PROTECT, related_name="prolongations", verbose_name=_("PASS IAE")
    )
    reason = models.CharField(_("motif"), max_length=32, choices=partial(choices, "prolongation_reason"))
    from_on = models.DateField(_("fin du PASS IAE à la demande"))
    days = models.PositiveSmallIntegerField(_("jours demandés"))
    state = models.CharField(_("état"), max_length=12, choices=State, default=State.REQUESTED)
    report = models.TextField(_("bilan et motivation"), blank=True)
    prescriber = models.CharField(_("prescripteur"), max_length=200, blank=True)
    requested_on = models.DateField(_("demandée le"))
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("demandée par"))
    decided_on = models.DateField(_("réponse du"), null=True, blank=True)
    refusal_reason = models.CharField(
        _("motif du refus"), max_length=24, choices=partial(choices, "prolongation_refusal"), blank=True
    )
    refusal_note = models.TextField(_("refus : explication et suite proposée"), blank=True)

    objects = ScopedQuerySet["PassProlongation"].as_manager()

    class Meta:
        verbose_name = _("prolongation de PASS IAE")
        verbose_name_plural = _("prolongations de PASS IAE")
        ordering = ["requested_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(days__gte=1),
                name="prolongation_of_a_day_at_least",
                violation_error_message=_("Une prolongation compte au moins un jour."),
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_on__isnull=True)
                | (~Q(state="requested") & Q(decided_on__isnull=False)),
                name="prolongation_answer_has_a_date",
                violation_error_message=_("Une réponse à une demande de prolongation porte sa date."),
            ),
            models.UniqueConstraint(
                fields=["pass_iae"],
                condition=Q(state="requested"),
                name="prolongation_one_request_at_a_time",
                violation_error_message=_("Une demande de prolongation de ce PASS IAE attend déjà une réponse."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} — {self.days} j"
