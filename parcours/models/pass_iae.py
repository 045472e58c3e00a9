"""The PASS IAE: the right to work in any work-integration enterprise for up to 24 months (R5132-1-2 CT)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.roles import Permission
from audit.history import tracked
from parcours.models.pathway import DateSpan
from parcours.models.worker import Worker


@tracked
class PassIAE(models.Model):
    """`ended_on` is the last valid day, prolongations and suspensions already counted."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="passes", verbose_name=_("salarié"))
    number = models.CharField(
        _("numéro"),
        max_length=12,
        validators=[
            RegexValidator(
                r"^[0-9X]{5}[0-9]{7}$", _("Un PASS IAE a 12 caractères : 99999 puis 7 chiffres, sans espace.")
            )
        ],
    )
    started_on = models.DateField(_("début"))
    ended_on = models.DateField(_("fin"))
    origin = models.CharField(_("origine"), max_length=16, default="default")

    objects = ScopedQuerySet["PassIAE"].as_manager()

    class Meta:
        verbose_name = _("PASS IAE")
        verbose_name_plural = _("PASS IAE")
        ordering = ["-ended_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "number"],
                name="pass_number_once",
                violation_error_message=_("La personne a déjà ce PASS IAE."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__gte=F("started_on")),
                name="pass_ends_after_it_starts",
                violation_error_message=_("La fin du PASS IAE précède son début."),
            ),
            ExclusionConstraint(
                name="pass_one_valid_at_a_time",
                expressions=[
                    ("worker", RangeOperators.EQUAL),
                    (DateSpan("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("La personne a déjà un PASS IAE valide à ces dates : un seul à la fois."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number[:5]} {self.number[5:7]} {self.number[7:]}"
