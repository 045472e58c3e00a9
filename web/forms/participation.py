"""Participation: sessions and proposals of the group, ballots as counts, bodies and seats."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from law.nomenclature import choices
from parcours.models import Worker
from participation.models import Ballot
from web.forms.fields import BootstrapMixin, DateInput, Words


class SessionForm(BootstrapMixin, forms.Form):
    on = forms.DateField(label=_("Date"), widget=DateInput)
    subjects = forms.MultipleChoiceField(
        label=_("Sujets"), choices=lambda: choices("expression_subject"), widget=forms.CheckboxSelectMultiple
    )
    minutes = forms.IntegerField(label=_("Durée en minutes (facultatif)"), min_value=1, max_value=600, required=False)


class AttendanceForm(BootstrapMixin, forms.Form):
    held = forms.TypedChoiceField(
        label=_("La séance a-t-elle eu lieu ?"), coerce=lambda said: said == "oui",
        choices=[("oui", _("Oui")), ("non", _("Non"))],
    )  # fmt: skip
    listed = forms.BooleanField(
        label=_("Une liste de présence a été tenue"), required=False, initial=True,
        help_text=_("Sans liste, qui est venu reste inconnu."),
    )  # fmt: skip
    attendees = forms.ModelMultipleChoiceField(
        label=_("Présents"), queryset=Worker.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, workers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attendees"].queryset = workers  # type: ignore[attr-defined]


class ProposalForm(BootstrapMixin, forms.Form):
    subject = forms.ChoiceField(label=_("Sujet"), choices=lambda: choices("expression_subject"))
    words = forms.CharField(
        label=_("Proposition du groupe"), max_length=500, widget=Words(rows=2),
        help_text=_("Sans nom : c'est la proposition du groupe."),
    )  # fmt: skip


class ReplyForm(BootstrapMixin, forms.Form):
    answer = forms.ChoiceField(label=_("Suite donnée"), choices=lambda: choices("proposal_answer"))
    answer_words = forms.CharField(
        label=_("Réponse faite au groupe (facultatif)"), max_length=500, required=False, widget=Words(rows=2)
    )
    answered_on = forms.DateField(label=_("Répondue le"), widget=DateInput)


COUNTS = (
    "headcount", "headcount_workers", "electors", "electors_workers", "registered", "registered_workers", "voters",
    "voters_workers", "candidates", "candidates_workers", "seats", "elected", "elected_workers",
)  # fmt: skip


class BallotForm(BootstrapMixin, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Ballot
        fields = ("first_round_on", "rule", "outcome", *COUNTS)
        widgets = {"first_round_on": DateInput}

    def _get_validation_exclusions(self) -> set[str]:
        """The verb validates constraints with the structure; the form only cleans values."""
        return {field.name for field in Ballot._meta.fields}

    def validate_constraints(self) -> None:
        """Left to the verb."""


class BodyForm(BootstrapMixin, forms.Form):
    kind = forms.ChoiceField(label=_("Instance"), choices=lambda: choices("body_kind"))
    level = forms.ChoiceField(label=_("Échelle"), choices=lambda: choices("body_level"))
    voting_seats = forms.IntegerField(label=_("Sièges avec voix délibérative"), min_value=0, required=False)
    checked_on = forms.DateField(label=_("Composition vérifiée le"), widget=DateInput)


class SeatForm(BootstrapMixin, forms.Form):
    holder_status = forms.ChoiceField(label=_("Tenu par"), choices=lambda: choices("holder_status"))
    worker = forms.ModelChoiceField(
        label=_("Personne (en parcours, ou qui l'a été)"), queryset=Worker.objects.none(), required=False,
        help_text=_("Les autres membres ne sont jamais nommés."),
    )  # fmt: skip
    voting = forms.BooleanField(label=_("Avec voix délibérative"), required=False, initial=True)
    started_on = forms.DateField(label=_("Depuis le"), widget=DateInput)

    def __init__(self, *args: Any, workers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = workers  # type: ignore[attr-defined]


class MeetingForm(BootstrapMixin, forms.Form):
    held_on = forms.DateField(label=_("Tenue le"), widget=DateInput)
    present = forms.IntegerField(label=_("Sièges présents"), min_value=0, required=False)
    present_workers = forms.IntegerField(
        label=_("Dont tenus par des salariés en parcours"), min_value=0, required=False,
        help_text=_("Des nombres seulement ; vide : inconnu."),
    )  # fmt: skip


class LeaveForm(BootstrapMixin, forms.Form):
    ended_on = forms.DateField(label=_("Dernier jour du mandat"), widget=DateInput)


class CodeForm(BootstrapMixin, forms.Form):
    code = forms.CharField(label=_("Votre code"), max_length=20)


def faces() -> list[tuple[str, Any]]:
    """The five answers, with a face and words, and the right not to answer."""
    return [
        ("1", _("☹ Pas du tout")), ("2", _("🙁 Plutôt non")), ("3", _("😐 Entre les deux")),
        ("4", _("🙂 Plutôt oui")), ("5", _("😀 Tout à fait")), ("", _("Je préfère ne pas répondre")),
    ]  # fmt: skip


class VoiceForm(forms.Form):
    """The five statements, each answered or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, label in choices("power_to_act_item"):
            self.fields[code] = forms.TypedChoiceField(
                label=label, choices=faces(), coerce=int, empty_value=None, required=False,
                widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
            )  # fmt: skip
