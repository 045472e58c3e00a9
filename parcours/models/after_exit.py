"""What became of a person 3, 6 and 12 months after her exit: calls planned by themselves, attempts kept."""

from decimal import Decimal
from functools import partial

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models.pathway import Exit


@tracked
class ExitCall(models.Model):
    """A call to make so many months after an exit, then its result. No answer yet is an empty `answer`.

    The situation is that of the anniversary `due_on` (SOR-02 accepts ± 15 days), not of the day of the call; `since` is
    the first day of that situation, so one talk may serve two calls when the job covers both. Not reached is an
    answer; the situation then stays unknown, never « no job ».
    """

    organisation_path = "exit__pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    class Months(models.IntegerChoices):
        THREE = 3, _("3 mois")
        SIX = 6, _("6 mois")
        TWELVE = 12, _("12 mois")

    exit = models.ForeignKey(Exit, on_delete=models.CASCADE, related_name="calls", verbose_name=_("sortie"))
    months = models.PositiveSmallIntegerField(_("mois après la sortie"), choices=Months)
    due_on = models.DateField(_("à appeler vers le"))
    answer = models.CharField(_("réponse"), max_length=12, choices=partial(choices, "exit_call_answer"), blank=True)
    answered_on = models.DateField(_("réponse du"), null=True, blank=True)
    said_by = models.CharField(_("dit par"), max_length=12, choices=partial(choices, "said_by"), blank=True)
    situation = models.CharField(_("situation"), max_length=32, choices=partial(choices, "exit_outcome"), blank=True)
    since = models.DateField(_("depuis le"), null=True, blank=True)
    contract_months = models.DecimalField(
        _("durée du contrat, en mois"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("saisi par")
    )

    objects = ScopedQuerySet["ExitCall"].as_manager()

    class Meta:
        verbose_name = _("nouvelle après la sortie")
        verbose_name_plural = _("nouvelles après la sortie")
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["due_on", "id"], name="exit_call_to_make", condition=Q(answer=""))]
        constraints = [
            models.UniqueConstraint(
                fields=["exit", "months"],
                name="exit_call_once",
                violation_error_message=_("Cet appel est déjà prévu."),
            ),
            models.CheckConstraint(
                condition=Q(months__in=[3, 6, 12]),
                name="exit_call_months_known",
                violation_error_message=_("Les nouvelles se prennent à 3, 6 et 12 mois."),
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_on__isnull=True) | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="exit_call_answer_has_a_date",
                violation_error_message=_("Une réponse porte la date à laquelle elle a été donnée."),
            ),
            models.CheckConstraint(
                condition=Q(answer="answered") | Q(situation="", contract_months__isnull=True, since__isnull=True),
                name="exit_call_situation_only_if_answered",
                violation_error_message=_("Sans réponse, la situation de la personne reste inconnue."),
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(since__lte=F("answered_on")),
                name="exit_call_since_before_the_answer",
                violation_error_message=_("Cette situation commence après la réponse."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_months_display()} — {self.due_on:%d/%m/%Y}"


@tracked
class ExitCallAttempt(models.Model):
    """A try that did not reach the person. Kept, so that « not reached » can be trusted."""

    organisation_path = "call__exit__pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    call = models.ForeignKey(ExitCall, on_delete=models.CASCADE, related_name="attempts", verbose_name=_("appel"))
    tried_on = models.DateField(_("essayé le"))
    channel = models.CharField(
        _("moyen"), max_length=12, choices=partial(choices, "contact_channel"), default="telephone"
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["ExitCallAttempt"].as_manager()

    class Meta:
        verbose_name = _("essai")
        ordering = ["tried_on", "id"]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} — {self.tried_on:%d/%m/%Y}"
