"""A follow-up: one action of accompaniment, its nature, object and duration (the words of R5132-3 3° CT).

What is written in it is not for everybody: a follow-up that touches on health or justice is read in full by its author and
by the roles that hold `SEE_SENSITIVE`; the others know that it took place, not what was said (`parcours.models.sensitive`).
"""

from functools import partial
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.access import Principal, ScopedQuerySet
from accounts.models import Organisation, User
from accounts.roles import Permission
from accounts.sealed_fields import SealedCharField, SealedTextField, Unsealed
from audit.history import tracked, tracked_without
from law.nomenclature import choices
from parcours.models.pathway import Pathway
from parcours.models.sensitive import SENSITIVE_THEMES, WordedQuerySet
from parcours.models.worker import PlainText


class Words(Func):
    """SQL: the French words of what is written in a follow-up, without accents, as they are indexed."""

    template = "to_tsvector('french'::regconfig, plain_text(%(expressions)s))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


WORDS = Words(Unsealed(F("note")), Unsealed(F("next_step")))


class FollowUpQuerySet(WordedQuerySet["FollowUp"]):
    def visible_to(self, principal: Principal, permission: Permission | None = None) -> Self:
        """Rows one may see, each with `readable` and what may be read of it: `shown_themes`, `shown_note`, `shown_next_step`,
        `shown_cancel_reason`, `own_note` (the private note, to its author alone)."""
        nothing: Any = Value("", output_field=models.TextField())
        if isinstance(principal, User):
            private = PrivateNote.objects.filter(follow_up=OuterRef("pk"), follow_up__author=principal).values("text")
            text: Any = PrivateNote._meta.get_field("text")
            nothing = Coalesce(Subquery(private), nothing, output_field=text.clone())
        return super().visible_to(principal, permission).annotate(own_note=nothing)

    def standing(self) -> Self:
        """Those that were not cancelled."""
        return self.filter(cancelled_at__isnull=True)

    def about(self, theme: str) -> Self:
        """Those on a theme, among what the reader may read (after `visible_to`)."""
        return self.filter(Q(readable=True), themes__contains=[theme])

    def saying(self, text: str) -> Self:
        """Those that hold the words, among what the reader may read (after `visible_to`).

        `"…"` keeps words together, `-mot` leaves a word out; accents, plurals and order are ignored. What is sealed (health,
        justice) is not searched.
        """
        asked = SearchQuery(PlainText(Value(text)), config="french", search_type="websearch")
        return self.annotate(words=WORDS).filter(readable=True, words=asked)


