"""People: welcoming one, recording how her pathway ended."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from law.nomenclature import choices, nomenclatures
from parcours.models import Worker
from web.forms.fields import BootstrapMixin, DateInput

UNKNOWN = [("", _("Inconnu"))]


class WelcomeForm(BootstrapMixin, forms.ModelForm):  # type: ignore[type-arg]
    organisation = forms.ModelChoiceField(label=_("Structure"), queryset=Organisation.objects.none(), empty_label=None)
    started_on = forms.DateField(label=_("Entrée dans le parcours"), widget=DateInput)

    class Meta:
        model = Worker
        fields = (
            "first_name", "last_name", "birth_date", "sex", "reference", "phone", "email", "address", "postal_code", "city",
            "education_level", "disabled_worker", "rsa",
        )  # fmt: skip
        widgets = {"birth_date": DateInput}

    def __init__(self, *args: object, structures: list[Organisation], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=[s.pk for s in structures])  # type: ignore[attr-defined]
        if len(structures) == 1:
            field.initial = structures[0]
            field.widget = forms.HiddenInput()


class CorrectForm(BootstrapMixin, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Worker
        fields = tuple(name for name in WelcomeForm.Meta.fields if name != "reference")
        widgets = WelcomeForm.Meta.widgets


class ExitForm(BootstrapMixin, forms.Form):
    exited_on = forms.DateField(label=_("Date de sortie"), widget=DateInput)
    outcome = forms.ChoiceField(
        label=_("Situation à la sortie"), choices=lambda: [*UNKNOWN, *choices("exit_outcome")], required=False
    )
    said_by = forms.ChoiceField(
        label=_("Dit par"), choices=lambda: [*UNKNOWN, *choices("said_by")], required=False, initial="worker"
    )
    contract_months = forms.DecimalField(
        label=_("Durée du contrat trouvé, en mois"), required=False, min_value=0, max_digits=5, decimal_places=2,
        help_text=_("Six mois exactement sont un emploi durable."),
    )  # fmt: skip
    education_level = forms.ChoiceField(
        label=_("Niveau de formation atteint"), choices=lambda: [*UNKNOWN, *choices("education_level")], required=False
    )

    @property
    def definitions(self) -> list[tuple[str, str]]:
        """(label, the State's definition) of each situation, to have at hand."""
        return [(entry["label"], entry["definition"]) for entry in nomenclatures()["exit_outcome"]]
