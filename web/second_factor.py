"""Nothing before a compulsory second factor, and headers that Django does not set."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import second_factor
from accounts.models import User

# What one may do meanwhile: enrol, prove who one is again, sign out.
MEANWHILE = ("mfa_", "account_logout", "account_reauthenticate", "health", "ready")
ASKED_EVERY = 600  # seconds during which a session that lacks nothing is not asked again
POWERS = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")
PERMISSIONS_POLICY = ", ".join([*(f"{power}=()" for power in POWERS), "publickey-credentials-get=(self)"])


class SecondFactorMiddleware:
    """Sends to the enrolment of a second factor whoever must hold one and does not. Programs (tokens) are not people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponseBase | None:
        user = request.user
        name = request.resolver_match.url_name if request.resolver_match else ""
        if not isinstance(user, User) or (name or "").startswith(MEANWHILE):
            return None
        if time.time() - request.session.get("second_factor_seen", 0) < ASKED_EVERY:
            return None
        if not second_factor.missing(user):
            if settings.REQUIRE_SECOND_FACTOR:
                request.session["second_factor_seen"] = int(time.time())
            return None
        said = _("Votre rôle demande une double authentification : choisissez-la pour continuer.")
        if request.path.startswith("/api/"):
            return JsonResponse(
                {"errors": [{"field": "", "code": "second_factor_missing", "message": said}]}, status=403
            )
        messages.warning(request, said)
        return redirect("mfa_index")


class HeadersMiddleware:
    """What a page may ask of the device: nothing but a passkey. A signed-in page is kept by no shared cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private")
        return response
