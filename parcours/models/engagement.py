"""The mutual engagement contract (« contrat d'engagement réciproque ») and the reviews of the plan."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from accounts.sealed_fields import SealedTextField
from audit.history import tracked
from parcours.models.pathway import Pathway
from parcours.models.sensitive import ALWAYS, WordedQuerySet


@tracked
class EngagementContract(models.Model):
    """One version of what each side commits to. A date of signature is null until that side has signed (ENG-02)."""

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    pathway = models.ForeignKey(
        Pathway, on_delete=models.PROTECT, related_name="engagements", verbose_name=_("parcours")
    )
    version = models.PositiveSmallIntegerField(_("version"))
    worker_commits = models.TextField(_("ce à quoi la personne s'engage"))
    structure_commits = models.TextField(_("ce à quoi la structure s'engage"))
    proposed_on = models.DateField(_("proposé le"))
    signed_worker_on = models.DateField(_("signé par la personne le"), null=True, blank=True)
    signed_structure_on = models.DateField(_("signé par la structure le"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["EngagementContract"].as_manager()

    class Meta:
        verbose_name = _("contrat d'engagement")
        verbose_name_plural = _("contrats d'engagement")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["pathway", "version"],
                name="engagement_version_once",
                violation_error_message=_("Cette version du contrat d'engagement existe déjà."),
            ),
            models.CheckConstraint(
                condition=Q(signed_worker_on__isnull=True) | Q(signed_worker_on__gte=F("proposed_on")),
                name="engagement_worker_signs_after_proposal",
                violation_error_message=_("La personne a signé avant que le contrat lui soit proposé."),
            ),
            models.CheckConstraint(
                condition=Q(signed_structure_on__isnull=True) | Q(signed_structure_on__gte=F("proposed_on")),
                name="engagement_structure_signs_after_proposal",
                violation_error_message=_("La structure a signé avant que le contrat soit proposé."),
            ),
        ]

    def __str__(self) -> str:
        return _("Contrat d'engagement, version %(version)s") % {"version": self.version}


@tracked
class PlanReview(models.Model):
    """A review of the plan (« bilan »). It counts when the person was there (ENG-03); null is unknown.

    Its words tell of everything at once, health and justice included: they are as reserved as what is said of those.
    """

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    words_of_trust = ("worker_words", "summary")
    reserved_when = ALWAYS
    written_by = "author"

    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("parcours"))
    held_on = models.DateField(_("fait le"))
    worker_present = models.BooleanField(_("avec la personne"), null=True, blank=True)
    worker_words = SealedTextField(_("ce qu'en dit la personne"), blank=True, column="review.worker_words")
    summary = SealedTextField(_("ce qui a avancé, ce qui change"), blank=True, column="review.summary")
    signed_worker_on = models.DateField(_("signé par la personne le"), null=True, blank=True)
    next_on = models.DateField(_("prochain bilan"))
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("auteur"))

    objects = WordedQuerySet["PlanReview"].as_manager()

    # What a row loaded through `visible_to` also holds.
    readable: bool
    shown_worker_words: str
    shown_summary: str

    class Meta:
        verbose_name = _("bilan du plan")
        verbose_name_plural = _("bilans du plan")
        ordering = ["-held_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pathway", "held_on"],
                name="plan_review_once_a_day",
                violation_error_message=_("Un bilan est déjà noté pour ce jour."),
            ),
            models.CheckConstraint(
                condition=Q(next_on__gt=F("held_on")),
                name="plan_review_next_is_later",
                violation_error_message=_("Le prochain bilan vient après celui-ci."),
            ),
            models.CheckConstraint(
                condition=Q(signed_worker_on__isnull=True) | Q(signed_worker_on__gte=F("held_on")),
                name="plan_review_signed_after_it_is_held",
                violation_error_message=_("La signature précède le bilan."),
            ),
        ]

    def __str__(self) -> str:
        return f"{_('Bilan')} — {self.held_on:%d/%m/%Y}"
