"""Citizenship as the person declares it, in closed lists: what she did, never what she thinks."""

from functools import partial

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Worker
from parcours.models.pathway import DateSpan


@tracked
class CivicStatement(models.Model):
    """What a person answered, the day she was asked, about her citizen actions (CIT-01). Not asked: no row, unknown."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="civic_statements", verbose_name=_("salarié")
    )
    asked_on = models.DateField(_("demandé le"))
    answer = models.CharField(_("réponse de la personne"), max_length=12, choices=partial(choices, "civic_answer"))
    kind = models.CharField(
        _("action citoyenne"), max_length=16, choices=partial(choices, "civic_action_kind"), blank=True
    )
    acted_on = models.DateField(_("menée le"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["CivicStatement"].as_manager()

    class Meta:
        verbose_name = _("action citoyenne déclarée")
        verbose_name_plural = _("actions citoyennes déclarées")
        ordering = ["-asked_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "asked_on", "kind"],
                name="civic_statement_once_a_day",
                violation_error_message=_("Cette réponse est déjà notée pour ce jour."),
            ),
            models.CheckConstraint(
                condition=(Q(answer="acted", acted_on__isnull=False) & ~Q(kind=""))
                | (~Q(answer="acted") & Q(acted_on__isnull=True, kind="")),
                name="civic_statement_action_only_if_acted",
                violation_error_message=_("Une action menée a une nature et une date ; sinon, ni l'une ni l'autre."),
            ),
            models.CheckConstraint(
                condition=Q(acted_on__isnull=True) | Q(acted_on__lte=F("asked_on")),
                name="civic_statement_acted_before_asked",
                violation_error_message=_("L'action est postérieure au jour où la personne en a parlé."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display() or self.get_answer_display()


@tracked
class AssociationMember(models.Model):
    """A worker is a member of the association that carries the structure, and of no other: others are her own affair."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="association_memberships", verbose_name=_("salarié")
    )
    started_on = models.DateField(_("membre depuis le"))
    ended_on = models.DateField(_("jusqu'au"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["AssociationMember"].as_manager()

    class Meta:
        verbose_name = _("adhésion à l'association de la structure")
        verbose_name_plural = _("adhésions à l'association de la structure")
        ordering = ["-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="association_member_ends_after_it_starts",
                violation_error_message=_("La fin de l'adhésion précède son début."),
            ),
            ExclusionConstraint(
                name="association_member_once",
                expressions=[
                    ("worker", RangeOperators.EQUAL),
                    (DateSpan("started_on", "ended_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("La personne est déjà membre de l'association à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} — {self.started_on:%d/%m/%Y}"


@tracked
class VoterHelp(models.Model):
    """Help offered with the electoral roll. Neither the roll, nor the vote, nor the reason of a refusal is stored."""

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="voter_helps", verbose_name=_("salarié"))
    offered_on = models.DateField(_("proposée le"))
    help = models.CharField(_("aide à l'inscription"), max_length=12, choices=partial(choices, "voter_help"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["VoterHelp"].as_manager()

    class Meta:
        verbose_name = _("aide à l'inscription sur les listes électorales")
        verbose_name_plural = _("aides à l'inscription sur les listes électorales")
        ordering = ["-offered_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "offered_on"],
                name="voter_help_once_a_day",
                violation_error_message=_("Cette aide est déjà notée pour ce jour."),
            )
        ]

    def __str__(self) -> str:
        return self.get_help_display()
