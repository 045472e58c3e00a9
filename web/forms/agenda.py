"""The agenda: an appointment, a fact put off."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from law.nomenclature import choices
from web.forms.fields import BootstrapMixin, DateInput


class MoveForm(BootstrapMixin, forms.Form):
    starts_at = forms.DateTimeField(
        label=_("Jour et heure"), input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 300}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


class AppointmentForm(MoveForm):
    kind = forms.ChoiceField(label=_("Nature"), choices=lambda: choices("follow_up_kind"))
    minutes = forms.IntegerField(label=_("Durée (minutes)"), initial=30, min_value=1, max_value=720)
    place = forms.CharField(
        label=_("Lieu (facultatif)"),
        max_length=120,
        required=False,
        help_text=_("Il ne sort pas dans le flux d'agenda."),
    )


class SnoozeForm(BootstrapMixin, forms.Form):
    until = forms.DateField(label=_("Revoir le"), widget=DateInput)
    reason = forms.CharField(label=_("Pourquoi cela peut attendre"), max_length=300)

    def __init__(self, *args: object, today: date, last: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        first = today + timedelta(days=1)
        self.fields["until"].initial = min(today + timedelta(days=7), last)
        self.fields["until"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        self.fields["until"].help_text = _("Au plus tard le %(day)s.") % {"day": f"{last:%d/%m/%Y}"}
