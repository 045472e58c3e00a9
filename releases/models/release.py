"""A release from its preparation to its withdrawal: one table of transitions, kept by the database."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation, User
from accounts.roles import Permission
from audit.history import tracked
from indicators.periods import Period


class State(models.TextChoices):
    PREPARING = "preparing", _("Relevé en cours")
    PREPARED = "prepared", _("Relevé fait")
    PROTECTED = "protected", _("Chiffres protégés")
    AUDITED = "audited", _("Contrôlée, à approuver")
    REFUSED = "refused", _("Refusée par le contrôle")
    APPROVED = "approved", _("Approuvée")
    PUBLISHED = "published", _("Publiée")
    WITHDRAWN = "withdrawn", _("Retirée")
    ABANDONED = "abandoned", _("Abandonnée")


# THE table of what may follow what: the verbs read it, and the database refuses anything else.
TRANSITIONS: tuple[tuple[State, State], ...] = (
    (State.PREPARING, State.PREPARED),
    (State.PREPARED, State.PROTECTED),
    (State.PROTECTED, State.AUDITED),
    (State.PROTECTED, State.REFUSED),
    (State.AUDITED, State.APPROVED),
    (State.APPROVED, State.PUBLISHED),
    (State.PUBLISHED, State.WITHDRAWN),
    *((state, State.ABANDONED) for state in (State.PREPARING, State.PREPARED, State.PROTECTED, State.AUDITED, State.APPROVED)),
)  # fmt: skip
ENDED_UNPUBLISHED = (State.REFUSED, State.ABANDONED)
PUBLISHED_STATES = (State.PUBLISHED, State.WITHDRAWN)
APPROVED_STATES = (State.APPROVED, State.PUBLISHED, State.WITHDRAWN)


@tracked
class Release(models.Model):
    """One issue of the figures of a period. `known_at` is K; `revision` 2 corrects 1. `places` says where structures are:
    {structure: {name, kind, department, region}}. `key_id` is named by the first job, a correction's by what it corrects.
    `snapshot_sha256` freezes the people counted."""

    organisation_path = "federation"
    seen_with = Permission.SEE_RELEASES

    State = State

    federation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="releases", verbose_name=_("fédération")
    )
    period_start = models.DateField(_("du"))
    period_end = models.DateField(_("au"))
    revision = models.PositiveSmallIntegerField(_("révision"))
    known_at = models.DateTimeField(_("connu au"))
    catalogue = models.CharField(_("catalogue"), max_length=16)
    policy = models.CharField(_("politique"), max_length=16)
    key_id = models.CharField(_("clé"), max_length=16, blank=True)
    state = models.CharField(_("état"), max_length=12, choices=State, default=State.PREPARING)
    places = models.JSONField(_("structures"), default=dict, blank=True)
    people = models.PositiveIntegerField(_("personnes relevées"), null=True, blank=True)
    snapshot_sha256 = models.CharField(_("empreinte du relevé"), max_length=64, blank=True)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("préparée par"))
    prepared_at = models.DateTimeField(_("préparée le"))
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approuvée par")
    )
    approved_at = models.DateTimeField(_("approuvée le"), null=True, blank=True)
    published_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("publiée par")
    )
    published_at = models.DateTimeField(_("publiée le"), null=True, blank=True)

    objects = ScopedQuerySet["Release"].as_manager()

    class Meta:
        verbose_name = _("publication")
        ordering = ["-period_end", "-period_start", "-revision", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["federation", "period_start", "period_end", "revision"],
                condition=~Q(state__in=ENDED_UNPUBLISHED),
                name="release_once",
                violation_error_message=_("Cette publication existe déjà pour la période."),
            ),
            models.CheckConstraint(
                condition=Q(revision__gte=1, revision__lte=2),
                name="release_two_revisions_at_most",
                violation_error_message=_("Une période se publie deux fois au plus : une provisoire, une définitive."),
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")),
                name="release_period_in_order",
                violation_error_message=_("La fin de la période précède son début."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")),
                name="release_approved_by_another",
                violation_error_message=_(
                    "Qui a préparé une publication ne peut pas l'approuver : il faut deux personnes."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(key_id="") | Q(state__in=[State.PREPARING, State.ABANDONED]),
                name="release_drawn_under_a_key",
                violation_error_message=_("Une publication dit sous quelle clé ses chiffres sont tirés."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=APPROVED_STATES) | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="release_approved_is_signed",
                violation_error_message=_("Une publication approuvée dit par qui et quand."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=PUBLISHED_STATES, published_at__isnull=False)
                | (~Q(state__in=PUBLISHED_STATES) & Q(published_at__isnull=True)),
                name="release_published_is_dated",
                violation_error_message=_("Une publication parue a une date de parution."),
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="transitions", field="state", transitions=[(a.value, b.value) for a, b in TRANSITIONS]),
            pgtrigger.ReadOnly(
                name="what_is_released",
                fields=[
                    "federation",
                    "period_start",
                    "period_end",
                    "revision",
                    "known_at",
                    "catalogue",
                    "policy",
                    "places",
                    "prepared_by",
                    "prepared_at",
                ],
            ),
            pgtrigger.Protect(
                name="key_named_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__key_id__df=pgtrigger.F("new__key_id")) & ~pgtrigger.Q(old__key_id=""),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.period.label} — {_('révision')} {self.revision}"

    @property
    def period(self) -> Period:
        return Period(self.period_start, self.period_end)

    @property
    def is_year(self) -> bool:
        return self.period.is_civil_year

    @property
    def batch(self) -> str:
        """The jobs of a release: their rows are its progress."""
        return f"release:{self.pk}"


class Audit(models.Model):
    """What the checks found of a protected release: shown to who approves. `report` is one entry a check:
    {check, held, figures}. It never says a true value of a cell."""

    organisation_path = "release__federation"
    seen_with = Permission.SEE_RELEASES

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="audits", verbose_name=_("publication"))
    passed = models.BooleanField(_("passé"))
    report = models.JSONField(_("rapport"))
    seconds = models.FloatField(_("durée"))
    run_at = models.DateTimeField(_("fait le"), auto_now_add=True)

    objects = ScopedQuerySet["Audit"].as_manager()

    class Meta:
        verbose_name = _("contrôle de publication")
        verbose_name_plural = _("contrôles de publication")
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.release} : {_('passé') if self.passed else _('refusé')}"
