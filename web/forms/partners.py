"""Partners: adding one, an agreement, sending a person, a file of the directory."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Commune
from law.nomenclature import choices
from parcours.models import PlanAction
from partners.models import DirectoryFile
from web.forms.fields import BootstrapMixin, DateInput

NOT_TYPED = [("", _("Pas encore dit"))]


class CommuneField(forms.CharField):
    """A commune by its INSEE code or its name; several of one name ask for the code."""

    def clean(self, value: Any) -> Commune | None:
        said = super().clean(value)
        if not said:
            return None
        found = list(Commune.objects.filter(pk=said)[:1] or Commune.objects.filter(name__iexact=said)[:3])
        if not found:
            raise forms.ValidationError(_("Cette commune n'est pas connue : essayez son code INSEE."))
        if len(found) > 1:
            raise forms.ValidationError(_("Plusieurs communes portent ce nom : donnez le code INSEE."))
        return found[0]


class PartnerForm(BootstrapMixin, forms.Form):
    name = forms.CharField(label=_("Nom"), max_length=150)
    kind = forms.ChoiceField(label=_("Genre"), choices=lambda: [*NOT_TYPED, *choices("partner_kind")], required=False)
    commune = CommuneField(label=_("Commune (nom ou code INSEE)"), required=False)
    phone = forms.CharField(label=_("Téléphone"), max_length=100, required=False)
    email = forms.EmailField(label=_("Adresse e-mail"), required=False)
    description = forms.CharField(label=_("Ce qu'il propose"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class AgreementForm(BootstrapMixin, forms.Form):
    subject = forms.CharField(label=_("Objet"), max_length=200)
    signed_on = forms.DateField(label=_("Signée le"), widget=DateInput)
    ended_on = forms.DateField(label=_("Jusqu'au (facultatif)"), widget=DateInput, required=False)


class OrientForm(BootstrapMixin, forms.Form):
    theme = forms.ChoiceField(label=_("Thème"), choices=lambda: choices("theme"))
    action = forms.ModelChoiceField(
        label=_("Pour l'action du plan (facultatif)"), queryset=PlanAction.objects.none(), required=False
    )
    sent_on = forms.DateField(label=_("Orientée le"), widget=DateInput)

    def __init__(self, *args: Any, actions: Any, today: date, theme: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"].queryset = actions  # type: ignore[attr-defined]
        self.fields["sent_on"].initial, self.fields["theme"].initial = today, theme


class DirectoryForm(BootstrapMixin, forms.Form):
    kind = forms.ChoiceField(label=_("Contenu"), choices=DirectoryFile.Kind.choices)
    file = forms.FileField(
        label=_("Fichier data·inclusion"), allow_empty_file=True,
        help_text=_("JSON, JSON par lignes ou CSV ; les structures d'abord, leurs services ensuite."),
    )  # fmt: skip
