"""An access of the platform's team to one structure's files: why, until when, and who closed it."""

from datetime import datetime, timedelta

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.organisation import Organisation
from accounts.models.user import User

# In the database too: nobody else, and neither a group nor a federation, whatever the application thinks.
FITTING = """
IF NOT EXISTS (SELECT FROM accounts_organisation WHERE id = NEW.organisation_id AND nature = 'structure')
   OR NOT EXISTS (SELECT FROM accounts_user WHERE id = NEW.holder_id AND is_staff AND is_active) THEN
    RAISE EXCEPTION 'an access is opened by the platform''s team, on a structure' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""
CHANGED = """OLD.closed_at IS NOT NULL
OR (NEW.holder_id, NEW.organisation_id, NEW.kind, NEW.motive, NEW.reference, NEW.opened_at, NEW.until)
   IS DISTINCT FROM (OLD.holder_id, OLD.organisation_id, OLD.kind, OLD.motive, OLD.reference, OLD.opened_at, OLD.until)"""


class Span(Func):
    """SQL tstzrange(start, end): the end is no part of it."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class OpeningQuerySet(models.QuerySet["Opening"]):
    def running(self, at: datetime) -> "OpeningQuerySet":
        """Those open at a time."""
        return self.filter(opened_at__lte=at, until__gt=at, closed_at=None)


class Opening(models.Model):
    """While it runs, its holder reads the people and contracts of the structure (accounts.roles.OPENED).

    The row is its own history: nothing in it changes but its closing, once.
    """

    class Kind(models.TextChoices):
        HELP = "help", _("Aide demandée par la structure")
        DEFECT = "defect", _("Anomalie à comprendre")
        DATA = "data", _("Reprise ou import de données")
        SECURITY = "security", _("Incident de sécurité")
        RIGHTS = "rights", _("Demande d'une personne sur ses données")

    holder = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("ouvert par"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="openings", verbose_name=_("structure")
    )
    kind = models.CharField(_("nature du motif"), max_length=12, choices=Kind)
    motive = models.CharField(_("motif"), max_length=500)
    reference = models.CharField(_("référence de la demande"), max_length=60, blank=True)
    opened_at = models.DateTimeField(_("ouvert le"))
    until = models.DateTimeField(_("jusqu'à"))
    closed_at = models.DateTimeField(_("fermé le"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fermé par")
    )

    objects = OpeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("accès de l'équipe technique")
        verbose_name_plural = _("accès de l'équipe technique")
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["help", "defect", "data", "security", "rights"]),
                name="opening_kind_listed",
                violation_error_message=_("Choisissez la nature du motif dans la liste."),
            ),
            models.CheckConstraint(
                condition=Q(motive__regex=r"^\S.{18,}\S$"),
                name="opening_has_a_motive",
                violation_error_message=_("Dites pourquoi, en vingt lettres au moins : la structure le lira."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("opened_at"), until__lte=F("opened_at") + timedelta(days=1)),
                name="opening_ends_within_a_day",
                violation_error_message=_("Un accès dure un jour au plus."),
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__gte=F("opened_at"), closed_at__lte=F("until"), closed_by__isnull=False),
                name="opening_closed_while_it_runs",
                violation_error_message=_("Cet accès était déjà fini."),
            ),
            ExclusionConstraint(
                name="opening_one_at_a_time",
                expressions=[
                    ("holder", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    (Span(F("opened_at"), Coalesce("closed_at", "until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Vous avez déjà un accès ouvert à cette structure."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="of_the_team_on_a_structure", when=pgtrigger.Before, operation=pgtrigger.Insert, func=FITTING
            ),
            pgtrigger.Protect(name="closed_once", operation=pgtrigger.Update, condition=pgtrigger.Condition(CHANGED)),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} — {timezone.localtime(self.opened_at):%d/%m/%Y %H:%M}"
