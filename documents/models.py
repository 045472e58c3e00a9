"""What structures say in their papers, what was issued to whom, and which lists left the house.

Rows of this module are their own history: nothing in them is ever changed, a new version is a new row.
"""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Principal, ScopedQuerySet, organisations
from accounts.models import ApiToken, Organisation, User
from accounts.roles import Permission
from contracts.models import Contract
from parcours.models import Worker

LETTERHEAD = "letterhead"
IMMUTABLE = pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)


class Wording(models.Model):
    """One version of the texts a structure gives to a kind of paper, or to its letterhead.

    `texts` replaces the standard texts by name, `hidden` names the sections left out; what may be said and left out is
    declared by the paper (documents.papers).
    """

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="wordings", verbose_name=_("structure")
    )
    kind = models.CharField(_("document"), max_length=32)
    version = models.PositiveSmallIntegerField(_("version"))
    texts = models.JSONField(_("textes"), default=dict, blank=True)
    hidden = models.JSONField(_("rubriques masquées"), default=list, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("écrit par"))
    written_at = models.DateTimeField(_("écrit le"), auto_now_add=True)

    objects = ScopedQuerySet["Wording"].as_manager()

    class Meta:
        verbose_name = _("modèle de document")
        verbose_name_plural = _("modèles de documents")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "version"],
                name="wording_version_once",
                violation_error_message=_("Ce modèle vient d'être modifié par quelqu'un d'autre : relisez-le."),
            )
        ]
        triggers = [IMMUTABLE]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"


class PaperQuerySet(ScopedQuerySet["Paper"]):
    def visible_to(self, principal: Principal, permission: Permission | None = None) -> "PaperQuerySet":
        """A paper is seen by who may see what it is made of: contracts, people, or sensitive facts."""
        if permission is not None:
            return super().visible_to(principal, permission)
        seen = Q(pk__in=())
        for needed in (Permission.SEE_CONTRACTS, Permission.SEE_PEOPLE, Permission.SEE_SENSITIVE):
            seen |= Q(seen_by=needed.value, organisation__in=organisations(principal, needed))
        return self.filter(seen)


class Paper(models.Model):
    """A paper as it was issued: the facts it rests on, the wording and the press that made it, and the file.

    The same facts and wording, pressed by the same press, give the same bytes: they are one row.
    """

    organisation_path = "organisation"
    seen_with = Permission.SEE_PEOPLE

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="papers", verbose_name=_("structure")
    )
    worker = models.ForeignKey(Worker, on_delete=models.PROTECT, related_name="papers", verbose_name=_("salarié"))
    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="papers", verbose_name=_("contrat")
    )
    kind = models.CharField(_("document"), max_length=32)
    subject_id = models.PositiveBigIntegerField(_("objet"), help_text=_("Identifiant de ce dont parle le document."))
    seen_by = models.CharField(_("droit de lecture"), max_length=24, default=Permission.SEE_PEOPLE.value)
    title = models.CharField(_("titre"), max_length=250)
    issued_on = models.DateField(_("fait le"))
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("émis par"))
    issued_at = models.DateTimeField(_("émis le"), auto_now_add=True)
    facts = models.JSONField(_("faits"))
    facts_sha256 = models.CharField(_("empreinte des faits"), max_length=64)
    press = models.CharField(_("empreinte de la mise en page"), max_length=64)
    wording = models.ForeignKey(
        Wording, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("modèle")
    )
    letterhead = models.ForeignKey(
        Wording, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("en-tête")
    )
    file = models.FileField(_("fichier"), upload_to="papers/%Y/%m/", max_length=200)
    file_sha256 = models.CharField(_("empreinte du fichier"), max_length=64)
    size = models.PositiveIntegerField(_("taille en octets"))

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("document émis")
        verbose_name_plural = _("documents émis")
        ordering = ["-issued_at", "-id"]
        indexes = [
            models.Index(fields=["worker", "-id"], name="paper_of_worker"),
            models.Index(fields=["contract", "-id"], name="paper_of_contract"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "facts_sha256", "press"],
                name="paper_once",
                violation_error_message=_("Ce document vient d'être émis."),
            )
        ]
        triggers = [IMMUTABLE]

    def __str__(self) -> str:
        return self.title


class Export(models.Model):
    """A list that left the house: who, which list, with which filters, how many rows of this organisation.

    Written before the first row leaves; `rows` is null while it leaves, or for ever when it was cut short by a crash.
    """

    organisation_path = "organisation"
    seen_with = Permission.MANAGE_ORGANISATION

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="exports", verbose_name=_("organisation")
    )
    exported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("exporté par"))
    token = models.ForeignKey(
        ApiToken, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("jeton")
    )
    listing = models.CharField(_("liste"), max_length=32)
    format = models.CharField(_("format"), max_length=8)
    filters = models.JSONField(_("filtres"), default=dict, blank=True)
    started_at = models.DateTimeField(_("commencé le"))
    finished_at = models.DateTimeField(_("fini le"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("lignes"), null=True, blank=True)
    complete = models.BooleanField(
        _("complet"), null=True, blank=True, help_text=_("Non : le téléchargement a été interrompu.")
    )

    objects = ScopedQuerySet["Export"].as_manager()

    class Meta:
        verbose_name = _("export")
        ordering = ["-started_at", "-id"]
        indexes = [models.Index(fields=["organisation", "-started_at"], name="export_of_organisation")]

    def __str__(self) -> str:
        return f"{self.listing}.{self.format}"
