"""What a structure does with its partners: agreements, people sent to a service, and needs nobody could answer."""

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Commune, Organisation, User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Pathway, PlanAction
from parcours.models.sensitive import ThemedQuerySet
from partners.models.directory import Partner, Service


@tracked
class Agreement(models.Model):
    """A dated agreement between the structure and a partner (TER-01)."""

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("structure")
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("partenaire")
    )
    subject = models.CharField(_("objet"), max_length=200)
    signed_on = models.DateField(_("signée le"))
    ended_on = models.DateField(_("jusqu'au"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ScopedQuerySet["Agreement"].as_manager()

    class Meta:
        verbose_name = _("convention de partenariat")
        verbose_name_plural = _("conventions de partenariat")
        ordering = ["-signed_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("signed_on")),
                name="agreement_ends_after_it_is_signed",
                violation_error_message=_("La fin de la convention précède sa signature."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "partner", "signed_on"],
                name="agreement_once",
                violation_error_message=_("Cette convention est déjà notée."),
            ),
        ]

    def __str__(self) -> str:
        return self.subject


@tracked
class Orientation(models.Model):
    """A person sent to a partner, for a service of the directory or not, for an action of her plan or not."""

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    theme_path = "theme"

    pathway = models.ForeignKey(
        Pathway, on_delete=models.PROTECT, related_name="orientations", verbose_name=_("parcours")
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="orientations", verbose_name=_("partenaire")
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="orientations", verbose_name=_("service")
    )
    action = models.ForeignKey(
        PlanAction,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orientations",
        verbose_name=_("action du plan"),
    )
    theme = models.CharField(_("thème"), max_length=24, choices=partial(choices, "theme"))
    sent_on = models.DateField(_("orientée le"))
    state = models.CharField(_("suite"), max_length=12, choices=partial(choices, "orientation_state"), default="sent")
    state_on = models.DateField(_("depuis le"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ThemedQuerySet["Orientation"].as_manager()

    class Meta:
        verbose_name = _("orientation vers un partenaire")
        verbose_name_plural = _("orientations vers un partenaire")
        ordering = ["-sent_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state_on__gte=F("sent_on")),
                name="orientation_moves_after_it_is_sent",
                violation_error_message=_("Cette suite précède l'orientation."),
            ),
            models.UniqueConstraint(
                fields=["pathway", "partner", "service", "theme", "sent_on"],
                nulls_distinct=False,
                name="orientation_once_a_day",
                violation_error_message=_("Cette orientation est déjà notée pour ce jour."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} — {self.sent_on:%d/%m/%Y}"


@tracked
class UnmetNeed(models.Model):
    """« No solution here »: a need of a person that no service answered, by theme and by the commune she lives in then."""

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    theme_path = "theme"

    pathway = models.ForeignKey(
        Pathway, on_delete=models.PROTECT, related_name="unmet_needs", verbose_name=_("parcours")
    )
    theme = models.CharField(_("thème"), max_length=24, choices=partial(choices, "theme"))
    topic = models.CharField(_("besoin précis"), max_length=120, blank=True)
    reason = models.CharField(_("pourquoi"), max_length=16, choices=partial(choices, "unmet_reason"))
    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("commune")
    )
    noted_on = models.DateField(_("constaté le"))
    answered_on = models.DateField(_("une réponse a été trouvée le"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("saisi par"))

    objects = ThemedQuerySet["UnmetNeed"].as_manager()

    class Meta:
        verbose_name = _("besoin sans réponse")
        verbose_name_plural = _("besoins sans réponse")
        ordering = ["-noted_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=F("noted_on")),
                name="unmet_need_answered_after_it_is_noted",
                violation_error_message=_("La réponse précède le constat."),
            ),
            models.UniqueConstraint(
                fields=["pathway", "theme", "topic", "noted_on"],
                name="unmet_need_once_a_day",
                violation_error_message=_("Ce besoin est déjà noté pour ce jour."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_theme_display()} — {self.noted_on:%d/%m/%Y}"
