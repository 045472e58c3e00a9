"""The structure's own indicators, with what they rest on."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.roles import Permission
from indicators import report
from indicators.catalogue import definitions
from web.access import chosen_structure, needs
from web.sparkline import sparkline


@needs(Permission.SEE_INDICATORS)
def dashboard(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.SEE_INDICATORS)
    sheets = report.dashboard(structure, timezone.now())
    rows = [(sheet, sparkline(sheet)) for sheet in sheets]
    known_at = max((s.current.value.known_at for s in sheets if s.current), default=None)
    context = {"structure": structure, "structures": structures, "rows": rows, "known_at": known_at}
    return render(request, "web/indicators.html", context)


@needs(Permission.SEE_INDICATORS)
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.SEE_INDICATORS)
    if code not in definitions():
        raise Http404
    found = report.sheet(structure, code, timezone.now())
    context = {"structure": structure, "structures": structures, "sheet": found, "line": sparkline(found)}
    return render(request, "web/indicator.html", context)
