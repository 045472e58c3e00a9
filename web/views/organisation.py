"""Who works here, and which programs may speak for the structure."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import tokens
from accounts.access import load, organisations
from accounts.models import ApiToken, Membership, Opening, Organisation
from accounts.roles import Permission, Role
from jobs.nights import missed
from skills.models import IssuerKey
from web.access import held, me, needs
from web.forms.fields import BootstrapMixin, DateInput


class TokenForm(BootstrapMixin, forms.Form):
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    name = forms.CharField(label=_("Nom du programme"), max_length=100)
    role = forms.ChoiceField(label=_("Droits"), choices=Role.choices)
    last_day = forms.DateField(
        label=_("Dernier jour"),
        widget=DateInput,
        required=False,
        help_text=_("Le jeton s'éteint à la fin de ce jour. Vide : jusqu'à ce qu'on le révoque."),
    )

    def __init__(self, *args: object, request: HttpRequest, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.giver = request.user
        where: Any = self.fields["organisation"]
        where.queryset = organisations(request.user, Permission.MANAGE_ORGANISATION)
        where.choices = [(one.pk, str(one)) for one in where.queryset]  # else the widget asks twice

    def clean_last_day(self) -> date | None:
        day: date | None = self.cleaned_data["last_day"]
        if day and day < timezone.localdate():
            raise ValidationError(_("Ce jour est déjà passé."))
        return day

    def clean(self) -> None:
        organisation, role = self.cleaned_data.get("organisation"), self.cleaned_data.get("role")
        if organisation and role and not Role(role).fits(organisation.nature):
            self.add_error("role", _("Ce rôle n'existe pas dans ce genre d'organisation."))
        elif organisation and role and Role(role) not in tokens.roles_to_give(self.giver, organisation):
            self.add_error("role", tokens.TOO_MUCH)


@needs(Permission.MANAGE_ORGANISATION)
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    mine = organisations(request.user, Permission.MANAGE_ORGANISATION)
    form = TokenForm(request.POST or None, request=request)
    secret = ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        day = values["last_day"]
        _token, secret = tokens.issue(
            by=me(request),
            organisation=values["organisation"],
            name=values["name"],
            role=Role(values["role"]),
            expires_at=timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) if day else None,
        )
        form = TokenForm(request=request)
    members = Membership.objects.filter(organisation__in=mine, ended_on__isnull=True)
    return render(
        request,
        "web/organisation.html",
        {
            "form": form,
            "secret": secret,
            "may_protect": Permission.PROTECT_DATA in held(request),
            "openings": Opening.objects.running(timezone.now())
            .filter(organisation__in=mine)
            .select_related("organisation", "holder"),
            "night_missed": bool(missed(timezone.now())),
            "organisations": mine.select_related("commune__departement__region", "group").prefetch_related(
                Prefetch("issuer_keys", IssuerKey.objects.filter(retired_on=None), to_attr="keys_in_use")
            ),
            "members": members.select_related("user", "organisation").order_by(
                "organisation__name", "role", "user__last_name"
            ),
            "tokens": ApiToken.objects.filter(organisation__in=mine).select_related("organisation"),
        },
    )


@needs(Permission.MANAGE_ORGANISATION)
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    mine = organisations(request.user, Permission.MANAGE_ORGANISATION)
    tokens.revoke(load(ApiToken.objects.filter(organisation__in=mine), pk=token_id), timezone.now())
    return redirect("organisation")
