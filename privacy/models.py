"""What is kept of what was done with people's data: who read it, until when it stays, what was erased."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import ApiToken, Opening, Organisation, User
from accounts.roles import Permission
from audit.history import tracked
from parcours.models import Worker


class Erasure(models.Model):
    """What remains of a person erased: when, why, by whom, and a mark that only her own row, come back from a backup, gives
    again (`privacy.tombstones`). Nothing in it says who she was."""

    organisation_path = "organisation"
    seen_with = Permission.PROTECT_DATA

    class Ground(models.TextChoices):
        ASKED = "asked", _("À la demande de la personne")
        MISTAKE = "mistake", _("Dossier ouvert par erreur")
        TERM = "term", _("Durée de conservation atteinte")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="erasures", verbose_name=_("structure")
    )
    mark = models.CharField(_("empreinte"), max_length=64, unique=True)
    ground = models.CharField(_("motif"), max_length=8, choices=Ground)
    erased_at = models.DateTimeField(_("effacé le"))
    erased_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("effacé par")
    )

    objects = ScopedQuerySet["Erasure"].as_manager()

    class Meta:
        verbose_name = _("effacement")
        ordering = ["-erased_at", "-id"]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_ground_display()} — {self.erased_at:%d/%m/%Y}"


class Consultation(models.Model):
    """Someone read a page of a person's file in that hour. A row a reader, a person, a page and an hour, however often.

    `opening`: she is of the platform's team, and that access let her.
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.PROTECT_DATA

    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("lecteur"))
    token = models.ForeignKey(
        ApiToken, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("jeton")
    )
    worker = models.ForeignKey(
        Worker, on_delete=models.CASCADE, related_name="consultations", db_index=False, verbose_name=_("salarié")
    )
    opening = models.ForeignKey(
        Opening,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
        verbose_name=_("accès de l'équipe technique"),
    )
    page = models.CharField(_("page"), max_length=60)
    hour = models.DateTimeField(_("heure"))

    objects = ScopedQuerySet["Consultation"].as_manager()

    class Meta:
        verbose_name = _("consultation")
        ordering = ["-hour", "-id"]
        indexes = [
            models.Index(fields=["worker", "-hour", "-id"], name="consultation_of_worker"),
            models.Index(fields=["hour"], name="consultation_by_hour"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "hour", "reader", "page", "token", "opening"],
                nulls_distinct=False,
                name="consultation_once_an_hour",
                violation_error_message=_("Cette consultation est déjà notée."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader} — {self.page}"


class OpenedList(models.Model):
    """A page of the structure about nobody in particular, a list of people for instance, read through an access of the
    platform's team. A row an access, a page and an hour."""

    organisation_path = "organisation"
    seen_with = Permission.PROTECT_DATA

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("structure")
    )
    opening = models.ForeignKey(
        Opening, on_delete=models.PROTECT, related_name="lists", db_index=False, verbose_name=_("accès")
    )
    page = models.CharField(_("page"), max_length=60)
    hour = models.DateTimeField(_("heure"))

    objects = ScopedQuerySet["OpenedList"].as_manager()

    class Meta:
        verbose_name = _("liste lue par l'équipe technique")
        verbose_name_plural = _("listes lues par l'équipe technique")
        ordering = ["-hour", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opening", "page", "hour"],
                name="opened_list_once_an_hour",
                violation_error_message=_("Cette lecture est déjà notée."),
            )
        ]

    def __str__(self) -> str:
        return self.page


class Term(models.Model):
    """A file whose retention has ended: since when, by which rule, and the day it is erased unless something is decided."""

    organisation_path = "worker__organisation"
    seen_with = Permission.DECIDE_CONTRACTS

    worker = models.OneToOneField(Worker, on_delete=models.CASCADE, related_name="term", verbose_name=_("salarié"))
    rule = models.CharField(_("règle"), max_length=24)
    reached_on = models.DateField(_("durée atteinte le"))
    told_on = models.DateField(_("annoncé le"))
    erase_on = models.DateField(_("effacé à partir du"))

    objects = ScopedQuerySet["Term"].as_manager()

    class Meta:
        verbose_name = _("terme de conservation")
        verbose_name_plural = _("termes de conservation")
        ordering = ["erase_on", "id"]

    def __str__(self) -> str:
        return f"{self.worker} — {self.erase_on:%d/%m/%Y}"


@tracked
class Keeping(models.Model):
    """Why a file is kept past its term, a dispute for instance, and until when."""

    organisation_path = "worker__organisation"
    seen_with = Permission.DECIDE_CONTRACTS

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="keepings", verbose_name=_("salarié"))
    reason = models.CharField(_("motif"), max_length=300)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu'au"))
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("décidé par"))

    objects = ScopedQuerySet["Keeping"].as_manager()

    class Meta:
        verbose_name = _("conservation décidée")
        verbose_name_plural = _("conservations décidées")
        ordering = ["-until", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="keeping_ends_after_it_starts",
                violation_error_message=_("La fin de la conservation précède son début."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.worker} — {self.until:%d/%m/%Y}"
