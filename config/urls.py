"""All URLs. Everything asks for a signed-in user unless it says otherwise (LoginRequiredMiddleware)."""

from django.conf import settings
from django.urls import include, path

handler404 = "api.errors.absent"
urlpatterns = [
    path("compte/", include("allauth.account.urls")),
    path("compte/double-authentification/", include("allauth.mfa.urls")),
    path("api/v1/", include("api.urls")),
    path("", include("web.urls")),
]
if settings.OIDC_SERVER:
    urlpatterns += [
        path("compte/annuaire/", include("allauth.socialaccount.urls")),
        path("compte/annuaire/", include("allauth.socialaccount.providers.openid_connect.urls")),
    ]
