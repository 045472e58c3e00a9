"""The federation's space. It reads released tables only, and none is released yet: it says so."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.roles import Permission
from indicators.catalogue import definitions
from web.access import needs


@needs(Permission.SEE_RELEASES)
def space(request: HttpRequest) -> HttpResponse:
    return render(request, "web/federation.html", {"definitions": definitions().values()})
