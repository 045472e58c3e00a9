"""What every page knows: what the user may do, the menu that follows from it, the accesses she has open."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from web.access import held
from web.openings import running

MENU = (
    ("attention", _("À suivre"), Permission.WRITE_FOLLOW_UP),
    ("workers", _("Salariés"), Permission.SEE_PEOPLE),
    ("exits", _("Sorties"), Permission.WRITE_FOLLOW_UP),
    ("contracts", _("Contrats"), Permission.SEE_CONTRACTS),
    ("deadlines", _("Échéances"), Permission.SEE_CONTRACTS),
    ("months", _("Heures"), Permission.DECIDE_CONTRACTS),
    ("indicators", _("Indicateurs"), Permission.SEE_INDICATORS),
    ("partners", _("Partenaires"), Permission.SEE_PEOPLE),
    ("participation", _("Participation"), Permission.SEE_PEOPLE),
    ("imports", _("Imports"), Permission.IMPORT_FILES),
    ("organisation", _("Organisation"), Permission.MANAGE_ORGANISATION),
    ("federation", _("Fédération"), Permission.SEE_RELEASES),
)


@dataclass(frozen=True)
class Entry:
    title: Any
    url: str
    here: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Lazy: a fragment that shows no menu asks nothing of the database."""

    def entries() -> list[Entry]:
        may = held(request)
        of_the_team = [("openings", _("Accès"), None)] if getattr(request.user, "is_staff", False) else []
        return [
            Entry(title, url, request.path.startswith(url))
            for name, title, needed in (*MENU, *of_the_team)
            if needed is None or needed in may
            for url in [reverse(name)]
        ]

    return {"menu": SimpleLazyObject(entries), "running": SimpleLazyObject(lambda: running(request))}
