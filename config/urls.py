"""All URLs. Everything asks for a signed-in user unless it says otherwise (LoginRequiredMiddleware)."""

from allauth.account.urls import urlpatterns as account
from django.conf import settings
from django.urls import include, path

handler404 = "api.errors.absent"
# Addresses are ours to change (web.views.addresses): a library that keeps several, claimed or verified, is not asked.
ADDRESSES = {"account_email", "account_confirm_email", "account_email_verification_sent"}
urlpatterns = [
    path("compte/", include([page for page in account if page.name not in ADDRESSES])),
    path("compte/double-authentification/", include("allauth.mfa.urls")),
    path("api/v1/", include("api.urls")),
    path("", include("web.urls")),
]
if settings.OIDC_SERVER:
    urlpatterns += [
        path("compte/annuaire/", include("allauth.socialaccount.urls")),
        path("compte/annuaire/", include("allauth.socialaccount.providers.openid_connect.urls")),
    ]
