"""What a collective agreement says an hour of a job is worth at least: declared by the structure, dated, with its source."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation
from accounts.roles import Permission
from audit.history import tracked


@tracked
class PayMinimum(models.Model):
    """The conventional minimum of a job from a day on (REM-01). `rome_code` is a whole code, its beginning, or empty: any job.

    Of the minima that fit a job, the longest code holds, then the latest date. The SMIC holds where it is higher.
    """

    organisation_path = "organisation"
    seen_with = Permission.SEE_CONTRACTS

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="pay_minima", verbose_name=_("structure")
    )
    rome_code = models.CharField(_("code ROME, ou son début"), max_length=5, blank=True)
    since = models.DateField(_("à compter du"))
    hourly_gross = models.DecimalField(
        _("minimum horaire brut, en euros"), max_digits=7, decimal_places=4, validators=[MinValueValidator(0)]
    )
    source = models.CharField(_("convention collective ou accord"), max_length=200)

    objects = ScopedQuerySet["PayMinimum"].as_manager()

    class Meta:
        verbose_name = _("minimum conventionnel")
        verbose_name_plural = _("minima conventionnels")
        ordering = ["rome_code", "-since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "rome_code", "since"],
                name="pay_minimum_once",
                violation_error_message=_("Ce minimum est déjà noté pour ce jour."),
            ),
            models.CheckConstraint(
                condition=Q(hourly_gross__gt=0),
                name="pay_minimum_positive",
                violation_error_message=_("Le minimum horaire est un montant positif."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rome_code or _('tous les emplois')} — {self.hourly_gross} €"
