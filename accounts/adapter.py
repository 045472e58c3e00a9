"""Accounts are opened by an organisation's administrator: nobody signs up alone."""

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


if settings.OIDC_SERVER or TYPE_CHECKING:
    from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

    class KnownPeopleOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
        """A directory signs in people who have an account here; it opens none."""

        def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
            return False
