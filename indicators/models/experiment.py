"""Experiments with contracts, statuses and the organisation of work (plan 2012-17, 2.1.2.d and 2.2.2.d).

An experiment is registered before it starts, with its hypothesis and the outcome it will be judged on: that protects
against telling only the successes. Once ended it stays for ever, with its published evaluation or without.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation
from accounts.roles import Permission
from audit.history import tracked
from contracts.models import Contract
from parcours.models import Worker


@tracked
class Experiment(models.Model):
    organisation_path = "organisation"
    seen_with = Permission.SEE_INDICATORS

    class Subject(models.TextChoices):
        CONTRACT = "contract", _("Contrat de travail")
        STATUS = "status", _("Statut des personnes")
        RELATIONS = "relations", _("Relations sociales")
        ORGANISATION = "organisation", _("Organisation du travail")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="experiments", verbose_name=_("structure")
    )
    title = models.CharField(_("intitulé"), max_length=200)
    subject = models.CharField(_("objet"), max_length=12, choices=Subject)
    hypothesis = models.TextField(_("hypothèse"))
    outcome = models.TextField(_("résultat attendu, nommé d'avance"))
    comparison = models.TextField(_("à quoi l'on compare"))
    registered_on = models.DateField(_("inscrite le"))
    started_on = models.DateField(_("début"))
    planned_end_on = models.DateField(_("fin prévue"), null=True, blank=True)
    ended_on = models.DateField(_("fin"), null=True, blank=True)
    result = models.TextField(_("résultat"), blank=True)
    evaluation_published_on = models.DateField(_("évaluation publiée le"), null=True, blank=True)

    objects = ScopedQuerySet["Experiment"].as_manager()

    class Meta:
        verbose_name = _("expérimentation")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "title"],
                name="experiment_title_once",
                violation_error_message=_("Une expérimentation de la structure porte déjà cet intitulé."),
            ),
            models.CheckConstraint(
                condition=Q(registered_on__lte=F("started_on")),
                name="experiment_registered_before_it_starts",
                violation_error_message=_("Une expérimentation s'inscrit avant de commencer."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="experiment_ends_after_it_starts",
                violation_error_message=_("La fin de l'expérimentation précède son début."),
            ),
            models.CheckConstraint(
                condition=Q(evaluation_published_on__isnull=True)
                | (Q(ended_on__isnull=False) & Q(evaluation_published_on__gte=F("started_on")) & ~Q(result="")),
                name="experiment_evaluation_has_a_result",
                violation_error_message=_("Une évaluation publiée porte un résultat, et l'expérimentation est finie."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


@tracked
class Participant(models.Model):
    """A person who takes part, with her consent. Without a contract, it is the organisation of her work that is tried."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, related_name="participants", verbose_name=_("expérimentation")
    )
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="experiments", verbose_name=_("salarié"))
    contract = models.ForeignKey(
        Contract,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="experiments",
        verbose_name=_("contrat"),
    )
    joined_on = models.DateField(_("depuis le"))
    left_on = models.DateField(_("jusqu'au"), null=True, blank=True)
    consented_on = models.DateField(
        _("accord donné le"), null=True, blank=True, help_text=_("Vide : on ne sait pas si la personne est d'accord.")
    )

    objects = ScopedQuerySet["Participant"].as_manager()

    class Meta:
        verbose_name = _("participant")
        ordering = ["joined_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "worker", "joined_on"],
                name="participant_once",
                violation_error_message=_("Cette personne participe déjà à l'expérimentation depuis ce jour."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")),
                name="participant_leaves_after_joining",
                violation_error_message=_("La fin de la participation précède son début."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} — {self.experiment}"
