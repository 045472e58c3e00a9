"""« Mes accès »: where I am signed in, my second factors, the programs that speak for me; and the invitation I received."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import members, second_factor, tokens
from accounts.access import load
from accounts.models import ApiToken, User
from agenda.actions import revoke_feed
from agenda.departure import end_sessions
from agenda.models import FeedToken
from web.access import me
from web.forms.fields import BootstrapMixin


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    user = me(request)
    factors = Authenticator.objects.filter(user=user)
    context = {
        "sessions": [
            (session, session.session_key == request.session.session_key)
            for session in UserSession.objects.purge_and_list(user)
        ],
        "factors": factors.exclude(type=Authenticator.Type.RECOVERY_CODES),
        "compulsory": second_factor.required(user),
        "tokens": ApiToken.objects.filter(created_by=user, revoked_at__isnull=True).select_related("organisation"),
        "feeds": FeedToken.objects.filter(user=user, revoked_at__isnull=True),
    }
    return render(request, "web/access.html", context)


@require_POST
def close_session(request: HttpRequest, session_id: int) -> HttpResponse:
    session = load(UserSession.objects.filter(user=me(request)), pk=session_id)
    session.end()
    return redirect("account_login" if session.session_key == request.session.session_key else "access")


@require_POST
def close_others(request: HttpRequest) -> HttpResponse:
    ended = end_sessions(me(request), but=request.session.session_key or "")
    messages.success(request, ngettext("%(n)s session fermée.", "%(n)s sessions fermées.", ended) % {"n": ended})
    return redirect("access")


@require_POST
def close_token(request: HttpRequest, token_id: int) -> HttpResponse:
    tokens.revoke(load(ApiToken.objects.filter(created_by=me(request)), pk=token_id), timezone.now())
    return redirect("access")


@require_POST
def close_feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    feed = load(FeedToken.objects.filter(user=me(request)), pk=feed_id)
    revoke_feed(by=me(request), feed=feed, at=timezone.now())
    return redirect("access")


class PasswordForm(BootstrapMixin, forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Mot de passe"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    again = forms.CharField(
        label=gettext_lazy("Le même, encore une fois"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> None:
        password, again = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if password and again and password != again:
            self.add_error("again", _("Les deux mots de passe diffèrent."))
        elif password:
            try:
                validate_password(password, self.user)
            except ValidationError as error:
                self.add_error("password", error)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, who: str, token: str) -> HttpResponse:
    """The person invited chooses her password; the link serves once. Opening it changes nothing."""
    user = members.invited(who, token)
    if user is None:
        raise Http404
    form = PasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        members.accept(user=user, password=form.cleaned_data["password"])
        messages.success(request, _("Votre mot de passe est choisi : connectez-vous."))
        return redirect("account_login")
    return render(request, "web/invitation.html", {"form": form, "invited": user})
