"""What is kept of what was done with people's data: who read it, until when it stays, what was erased; what people ask about
it, and what they agree to."""

from datetime import date
from functools import partial

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import Principal, ScopedQuerySet, reached
from accounts.models import ApiToken, Opening, Organisation, User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Attachment, Worker
from partners.models import Partner
from privacy import catalogue
from privacy.pages import titled


class Erasure(models.Model):
    """What remains of a person erased: when, why, by whom, and a mark that only her own row, come back from a backup, gives
    again (`privacy.tombstones`). Nothing in it says who she was."""

    organisation_path = "organisation"
    seen_with = Permission.PROTECT_DATA

    class Ground(models.TextChoices):
        ASKED = "asked", _("À la demande de la personne")
        MISTAKE = "mistake", _("Dossier ouvert par erreur")
        TERM = "term", _("Durée de conservation atteinte")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="erasures", verbose_name=_("structure")
    )
    mark = models.CharField(_("empreinte"), max_length=64, unique=True)
    ground = models.CharField(_("motif"), max_length=8, choices=Ground)
    erased_at = models.DateTimeField(_("effacé le"))
    erased_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("effacé par")
    )

    objects = ScopedQuerySet["Erasure"].as_manager()

    class Meta:
        verbose_name = _("effacement")
        ordering = ["-erased_at", "-id"]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_ground_display()} — {self.erased_at:%d/%m/%Y}"


class Consultation(models.Model):
    """Someone read a page of a person's file in that hour. A row a reader, a person, a page and an hour, however often.

    `opening`: she is of the platform's team, and that access let her.
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.PROTECT_DATA

    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("lecteur"))
    token = models.ForeignKey(
        ApiToken, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("jeton")
    )
    worker = models.ForeignKey(
        Worker, on_delete=models.CASCADE, related_name="consultations", db_index=False, verbose_name=_("salarié")
    )
    opening = models.ForeignKey(
        Opening,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
        verbose_name=_("accès de l'équipe technique"),
    )
    page = models.CharField(_("page"), max_length=60)
    hour = models.DateTimeField(_("heure"))

    objects = ScopedQuerySet["Consultation"].as_manager()

    class Meta:
        verbose_name = _("consultation")
        ordering = ["-hour", "-id"]
        indexes = [
            models.Index(fields=["worker", "-hour", "-id"], name="consultation_of_worker"),
            models.Index(fields=["hour"], name="consultation_by_hour"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "hour", "reader", "page", "token", "opening"],
                nulls_distinct=False,
                name="consultation_once_an_hour",
                violation_error_message=_("Cette consultation est déjà notée."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader} — {self.page}"

    @property
    def shown_page(self) -> str:
        return titled(self.page)


class OpenedList(models.Model):
    """A page of the structure about nobody in particular, a list of people for instance, read through an access of the
    platform's team. A row an access, a page and an hour."""

    organisation_path = "organisation"
    seen_with = Permission.PROTECT_DATA

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("structure")
    )
    opening = models.ForeignKey(
        Opening, on_delete=models.PROTECT, related_name="lists", db_index=False, verbose_name=_("accès")
    )
    page = models.CharField(_("page"), max_length=60)
    hour = models.DateTimeField(_("heure"))

    objects = ScopedQuerySet["OpenedList"].as_manager()

    class Meta:
        verbose_name = _("liste lue par l'équipe technique")
        verbose_name_plural = _("listes lues par l'équipe technique")
        ordering = ["-hour", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opening", "page", "hour"],
                name="opened_list_once_an_hour",
                violation_error_message=_("Cette lecture est déjà notée."),
            )
        ]

    def __str__(self) -> str:
        return self.page

    @property
    def shown_page(self) -> str:
        return titled(self.page)


class Term(models.Model):
    """A file whose retention has ended: since when, by which rule, and the day it is erased unless something is decided."""

    organisation_path = "worker__organisation"
    seen_with = Permission.DECIDE_CONTRACTS

    worker = models.OneToOneField(Worker, on_delete=models.CASCADE, related_name="term", verbose_name=_("salarié"))
    rule = models.CharField(_("règle"), max_length=24)
    reached_on = models.DateField(_("durée atteinte le"))
    told_on = models.DateField(_("annoncé le"))
    erase_on = models.DateField(_("effacé à partir du"))

    objects = ScopedQuerySet["Term"].as_manager()

    class Meta:
        verbose_name = _("terme de conservation")
        verbose_name_plural = _("termes de conservation")
        ordering = ["erase_on", "id"]

    def __str__(self) -> str:
        return f"{self.worker} — {self.erase_on:%d/%m/%Y}"


