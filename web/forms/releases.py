"""Which period to release, and why a release is taken back."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from indicators.periods import civil_years, quarters
from releases.periods import period_code
from web.forms.fields import BootstrapMixin


class PeriodForm(BootstrapMixin, forms.Form):
    period = forms.ChoiceField(
        label=_("Période"),
        help_text=_("Une année civile ou un trimestre terminés. Droits, freins et santé ne se publient qu'à l'année."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        periods = [*reversed(civil_years(today)), *reversed(quarters(today))]
        field = self.fields["period"]
        field.choices = [(period_code(period), period.label) for period in periods]  # type: ignore[attr-defined]


class ReasonForm(BootstrapMixin, forms.Form):
    reason = forms.CharField(
        label=_("Motif"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Il est lu par toute la fédération. Les chiffres ne se liront plus ; ils restent au registre."),
    )
