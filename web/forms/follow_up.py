"""Logging a follow-up: four clicks when nothing is written."""

from datetime import date
from uuid import uuid4

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from law.nomenclature import choices
from web.forms.fields import BootstrapMixin, DateInput

MINUTES = [(m, str(m)) for m in (15, 30, 45, 60, 90, 120, 180)]
ACCEPTED_FILES = _("PDF, image ou document bureautique, 10 Mo au plus.")
FREQUENT = 5  # kinds shown as buttons; the others are one click further


class SaidForm(BootstrapMixin, forms.Form):
    """What a follow-up says, whoever it is about."""

    kind = forms.ChoiceField(label=_("Nature"), widget=forms.RadioSelect)
    minutes = forms.TypedChoiceField(
        label=_("Durée (minutes)"), choices=MINUTES, coerce=int, initial=30, widget=forms.RadioSelect
    )
    held_on = forms.DateField(label=_("Date"), widget=DateInput)
    note = forms.CharField(label=_("Note (facultatif)"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    themes = forms.MultipleChoiceField(
        label=_("Thèmes (facultatif)"), choices=lambda: choices("theme"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Santé et justice : seuls vous et les conseillers de la structure lirez ce suivi."),
    )  # fmt: skip
    next_step = forms.CharField(label=_("Prochaine étape (facultatif)"), required=False, max_length=200)
    next_due_on = forms.DateField(label=_("Pour le"), required=False, widget=DateInput)
    private_note = forms.CharField(
        label=_("Note privée (facultatif)"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Vous seul la lirez ici. La personne peut demander à lire ce qui est écrit sur elle."),
    )  # fmt: skip

    def __init__(self, *args: object, today: date, last_kind: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        kinds = choices("follow_up_kind")
        kinds.sort(key=lambda pair: pair[0] != last_kind)  # stable: the one used last comes first
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["kind"].initial = kinds[0][0]
        self.fields["held_on"].initial = today
        self.fields["held_on"].widget.attrs["max"] = today.isoformat()

    @property
    def frequent_kinds(self) -> list[BoundWidget]:
        return list(self["kind"])[:FREQUENT]

    @property
    def other_kinds(self) -> list[BoundWidget]:
        return list(self["kind"])[FREQUENT:]


class FollowUpForm(SaidForm):
    """A new follow-up. Who it is about is chosen beside the form (`people`, and `presence-<id>` for each)."""

    file = forms.FileField(
        label=_("Pièce jointe (facultatif)"), required=False, allow_empty_file=True, help_text=ACCEPTED_FILES
    )
    sent_once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["sent_once"].initial = uuid4


class CorrectionForm(SaidForm):
    outcome = forms.ChoiceField(
        label=_("Présence"), choices=lambda: choices("follow_up_outcome"), widget=forms.RadioSelect
    )
    reason = forms.CharField(label=_("Motif de la correction"), max_length=300)


class PieceForm(BootstrapMixin, forms.Form):
    file = forms.FileField(label=_("Pièce jointe"), allow_empty_file=True, help_text=ACCEPTED_FILES)


class DetachForm(BootstrapMixin, forms.Form):
    reason = forms.CharField(label=_("Motif du retrait"), max_length=300, help_text=_("Le contenu sera effacé."))


class CancelForm(BootstrapMixin, forms.Form):
    reason = forms.CharField(label=_("Motif de l'annulation"), max_length=300)


class TemplateForm(BootstrapMixin, forms.Form):
    """A template of follow-up: what it fills in the form."""

    title = forms.CharField(label=_("Titre"), max_length=80)
    kind = forms.ChoiceField(
        label=_("Nature (facultatif)"), choices=lambda: [("", "—"), *choices("follow_up_kind")], required=False
    )
    minutes = forms.IntegerField(label=_("Durée (minutes, facultatif)"), min_value=1, max_value=720, required=False)
    themes = forms.MultipleChoiceField(
        label=_("Thèmes (facultatif)"), choices=lambda: choices("theme"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    note = forms.CharField(
        label=_("Note (facultatif)"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Des questions à se poser, sans nom : le modèle sert pour tout le monde."),
    )  # fmt: skip
    next_step = forms.CharField(label=_("Prochaine étape (facultatif)"), max_length=200, required=False)
    next_in_days = forms.IntegerField(
        label=_("Dans combien de jours (facultatif)"), min_value=0, max_value=730, required=False
    )
