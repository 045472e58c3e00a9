"""Imported files: what came in, what became of each line."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation, User
from accounts.roles import Permission


class ImportedFile(models.Model):
    """One file given by an organisation: unique by content, so the same file twice is the same import."""

    organisation_path = "organisation"
    seen_with = Permission.IMPORT_FILES

    class State(models.TextChoices):
        RECEIVED = "received", _("Reçu")
        PREVIEWED = "previewed", _("À valider")
        IMPORTED = "imported", _("Importé")
        REFUSED = "refused", _("Refusé")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="imported_files", verbose_name=_("structure")
    )
    name = models.CharField(_("nom du fichier"), max_length=255)
    format = models.CharField(_("format"), max_length=32, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("taille en octets"))
    content = models.FileField(_("contenu"), upload_to="imports/%Y/%m/")
    state = models.CharField(_("état"), max_length=12, choices=State, default=State.RECEIVED)
    refusal = models.TextField(_("motif du refus"), blank=True)
    good_lines = models.PositiveIntegerField(_("lignes bonnes"), default=0)
    faulty_lines = models.PositiveIntegerField(_("lignes en erreur"), default=0)
    counts = models.JSONField(_("effet"), default=dict, help_text=_("Créés, modifiés, inchangés, par objet."))
    ignored = models.JSONField(
        _("colonnes ignorées"), default=list, help_text=_("Colonnes du fichier que rien ne lit.")
    )
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("déposé par")
    )
    uploaded_at = models.DateTimeField(_("déposé le"), auto_now_add=True)
    imported_at = models.DateTimeField(_("importé le"), null=True, blank=True)

    objects = ScopedQuerySet["ImportedFile"].as_manager()

    class Meta:
        verbose_name = _("fichier importé")
        verbose_name_plural = _("fichiers importés")
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "sha256"],
                name="imported_file_once",
                violation_error_message=_("Ce fichier a déjà été déposé."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class FaultyLine(models.Model):
    """One thing to mend in a file: where it is, what was read, and how to put it right."""

    walled_by = "file"

    file = models.ForeignKey(ImportedFile, on_delete=models.CASCADE, related_name="faults", verbose_name=_("fichier"))
    line = models.PositiveIntegerField(_("ligne"))
    column = models.CharField(_("colonne"), max_length=100, blank=True)
    value = models.CharField(_("valeur lue"), max_length=250, blank=True)
    message = models.CharField(_("erreur"), max_length=300)
    remedy = models.CharField(_("comment corriger"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("ligne en erreur")
        verbose_name_plural = _("lignes en erreur")
        ordering = ["line", "id"]

    def __str__(self) -> str:
        return f"{_('Ligne')} {self.line} : {self.message}"
