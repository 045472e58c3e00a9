"""What is kept of what was done with people's data.

Rows of this module are their own history.
"""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation, User
from accounts.roles import Permission


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
