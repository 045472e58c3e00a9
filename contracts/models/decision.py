"""What was decided about an alert, by whom, why, and when the worker was told."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from contracts.models.contract import Contract
from law import law_on
from parcours.models import Worker


def last_day_on_time(due_on: date) -> date:
    """The last day to decide and to tell the worker, for a due day (CON-04)."""
    return due_on - timedelta(days=law_on(due_on).whole("decision.notice_days"))


@tracked
class Decision(models.Model):
    """A decision answers a rule of the board before its due day; `contract` is empty for what concerns the person.

    `recorded_at` is the clock's, never typed: a back-dated decision counts when it was recorded (CON-04).
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    class Kind(models.TextChoices):
        RENEW = "renew", _("Renouveler")
        CONVERT = "convert_cdi", _("Transformer en CDI")
        END = "end_with_exit_plan", _("Terminer avec un plan de sortie")
        EXTEND_PASS = "extend_pass", _("Demander la prolongation du PASS IAE")
        SUSPEND = "suspend", _("Suspendre")
        KEEP = "keep", _("Poursuivre sans changement")
        ARRANGE = "arrange", _("Faire le nécessaire")

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("salarié"))
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name=_("contrat")
    )
    rule = models.CharField(_("règle"), max_length=32, blank=True, help_text=_("L'alerte à laquelle on répond."))
    due_on = models.DateField(_("échéance"), null=True, blank=True)
    kind = models.CharField(_("décision"), max_length=24, choices=Kind)
    reason = models.TextField(_("motif"))
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("décidé par"))
    notified_on = models.DateField(
        _("salarié informé le"),
        null=True,
        blank=True,
        help_text=_("Vide : on ne sait pas si la personne est informée."),
    )
    recorded_at = models.DateTimeField(_("enregistré le"), default=timezone.now, editable=False)
    sent_once = models.UUIDField(
        _("clé d'envoi"), null=True, blank=True, help_text=_("La même clé deux fois est la même décision.")
    )

    objects = ScopedQuerySet["Decision"].as_manager()

    class Meta:
        verbose_name = _("décision")
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["decided_by", "sent_once"],
                condition=Q(sent_once__isnull=False),
                name="decision_sent_once",
                violation_error_message=_("Cette décision est déjà enregistrée."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {self.recorded_at:%d/%m/%Y}"

    @property
    def on_time(self) -> bool | None:
        """Recorded and told to the worker the required days before the due day; None when that is not known.

        A decision of the last day is not on time, whatever day was typed (CON-04).
        """
        if self.due_on is None:
            return None
        last = last_day_on_time(self.due_on)
        if timezone.localtime(self.recorded_at).date() > last:
            return False
        return None if self.notified_on is None else self.notified_on <= last
