"""Values of the law added by an administrator over those of law/parameters, and what each of them changed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from contracts.models import Flag


@tracked
class AddedValue(models.Model):
    """A value of a parameter from a day on. A wrong one is withdrawn, never deleted; the files' own are never touched.

    `value` is as typed, in the unit of the parameter (lawbook.actions.parse says how it is read).
    """

    key = models.CharField(_("paramètre"), max_length=80)
    since = models.DateField(_("en vigueur depuis le"))
    value = models.CharField(_("valeur"), max_length=80)
    source = models.CharField(_("source"), max_length=200, help_text=_("L'article ou le texte, avec sa date."))
    confirmed = models.BooleanField(_("texte lu"), default=False)
    reason = models.CharField(_("motif"), max_length=300)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("ajoutée par"))
    added_at = models.DateTimeField(_("ajoutée le"))
    withdrawn_at = models.DateTimeField(_("retirée le"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("motif du retrait"), max_length=300, blank=True)
    weighed_at = models.DateTimeField(_("conséquences calculées le"), null=True, blank=True)
    changes = models.JSONField(_("ce qu'elle a changé"), default=dict, blank=True)

    class Meta:
        verbose_name = _("valeur ajoutée")
        verbose_name_plural = _("valeurs ajoutées")
        ordering = ["key", "since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "since"],
                condition=Q(withdrawn_at__isnull=True),
                name="added_value_once",
                violation_error_message=_("Une valeur a déjà été ajoutée à cette date : retirez-la d'abord."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value} ({self.since:%d/%m/%Y})"


class Edition(models.Model):
    """One row: the mark of the values in force, changed with them, so that every process sees a new one at once."""

    mark = models.UUIDField()

    def __str__(self) -> str:
        return str(self.mark)


class Consequence(models.Model):
    """A flag that a value opened, changed or closed, the day it was weighed."""

    organisation_path = "flag__organisation"
    seen_with = Permission.SEE_CONTRACTS

    class What(models.TextChoices):
        OPENED = "opened", _("ouverte")
        CHANGED = "changed", _("changée")
        CLOSED = "closed", _("close")

    value = models.ForeignKey(AddedValue, on_delete=models.CASCADE, related_name="consequences")
    flag = models.ForeignKey(Flag, on_delete=models.CASCADE, related_name="+", verbose_name=_("alerte"))
    what = models.CharField(_("effet"), max_length=8, choices=What)

    objects = ScopedQuerySet["Consequence"].as_manager()

    class Meta:
        verbose_name = _("conséquence")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.flag} : {self.get_what_display()}"
