"""The life of contracts and of a PASS IAE: one small form a verb."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.models import Assignment, Contract, Immersion
from law.nomenclature import choices, codes
from web.forms.fields import BootstrapMixin, DateInput


def some(name: str, wanted: list[str]) -> list[tuple[str, str]]:
    return [(code, label) for code, label in choices(name) if code in wanted]


class Small(BootstrapMixin, forms.Form):
    """A form of plain values; `about` is the object it acts upon, for its initial values."""

    def __init__(self, *args: Any, about: Any = None, **kwargs: Any) -> None:
        initial = {name: said for name in self.base_fields if (said := getattr(about, name, None)) is not None}
        super().__init__(*args, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)


class Confirm(Small):
    """Nothing to say: the button is enough."""


class SignDraftForm(Small):
    signed_on = forms.DateField(label=_("Signé le"), widget=DateInput)
    reference = forms.CharField(label=_("Numéro de contrat"), required=False, max_length=64)


class ToldForm(Small):
    notified_on = forms.DateField(label=_("Salarié informé le"), widget=DateInput)


class ReasonForm(Small):
    reason = forms.CharField(label=_("Motif"), required=False, max_length=200)


class ResumeForm(Small):
    returned_on = forms.DateField(label=_("Revenu au travail le"), widget=DateInput)


class ConvertForm(Small):
    kind = forms.ChoiceField(
        label=_("Contrat"), choices=lambda: some("contract_kind", codes("contract_kind", open_ended=True))
    )
    started_on = forms.DateField(label=_("À partir du"), widget=DateInput)
    signed_on = forms.DateField(label=_("Signé le"), widget=DateInput, required=False)
    weekly_hours = forms.DecimalField(label=_("Heures par semaine"), required=False, max_digits=4, decimal_places=2)
    hourly_gross = forms.DecimalField(label=_("Salaire horaire brut"), required=False, max_digits=7, decimal_places=4)

    def __init__(self, *args: Any, about: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if about is not None:
            self.initial.update(weekly_hours=about.weekly_hours, hourly_gross=about.hourly_gross)


class _Modelled(BootstrapMixin, forms.ModelForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, about: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def _get_validation_exclusions(self) -> set[str]:
        """The verb validates constraints; the form only cleans values."""
        return {field.name for field in self._meta.model._meta.fields}


DATES = {"started_on": DateInput, "ended_on": DateInput, "announced_on": DateInput, "signed_on": DateInput}


class AssignForm(_Modelled):
    monthly_hours = forms.DecimalField(
        label=_("Heures prévues chaque mois"), required=False, min_value=0, max_digits=6, decimal_places=2
    )

    class Meta:
        model = Assignment
        fields = (
            "client_name", "client_kind", "started_on", "ended_on", "announced_on", "place", "tasks", "client_pay",
            "protective_equipment", "signed_on",
        )  # fmt: skip
        widgets = DATES


class CompleteAssignmentForm(Small):
    announced_on = forms.DateField(label=_("Annoncée au salarié le"), widget=DateInput, required=False)
    ended_on = forms.DateField(label=_("Fin"), widget=DateInput, required=False)
    place = forms.CharField(label=_("Lieu"), required=False, max_length=200)
    tasks = forms.CharField(label=_("Tâches"), required=False, max_length=300)
    client_pay = forms.DecimalField(
        label=_("Salaire de référence chez le client, en euros de l'heure"),
        required=False,
        max_digits=7,
        decimal_places=4,
    )
    protective_equipment = forms.CharField(label=_("Équipements de protection"), required=False, max_length=200)
    signed_on = forms.DateField(label=_("Contrat signé avec le client le"), widget=DateInput, required=False)


class CancelForm(Small):
    cancelled_on = forms.DateField(label=_("Annulée le"), widget=DateInput)


class RegulariseForm(Small):
    paid_hours = forms.DecimalField(label=_("Heures payées, corrigées"), required=False, max_digits=6, decimal_places=2)
    gross_pay = forms.DecimalField(label=_("Salaire brut, corrigé"), required=False, max_digits=9, decimal_places=2)
    reason = forms.CharField(label=_("Motif"), max_length=200)


class ImmersionForm(_Modelled):
    class Meta:
        model = Immersion
        fields = (
            "host_name", "host_siret", "tutor", "object", "objective", "started_on", "ended_on", "contract", "renews",
            "prescriber", "signed_on",
        )  # fmt: skip
        widgets = DATES

    def __init__(self, *args: Any, about: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, about=about, **kwargs)
        contract, renews = self.fields["contract"], self.fields["renews"]
        contract.queryset = Contract.objects.filter(worker=about)  # type: ignore[attr-defined]
        renews.queryset = Immersion.objects.filter(worker=about, renews=None)  # type: ignore[attr-defined]


class ResultForm(Small):
    result = forms.ChoiceField(label=_("Résultat"), choices=lambda: choices("pmsmp_result"))
    ended_on = forms.DateField(label=_("Dernier jour"), widget=DateInput, required=False)
    hours = forms.DecimalField(
        label=_("Heures de présence"), required=False, max_digits=6, decimal_places=2, min_value=0
    )
    assessment = forms.CharField(label=_("Bilan"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class DerogationForm(Small):
    kind = forms.ChoiceField(
        label=_("Dérogation"), choices=lambda: some("derogation_kind", codes("derogation_kind", scope="worker"))
    )
    decided_by = forms.ChoiceField(label=_("Décidée par"), choices=lambda: choices("derogation_authority"))
    decided_on = forms.DateField(label=_("Décidée le"), widget=DateInput)
    started_on = forms.DateField(label=_("Du"), widget=DateInput)
    ended_on = forms.DateField(label=_("Au"), widget=DateInput)
    reference = forms.CharField(label=_("Référence de la décision"), required=False, max_length=120)


class SuspendPassForm(Small):
    started_on = forms.DateField(label=_("Début"), widget=DateInput)
    ended_on = forms.DateField(
        label=_("Fin (si connue)"), widget=DateInput, required=False,
        help_text=_("Vide : jusqu'à la prochaine embauche, 36 mois au plus."),
    )  # fmt: skip
    reason = forms.ChoiceField(
        label=_("Motif"),
        choices=lambda: some("pass_suspension_reason", codes("pass_suspension_reason", current=True)),
    )
    note = forms.CharField(label=_("Précision"), required=False, max_length=200)

    def __init__(self, *args: Any, about: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class EndSuspensionForm(Small):
    ended_on = forms.DateField(label=_("Dernier jour de suspension"), widget=DateInput)


class ProlongForm(Small):
    reason = forms.ChoiceField(label=_("Motif"), choices=lambda: choices("prolongation_reason"))
    days = forms.IntegerField(label=_("Jours demandés"), min_value=1)
    report = forms.CharField(
        label=_("Bilan et motivation"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Obligatoire quand un prescripteur décide : RQTH, 50 ans et plus, difficultés particulières."),
    )  # fmt: skip
    prescriber = forms.CharField(label=_("Prescripteur"), required=False, max_length=200)


class AcceptForm(Small):
    decided_on = forms.DateField(label=_("Réponse du"), widget=DateInput)
    prescriber = forms.CharField(label=_("Prescripteur"), required=False, max_length=200)


class RefuseForm(Small):
    decided_on = forms.DateField(label=_("Réponse du"), widget=DateInput)
    refusal_reason = forms.ChoiceField(label=_("Motif du refus"), choices=lambda: choices("prolongation_refusal"))
    refusal_note = forms.CharField(
        label=_("Explication, et ce qui est proposé"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
