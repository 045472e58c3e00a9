"""Inviting a member, and her departure: who receives the people she accompanies."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import members
from accounts.access import load, organisations
from accounts.models import Membership, Organisation, User
from accounts.roles import Permission, Role
from agenda import departure
from web.access import me, needs
from web.forms.fields import BootstrapMixin, DateInput


class InviteForm(BootstrapMixin, forms.Form):
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    email = forms.EmailField(label=gettext_lazy("Adresse e-mail"))
    first_name = forms.CharField(label=gettext_lazy("Prénom"), max_length=100)
    last_name = forms.CharField(label=gettext_lazy("Nom"), max_length=100)
    role = forms.TypedChoiceField(label=gettext_lazy("Rôle"), choices=Role.choices, coerce=Role)

    def __init__(self, *args: Any, mine: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = mine  # type: ignore[attr-defined]


class DepartureForm(BootstrapMixin, forms.Form):
    on = forms.DateField(label=gettext_lazy("Dernier jour"), widget=DateInput)
    to = forms.ModelChoiceField(
        label=gettext_lazy("Qui reçoit ses salariés et ses rendez-vous"), queryset=User.objects.none(), required=False
    )


@needs(Permission.MANAGE_ORGANISATION)
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, mine=organisations(request.user, Permission.MANAGE_ORGANISATION))
    if request.method == "POST" and form.is_valid():
        try:
            members.invite(by=me(request), on=timezone.localdate(), **form.cleaned_data)
            messages.success(request, _("L'invitation est partie à %(email)s.") % {"email": form.cleaned_data["email"]})
            return redirect("organisation")
        except ValidationError as error:
            form.refuse(error)
    title = _("Inviter quelqu'un")
    return render(request, "web/form.html", {"form": form, "title": title, "back": "organisation"})


@needs(Permission.MANAGE_ORGANISATION)
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, membership_id: int) -> HttpResponse:
    mine = organisations(request.user, Permission.MANAGE_ORGANISATION)
    rows = Membership.objects.filter(organisation__in=mine).select_related("user", "organisation")
    membership, today = load(rows, pk=membership_id, ended_on=None), timezone.localdate()
    form = DepartureForm(request.POST or None, initial={"on": today})
    form.fields["to"].queryset = departure.successors(membership, today)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            done = departure.depart(by=me(request), membership=membership, at=timezone.now(), **form.cleaned_data)
            said = _(
                "Départ enregistré : %(people)s personnes et %(appointments)s rendez-vous confiés, %(tokens)s jetons révoqués."
            )
            messages.success(request, said % vars(done))
            return redirect("organisation")
        except ValidationError as error:
            form.refuse(error)
    # An administrator reads no personal file: she sees how many, the director whose people they are sees who.
    held = organisations(request.user, Permission.SEE_PEOPLE)
    people = departure.people_of(membership)
    context = {
        "form": form,
        "membership": membership,
        "people": people.filter(organisation__in=held)[:200],
        "count": people.count(),
    }
    return render(request, "web/departure.html", context)