@tracked
class FollowUp(models.Model):
    organisation_path = "pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE
    words_of_trust = ("themes", "note", "next_step", "cancel_reason")
    reserved_when = Q(themes__overlap=SENSITIVE_THEMES)
    written_by = "author"

    pathway = models.ForeignKey(
        Pathway, on_delete=models.PROTECT, related_name="follow_ups", verbose_name=_("parcours"), db_index=False
    )
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("auteur"), db_index=False
    )
    kind = models.CharField(_("nature"), max_length=24, choices=partial(choices, "follow_up_kind"))
    outcome = models.CharField(
        _("présence"), max_length=16, choices=partial(choices, "follow_up_outcome"), default="present"
    )
    held_on = models.DateField(_("date"))
    minutes = models.PositiveSmallIntegerField(
        _("durée en minutes"), validators=[MaxValueValidator(720, _("Un suivi ne dure pas plus de 12 heures."))]
    )
    themes = ArrayField(
        models.CharField(max_length=24, choices=partial(choices, "theme")),
        default=list,
        blank=True,
        verbose_name=_("thèmes"),
    )
    note = SealedTextField(_("note"), blank=True, column="follow_up.note", when="themes")
    next_step = SealedCharField(
        _("prochaine étape"), max_length=200, blank=True, column="follow_up.next_step", when="themes"
    )
    next_due_on = models.DateField(_("prochaine échéance"), null=True, blank=True)
    together = models.UUIDField(
        _("fait ensemble"), null=True, blank=True, help_text=_("Commun aux suivis d'un même atelier ou d'une visite.")
    )
    sent_once = models.UUIDField(_("clé d'envoi"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancel_reason = SealedCharField(
        _("motif de l'annulation"), max_length=300, blank=True, column="follow_up.cancel_reason", when="themes"
    )

    objects = FollowUpQuerySet.as_manager()

    # What a row loaded through `visible_to` also holds.
    readable: bool
    shown_themes: list[str]
    shown_note: str
    shown_next_step: str
    shown_cancel_reason: str
    own_note: str

    class Meta:
        verbose_name = _("suivi")
        ordering = ["-held_on", "-id"]
        indexes = [
            models.Index(fields=["pathway", "-held_on", "-id"], name="follow_up_timeline"),
            models.Index(fields=["author", "-id"], name="follow_up_by_author"),
            models.Index(fields=["together"], name="follow_up_together", condition=Q(together__isnull=False)),
            GinIndex(WORDS, name="follow_up_words"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__lte=720),
                name="follow_up_minutes_possible",
                violation_error_message=_("Un suivi ne dure pas plus de 12 heures."),
            ),
            models.CheckConstraint(
                condition=Q(next_due_on__isnull=True) | Q(next_due_on__gte=F("held_on")),
                name="follow_up_next_step_is_later",
                violation_error_message=_("La prochaine échéance précède le suivi."),
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancel_reason="")
                | (Q(cancelled_at__isnull=False) & ~Q(cancel_reason="")),
                name="follow_up_cancelled_with_a_reason",
                violation_error_message=_("Dites pourquoi ce suivi est annulé."),
            ),
            models.UniqueConstraint(
                fields=["sent_once", "pathway"],
                name="follow_up_sent_once",
                violation_error_message=_("Ce suivi est déjà enregistré."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {self.held_on:%d/%m/%Y}"


class PrivateNoteQuerySet(ScopedQuerySet["PrivateNote"]):
    def visible_to(self, principal: Principal, permission: Permission | None = None) -> Self:
        """Her own, and nobody else's: an API token speaks for an organisation and reads none."""
        mine = super().visible_to(principal, permission)
        return mine.filter(follow_up__author=principal) if isinstance(principal, User) else mine.none()


@tracked_without("text")
class PrivateNote(models.Model):
    """What the author keeps for herself. It stands apart so that nothing that reads follow-ups can let it out, and its
    words are in no history: corrected or deleted, the former ones are gone for everybody.

    The person it speaks of may still ask for it (articles 13 to 15 of the GDPR): the form says so.
    """

    organisation_path = "follow_up__pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    follow_up = models.OneToOneField(
        FollowUp, on_delete=models.CASCADE, related_name="private_note", verbose_name=_("suivi")
    )
    text = SealedTextField(_("note privée"), column="private_note.text")

    objects = PrivateNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("note privée")
        verbose_name_plural = _("notes privées")

    def __str__(self) -> str:
        return str(self.follow_up)


class AttachmentQuerySet(ScopedQuerySet["Attachment"]):
    def visible_to(self, principal: Principal, permission: Permission | None = None) -> Self:
        """Those of the follow-ups one may read in full."""
        follow_ups: QuerySet[Any] = FollowUp.objects.visible_to(principal, permission)
        return self.filter(follow_up__in=follow_ups.filter(readable=True).values("pk"))


@tracked
class Attachment(models.Model):
    """A file kept with a follow-up. Its name is a text shown to people: nothing on the disk bears it."""

    organisation_path = "follow_up__pathway__worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    class Scan(models.TextChoices):
        UNSCANNED = "unscanned", _("Non analysé (aucun antivirus n'est branché)")
        PENDING = "pending", _("Analyse en cours")
        CLEAN = "clean", _("Analysé, rien trouvé")
        INFECTED = "infected", _("Refusé par l'antivirus, contenu effacé")

    follow_up = models.ForeignKey(
        FollowUp, on_delete=models.PROTECT, related_name="attachments", verbose_name=_("suivi")
    )
    name = SealedCharField(_("nom du fichier"), max_length=150, column="attachment.name")
    media_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("taille en octets"))
    sha256 = models.CharField(max_length=64)
    content = models.FileField(_("contenu"), upload_to="attachments/%Y/%m/", max_length=200)
    scan = models.CharField(_("analyse"), max_length=12, choices=Scan, default=Scan.UNSCANNED)
    uploaded_at = models.DateTimeField(_("ajouté le"), auto_now_add=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("pièce jointe")
        verbose_name_plural = _("pièces jointes")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "sha256"],
                name="attachment_once",
                violation_error_message=_("Cette pièce est déjà jointe à ce suivi."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def served(self) -> bool:
        """Whether it may be handed over: not while it waits for the scanner, never once refused."""
        return self.scan in {self.Scan.UNSCANNED, self.Scan.CLEAN}


@tracked
class FollowUpTemplate(models.Model):
    """What a structure often writes: it fills the form, it decides nothing."""

    organisation_path = "organisation"
    seen_with = Permission.WRITE_FOLLOW_UP

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="follow_up_templates", verbose_name=_("structure")
    )
    title = models.CharField(_("titre"), max_length=80)
    kind = models.CharField(_("nature"), max_length=24, choices=partial(choices, "follow_up_kind"), blank=True)
    minutes = models.PositiveSmallIntegerField(
        _("durée en minutes"), null=True, blank=True, validators=[MaxValueValidator(720)]
    )
    themes = ArrayField(
        models.CharField(max_length=24, choices=partial(choices, "theme")),
        default=list,
        blank=True,
        verbose_name=_("thèmes"),
    )
    note = models.TextField(_("note"), blank=True)
    next_step = models.CharField(_("prochaine étape"), max_length=200, blank=True)
    next_in_days = models.PositiveSmallIntegerField(_("jours avant l'échéance"), null=True, blank=True)

    objects = ScopedQuerySet["FollowUpTemplate"].as_manager()

    class Meta:
        verbose_name = _("modèle de suivi")
        verbose_name_plural = _("modèles de suivi")
        ordering = ["title", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "title"],
                name="follow_up_template_once",
                violation_error_message=_("La structure a déjà un modèle de ce titre."),
            )
        ]

    def __str__(self) -> str:
        return self.title
