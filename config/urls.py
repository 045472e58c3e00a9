"""All URLs. Everything asks for a signed-in user unless it says otherwise (LoginRequiredMiddleware)."""

from django.urls import include, path

urlpatterns = [
    path("compte/", include("allauth.account.urls")),
    path("api/v1/", include("api.urls")),
    path("", include("web.urls")),
]
