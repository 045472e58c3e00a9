"""Circumstances a person told us of, because they open rights: a child, a lease, a residence permit, debts.

Only what opens a right is kept, told by the person, and read by those who accompany her. The list is the nomenclature
`circumstance`; which right each one opens is the catalogue's business.
"""

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import User
from accounts.roles import Permission
from audit.history import tracked
from law.nomenclature import choices
from parcours.models import Worker


@tracked
class Circumstance(models.Model):
    """`since` is the day it began (for a child: the birth), `until` its last day (for a title: its expiry), if known."""

    organisation_path = "worker__organisation"
    seen_with = Permission.WRITE_FOLLOW_UP

    worker = models.ForeignKey(
        Worker, on_delete=models.PROTECT, related_name="circumstances", verbose_name=_("salarié")
    )
    kind = models.CharField(_("situation"), max_length=24, choices=partial(choices, "circumstance"))
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu'au"), null=True, blank=True)
    label = models.CharField(
        _("précision"),
        max_length=80,
        blank=True,
        help_text=_("Seulement de quoi s'y retrouver : « aînée », « carte de 4 ans »."),
    )
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("saisi par")
    )

    objects = ScopedQuerySet["Circumstance"].as_manager()

    class Meta:
        verbose_name = _("situation déclarée")
        verbose_name_plural = _("situations déclarées")
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "kind", "since", "label"],
                name="circumstance_once",
                violation_error_message=_("Cette situation est déjà notée à cette date."),
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="circumstance_ends_after_it_starts",
                violation_error_message=_("La fin de la situation précède son début."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
