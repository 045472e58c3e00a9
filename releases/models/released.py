"""What is released, and nothing else: the only tables the federation's database role may read.

Rows are written once, at publication, and never changed. They hold all a reader needs — names of places included — so that
reading them needs no other table.
"""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from releases.models.ledger import AUDIENCES, MARKERS
from releases.models.release import Release

IMMUTABLE = pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)


class Issue(models.Model):
    """A release for one audience. `labels` says each dimension's codes in words, `places` where each structure is (empty for
    peers), `note` what a reader must know, in plain French."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="issues", verbose_name=_("publication"))
    federation = models.BigIntegerField(_("fédération"))
    audience = models.CharField(_("public visé"), max_length=12, choices=AUDIENCES)
    period_start = models.DateField(_("du"))
    period_end = models.DateField(_("au"))
    label = models.CharField(_("période"), max_length=40)
    revision = models.PositiveSmallIntegerField(_("révision"))
    known_at = models.DateTimeField(_("connu au"))
    published_at = models.DateTimeField(_("publiée le"))
    catalogue = models.CharField(_("catalogue"), max_length=16)
    policy = models.CharField(_("politique"), max_length=16)
    ptable_sha256 = models.CharField(_("empreinte de la table de bruit"), max_length=64)
    labels = models.JSONField(_("libellés"))
    places = models.JSONField(_("structures"))
    note = models.TextField(_("note"))

    class Meta:
        db_table = "released_issue"
        verbose_name = _("édition")
        ordering = ["-period_end", "-period_start", "-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "audience"],
                name="issue_once",
                violation_error_message=_("Cette édition est déjà parue."),
            )
        ]
        triggers = [IMMUTABLE]

    def __str__(self) -> str:
        return f"{self.label} — {self.get_audience_display()}"


class ReleasedTable(models.Model):
    """A table at a margin. `margin` names its dimensions, « × » between them; empty is the whole."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="tables", verbose_name=_("édition"))
    code = models.CharField(_("code"), max_length=16)
    margin = models.CharField(_("ventilation"), max_length=80, blank=True)
    title = models.CharField(_("titre"), max_length=200)
    dimension = models.CharField(_("dimension"), max_length=16)
    observatoire = models.JSONField(_("tableaux de l'Observatoire"), default=list)
    measure = models.CharField(_("mesure"), max_length=12)
    unit = models.CharField(_("unité"), max_length=16)
    of = models.CharField(_("base"), max_length=200, blank=True)
    categories = models.JSONField(_("modalités"), default=dict)

    class Meta:
        db_table = "released_table"
        verbose_name = _("tableau publié")
        verbose_name_plural = _("tableaux publiés")
        ordering = ["code", "margin"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "code", "margin"],
                name="released_table_once",
                violation_error_message=_("Ce tableau est déjà paru."),
            )
        ]
        triggers = [IMMUTABLE]

    def __str__(self) -> str:
        return f"{self.code} {self.margin}"


class ReleasedCell(models.Model):
    """One figure, as displayed. Without a value, `marker` says « np » (not published) or « beyond » (a median not reached)."""

    table = models.ForeignKey(ReleasedTable, on_delete=models.PROTECT, related_name="cells", db_index=False)
    place = models.CharField(_("case"), max_length=120, blank=True)
    coordinates = models.JSONField(_("coordonnées"), default=dict)
    category = models.CharField(_("modalité"), max_length=24, blank=True)
    base = models.IntegerField(_("base"), null=True)
    number = models.IntegerField(_("nombre"), null=True)
    value = models.DecimalField(_("valeur"), max_digits=16, decimal_places=4, null=True)
    error = models.DecimalField(_("marge à 95 %"), max_digits=12, decimal_places=4, null=True)
    marker = models.CharField(_("marque"), max_length=6, choices=MARKERS, blank=True)

    class Meta:
        db_table = "released_cell"
        verbose_name = _("chiffre publié")
        verbose_name_plural = _("chiffres publiés")
        ordering = ["table", "place", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "place", "category"],
                name="released_cell_once",
                violation_error_message=_("Ce chiffre est déjà paru."),
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False, marker="") | (Q(value__isnull=True) & ~Q(marker="")),
                name="released_cell_marker_or_value",
                violation_error_message=_("Un chiffre est publié, ou porte une marque."),
            ),
        ]
        triggers = [IMMUTABLE]

    def __str__(self) -> str:
        return f"{self.place} {self.category}"


class Withdrawal(models.Model):
    """A release taken back: its figures are shown no more, and readers are told why."""

    release = models.OneToOneField(
        Release, on_delete=models.PROTECT, related_name="withdrawal", verbose_name=_("publication")
    )
    reason = models.CharField(_("motif"), max_length=500)
    withdrawn_at = models.DateTimeField(_("retirée le"))
    withdrawn_by = models.BigIntegerField(_("retirée par"))

    class Meta:
        db_table = "released_withdrawal"
        verbose_name = _("retrait")
        triggers = [IMMUTABLE]

    def __str__(self) -> str:
        return f"{self.release_id}"
