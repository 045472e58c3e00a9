"""The plan of a pathway: strengths first, objectives in the person's own words, actions, and the hours she wishes.

Every statement says whose it is (`said_by`) and of which day; `recorded_by` is only who typed it.
"""

from decimal import Decimal
from functools import partial

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from accounts.sealed_fields import SealedCharField
from audit.history import tracked
from law.nomenclature import choices
from parcours.models.barrier import Barrier
from parcours.models.pathway import Pathway
from parcours.models.sensitive import ThemedQuerySet
from parcours.models.worker import Worker


@tracked
class Strength(models.Model):
    """What a person can lean on. It is hers, not a pathway's: it outlives the exit."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="strengths", verbose_name=_("salarié"))
    kind = models.CharField(_("nature"), max_length=16, choices=partial(choices, "strength_kind"))
    words = models.CharField(_("avec quels mots"), max_length=300)
    said_by = models.CharField(_("dit par"), max_length=12, choices=partial(choices, "said_by"), default="worker")
    stated_on = models.DateField(_("dit le"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["Strength"].as_manager()

    class Meta:
        verbose_name = _("point d'appui")
        verbose_name_plural = _("points d'appui")
        ordering = ["-stated_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "kind", "words"],
                name="strength_once",
                violation_error_message=_("Ce point d'appui est déjà noté."),
            )
        ]

    def __str__(self) -> str:
        return self.words


@tracked
class Objective(models.Model):
    """What the person wants. `own_words` is false when someone else worded it, null when nobody knows any more."""

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    theme_path = "theme"

    pathway = models.ForeignKey(
        Pathway, on_delete=models.PROTECT, related_name="objectives", verbose_name=_("parcours")
    )
    words = SealedCharField(_("ce que veut la personne"), max_length=500, column="objective.words", when="theme")
    own_words = models.BooleanField(_("dans ses propres mots"), null=True, blank=True)
    theme = models.CharField(_("thème"), max_length=24, choices=partial(choices, "theme"), blank=True)
    set_on = models.DateField(_("posé le"))
    cosigned_on = models.DateField(
        _("validé par la personne le"),
        null=True,
        blank=True,
        help_text=_("Vide tant que la personne n'a pas dit que c'est bien son objectif."),
    )
    state = models.CharField(_("état"), max_length=12, choices=partial(choices, "objective_state"), default="open")
    closed_on = models.DateField(_("clos le"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ThemedQuerySet["Objective"].as_manager()

    class Meta:
        verbose_name = _("objectif")
        ordering = ["set_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_on__isnull=True) | (~Q(state="open") & Q(closed_on__isnull=False)),
                name="objective_closed_has_a_date",
                violation_error_message=_("Un objectif atteint ou mis de côté porte la date à laquelle il l'a été."),
            ),
            models.CheckConstraint(
                condition=Q(cosigned_on__isnull=True) | Q(cosigned_on__gte=F("set_on")),
                name="objective_cosigned_after_it_is_set",
                violation_error_message=_("L'accord de la personne précède l'objectif."),
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("set_on")),
                name="objective_closes_after_it_is_set",
                violation_error_message=_("La fin de l'objectif précède son début."),
            ),
        ]

    def __str__(self) -> str:
        return self.words


@tracked
class PlanAction(models.Model):
    """A step of the plan: done by the person, with her or for her; by the structure, a partner or both.

    Who the partner is stands in `partners.Orientation`, which points here. `autonomy` null is unknown.
    """

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    theme_path = "theme"

    pathway = models.ForeignKey(
        Pathway, on_delete=models.PROTECT, related_name="plan_actions", verbose_name=_("parcours")
    )
    objective = models.ForeignKey(
        Objective,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("pour l'objectif"),
    )
    barrier = models.ForeignKey(
        Barrier,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("pour lever"),
    )
    theme = models.CharField(_("thème"), max_length=24, choices=partial(choices, "theme"), blank=True)
    what = SealedCharField(_("ce qui va être fait"), max_length=200, column="action.what", when="theme")
    autonomy = models.CharField(_("qui agit"), max_length=8, choices=partial(choices, "action_autonomy"), blank=True)
    provider = models.CharField(
        _("qui accompagne"), max_length=12, choices=partial(choices, "action_provider"), default="internal"
    )
    decided_on = models.DateField(_("décidé le"))
    due_on = models.DateField(_("pour le"), null=True, blank=True)
    state = models.CharField(_("état"), max_length=12, choices=partial(choices, "action_state"), default="to_do")
    state_on = models.DateField(_("depuis le"), help_text=_("Jour où l'action a pris cet état."))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ThemedQuerySet["PlanAction"].as_manager()

    class Meta:
        verbose_name = _("action du plan")
        verbose_name_plural = _("actions du plan")
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["pathway", "due_on", "id"], name="plan_action_by_pathway")]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("decided_on")),
                name="plan_action_due_after_it_is_decided",
                violation_error_message=_("L'échéance de l'action précède le jour où elle est décidée."),
            ),
            models.CheckConstraint(
                condition=Q(state_on__gte=F("decided_on")),
                name="plan_action_moves_after_it_is_decided",
                violation_error_message=_("Ce changement précède le jour où l'action a été décidée."),
            ),
        ]

    def __str__(self) -> str:
        return self.what


@tracked
class HoursWish(models.Model):
    """The weekly hours a person says she wants (TPS-01, TPS-02). Always her own statement, never a guess.

    `available` is whether she could start within two weeks, null when not asked; `held_back_by` is what keeps her from
    working more when she is not available: a barrier is not a choice.
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="hours_wishes", verbose_name=_("salarié"))
    weekly_hours = models.DecimalField(
        _("heures souhaitées par semaine"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(48))],
    )
    available = models.BooleanField(_("disponible sous deux semaines"), null=True, blank=True)
    held_back_by = models.CharField(
        _("ce qui empêche de travailler plus"), max_length=12, choices=partial(choices, "hours_obstacle"), blank=True
    )
    stated_on = models.DateField(_("dit par la personne le"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["HoursWish"].as_manager()

    class Meta:
        verbose_name = _("souhait d'heures")
        verbose_name_plural = _("souhaits d'heures")
        ordering = ["-stated_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "stated_on"],
                name="hours_wish_once_a_day",
                violation_error_message=_("Le souhait d'heures de la personne est déjà noté pour ce jour."),
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours__gte=1, weekly_hours__lte=48),
                name="hours_wish_possible",
                violation_error_message=_("Une semaine de travail compte entre 1 et 48 heures."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekly_hours.normalize():f} h"
