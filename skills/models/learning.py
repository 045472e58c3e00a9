"""What a person can do, as seen at work, and what she learnt. Never a global score of a person (domain.md §5)."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from parcours.models import Worker
from skills.models.framework import Skill


@tracked
class Assessment(models.Model):
    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    class Level(models.IntegerChoices):
        BEGINNER = 1, _("Découvre")
        GUIDED = 2, _("Fait avec de l'aide")
        AUTONOMOUS = 3, _("Fait seul")
        EXPERT = 4, _("Peut montrer aux autres")

    class By(models.TextChoices):
        SUPERVISOR = "supervisor", _("Encadrant technique")
        COUNSELLOR = "counsellor", _("Conseiller")
        WORKER = "worker", _("La personne elle-même")

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("salarié"))
    skill = models.ForeignKey(Skill, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("compétence"))
    level = models.PositiveSmallIntegerField(_("niveau"), choices=Level)
    assessed_on = models.DateField(_("date"))
    assessed_by = models.CharField(_("regard de"), max_length=12, choices=By, default=By.SUPERVISOR)
    context = models.CharField(_("situation de travail"), max_length=200, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["Assessment"].as_manager()

    class Meta:
        verbose_name = _("évaluation en situation de travail")
        verbose_name_plural = _("évaluations en situation de travail")
        ordering = ["-assessed_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=4),
                name="assessment_level_1_to_4",
                violation_error_message=_("Le niveau va de 1 à 4."),
            ),
            models.UniqueConstraint(
                fields=["worker", "skill", "assessed_on", "assessed_by"],
                name="assessment_once",
                violation_error_message=_("Cette compétence a déjà été évaluée ce jour par la même personne."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill} : {self.get_level_display()}"


@tracked
class Training(models.Model):
    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    class Result(models.TextChoices):
        RUNNING = "running", _("En cours")
        COMPLETED = "completed", _("Suivie")
        CERTIFIED = "certified", _("Certification obtenue")
        FAILED = "failed", _("Certification non obtenue")
        DROPPED = "dropped", _("Interrompue")

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="trainings", verbose_name=_("salarié"))
    title = models.CharField(_("intitulé"), max_length=200)
    provider = models.CharField(_("organisme"), max_length=200, blank=True)
    started_on = models.DateField(_("début"))
    ended_on = models.DateField(_("fin"), null=True, blank=True)
    mandatory_safety = models.BooleanField(_("formation obligatoire à la sécurité"), default=False)
    certifying = models.BooleanField(_("certifiante"), default=False)
    result = models.CharField(_("résultat"), max_length=12, choices=Result, blank=True)

    objects = ScopedQuerySet["Training"].as_manager()

    class Meta:
        verbose_name = _("formation")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="training_ends_after_it_starts",
                violation_error_message=_("La fin de la formation précède son début."),
            ),
            models.UniqueConstraint(
                fields=["worker", "title", "started_on"],
                name="training_once",
                violation_error_message=_("Cette formation est déjà saisie."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


@tracked
class TrainingSession(models.Model):
    """A day of training. Planned hours never stand for attended ones: null attended hours are unknown."""

    organisation_path = "training__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    training = models.ForeignKey(
        Training, on_delete=models.CASCADE, related_name="sessions", verbose_name=_("formation")
    )
    held_on = models.DateField(_("date"))
    planned_hours = models.DecimalField(_("heures prévues"), max_digits=4, decimal_places=2, null=True, blank=True)
    attended_hours = models.DecimalField(
        _("heures suivies"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(12))],
    )

    objects = ScopedQuerySet["TrainingSession"].as_manager()

    class Meta:
        verbose_name = _("séance de formation")
        verbose_name_plural = _("séances de formation")
        ordering = ["held_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["training", "held_on"],
                name="training_session_once",
                violation_error_message=_("Cette séance est déjà saisie."),
            ),
            models.CheckConstraint(
                condition=Q(attended_hours__isnull=True) | Q(attended_hours__gte=0, attended_hours__lte=12),
                name="training_session_hours_possible",
                violation_error_message=_("Une journée de formation compte au plus 12 heures."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_on:%d/%m/%Y}"
