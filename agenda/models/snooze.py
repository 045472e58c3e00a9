"""A reason of the day put off until a day, with why. It hides one fact, not the person, and comes back by itself."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from parcours.models import Worker


@tracked
class Snooze(models.Model):
    """The fact is named as the list names it: its code, the row it comes from (0 when it is the pathway) and its due day.

    When the fact changes — another due day, another row — it is another fact, and nothing hides it.
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="snoozes", verbose_name=_("salarié"), db_index=False
    )
    fact = models.CharField(_("fait"), max_length=16)
    subject = models.BigIntegerField(_("objet"), default=0)
    due_on = models.DateField(_("échéance du fait"))
    snoozed_on = models.DateField(_("remis le"))
    until = models.DateField(_("jusqu'au"), help_text=_("Jour où le fait revient dans la liste."))
    reason = models.CharField(_("motif"), max_length=300)
    snoozed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("remis par"))

    objects = ScopedQuerySet["Snooze"].as_manager()

    class Meta:
        verbose_name = _("report")
        ordering = ["until", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "fact", "subject", "due_on"],
                name="snooze_once",
                violation_error_message=_("Ce fait est déjà remis à plus tard."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("snoozed_on")),
                name="snooze_until_a_later_day",
                violation_error_message=_("On remet à plus tard : choisissez un jour à venir."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="snooze_has_a_reason",
                violation_error_message=_("Dites pourquoi cela peut attendre."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact} → {self.until:%d/%m/%Y}"
