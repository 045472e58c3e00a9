"""An appointment to come. Whether it was kept is not written here: a follow-up of that day says it."""

from functools import partial

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Worker


class AppointmentQuerySet(ScopedQuerySet["Appointment"]):
    def standing(self) -> "AppointmentQuerySet":
        return self.filter(cancelled_at__isnull=True)


@tracked
class Appointment(models.Model):
    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("salarié"), db_index=False
    )
    counsellor = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("avec"), db_index=False
    )
    kind = models.CharField(
        _("nature"), max_length=24, choices=partial(choices, "follow_up_kind"), default="entretien_individuel"
    )
    starts_at = models.DateTimeField(_("début"))
    minutes = models.PositiveSmallIntegerField(
        _("durée en minutes"),
        default=30,
        validators=[
            MinValueValidator(1, _("Un rendez-vous dure au moins une minute.")),
            MaxValueValidator(720, _("Un rendez-vous ne dure pas plus de 12 heures.")),
        ],
    )
    place = models.CharField(_("lieu"), max_length=120, blank=True)
    together = models.UUIDField(_("fait ensemble"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancel_reason = models.CharField(_("motif de l'annulation"), max_length=300, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("rendez-vous")
        verbose_name_plural = _("rendez-vous")
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(
                fields=["counsellor", "starts_at"],
                name="appointment_agenda",
                condition=Q(cancelled_at__isnull=True),
            ),
            models.Index(fields=["worker", "starts_at"], name="appointment_of_worker"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "counsellor", "starts_at"],
                condition=Q(cancelled_at__isnull=True),
                name="appointment_once",
                violation_error_message=_("Ce rendez-vous est déjà à l'agenda."),
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=720),
                name="appointment_minutes_possible",
                violation_error_message=_("Un rendez-vous dure entre une minute et 12 heures."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {self.starts_at:%d/%m/%Y %H:%M}"
