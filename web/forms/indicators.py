"""Targets and experiments."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from indicators.catalogue import Definition
from indicators.models import Experiment, Target
from web.forms.fields import BootstrapMixin, DateInput

UNITS = {
    "percent": _("en %"),
    "ratio": _("rapport"),
    "days": _("en jours"),
    "hours": _("en heures"),
    "quarters": _("en trimestres"),
    "per_year": _("par an"),
    "per_month": _("par mois"),
}


class TargetForm(BootstrapMixin, forms.Form):
    """A share is asked as a percentage, and cleaned as a share."""

    value = forms.DecimalField(label=_("Cible"), min_value=0, max_digits=10, decimal_places=2, localize=True)
    voted_on = forms.DateField(label=_("Votée le"), widget=DateInput)
    voted_by = forms.ChoiceField(label=_("Votée par"), choices=Target.Body.choices)

    def __init__(self, *args: Any, definition: Definition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shares = definition.unit == "percent"
        self.fields["value"].label = f"{_('Cible')} ({UNITS[definition.unit]})"
        companions = ", ".join(definition.companions)
        if companions:
            self.fields["value"].help_text = _("Ne se vise pas seule : regardez aussi %(others)s.") % {
                "others": companions
            }

    def clean_value(self) -> Decimal:
        value: Decimal = self.cleaned_data["value"]
        return value / 100 if self.shares else value


class ExperimentForm(BootstrapMixin, forms.Form):
    title = forms.CharField(label=_("Intitulé"), max_length=200)
    subject = forms.ChoiceField(label=_("Objet"), choices=Experiment.Subject.choices)
    hypothesis = forms.CharField(
        label=_("Hypothèse"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Ce que l'on croit qu'il se passera, et pourquoi."),
    )
    outcome = forms.CharField(
        label=_("Résultat attendu"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Ce sur quoi on jugera, nommé avant de commencer."),
    )
    comparison = forms.CharField(
        label=_("À quoi l'on compare"),
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Un autre groupe, ou les mêmes personnes avant."),
    )
    started_on = forms.DateField(label=_("Début"), widget=DateInput)
    planned_end_on = forms.DateField(label=_("Fin prévue (facultatif)"), widget=DateInput, required=False)


class JoinForm(BootstrapMixin, forms.Form):
    worker: Any = forms.ModelChoiceField(label=_("Personne"), queryset=None)
    joined_on = forms.DateField(label=_("Depuis le"), widget=DateInput)
    consented_on = forms.DateField(
        label=_("Accord donné le"),
        widget=DateInput,
        required=False,
        help_text=_("Vide : on ne sait pas si la personne est d'accord, et elle ne compte pas comme couverte."),
    )

    def __init__(self, *args: Any, workers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = workers  # type: ignore[attr-defined]


class DayForm(BootstrapMixin, forms.Form):
    """One day, asked under a name of its own."""

    on = forms.DateField(label=_("Date"), widget=DateInput)


class EvaluationForm(BootstrapMixin, forms.Form):
    result = forms.CharField(
        label=_("Résultat"),
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Ce qui est venu, réussi ou non ; sans nommer personne."),
    )
    published_on = forms.DateField(label=_("Publiée le"), widget=DateInput)
