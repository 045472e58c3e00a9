"""What was paid for one month of one contract (and of one client, when the work was for a client), and corrections."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from contracts.models.assignment import MAX_MONTHLY_HOURS, Assignment
from contracts.models.contract import Contract


@tracked
class WorkedMonth(models.Model):
    """Unknown hours or pay are null; zero means that nothing was paid. A closed month is final in the payroll:
    it changes only by a regularisation."""

    organisation_path = "contract__worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="worked_months", verbose_name=_("contrat"), db_index=False
    )
    assignment = models.ForeignKey(
        Assignment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="worked_months",
        verbose_name=_("mise à disposition"),
    )
    month = models.DateField(_("mois"), help_text=_("Premier jour du mois."))
    paid_hours = models.DecimalField(
        _("heures payées"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(MAX_MONTHLY_HOURS)],
    )
    gross_pay = models.DecimalField(
        _("salaire brut, en euros"),
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    paid_days = models.PositiveSmallIntegerField(
        _("jours payés"), null=True, blank=True, validators=[MaxValueValidator(31)]
    )
    closed = models.BooleanField(_("mois clos"), default=False)

    objects = ScopedQuerySet["WorkedMonth"].as_manager()

    class Meta:
        verbose_name = _("mois travaillé")
        verbose_name_plural = _("mois travaillés")
        ordering = ["-month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "assignment", "month"],
                nulls_distinct=False,
                name="worked_month_once",
                violation_error_message=_("Ce mois est déjà saisi pour ce contrat."),
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="worked_month_is_a_first_day",
                violation_error_message=_("Le mois se désigne par son premier jour."),
            ),
            models.CheckConstraint(
                condition=Q(paid_hours__isnull=True) | Q(paid_hours__gte=0, paid_hours__lte=MAX_MONTHLY_HOURS),
                name="worked_month_hours_possible",
                violation_error_message=_("Un mois compte entre 0 et 310 heures payées."),
            ),
            models.CheckConstraint(
                condition=Q(gross_pay__isnull=True) | Q(gross_pay__gte=0),
                name="worked_month_pay_not_negative",
                violation_error_message=_("Le salaire brut n'est pas négatif."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%m/%Y}"


@tracked
class Regularisation(models.Model):
    """A correction of a closed month, paid later: what the month said before and after, why, and by whom.

    The worked month itself then holds the right figures; this row explains the difference.
    """

    organisation_path = "worked_month__contract__worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    worked_month = models.ForeignKey(
        WorkedMonth, on_delete=models.PROTECT, related_name="regularisations", verbose_name=_("mois travaillé")
    )
    hours_before = models.DecimalField(_("heures avant"), max_digits=6, decimal_places=2, null=True, blank=True)
    hours_after = models.DecimalField(_("heures après"), max_digits=6, decimal_places=2, null=True, blank=True)
    pay_before = models.DecimalField(_("brut avant"), max_digits=9, decimal_places=2, null=True, blank=True)
    pay_after = models.DecimalField(_("brut après"), max_digits=9, decimal_places=2, null=True, blank=True)
    reason = models.CharField(_("motif"), max_length=200)
    recorded_on = models.DateField(_("enregistrée le"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisie par"))

    objects = ScopedQuerySet["Regularisation"].as_manager()

    class Meta:
        verbose_name = _("régularisation")
        ordering = ["-recorded_on", "-id"]

    def __str__(self) -> str:
        return f"{_('Régularisation')} — {self.recorded_on:%d/%m/%Y}"
