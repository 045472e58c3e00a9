"""Felt power to act (ENG-04): waves, the codes handed out, and answers that nothing ties to a person.

A code says that one more person was invited; no table says to whom it went. An answer keeps the wave, the item and the
sex the code was made for (to weigh by sex), and not its code; its key is random, so that order tells nothing.
"""

from functools import partial
from uuid import uuid4

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
class SurveyWave(models.Model):
    """Answers are known when the wave closes: `closed_on` is null while people may still answer."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="survey_waves", verbose_name=_("structure")
    )
    opened_on = models.DateField(_("ouverte le"))
    closed_on = models.DateField(_("close le"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("ouverte par"))

    objects = ScopedQuerySet["SurveyWave"].as_manager()

    class Meta:
        verbose_name = _("vague de l'enquête")
        verbose_name_plural = _("vagues de l'enquête")
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="survey_wave_closes_after_it_opens",
                violation_error_message=_("La vague se clôt avant son ouverture."),
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(closed_on__isnull=True),
                name="survey_wave_one_open",
                violation_error_message=_("Une vague de l'enquête est déjà ouverte."),
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Enquête')} — {self.opened_on:%d/%m/%Y}"


class SurveyCode(models.Model):
    """One invitation, stored as a hash. Used once; nothing says by whom, so it has no history either."""

    organisation_path = "wave__organisation"
    seen_with = Permission.SEE_PEOPLE
    opened_by = "digest"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    wave = models.ForeignKey(SurveyWave, on_delete=models.CASCADE, related_name="codes", verbose_name=_("vague"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    sex = models.CharField(_("sexe"), max_length=1, choices=Worker.Sex, blank=True)
    used = models.BooleanField(_("utilisé"), default=False)

    objects = ScopedQuerySet["SurveyCode"].as_manager()

    class Meta:
        verbose_name = _("code de l'enquête")
        verbose_name_plural = _("codes de l'enquête")

    def __str__(self) -> str:
        return str(self.wave)


class SurveyAnswer(models.Model):
    """One answer from 1 to 5 to one item, or null: « je préfère ne pas répondre »."""

    organisation_path = "wave__organisation"
    seen_with = Permission.SEE_PEOPLE

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    wave = models.ForeignKey(SurveyWave, on_delete=models.PROTECT, related_name="answers", verbose_name=_("vague"))
    item = models.CharField(_("affirmation"), max_length=24, choices=partial(choices, "power_to_act_item"))
    value = models.PositiveSmallIntegerField(_("réponse"), null=True, blank=True)
    sex = models.CharField(_("sexe"), max_length=1, choices=Worker.Sex, blank=True)

    objects = ScopedQuerySet["SurveyAnswer"].as_manager()

    class Meta:
        verbose_name = _("réponse à l'enquête")
        verbose_name_plural = _("réponses à l'enquête")
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=1, value__lte=5),
                name="survey_answer_1_to_5",
                violation_error_message=_("La réponse va de 1 à 5."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_item_display()} : {self.value}"
