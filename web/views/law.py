"""The values of the law: read by who works with them, added by an administrator of the federation, for everyone."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import load, organisations
from accounts.roles import Permission
from law.findings import rules
from law.parameters_at import parameters
from lawbook import actions
from lawbook.models import AddedValue
from lawbook.reading import ORIGINS, by_theme, lines
from lawbook.weighing import consequences_of
from web.access import me, needs
from web.forms.fields import BootstrapMixin, DateInput

SHOWN = 50


class ValueForm(BootstrapMixin, forms.Form):
    since = forms.DateField(label=_("En vigueur depuis le"), widget=DateInput)
    value = forms.CharField(label=_("Valeur"), max_length=80)
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("L’article ou le texte, avec sa date : « Décret 2026-123 du 02/05/2026 ».")
    )  # fmt: skip
    reason = forms.CharField(label=_("Motif"), max_length=300)
    confirmed = forms.BooleanField(
        label=_("J’ai lu le texte"), required=False,
        help_text=_("Sans lecture du texte, la valeur alerte mais n’interdit rien."),
    )  # fmt: skip


def may_write(request: HttpRequest) -> bool:
    """Whether the reader administers a federation: a value of the law is the same for all structures."""
    return organisations(request.user, Permission.WRITE_LAW).filter(nature="federation").exists()


@needs(Permission.SEE_LAW)
def index(request: HttpRequest) -> HttpResponse:
    """All parameters by theme, with the value in force and its source."""
    context = {"themes": by_theme(timezone.localdate()), "origins": ORIGINS}
    return render(request, "web/law.html", context)


@needs(Permission.SEE_LAW)
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, key: str) -> HttpResponse:
    """One parameter: its dated values, what each added one changed, and the form to add one."""
    parameter = parameters().get(key)
    writes = may_write(request)
    if parameter is None or (request.method == "POST" and not writes):
        raise Http404
    form = ValueForm(request.POST or None)
    form.fields["value"].help_text = parameter.unit
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_value(by=me(request), key=key, at=timezone.now(), **form.cleaned_data)
            return redirect("law-parameter", key=key)
        except ValidationError as error:
            form.refuse(error)
    added = list(AddedValue.objects.filter(key=key).select_related("added_by").order_by("-added_at", "-id"))
    context: dict[str, Any] = {
        "parameter": parameter,
        "origin": ORIGINS[parameter.origin],
        "lines": lines(parameter, added, timezone.localdate()),
        "added": [{"row": row, **_changes(request, row)} for row in added],
        "form": form,
        "writes": writes,
    }
    return render(request, "web/law_parameter.html", context)


def _changes(request: HttpRequest, value: AddedValue) -> dict[str, Any]:
    """Counts by rule, and the alerts among them that the reader may see."""
    named = {code: rule.title for code, rule in rules().items()}
    counts = [
        (label, [(named.get(code, code), count) for code, count in value.changes.get(what, {}).items()])
        for what, label in (("opened", _("Ouvertes")), ("changed", _("Changées")), ("closed", _("Closes")))
    ]
    seen = consequences_of(value).visible_to(request.user)[:SHOWN]
    return {
        "counts": [(label, found) for label, found in counts if found],
        "seen": [(one, named.get(one.flag.code, one.flag.code)) for one in seen],
    }


@needs(Permission.WRITE_LAW)
@require_POST
def withdraw(request: HttpRequest, value_id: int) -> HttpResponse:
    """Take back a value added by mistake."""
    if not may_write(request):
        raise Http404
    value = load(AddedValue.objects.all(), pk=value_id)
    try:
        actions.withdraw_value(by=me(request), value=value, reason=request.POST.get("reason", ""), at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("law-parameter", key=value.key)
