"""What was decided about the end of a contract, by whom, why, and when the worker was told."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from contracts.models.contract import Contract


@tracked
class Decision(models.Model):
    """`recorded_at` is the clock's, never typed: a back-dated decision counts when it was recorded (CON-04)."""

    organisation_path = "contract__worker__organisation"
    seen_with = Permission.SEE_CONTRACTS

    class Kind(models.TextChoices):
        RENEW = "renew", _("Renouveler")
        CONVERT = "convert_cdi", _("Transformer en CDI")
        END = "end_with_exit_plan", _("Terminer avec un plan de sortie")
        EXTEND_PASS = "extend_pass", _("Demander la prolongation du PASS IAE")
        SUSPEND = "suspend", _("Suspendre")

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("contrat")
    )
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

    objects = ScopedQuerySet["Decision"].as_manager()

    class Meta:
        verbose_name = _("décision")
        ordering = ["-recorded_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {self.recorded_at:%d/%m/%Y}"
