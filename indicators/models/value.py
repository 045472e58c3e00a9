"""Values of indicators: immutable rows. A revision is a new row with a later knowledge date, never an update."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import ScopedQuerySet
from accounts.models import Organisation
from accounts.roles import Permission


class Value(models.Model):
    """One figure: (indicator, method version, scope, period) as known at `known_at`, and its breakdowns.

    k, known and eligible are the counts (or hours, or days: `unit` of the sheet) the value is made of. `value` is null
    when nothing is known. `low` and `high` are the bounds if every unknown unit were a no, then a yes;
    `interval_low` and `interval_high` the 95 % interval, which says how the process varies.

    `cells` holds the mergeable statistics of the finest cells of the sheet's breakdowns (see indicators.measures.shape):
    the figure of any breakdown is a sum of cells, and a wider scope is a sum of its structures, never a mean of rates.
    So one row stands for a figure and all its breakdowns: `indicators.report.broken_down` reads them.

    A scope is a structure or a group, which have an organisation and are seen by its members, or a kind, a territory or
    the whole, which have none and are seen by nobody but through a release.
    """

    organisation_path = "organisation"
    seen_with = Permission.SEE_INDICATORS

    class Status(models.TextChoices):
        PROVISIONAL = "provisional", _("Provisoire")
        SEMI_FINAL = "semi_final", _("Semi-définitif")
        FINAL = "final", _("Définitif")

    class Coverage(models.TextChoices):
        FULL = "full", _("Complète")
        PARTIAL = "partial", _("Partielle")
        INSUFFICIENT = "insufficient", _("Insuffisante")
        FEW = "few", _("Trop peu d'observations")
        EMPTY = "empty", _("Personne n'est concerné")

    indicator = models.CharField(_("indicateur"), max_length=8)
    method = models.PositiveSmallIntegerField(_("version de la méthode"))
    scope = models.CharField(_("périmètre"), max_length=32)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="values",
        verbose_name=_("structure ou groupe"),
    )
    period_start = models.DateField(_("du"))
    period_end = models.DateField(_("au"))
    known_at = models.DateTimeField(_("connu au"))
    k = models.DecimalField(_("numérateur"), max_digits=16, decimal_places=4, null=True)
    known = models.DecimalField(_("connus"), max_digits=16, decimal_places=4)
    eligible = models.DecimalField(_("concernés"), max_digits=16, decimal_places=4)
    value = models.DecimalField(_("valeur"), max_digits=20, decimal_places=10, null=True)
    interval_low = models.DecimalField(_("intervalle à 95 %, bas"), max_digits=14, decimal_places=4, null=True)
    interval_high = models.DecimalField(_("intervalle à 95 %, haut"), max_digits=14, decimal_places=4, null=True)
    low = models.DecimalField(_("borne basse"), max_digits=20, decimal_places=10, null=True)
    high = models.DecimalField(_("borne haute"), max_digits=20, decimal_places=10, null=True)
    coverage = models.CharField(_("couverture"), max_length=12, choices=Coverage)
    status = models.CharField(_("état"), max_length=12, choices=Status)
    reporting = models.PositiveIntegerField(_("structures qui renseignent"))
    members = models.PositiveIntegerField(_("structures du périmètre"))
    parts = models.JSONField(_("composantes"), default=dict)
    cells = models.JSONField(_("cellules"), default=dict)
    parameters = models.CharField(_("empreinte des paramètres"), max_length=64)
    inputs = models.CharField(_("empreinte des données"), max_length=64)

    objects = ScopedQuerySet["Value"].as_manager()

    class Meta:
        verbose_name = _("valeur d'indicateur")
        verbose_name_plural = _("valeurs d'indicateurs")
        ordering = ["indicator", "-period_end", "-known_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "indicator", "method", "period_start", "period_end", "known_at"],
                name="value_once",
            ),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="value_period_in_order"),
            models.CheckConstraint(condition=Q(known__lte=F("eligible")), name="value_known_within_eligible"),
            models.CheckConstraint(condition=Q(reporting__lte=F("members")), name="value_reporting_within_members"),
            models.CheckConstraint(
                condition=Q(
                    organisation__isnull=True, scope__regex=r"^(kind:\w+|departement:\w+|region:\w+(/kind:\w+)?|whole)$"
                )
                | Q(organisation__isnull=False, scope__regex=r"^(structure|group):\d+$"),
                name="value_organisation_of_its_scope",
            ),
        ]
        indexes = [models.Index(fields=["indicator", "period_end"], name="value_to_gather")]
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.indicator} {self.period_end:%d/%m/%Y}"