@tracked
class Keeping(models.Model):
    """Why a file is kept past its term, a dispute for instance, and until when."""

    organisation_path = "worker__organisation"
    seen_with = Permission.DECIDE_CONTRACTS

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="keepings", verbose_name=_("salarié"))
    reason = models.CharField(_("motif"), max_length=300)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu'au"))
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("décidé par"))

    objects = ScopedQuerySet["Keeping"].as_manager()

    class Meta:
        verbose_name = _("conservation décidée")
        verbose_name_plural = _("conservations décidées")
        ordering = ["-until", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="keeping_ends_after_it_starts",
                violation_error_message=_("La fin de la conservation précède son début."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.worker} — {self.until:%d/%m/%Y}"


class DataRequestQuerySet(ScopedQuerySet["DataRequest"]):
    def visible_to(self, principal: Principal, permission: Permission | None = None) -> "DataRequestQuerySet":
        """Those of the people one accompanies, and of those whose data one protects; or where another right is held."""
        if permission:
            return super().visible_to(principal, permission)
        rights = (Permission.WRITE_FOLLOW_UP, Permission.PROTECT_DATA)
        return self.filter(worker__organisation__in={place for right in rights for place in reached(principal, right)})

    def unanswered(self) -> "DataRequestQuerySet":
        return self.filter(answered_on__isnull=True)

    def to_carry_out(self) -> "DataRequestQuerySet":
        """Granted, and not done yet."""
        return self.filter(answer__in=DataRequest.GRANTED, done_on__isnull=True)


@tracked
class DataRequest(models.Model):
    """What a person asks about her data (GDPR art. 15 to 21), in her own words, and what she was answered.

    `part` and `wanted` are those of a rectification: what of the file is wrong, and what it should say. Refused, her words
    stay shown beside that part.
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.WRITE_FOLLOW_UP

    class Answer(models.TextChoices):
        GRANTED = "granted", _("Accordée")
        PARTLY = "partly", _("Accordée en partie")
        REFUSED = "refused", _("Refusée")
        WITHDRAWN = "withdrawn", _("Retirée par la personne")

    GRANTED = (Answer.GRANTED, Answer.PARTLY)
    GROUNDED = (Answer.PARTLY, Answer.REFUSED)

    worker = models.ForeignKey(
        Worker, on_delete=models.CASCADE, related_name="data_requests", verbose_name=_("salarié")
    )
    kind = models.CharField(_("demande"), max_length=16, choices=partial(catalogue.choices_of, "kinds"))
    received_on = models.DateField(_("reçue le"))
    channel = models.CharField(_("reçue par"), max_length=16, choices=partial(choices, "contact_channel"))
    words = models.TextField(_("ce que la personne demande"), max_length=4000)
    part = models.CharField(_("partie contestée"), max_length=16, choices=catalogue.PARTS, blank=True)
    wanted = models.TextField(_("ce que le dossier devrait dire"), max_length=4000, blank=True)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("notée par"))
    identity_checked_on = models.DateField(_("identité établie le"), null=True, blank=True)
    due_on = models.DateField(_("réponse due le"))
    extended_on = models.DateField(_("prolongée le"), null=True, blank=True)
    extension_reason = models.CharField(_("motif de la prolongation"), max_length=500, blank=True)
    answer = models.CharField(_("réponse"), max_length=10, choices=Answer, blank=True)
    answered_on = models.DateField(_("répondue le"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("répondue par")
    )
    ground = models.CharField(
        _("motif du refus"), max_length=16, choices=partial(catalogue.choices_of, "grounds"), blank=True
    )
    said = models.TextField(_("ce qui a été répondu"), max_length=4000, blank=True)
    done_on = models.DateField(_("fait le"), null=True, blank=True)
    done = models.CharField(_("ce qui a été fait"), max_length=500, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("demande de la personne")
        verbose_name_plural = _("demandes de la personne")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["worker", "due_on"], name="data_request_open", condition=Q(answered_on__isnull=True))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "kind", "part", "received_on"],
                name="data_request_once",
                violation_error_message=_("Cette demande est déjà notée pour ce jour."),
            ),
            models.CheckConstraint(
                condition=(Q(kind="rectification") & ~Q(part="") & ~Q(wanted=""))
                | (~Q(kind="rectification") & Q(part="", wanted="")),
                name="data_request_says_what_is_wrong",
                violation_error_message=_(
                    "Une correction dit quelle partie est fausse et ce qu'elle devrait dire ; elle seule."
                ),
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_on=None, answered_by=None)
                | (~Q(answer="") & Q(answered_on__gte=F("received_on"), answered_by__isnull=False)),
                name="data_request_answered_whole",
                violation_error_message=_("Une réponse a une date, qui ne précède pas la demande, et un auteur."),
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["partly", "refused"]) ^ Q(ground=""),
                name="data_request_refused_on_a_ground",
                violation_error_message=_("Un refus, même en partie, dit son motif ; une demande accordée n'en a pas."),
            ),
            models.CheckConstraint(
                condition=Q(extended_on=None, extension_reason="")
                | (Q(extended_on__gte=F("received_on")) & ~Q(extension_reason="")),
                name="data_request_extended_with_a_reason",
                violation_error_message=_("Une prolongation a une date et un motif, dits à la personne."),
            ),
            models.CheckConstraint(
                condition=Q(done_on=None, done="") | Q(done_on__gte=F("answered_on"), answer__in=["granted", "partly"]),
                name="data_request_done_once_granted",
                violation_error_message=_("On ne fait que ce qui est accordé, et après la réponse."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {self.received_on:%d/%m/%Y}"

    def days_late(self, today: date) -> int:
        """How many days past its term it was answered, or stands unanswered today; 0 when it is in time."""
        return max(((self.answered_on or today) - self.due_on).days, 0)


class ConsentQuerySet(ScopedQuerySet["Consent"]):
    def visible_to(self, principal: Principal, permission: Permission | None = None) -> "ConsentQuerySet":
        """As everywhere; a named partner may tell of health or justice, so it is for counsellors and who wrote it down."""
        allowed = Q(partner=None) | Q(worker__organisation__in=reached(principal, Permission.SEE_SENSITIVE))
        if isinstance(principal, User):
            allowed |= Q(collected_by=principal)
        return super().visible_to(principal, permission).filter(allowed)


@tracked
class Consent(models.Model):
    """What a person answered when she was asked to agree: yes or no, to which words, and when she took it back.

    The last answer counts; none at all is not a yes. `words` are those she was shown.
    """

    organisation_path = "worker__organisation"
    seen_with = Permission.SEE_PEOPLE

    class How(models.TextChoices):
        PAPER = "paper", _("Papier signé")
        SAID = "said", _("Dit en entretien")
        WRITTEN = "written", _("Écrit par courriel ou courrier")

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="consents", verbose_name=_("salarié"))
    purpose = models.CharField(_("pour"), max_length=16, choices=catalogue.purposes)
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("partenaire")
    )
    version = models.PositiveSmallIntegerField(_("version du texte"))
    words = models.TextField(_("texte montré"))
    agreed = models.BooleanField(_("accord"))
    said_on = models.DateField(_("répondu le"))
    how = models.CharField(_("comment"), max_length=8, choices=How)
    paper = models.ForeignKey(
        Attachment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("papier signé")
    )
    collected_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("recueilli par"))
    withdrawn_on = models.DateField(_("retiré le"), null=True, blank=True)
    withdrawn_how = models.CharField(_("retiré comment"), max_length=8, choices=How, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("accord")
        verbose_name_plural = _("accords")
        ordering = ["-said_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose="transmission") ^ Q(partner=None),
                name="consent_names_its_partner",
                violation_error_message=_("Une transmission nomme son partenaire ; les autres accords n'en ont pas."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_how="")
                | (Q(agreed=True, withdrawn_on__gte=F("said_on")) & ~Q(withdrawn_how="")),
                name="consent_withdrawn_after_given",
                violation_error_message=_("On retire un accord donné, ce jour-là ou après, en disant comment."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} — {self.said}"

    @property
    def stands(self) -> bool:
        return self.agreed and self.withdrawn_on is None

    @property
    def said(self) -> str:
        """Where it stands, with its day."""
        if self.withdrawn_on:
            return gettext("accord retiré le %(day)s") % {"day": f"{self.withdrawn_on:%d/%m/%Y}"}
        said = gettext("accord donné le %(day)s") if self.agreed else gettext("accord refusé le %(day)s")
        return said % {"day": f"{self.said_on:%d/%m/%Y}"}
