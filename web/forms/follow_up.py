"""Logging a follow-up: four clicks when nothing is written."""

from datetime import date
from uuid import uuid4

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from law.nomenclature import choices
from web.forms.fields import BootstrapMixin, DateInput

MINUTES = [(m, str(m)) for m in (15, 30, 45, 60, 90)]
FREQUENT = 5  # kinds shown as buttons; the others are one click further


class FollowUpForm(BootstrapMixin, forms.Form):
    kind = forms.ChoiceField(label=_("Nature"), widget=forms.RadioSelect)
    minutes = forms.TypedChoiceField(
        label=_("Durée (minutes)"), choices=MINUTES, coerce=int, initial=30, widget=forms.RadioSelect
    )
    held_on = forms.DateField(label=_("Date"), widget=DateInput)
    outcome = forms.ChoiceField(
        label=_("Présence"), choices=lambda: choices("follow_up_outcome"), initial="present", widget=forms.RadioSelect
    )
    note = forms.CharField(label=_("Note (facultatif)"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    themes = forms.MultipleChoiceField(
        label=_("Thèmes (facultatif)"), choices=lambda: choices("theme"), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    next_step = forms.CharField(label=_("Prochaine étape (facultatif)"), required=False, max_length=200)
    next_due_on = forms.DateField(label=_("Pour le"), required=False, widget=DateInput)
    sent_once = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: object, today: date, last_kind: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        kinds = choices("follow_up_kind")
        kinds.sort(key=lambda pair: pair[0] != last_kind)  # stable: the one used last comes first
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["kind"].initial = kinds[0][0]
        self.fields["held_on"].initial = today
        self.fields["held_on"].widget.attrs["max"] = today.isoformat()
        self.fields["sent_once"].initial = uuid4

    @property
    def frequent_kinds(self) -> list[BoundWidget]:
        return list(self["kind"])[:FREQUENT]

    @property
    def other_kinds(self) -> list[BoundWidget]:
        return list(self["kind"])[FREQUENT:]
