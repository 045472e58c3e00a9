"""Skills: a structure's frameworks and badges; what a person learns."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parcours.models import Worker
from skills.models import Certificate, Qualification, Skill, Training
from web.forms.fields import BootstrapMixin, DateInput


class FrameworkForm(BootstrapMixin, forms.Form):
    name = forms.CharField(label=_("Nom"), max_length=120, help_text=_("Par exemple : Métiers de notre atelier."))
    code = forms.CharField(label=_("Code"), max_length=32)
    version = forms.CharField(label=_("Version"), max_length=32, initial="1")
    source = forms.CharField(label=_("Source (facultatif)"), max_length=200, required=False)


class SkillForm(BootstrapMixin, forms.Form):
    code = forms.CharField(label=_("Code"), max_length=32)
    label = forms.CharField(
        label=_("Compétence"), max_length=300, help_text=_("Ce que l'on voit faire : « régler la débroussailleuse ».")
    )
    kind = forms.ChoiceField(label=_("Nature"), choices=Skill.Kind.choices, initial=Skill.Kind.KNOW_HOW)


class SkillWordsForm(BootstrapMixin, forms.Form):
    label = forms.CharField(label=_("Compétence"), max_length=300)


class SkillFileForm(BootstrapMixin, forms.Form):
    file = forms.FileField(
        label=_("Fichier CSV"), allow_empty_file=True,
        help_text=_("Une ligne par compétence. Colonnes : code, intitule et, si vous voulez, nature."),
    )  # fmt: skip


class BadgeForm(BootstrapMixin, forms.Form):
    name = forms.CharField(label=_("Nom"), max_length=120)
    description = forms.CharField(
        label=_("Ce qu'il reconnaît"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Toute personne à qui le badge est montré lit ces mots."),
    )  # fmt: skip
    criteria = forms.CharField(
        label=_("Ce qu'il faut avoir fait"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RevokeForm(BootstrapMixin, forms.Form):
    reason = forms.CharField(
        label=_("Motif du retrait"), max_length=300, help_text=_("Il reste au dossier et n'est pas publié.")
    )


class _Modelled(BootstrapMixin, forms.ModelForm):  # type: ignore[type-arg]
    def _get_validation_exclusions(self) -> set[str]:
        """The verb validates constraints; the form only cleans values."""
        return {field.name for field in self._meta.model._meta.fields}

    def validate_constraints(self) -> None:
        """Left to the verb."""

    def _post_clean(self) -> None:
        """The row is changed by the verb, not by the form."""


class TrainingForm(_Modelled):
    class Meta:
        model = Training
        fields = (
            "title", "provider", "objective", "started_on", "ended_on", "in_working_time", "funder", "mandatory_safety",
            "certifying", "certification", "certification_code", "due_on", "result", "result_on", "drop_reason", "afest",
            "afest_situation", "afest_trainer", "afest_reviewed_on", "afest_assessed_on",
        )  # fmt: skip
        widgets = dict.fromkeys(
            ("started_on", "ended_on", "due_on", "result_on", "afest_reviewed_on", "afest_assessed_on"), DateInput
        )


class TrainingDayForm(BootstrapMixin, forms.Form):
    held_on = forms.DateField(label=_("Jour"), widget=DateInput)
    planned_hours = forms.DecimalField(
        label=_("Heures prévues"), required=False, min_value=0, max_value=12, max_digits=4, decimal_places=2
    )
    attended_hours = forms.DecimalField(
        label=_("Heures suivies"), required=False, min_value=0, max_value=12, max_digits=4, decimal_places=2,
        help_text=_("0 : absente. Vide : inconnu."),
    )  # fmt: skip
    excused = forms.BooleanField(label=_("Absence excusée"), required=False)


class CertificateForm(_Modelled):
    class Meta:
        model = Certificate
        fields = ("title", "certifier", "reference", "level", "partial", "obtained_on", "expires_on", "training")
        widgets = {"obtained_on": DateInput, "expires_on": DateInput}

    def __init__(self, *args: Any, worker: Worker, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["training"].queryset = Training.objects.filter(worker=worker)  # type: ignore[attr-defined]


class QualificationForm(_Modelled):
    class Meta:
        model = Qualification
        fields = ("entry_level", "exit_level")
