"""The contracts of one's structures: found, filtered, sorted, as a page or a file; and the drafts that wait for a signature."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from accounts.access import organisations
from accounts.models import Organisation, User
from accounts.roles import Permission
from contracts import life
from contracts.listing import SORTS, Asked, listed
from contracts.models import Contract, ContractDraft
from law.nomenclature import choices
from web.access import held, needs
from web.days import day_of
from web.downloads import asked_format, sent_as
from web.keyset import keyset_page

PAGE = 40
STATES = {
    "en-cours": life.State.RUNNING,
    "a-venir": life.State.SIGNED,
    "termines": life.State.ENDED,
    "rompus": life.State.BROKEN,
    "tous": None,
}
USUAL = ("en-cours", "fin")


class Reader:
    """Who reads the list, which structures she sees, what she asks; nothing a filter cannot mean is an error."""

    def __init__(self, request: HttpRequest, today: date) -> None:
        asked = request.GET
        self.structures = list(organisations(request.user, Permission.SEE_CONTRACTS).filter(nature="structure"))
        chosen = [structure for structure in self.structures if str(structure.pk) == asked.get("structure")]
        self.chosen: list[Organisation] = chosen or self.structures
        counsellors = list(User.objects.filter(workers__organisation__in=self.structures).distinct())
        self.state = asked.get("etat", "") if asked.get("etat") in STATES else USUAL[0]
        self.sort = asked.get("tri", "") if asked.get("tri") in SORTS else USUAL[1]
        kinds = choices("contract_kind")
        self.asked = Asked(
            kind=asked.get("nature", "") if asked.get("nature") in dict(kinds) else "",
            state=STATES[self.state],
            counsellor=next((user for user in counsellors if str(user.pk) == asked.get("conseiller")), None),
            ends_since=day_of(asked.get("du")),
            ends_until=day_of(asked.get("au")),
            unsigned=asked.get("signature") == "sans",
            lifted=asked.get("derogation") == "oui",
            name=asked.get("q", "")[:100],
        )
        rows = Contract.objects.filter(worker__organisation__in=self.chosen)
        self.rows, self.alike = listed(rows, self.asked, today)
        kept = {name: value for name, value in asked.items() if value and name != "apres"}
        self.context = {
            "structures": self.structures,
            "chosen": chosen[0] if chosen else None,
            "counsellors": counsellors,
            "kinds": kinds,
            "states": [(slug, state.label if state else None) for slug, state in STATES.items()],
            "state": self.state,
            "sort": self.sort,
            "asked": self.asked,
            "alike": self.alike,
            "filtered": bool(set(kept) - {"tri"}),
            "more_filters": any((self.asked.ends_since, self.asked.ends_until, self.asked.unsigned, self.asked.lifted)),
            "query": urlencode(kept),
        }

    @property
    def ordered(self) -> QuerySet[Contract]:
        return self.rows.order_by(*SORTS[self.sort])


@needs(Permission.SEE_CONTRACTS)
def index(request: HttpRequest) -> HttpResponseBase:
    today = timezone.localdate()
    reader = Reader(request, today)
    if format := asked_format(request):
        return sent_as(request, format, "contracts", reader.ordered)
    rows = reader.rows.select_related("worker__organisation", "worker__counsellor")
    page = keyset_page(rows, by=SORTS[reader.sort], after=request.GET.get("apres", ""), size=PAGE)
    counts: dict[str, Any] = reader.rows.aggregate(n=Count("pk"))
    context = {
        **reader.context,
        "page": page,
        "lines": [(contract, life.state_on(contract, today)) for contract in page.rows],
        "total": counts["n"],
        "drafts": ContractDraft.objects.waiting().filter(worker__organisation__in=reader.chosen).count(),
    }
    return render(request, "web/contracts.html", context)


@needs(Permission.SEE_CONTRACTS)
def drafts(request: HttpRequest) -> HttpResponse:
    """The contracts being prepared, the one that starts first at the top."""
    rows = ContractDraft.objects.waiting().visible_to(request.user)
    rows = rows.select_related("worker__organisation", "renews", "prepared_by")
    page = keyset_page(rows, by=("started_on", "id"), after=request.GET.get("apres", ""), size=PAGE)
    may_decide = Permission.DECIDE_CONTRACTS in held(request)
    context = {"page": page, "today": timezone.localdate(), "may_decide": may_decide}
    return render(request, "web/contract_drafts.html", context)
