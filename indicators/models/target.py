"""The target a structure votes for an indicator and a year: the structure's own, never the federation's."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation
from accounts.roles import Permission
from audit.history import tracked

FIRST_YEAR, LAST_YEAR = 2000, 2100


@tracked
class Target(models.Model):
    """`value` is in the unit of the indicator's values: a share between 0 and 1, days, hours, a ratio."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_INDICATORS

    class Body(models.TextChoices):
        BOARD = "board", _("Conseil d'administration")
        ASSEMBLY = "assembly", _("Assemblée générale")
        WORKS_COUNCIL = "works_council", _("Comité social et économique")
        FUNDERS = "funders", _("Dialogue de gestion")
        TEAM = "team", _("Équipe")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="targets", verbose_name=_("structure")
    )
    indicator = models.CharField(_("indicateur"), max_length=8)
    year = models.PositiveSmallIntegerField(
        _("année"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    value = models.DecimalField(_("cible"), max_digits=12, decimal_places=4, validators=[MinValueValidator(0)])
    voted_on = models.DateField(_("votée le"))
    voted_by = models.CharField(_("votée par"), max_length=16, choices=Body)

    objects = ScopedQuerySet["Target"].as_manager()

    class Meta:
        verbose_name = _("cible")
        ordering = ["-year", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "indicator", "year"],
                name="target_once_a_year",
                violation_error_message=_("Cet indicateur a déjà une cible pour cette année."),
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="target_not_negative",
                violation_error_message=_("Une cible n'est pas négative."),
            ),
            models.CheckConstraint(
                condition=Q(year__gte=FIRST_YEAR, year__lte=LAST_YEAR),
                name="target_year_possible",
                violation_error_message=_("L'année se situe entre 2000 et 2100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"
