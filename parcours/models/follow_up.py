"""A follow-up: one action of accompaniment, its nature, object and duration (the words of R5132-3 3° CT)."""

from functools import partial

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models.pathway import Pathway


@tracked
class FollowUp(models.Model):
    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    pathway = models.ForeignKey(
        Pathway, on_delete=models.PROTECT, related_name="follow_ups", verbose_name=_("parcours")
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("auteur"))
    kind = models.CharField(_("nature"), max_length=24, choices=partial(choices, "follow_up_kind"))
    outcome = models.CharField(
        _("présence"), max_length=16, choices=partial(choices, "follow_up_outcome"), default="present"
    )
    held_on = models.DateField(_("date"))
    minutes = models.PositiveSmallIntegerField(
        _("durée en minutes"), validators=[MaxValueValidator(720, _("Un suivi ne dure pas plus de 12 heures."))]
    )
    themes = ArrayField(
        models.CharField(max_length=24, choices=partial(choices, "theme")),
        default=list,
        blank=True,
        verbose_name=_("thèmes"),
    )
    note = models.TextField(_("note"), blank=True)
    next_step = models.CharField(_("prochaine étape"), max_length=200, blank=True)
    next_due_on = models.DateField(_("prochaine échéance"), null=True, blank=True)
    sent_once = models.UUIDField(_("clé d'envoi"), null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet["FollowUp"].as_manager()

    class Meta:
        verbose_name = _("suivi")
        ordering = ["-held_on", "-id"]
        indexes = [models.Index(fields=["pathway", "-held_on", "-id"], name="follow_up_timeline")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__lte=720),
                name="follow_up_minutes_possible",
                violation_error_message=_("Un suivi ne dure pas plus de 12 heures."),
            ),
            models.CheckConstraint(
                condition=Q(next_due_on__isnull=True) | Q(next_due_on__gte=F("held_on")),
                name="follow_up_next_step_is_later",
                violation_error_message=_("La prochaine échéance précède le suivi."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {self.held_on:%d/%m/%Y}"
