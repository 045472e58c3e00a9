"""What a person can do, as seen at work, and what she learnt. Never a global score of a person."""

from decimal import Decimal
from functools import partial

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Pathway, Worker
from skills.models.framework import Skill


@tracked
class Assessment(models.Model):
    """A skill seen in one work situation through one pair of eyes; the same day, the worker's own look stands beside.

    `signed_on`: signed by the one who looked. `worker_signed_on`: the worker has read and signed it too. `validated`: the
    supervisor says the skill is acquired; counted (COM-04) only with evidence and the worker's signature.
    """

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
    evidence = models.CharField(
        _("ce qui le montre"), max_length=300, blank=True, help_text=_("Un fait vu ou un travail fait.")
    )
    words = models.CharField(_("ses mots"), max_length=300, blank=True)
    validated = models.BooleanField(_("compétence validée"), default=False)
    signed_on = models.DateField(_("signé le"), null=True, blank=True)
    worker_signed_on = models.DateField(_("signé par la personne le"), null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(validated=False) | ~Q(assessed_by="worker") & Q(level__gte=3),
                name="assessment_validates_an_autonomous_skill",
                violation_error_message=_(
                    "Une compétence se valide par l'encadrant ou le conseiller, à partir du niveau « Fait seul »."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill} : {self.get_level_display()}"


@tracked
class Training(models.Model):
    """A training followed. `due_on`: when its result is expected; an empty result after that day is unknown (COM-03).

    An AFEST (L6313-2 CT) counts as training when the work situation and the review of it are traced.
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    class Result(models.TextChoices):
        RUNNING = "running", _("En cours")
        COMPLETED = "completed", _("Suivie")
        CERTIFIED = "certified", _("Certification obtenue")
        PARTIAL = "partial", _("Certification partielle")
        FAILED = "failed", _("Certification non obtenue")
        DROPPED = "dropped", _("Interrompue")

    class Certification(models.TextChoices):
        RNCP = "rncp", _("Titre ou diplôme (RNCP)")
        RS = "rs", _("Répertoire spécifique")
        CLEA = "clea", _("CléA")
        CQP = "cqp", _("CQP")
        BLOCK = "block", _("Bloc de compétences")
        OTHER = "other", _("Autre")

    class Dropped(models.TextChoices):
        JOB = "job", _("Pour un emploi")
        HEALTH = "health", _("Santé")
        FAMILY = "family", _("Famille ou garde")
        DISTANCE = "distance", _("Déplacement ou logement")
        CONTENT = "content", _("Formation non adaptée")
        OTHER = "other", _("Autre motif")

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="trainings", verbose_name=_("salarié"))
    title = models.CharField(_("intitulé"), max_length=200)
    provider = models.CharField(_("organisme"), max_length=200, blank=True)
    started_on = models.DateField(_("début"))
    ended_on = models.DateField(_("fin"), null=True, blank=True)
    mandatory_safety = models.BooleanField(_("formation obligatoire à la sécurité"), default=False)
    certifying = models.BooleanField(_("certifiante"), default=False)
    result = models.CharField(_("résultat"), max_length=12, choices=Result, blank=True)
    objective = models.CharField(_("objectif"), max_length=200, blank=True)
    in_working_time = models.BooleanField(_("sur le temps de travail"), null=True, blank=True)
    funder = models.CharField(_("financeur"), max_length=120, blank=True)
    certification = models.CharField(_("nature de la certification"), max_length=8, choices=Certification, blank=True)
    certification_code = models.CharField(_("code RNCP ou RS"), max_length=20, blank=True)
    due_on = models.DateField(_("résultat attendu le"), null=True, blank=True)
    result_on = models.DateField(_("date du résultat"), null=True, blank=True)
    drop_reason = models.CharField(_("motif d'interruption"), max_length=12, choices=Dropped, blank=True)
    afest = models.BooleanField(_("formation en situation de travail (AFEST)"), default=False)
    afest_situation = models.CharField(_("situation de travail analysée"), max_length=200, blank=True)
    afest_trainer = models.CharField(_("formateur désigné"), max_length=120, blank=True)
    afest_reviewed_on = models.DateField(_("temps réflexif tenu le"), null=True, blank=True)
    afest_assessed_on = models.DateField(_("évaluation faite le"), null=True, blank=True)

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
            models.CheckConstraint(
                condition=Q(drop_reason="") | Q(result="dropped"),
                name="training_drop_reason_of_a_dropped_one",
                violation_error_message=_("Un motif d'interruption va avec une formation interrompue."),
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
    excused = models.BooleanField(_("absence excusée"), default=False)

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


@tracked
class Certificate(models.Model):
    """A diploma, a title, a licence, a safety certificate: what a person may show, and until when."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="certificates", verbose_name=_("salarié"))
    training = models.ForeignKey(
        Training,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="certificates",
        verbose_name=_("formation"),
    )
    title = models.CharField(_("intitulé"), max_length=200)
    certifier = models.CharField(_("certificateur"), max_length=200, blank=True)
    reference = models.CharField(_("numéro"), max_length=64, blank=True)
    level = models.CharField(
        _("niveau de qualification"), max_length=2, choices=partial(choices, "education_level"), blank=True
    )
    partial = models.BooleanField(_("partiel (blocs)"), default=False)
    obtained_on = models.DateField(_("obtenu le"))
    expires_on = models.DateField(_("valable jusqu'au"), null=True, blank=True)

    objects = ScopedQuerySet["Certificate"].as_manager()

    class Meta:
        verbose_name = _("certificat")
        ordering = ["-obtained_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "title", "obtained_on"],
                name="certificate_once",
                violation_error_message=_("Ce certificat est déjà noté."),
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(expires_on__gte=F("obtained_on")),
                name="certificate_expires_after_it_is_obtained",
                violation_error_message=_("Le certificat expire avant d'être obtenu."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


@tracked
class Qualification(models.Model):
    """Level of qualification when the pathway began and when it ended (COM-05); an empty level is unknown."""

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    pathway = models.OneToOneField(
        Pathway, on_delete=models.PROTECT, related_name="qualification", verbose_name=_("parcours")
    )
    entry_level = models.CharField(
        _("niveau à l'entrée"), max_length=2, choices=partial(choices, "education_level"), blank=True
    )
    exit_level = models.CharField(
        _("niveau à la sortie"), max_length=2, choices=partial(choices, "education_level"), blank=True
    )

    objects = ScopedQuerySet["Qualification"].as_manager()

    class Meta:
        verbose_name = _("niveau de qualification")
        verbose_name_plural = _("niveaux de qualification")

    def __str__(self) -> str:
        return f"{self.pathway} : {self.entry_level or '?'} → {self.exit_level or '?'}"
