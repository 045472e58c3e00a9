"""Steps towards a right: what a person may claim, from the day it is triggered to the day it must be renewed.

The catalogue of rights is data (rights/catalogue.yaml). Most steps are opened by the night from facts
(rights.night); `cause` is then what makes the step one and the same, however often the night runs.
"""

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Pathway
from parcours.models.sensitive import WordedQuerySet
from rights.catalogue import named, right_choices, sensitive_rights


@tracked
class RightStep(models.Model):
    """One claim of one right in one pathway. A renewal is a step of its own that points to the one it continues.

    States: `opened` is open since `opened_on` until `expires_on` (its last day); `renewed` is over, the step that
    renews it has taken over on `closed_on`; `lapsed` ended on `expires_on` with nothing after it; `refused`,
    `not_concerned`, `declined` are closed on `closed_on`; an empty state is unknown. `held_before`: the person had the
    right when she came, so `opened_on` is the day we learnt it at the earliest, no delay is to be measured from it.

    Which right it is, when it speaks of health or of the right to stay, and what is noted of it are for counsellors.
    """

    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    words_of_trust = ("right", "trigger", "note")
    reserved_when = Q(right__in=sensitive_rights())
    written_by = "updated_by"

    pathway = models.ForeignKey(
        Pathway, on_delete=models.PROTECT, related_name="right_steps", verbose_name=_("parcours"), db_index=False
    )
    right = models.CharField(_("droit"), max_length=8, choices=right_choices)
    state = models.CharField(_("état"), max_length=16, choices=partial(choices, "right_state"), blank=True)
    triggered_on = models.DateField(_("déclenché le"))
    trigger = models.CharField(_("déclencheur"), max_length=200, blank=True)
    cause = models.CharField(_("cause"), max_length=40, blank=True, editable=False)
    renewed_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewal", verbose_name=_("renouvelle")
    )
    held_before = models.BooleanField(_("déjà ouvert à l'entrée"), default=False)
    due_on = models.DateField(_("à faire avant le"), null=True, blank=True)
    requested_on = models.DateField(_("demandé le"), null=True, blank=True)
    opened_on = models.DateField(_("ouvert le"), null=True, blank=True)
    refused_on = models.DateField(_("refusé le"), null=True, blank=True)
    appealed_on = models.DateField(_("recours déposé le"), null=True, blank=True)
    expires_on = models.DateField(_("dernier jour du droit"), null=True, blank=True)
    closed_on = models.DateField(_("clos le"), null=True, blank=True)
    waiver_signed_on = models.DateField(
        _("renoncement éclairé signé le"),
        null=True,
        blank=True,
        help_text=_("La personne, informée, a signé qu'elle ne demande pas ce droit."),
    )
    note = models.CharField(_("précision"), max_length=300, blank=True)
    updated_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("modifié par")
    )

    objects = WordedQuerySet["RightStep"].as_manager()

    # What a row loaded through `visible_to` also holds.
    readable: bool
    shown_right: str
    shown_trigger: str
    shown_note: str

    class Meta:
        verbose_name = _("démarche d'accès à un droit")
        verbose_name_plural = _("démarches d'accès aux droits")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["pathway", "due_on", "id"], name="right_step_by_pathway"),
            models.Index(
                fields=["expires_on"], name="right_step_open_until", condition=Q(state="opened", closed_on__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["pathway", "right", "triggered_on"],
                condition=Q(cause="", renewed_from__isnull=True),
                name="right_step_once",
                violation_error_message=_("Cette démarche est déjà ouverte pour ce parcours."),
            ),
            models.UniqueConstraint(
                fields=["pathway", "right", "cause"],
                condition=~Q(cause=""),
                name="right_step_cause_once",
                violation_error_message=_("Cette démarche est déjà ouverte pour ce parcours."),
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(opened_on__isnull=True) | Q(expires_on__gte=F("opened_on")),
                name="right_step_expires_after_it_opens",
                violation_error_message=_("Le droit expire avant d'être ouvert."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["opened", "renewed"]) | Q(opened_on__isnull=False),
                name="right_step_opened_has_a_date",
                violation_error_message=_("Un droit ouvert a une date d'ouverture."),
            ),
            models.CheckConstraint(
                condition=Q(waiver_signed_on__isnull=True) | Q(state="declined"),
                name="right_step_waiver_is_a_refusal",
                violation_error_message=_("Le renoncement signé va avec l'état « décliné par la personne »."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_right_display()

    @property
    def shown_name(self) -> str:
        """The name of the right, as far as its reader may know it (after `visible_to`)."""
        return named(self.shown_right)
