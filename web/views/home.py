"""The door: each role lands where its work is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.roles import Permission
from web.access import held, me

# The first page one may open, in order of daily use.
LANDING = (
    (Permission.WRITE_FOLLOW_UP, "attention"),
    (Permission.DECIDE_CONTRACTS, "deadlines"),
    (Permission.SEE_RELEASES, "federation"),
    (Permission.MANAGE_ORGANISATION, "organisation"),
    (Permission.PROTECT_DATA, "consultations"),
)


def home(request: HttpRequest) -> HttpResponse:
    may = held(request)
    for permission, name in LANDING:
        if permission in may:
            return redirect(name)
    return redirect("openings") if me(request).is_staff else render(request, "web/no_role.html")
