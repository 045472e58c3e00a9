"""Changing one's own address: asked for after proving who one is, and counting once the link sent to it was opened."""

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import addresses
from web.access import me
from web.forms.fields import BootstrapMixin


class AddressForm(BootstrapMixin, forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Nouvelle adresse e-mail"),
        help_text=gettext_lazy("Un lien y sera envoyé. Tant qu'il n'est pas ouvert, rien ne change."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class ConfirmForm(BootstrapMixin, forms.Form):
    pass


@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            addresses.ask(user=me(request), email=form.cleaned_data["email"])
            messages.success(request, _("Un lien est parti à %(email)s.") % form.cleaned_data)
            return redirect("access")
        except ValidationError as error:
            form.refuse(error)
    notes = [_("Votre adresse : %(email)s") % {"email": me(request).email}]
    context = {"form": form, "title": _("Changer d'adresse e-mail"), "notes": notes, "back": "access"}
    return render(request, "web/form.html", context | {"button": _("Envoyer le lien")})


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing (mail servers open links): its owner says yes."""
    user = me(request)
    email = addresses.asked(user, token)
    if email is None:
        raise Http404
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            addresses.change(user=user, email=email)
            messages.success(request, _("Vous vous connectez maintenant avec %(email)s.") % {"email": email})
            return redirect("access")
        except ValidationError as error:
            form.refuse(error)
    notes = [_("Vous vous connecterez avec %(email)s, et plus avec %(old)s.") % {"email": email, "old": user.email}]
    context = {"form": form, "title": _("Confirmer cette adresse"), "notes": notes, "back": "access"}
    return render(request, "web/form.html", context | {"button": _("Confirmer")})
