"""What every page knows: what the user may do, and the menu that follows from it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from web.access import held

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
        return [
            Entry(title, url, request.path.startswith(url))
            for name, title, needed in MENU
            if needed in may
            for url in [reverse(name)]
        ]

    return {"menu": SimpleLazyObject(entries)}
