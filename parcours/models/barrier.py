"""What stands in a person's way (« freins »), by theme, with a state over time.

A theme nobody looked at with the person is unknown: it is in no `Diagnosis` and has no barrier. A theme looked at
without a barrier is clear.
"""

from functools import partial

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from accounts.sealed_fields import SealedCharField
from audit.history import tracked
from law.nomenclature import choices
from parcours.models.pathway import Pathway
from parcours.models.sensitive import ThemedQuerySet


@tracked
class Diagnosis(models.Model):
    """The day the person's situation was looked at with her, and on which themes."""

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="diagnoses", verbose_name=_("parcours"))
    made_on = models.DateField(_("fait le"))
    themes = ArrayField(
        models.CharField(max_length=24, choices=partial(choices, "theme")), verbose_name=_("thèmes abordés")
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["Diagnosis"].as_manager()

    class Meta:
        verbose_name = _("tour de la situation")
        verbose_name_plural = _("tours de la situation")
        ordering = ["-made_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pathway", "made_on"],
                name="diagnosis_once_a_day",
                violation_error_message=_("Un tour de la situation est déjà noté pour ce jour."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.made_on:%d/%m/%Y}"


@tracked
class Barrier(models.Model):
    """One thing to lift. It is open until its last state says otherwise; `situation` is France Travail's code, if any."""

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    theme_path = "theme"

    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="barriers", verbose_name=_("parcours"))
    theme = models.CharField(_("thème"), max_length=24, choices=partial(choices, "theme"))
    situation = models.CharField(_("situation"), max_length=4, blank=True)
    words = SealedCharField(_("avec quels mots"), max_length=300, blank=True, column="barrier.words", when="theme")
    identified_on = models.DateField(_("repéré le"))
    said_by = models.CharField(_("dit par"), max_length=12, choices=partial(choices, "said_by"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ThemedQuerySet["Barrier"].as_manager()

    class Meta:
        verbose_name = _("obstacle")
        ordering = ["identified_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pathway", "theme", "situation", "identified_on"],
                name="barrier_once",
                violation_error_message=_("Cet obstacle est déjà noté pour ce jour."),
            )
        ]

    def __str__(self) -> str:
        return self.words or self.get_theme_display()


@tracked
class BarrierState(models.Model):
    """Where a barrier stands from a day on, and who says so. « Levé » said by the person is the only proof (PER-01)."""

    organisation_path = "barrier__pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    theme_path = "barrier__theme"

    barrier = models.ForeignKey(Barrier, on_delete=models.PROTECT, related_name="states", verbose_name=_("obstacle"))
    state = models.CharField(_("état"), max_length=12, choices=partial(choices, "barrier_state"))
    since = models.DateField(_("depuis le"))
    said_by = models.CharField(_("dit par"), max_length=12, choices=partial(choices, "said_by"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ThemedQuerySet["BarrierState"].as_manager()

    class Meta:
        verbose_name = _("état d'un obstacle")
        verbose_name_plural = _("états d'un obstacle")
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["barrier", "since", "said_by"],
                name="barrier_state_once_a_day",
                violation_error_message=_("L'état de cet obstacle est déjà noté pour ce jour par la même personne."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} — {self.since:%d/%m/%Y}"
