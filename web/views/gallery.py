"""All the building blocks on one page, for those who build."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from contracts.models import Flag
from web.access import me


def components(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or me(request).is_staff):
        raise Http404
    return render(request, "web/components.html", {"severities": Flag.Severity})
