"""Accesses of the platform's team to a structure's files: asked for and closed here, told to the structure here."""

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import openings
from accounts.access import load, organisations
from accounts.models import Opening, Organisation
from accounts.roles import Permission
from privacy.models import Consultation, OpenedList
from web.access import me, needs, of_the_team
from web.forms.fields import BootstrapMixin
from web.keyset import keyset_page

PAGE = 20


class OpeningForm(BootstrapMixin, forms.Form):
    organisation = forms.CharField(
        label=gettext_lazy("Structure"), max_length=200, help_text=gettext_lazy("Son SIRET, ou son nom.")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Nature du motif"), choices=Opening.Kind.choices)
    motive = forms.CharField(
        label=gettext_lazy("Motif"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("La structure le lira tout de suite. N'y nommez personne."),
    )
    reference = forms.CharField(label=gettext_lazy("Référence de la demande"), max_length=60, required=False)
    minutes = forms.TypedChoiceField(label=gettext_lazy("Durée"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = [(minutes, _("%(n)s minutes") % {"n": minutes}) for minutes in openings.durations()]
        self.fields["minutes"].choices = said  # type: ignore[attr-defined]

    def clean_organisation(self) -> Organisation:
        """The one structure in use that this names; several or none is said, with what to write instead."""
        asked = " ".join(self.cleaned_data["organisation"].split())
        rows = Organisation.objects.structures().filter(closed_on=None)
        found = list(rows.filter(Q(siret=asked.replace(" ", "")) | Q(name__iexact=asked))[:2])
        found = found or list(rows.filter(name__icontains=asked)[:6])
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("Aucune structure n'a ce SIRET ni ce nom."))
        named = ", ".join(f"{one} ({one.siret or _('sans SIRET')})" for one in found[:5])
        raise ValidationError(_("Plusieurs structures répondent : %(names)s. Donnez le SIRET.") % {"names": named})


def proved(request: HttpRequest) -> bool:
    """Whether the reader gave her second factor in this session, a few minutes ago at most."""
    oldest = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, me(request))
    return any(record["method"] == "mfa" and record["at"] > oldest for record in records)


@of_the_team
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Accesses open now and before, of the whole team."""
    rows = Opening.objects.select_related("holder", "organisation", "closed_by")
    page = keyset_page(rows, by=("-opened_at", "-id"), after=request.GET.get("apres", ""), size=PAGE)
    return render(request, "web/openings.html", {"page": page, "now": timezone.now()})


@of_the_team
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Open an access: the second factor, just now, then the motive."""
    if not is_mfa_enabled(me(request)):
        messages.warning(request, _("Ouvrir un accès demande une double authentification : choisissez-la d'abord."))
        return redirect("mfa_index")
    if not proved(request):
        return redirect(f"{reverse('mfa_reauthenticate')}?next={reverse('opening-create')}")
    form = OpeningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opening = openings.open_access(by=me(request), at=timezone.now(), **form.cleaned_data)
            messages.success(
                request, _("Accès ouvert : %(structure)s est prévenue.") % {"structure": opening.organisation}
            )
            return redirect("openings")
        except ValidationError as error:
            form.refuse(error)
    context = {
        "form": form,
        "title": _("Ouvrir un accès à une structure"),
        "back": "openings",
        "button": _("Ouvrir l'accès"),
    }
    return render(request, "web/form.html", context)


@require_POST
def close(request: HttpRequest, opening_id: int) -> HttpResponse:
    """Its holder ends it, or the structure does."""
    protected = organisations(request.user, Permission.PROTECT_DATA)
    opening = load(Opening.objects.filter(Q(holder=me(request)) | Q(organisation__in=protected)), pk=opening_id)
    openings.close(by=me(request), opening=opening, at=timezone.now())
    messages.success(request, _("Accès fermé."))
    return redirect("openings" if opening.holder_id == me(request).pk else "opened")


@needs(Permission.PROTECT_DATA)
@require_safe
def opened(request: HttpRequest) -> HttpResponse:
    """What the structure sees: who opened its files, why, until when, and what was read."""
    rows = Opening.objects.filter(organisation__in=organisations(request.user, Permission.PROTECT_DATA))
    page = keyset_page(
        rows.select_related("holder", "organisation", "closed_by"),
        by=("-opened_at", "-id"), after=request.GET.get("apres", ""), size=PAGE,
    )  # fmt: skip
    shown = [opening.pk for opening in page.rows]
    lists: dict[int, list[str]] = {}
    for row in OpenedList.objects.visible_to(request.user).filter(opening__in=shown).order_by("hour", "id"):
        said = f"{row.shown_page} ({timezone.localtime(row.hour):%H} h)"
        lists.setdefault(row.opening_id, []).append(said)
    read = Consultation.objects.visible_to(request.user).filter(opening__in=shown).order_by().values("opening")
    counts = {row["opening"]: row for row in read.annotate(pages=Count("pk"), people=Count("worker", distinct=True))}
    told = [(opening, lists.get(opening.pk, []), counts.get(opening.pk)) for opening in page.rows]
    return render(request, "web/opened.html", {"page": page, "openings": told, "now": timezone.now()})
