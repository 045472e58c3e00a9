"""A flag: something the law or good practice asks to decide before a day. Written by the night, never by hand.

Its structure is its worker's: the reference needs no check of its own, and `flag_board` is its index. `flag_once` begins with
the worker, and is hers.

One row per fact for ever: unique by (code, contract or worker, due day). As the day comes near, its rung tightens and
its severity grows; when the fact is no longer true the flag is closed, and opened again only if it becomes true again.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation
from accounts.roles import Permission
from audit.history import tracked_at_volume
from contracts.models.contract import Contract
from parcours.models import PassIAE, Worker


class FlagQuerySet(ScopedQuerySet["Flag"]):
    def open(self) -> "FlagQuerySet":
        return self.filter(closed_on__isnull=True)


@tracked_at_volume
class Flag(models.Model):
    organisation_path = "organisation"
    seen_with = Permission.SEE_CONTRACTS

    class Severity(models.IntegerChoices):
        INFO = 1, _("À prévoir")
        WATCH = 2, _("À suivre")
        WARNING = 3, _("À décider")
        URGENT = 4, _("Urgent")
        OVERDUE = 5, _("Dépassé")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="flags", verbose_name=_("structure"),
        db_index=False, db_constraint=False,
    )  # fmt: skip
    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="flags", verbose_name=_("salarié"), db_index=False
    )
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="flags", verbose_name=_("contrat")
    )
    pass_iae = models.ForeignKey(
        PassIAE, on_delete=models.PROTECT, null=True, blank=True, related_name="flags", verbose_name=_("PASS IAE"),
        db_index=False,
    )  # fmt: skip
    code = models.CharField(_("règle"), max_length=32)
    severity = models.PositiveSmallIntegerField(_("gravité"), choices=Severity)
    rung = models.PositiveSmallIntegerField(
        _("seuil"), null=True, blank=True, help_text=_("Jours avant l'échéance, ou heures du compteur.")
    )
    due_on = models.DateField(_("échéance"))
    facts = models.JSONField(_("faits"), default=dict)
    opened_on = models.DateField(_("ouverte le"), help_text=_("Jour où le fait est devenu vrai."))
    closed_on = models.DateField(_("close le"), null=True, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("alerte")
        ordering = ["-severity", "due_on", "id"]
        indexes = [
            models.Index(
                fields=["organisation", "-severity", "due_on", "id"],
                name="flag_board",
                condition=Q(closed_on__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "code", "contract", "pass_iae", "due_on"],
                nulls_distinct=False,
                name="flag_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} — {self.due_on:%d/%m/%Y}"
