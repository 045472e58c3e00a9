"""The secure zone. Nobody reads it through a page or the API: no page, no view and no database role of the federation. The
role of requests may copy the ledger of its own federation, to publish it, and read no snapshot.

The snapshot holds one row a person in a structure, under a blinded key, and is frozen. The ledger holds every figure ever
drawn for a release, with the fingerprint of its base and never a true value; it is append-only, withdrawn releases
included: whoever read them still has them.
"""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from disclosure.audience import Audience
from releases.models.release import Release

AUDIENCES = [(Audience.FEDERATION.value, _("Fédération")), (Audience.PEERS.value, _("Structures et public"))]
MARKERS = [("", _("publié")), ("np", _("np")), ("beyond", _("au-delà"))]


class SnapshotRow(models.Model):
    """A person in a structure over the period. `record` is her key, a hash under the secret of the year: the same in each
    revision of a period, linked to nothing outside. `values` are by attribute of the catalogue; an unknown is absent.

    Rows are never changed; they are removed with the key of their year, when nothing may be corrected any more.
    """

    walled_by = "release"

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+", db_index=False)
    record = models.BigIntegerField(_("clé"))
    structure = models.BigIntegerField(_("structure"))
    sex = models.CharField(_("sexe"), max_length=1)
    age = models.CharField(_("âge"), max_length=8)
    level = models.CharField(_("niveau"), max_length=4)
    values = models.JSONField(_("valeurs"), default=dict)

    class Meta:
        verbose_name = _("ligne de relevé")
        verbose_name_plural = _("lignes de relevé")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "record"],
                name="snapshot_person_once",
                violation_error_message=_("Une personne figure une fois dans un relevé."),
            )
        ]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.release_id}/{self.record}"


class LedgerCell(models.Model):
    """One figure drawn. `base` is the published size of its base and `number` the published count behind a rate (both
    null when not shown), `value` what is displayed, `error` what is added and taken away for 95 %, `fingerprint` its base's."""

    walled_by = "release"

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+", db_index=False)
    audience = models.CharField(_("public visé"), max_length=12, choices=AUDIENCES)
    table = models.CharField(_("tableau"), max_length=16)
    margin = models.CharField(_("ventilation"), max_length=80)
    place = models.CharField(_("case"), max_length=120)
    category = models.CharField(_("modalité"), max_length=24, blank=True)
    fingerprint = models.BinaryField(_("empreinte de la base"), max_length=16)
    base = models.IntegerField(_("base publiée"), null=True)
    number = models.IntegerField(_("nombre publié"), null=True)
    value = models.DecimalField(_("valeur"), max_digits=16, decimal_places=4, null=True)
    error = models.DecimalField(_("marge à 95 %"), max_digits=12, decimal_places=4, null=True)
    marker = models.CharField(_("marque"), max_length=6, choices=MARKERS, blank=True)

    class Meta:
        verbose_name = _("ligne du registre")
        verbose_name_plural = _("lignes du registre")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "audience", "table", "margin", "place", "category"],
                name="ledger_figure_once",
                violation_error_message=_("Ce chiffre a déjà été tiré."),
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False, marker="") | (Q(value__isnull=True) & ~Q(marker="")),
                name="ledger_marker_or_value",
                violation_error_message=_("Un chiffre est publié, ou porte une marque."),
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.table} {self.margin} {self.place}"
