"""Which pages someone of the platform's team reads through an access that a structure was told of (`accounts.openings`).

A page is read through one only when it is in this list, asked with GET, and not as a file. Everything else (a form sent, the API, a
PDF, a list taken away) finds her without it, so she is nobody there.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Opening, User

# The name of an address, and how it is called where what was read is told.
READ: dict[str, Any] = {
    "workers": _("Liste des salariés"), "worker": _("Dossier"), "plan": _("Plan"), "skills": _("Compétences"), "follow-ups": _("Liste des suivis"),
    "follow-up": _("Suivi"), "exits": _("Sorties"), "contracts": _("Liste des contrats"), "contract": _("Contrat"),
    "contract-drafts": _("Projets de contrats"), "deadlines": _("Échéances"), "deadlines-month": _("Échéances du mois"),
    "partners": _("Partenaires"), "partner": _("Partenaire"), "unmet-needs": _("Besoins sans réponse"),
    "participation": _("Participation"),
}  # fmt: skip


def running(request: HttpRequest) -> Sequence[Opening]:
    """The accesses open to the reader now, asked once a request, and of the platform's team only."""
    found: Sequence[Opening] | None = getattr(request, "_running", None)
    if found is None:
        user, found = request.user, ()
        if isinstance(user, User) and user.is_staff:
            rows = Opening.objects.running(timezone.now()).filter(holder=user)
            found = list(rows.select_related("organisation").order_by("until"))
        request._running = found  # type: ignore[attr-defined]
    return found


class OpeningMiddleware:
    """Above the wall, which must know how far this page reaches. What was shown is kept nowhere on the way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "_opened", False):
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        name = request.resolver_match.url_name if request.resolver_match else ""
        if request.method == "GET" and name in READ and "format" not in request.GET and running(request):
            request.user.openings = running(request)  # type: ignore[union-attr]
            request._opened = True  # type: ignore[attr-defined]
