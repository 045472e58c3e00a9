"""Contracts: signing, and everything that may happen to one. One form a verb of contracts.actions."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract, Decision
from law.nomenclature import choices
from web.forms.fields import BootstrapMixin, DateInput


class SignForm(BootstrapMixin, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Contract
        fields = (
            "kind", "reference", "signed_on", "started_on", "planned_end_on", "weekly_hours", "hourly_gross", "rome_code",
            "sentence_adjustment",
        )  # fmt: skip
        widgets = {"signed_on": DateInput, "started_on": DateInput, "planned_end_on": DateInput}

    def _get_validation_exclusions(self) -> set[str]:
        """The verb validates constraints with the worker; the form only cleans values."""
        return {field.name for field in Contract._meta.fields}


class DerogationForm(BootstrapMixin, forms.Form):
    """A derogation granted with the contract: nothing of it, or all that says who lifted what and until when."""

    kind = forms.ChoiceField(label=_("Dérogation"), required=False)
    decided_by = forms.ChoiceField(
        label=_("Accordée par"), required=False, choices=lambda: [("", "—"), *choices("derogation_authority")]
    )
    decided_on = forms.DateField(label=_("Décision du"), widget=DateInput, required=False)
    started_on = forms.DateField(label=_("Dérogation à partir du"), widget=DateInput, required=False)
    ended_on = forms.DateField(label=_("Dérogation jusqu'au"), widget=DateInput, required=False)
    reference = forms.CharField(label=_("Référence de la décision"), required=False, max_length=120)

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [("", _("aucune")), *kinds]  # type: ignore[attr-defined]

    @property
    def granted(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] = getattr(self, "cleaned_data", {})
        return cleaned if cleaned.get("kind") else None

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("kind"):
            for name in ("decided_by", "decided_on", "started_on", "ended_on"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(
                        name, _("À remplir : la dérogation doit dire qui l'a accordée, quand et jusqu'à quand.")
                    )
        return cleaned


class AmendForm(BootstrapMixin, forms.Form):
    signed_on = forms.DateField(label=_("Signé le"), widget=DateInput)
    effective_on = forms.DateField(label=_("Prend effet le"), widget=DateInput)
    planned_end_on = forms.DateField(label=_("Nouvelle fin prévue"), widget=DateInput, required=False)
    weekly_hours = forms.DecimalField(
        label=_("Nouvelles heures par semaine"), required=False, max_digits=4, decimal_places=2
    )
    hourly_gross = forms.DecimalField(
        label=_("Nouveau salaire horaire brut"), required=False, max_digits=7, decimal_places=4
    )
    reason = forms.CharField(label=_("Objet"), required=False, max_length=200)


class EndForm(BootstrapMixin, forms.Form):
    ended_on = forms.DateField(label=_("Dernier jour"), widget=DateInput)
    reason = forms.ChoiceField(label=_("Motif de fin"), choices=lambda: choices("end_reason"))
    notified_on = forms.DateField(label=_("Rupture annoncée le"), widget=DateInput, required=False)


class SuspendForm(BootstrapMixin, forms.Form):
    started_on = forms.DateField(label=_("Début"), widget=DateInput)
    ended_on = forms.DateField(label=_("Fin (si connue)"), widget=DateInput, required=False)
    reason = forms.ChoiceField(label=_("Motif"), choices=lambda: choices("contract_suspension_reason"))


class TogetherForm(BootstrapMixin, forms.Form):
    """The same decision for several people."""

    kind = forms.ChoiceField(choices=Decision.Kind.choices, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Motif"), widget=forms.Textarea(attrs={"rows": 2}))
    notified_on = forms.DateField(
        label=_("Salarié informé le"), widget=DateInput, required=False,
        help_text=_("Laissez vide tant que la personne n'est pas informée."),
    )  # fmt: skip
    sent_once = forms.UUIDField(widget=forms.HiddenInput, required=False)


class DecisionForm(TogetherForm):
    def __init__(self, *args: Any, kinds: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = sorted(Decision.Kind.choices, key=lambda choice: [*kinds, choice[0]].index(choice[0]))[: len(kinds)]
        field = forms.ChoiceField(label=_("Décision"), choices=choices)
        field.widget.attrs["class"] = "form-select"
        self.fields["kind"] = field
