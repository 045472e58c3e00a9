"""Forms about the rights of people over their data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from privacy.models import Erasure
from web.forms.fields import DateInput
from web.forms.life import Small


class KeepForm(Small):
    reason = forms.CharField(
        label=_("Motif"),
        max_length=300,
        help_text=_("Un litige, une demande d'une administration : ce qui oblige à garder."),
    )
    until = forms.DateField(label=_("Garder jusqu'au"), widget=DateInput)


class EraseForm(Small):
    ground = forms.ChoiceField(
        label=_("Motif"), choices=[c for c in Erasure.Ground.choices if c[0] != Erasure.Ground.TERM.value]
    )
    sure = forms.BooleanField(
        label=_("Tout effacer"),
        help_text=_(
            "Dossier, histoire, pièces et documents disparaissent pour tout le monde. Rien ne les fera revenir."
        ),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        said.pop("sure", None)
        return said
