"""Which pages someone of the platform's team reads through an access that a structure was told of (`accounts.openings`).

A page is read through one only when it is in this list, asked with GET, and not as a file. Everything else (a form sent, the API, a
PDF, a list taken away) finds her without it, so she is nobody there.
"""

from collections.abc import Callable, Iterable, Sequence

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Principal
from accounts.models import Opening, User
from contracts.models import Flag

# The names of their addresses. Each has its title in `privacy.pages`.
READ = frozenset(
    ("workers", "worker", "plan", "skills", "follow-ups", "follow-up", "exits", "contracts", "contract", "contract-drafts", "deadlines",
     "deadlines-month", "partners", "partner", "unmet-needs", "participation")
)  # fmt: skip


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


def reason_for(reader: Principal, said: str) -> str:
    """Why a contract or a PASS IAE is suspended, prolonged, changed or ended, and why so was decided, as its reader may know it: it
    tells of sickness, prison, disability, which whoever reads through an access does not see."""
    return _("motif réservé") if isinstance(reader, User) and reader.openings else said


def told_to(reader: Principal, flags: Iterable[Flag]) -> list[Flag]:
    """Flags, not to be saved, with the reason that their facts give as their reader may know it."""
    found = list(flags)
    for flag in found:
        if reason := flag.facts.get("reason"):
            flag.facts = {**flag.facts, "reason": reason_for(reader, reason)}
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
