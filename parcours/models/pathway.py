"""A pathway: the time a person is accompanied by a structure, with its phases and its exit (R5132-1-1 CT)."""

from functools import partial

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models.worker import Worker


class DateSpan(Func):
    """SQL daterange(start, end, '[]'): both days included, no end means open."""

    function = "DATERANGE"
    output_field = DateRangeField()

    def __init__(self, start: str, end: str | Combinable) -> None:
        super().__init__(F(start), Cast(end, models.DateField()), Value("[]"))  # an unknown end is a date too


class PathwayQuerySet(ScopedQuerySet["Pathway"]):
    def open(self) -> "PathwayQuerySet":
        return self.filter(ended_on__isnull=True)


@tracked
class Pathway(models.Model):
    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="pathways", verbose_name=_("salarié"))
    started_on = models.DateField(_("entrée"))
    ended_on = models.DateField(_("sortie"), null=True, blank=True)
    phase = models.CharField(_("phase"), max_length=20, choices=partial(choices, "pathway_phase"), default="accueil")
    rights_diagnosed_on = models.DateField(
        _("diagnostic des droits fait le"),
        null=True,
        blank=True,
        help_text=_("Sans diagnostic, l'accès aux droits de la personne est inconnu, pas nul."),
    )
    plan_reviewed_on = models.DateField(_("dernier bilan du plan"), null=True, blank=True)

    objects = PathwayQuerySet.as_manager()

    class Meta:
        verbose_name = _("parcours")
        verbose_name_plural = _("parcours")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="pathway_ends_after_it_starts",
                violation_error_message=_("La sortie du parcours précède son entrée."),
            ),
            ExclusionConstraint(
                name="pathway_one_at_a_time",
                expressions=[
                    ("worker", RangeOperators.EQUAL),
                    (DateSpan("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("La personne a déjà un parcours dans cette structure à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} — {self.started_on:%d/%m/%Y}"


@tracked
class Exit(models.Model):
    """How a pathway ended. The class (durable, transition, positive…) is computed by `law`, never stored."""

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    pathway = models.OneToOneField(Pathway, on_delete=models.PROTECT, related_name="exit", verbose_name=_("parcours"))
    exited_on = models.DateField(_("date de sortie"))
    outcome = models.CharField(
        _("situation à la sortie"), max_length=32, choices=partial(choices, "exit_outcome"), blank=True
    )
    contract_months = models.DecimalField(
        _("durée du contrat trouvé, en mois"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    education_level = models.CharField(
        _("niveau de formation à la sortie"), max_length=2, choices=partial(choices, "education_level"), blank=True
    )
    said_by = models.CharField(_("dit par"), max_length=12, choices=partial(choices, "said_by"), blank=True)
    recorded_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("saisi par")
    )

    objects = ScopedQuerySet["Exit"].as_manager()

    class Meta:
        verbose_name = _("sortie")

    def __str__(self) -> str:
        return f"{self.pathway} → {self.get_outcome_display() or _('situation inconnue')}"
