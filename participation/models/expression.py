"""Collective and direct expression on work (L2281-1 CT): sessions, who came, proposals and the answers given."""

from functools import partial

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation, User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Worker


@tracked
class ExpressionSession(models.Model):
    """A session planned, then held or not (`held` null until known). Without an attendance list nobody knows who came."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="expression_sessions", verbose_name=_("structure")
    )
    on = models.DateField(_("date"))
    subjects = ArrayField(
        models.CharField(max_length=16, choices=partial(choices, "expression_subject")),
        verbose_name=_("sujets"),
    )
    held = models.BooleanField(_("a eu lieu"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("durée en minutes"), null=True, blank=True)
    attendance_listed = models.BooleanField(
        _("liste de présence tenue"),
        default=False,
        help_text=_("Sans liste, la participation de la structure est inconnue, pas nulle."),
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["ExpressionSession"].as_manager()

    class Meta:
        verbose_name = _("séance d'expression collective")
        verbose_name_plural = _("séances d'expression collective")
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "on"],
                name="expression_session_once_a_day",
                violation_error_message=_("Une séance d'expression est déjà notée pour ce jour."),
            ),
            models.CheckConstraint(
                condition=Q(attendance_listed=False) | Q(held=True),
                name="expression_session_list_only_if_held",
                violation_error_message=_("Une séance qui n'a pas eu lieu n'a pas de liste de présence."),
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Séance')} — {self.on:%d/%m/%Y}"


@tracked
class Attendance(models.Model):
    """A worker was there. What she said is never tied to her."""

    organisation_path = "session__organisation"
    seen_with = Permission.SEE_PEOPLE

    session = models.ForeignKey(
        ExpressionSession, on_delete=models.CASCADE, related_name="attendances", verbose_name=_("séance")
    )
    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="expression_attendances", verbose_name=_("salarié")
    )

    objects = ScopedQuerySet["Attendance"].as_manager()

    class Meta:
        verbose_name = _("présence à une séance")
        verbose_name_plural = _("présences à une séance")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "worker"],
                name="attendance_once",
                violation_error_message=_("La présence de cette personne est déjà notée."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.worker} — {self.session}"


@tracked
class Proposal(models.Model):
    """What a session proposes, as a group, and the answer: L2281-11 wants the follow-up given to be told."""

    organisation_path = "session__organisation"
    seen_with = Permission.SEE_PEOPLE

    session = models.ForeignKey(
        ExpressionSession, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("séance")
    )
    subject = models.CharField(_("sujet"), max_length=16, choices=partial(choices, "expression_subject"))
    words = models.CharField(
        _("proposition du groupe"), max_length=500, help_text=_("Sans nom : c'est la proposition du groupe.")
    )
    made_on = models.DateField(_("faite le"))
    answer = models.CharField(_("suite donnée"), max_length=12, choices=partial(choices, "proposal_answer"), blank=True)
    answer_words = models.CharField(_("réponse faite au groupe"), max_length=500, blank=True)
    answered_on = models.DateField(_("répondue le"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["Proposal"].as_manager()

    class Meta:
        verbose_name = _("proposition")
        ordering = ["-made_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_on__isnull=True) | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="proposal_answer_has_a_date",
                violation_error_message=_("Une réponse porte la date à laquelle elle a été faite."),
            ),
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=F("made_on")),
                name="proposal_answered_after_it_is_made",
                violation_error_message=_("La réponse précède la proposition."),
            ),
        ]

    def __str__(self) -> str:
        return self.words
