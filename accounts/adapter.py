"""Accounts are opened by an organisation's administrator: nobody signs up alone."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import render


class ClosedSignupAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Whose password is tried: one address, however it is typed. Failures are counted by it (axes)."""
    given = credentials or {}
    return str(given.get("email") or given.get("username") or request.POST.get("login", "")).strip().lower()


def client_ip(request: HttpRequest) -> str | None:
    """Where a caller is: one answer for axes and for allauth, behind as many proxies as the settings declare."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:  # nowhere: called from within
        return None


if settings.OIDC_SERVER or TYPE_CHECKING:
    from allauth.core.exceptions import ImmediateHttpResponse
    from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

    class KnownPeopleOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
        """A directory signs in people of its own domains who have an account here; it opens none."""

        def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
            return False

        def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
            """Asked once the account is found, by address or because it came before, and before anything is joined to it."""
            ours = tuple(f"@{domain}" for domain in settings.OIDC_DOMAINS)
            if sociallogin.is_existing and not sociallogin.user.email.lower().endswith(ours):
                raise ImmediateHttpResponse(render(request, "account/not_vouched.html", status=403))
