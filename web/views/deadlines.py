"""HR's board: what must be decided, why, by which article, before when."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import load, organisations, permissions
from accounts.roles import Permission
from contracts import decisions
from contracts.flags import Description, describe, open_flags
from contracts.models import Contract, Decision, Flag
from law.findings import rules
from web.access import me, needs
from web.forms.contract import DecisionForm

PAGE = 30


@dataclass(frozen=True)
class Card:
    """One flag on the board: in words, with the days left and what may be decided."""

    flag: Flag
    said: Description
    days: int
    decisions: list[str]


def card(flag: Flag, today: date) -> Card:
    said = describe(flag)
    return Card(flag, said, (flag.due_on - today).days, [str(Decision.Kind(kind).label) for kind in said.decisions])


@needs(Permission.SEE_CONTRACTS)
def board(request: HttpRequest) -> HttpResponse:
    rows = open_flags(organisations(request.user, Permission.SEE_CONTRACTS))
    code, severity = request.GET.get("regle", ""), request.GET.get("gravite", "")
    if code in rules():
        rows = rows.filter(code=code)
    if severity.isdigit():
        rows = rows.filter(severity=severity)
    # What is decided about a PASS or a counter is decided on the person's last contract.
    last = Contract.objects.filter(worker=OuterRef("worker")).order_by("-started_on", "-id").values("pk")[:1]
    rows = rows.annotate(decided_on=Coalesce("contract_id", Subquery(last)))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    cards = [card(flag, today) for flag in page]
    return render(
        request,
        "web/deadlines.html",
        {
            "page": page,
            "cards": cards,
            "rules": rules().values(),
            "severities": Flag.Severity,
            "code": code,
            "severity": severity,
            "may_decide": Permission.DECIDE_CONTRACTS in permissions(request.user),
        },
    )


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, contract_id: int) -> HttpResponse:
    rows = Contract.objects.visible_to(request.user, Permission.DECIDE_CONTRACTS).select_related("worker")
    contract = load(rows, pk=contract_id)
    form = DecisionForm(request.POST or None, initial={"kind": request.GET.get("choix")})
    if request.method == "POST" and form.is_valid():
        try:
            decisions.decide(
                by=me(request), worker=contract.worker, contract=contract, at=timezone.now(), **form.cleaned_data
            )
            return redirect("deadlines")
        except ValidationError as error:
            form.refuse(error)
    flags = [(flag, describe(flag)) for flag in Flag.objects.open().filter(contract=contract)]
    return render(request, "web/decide.html", {"form": form, "contract": contract, "flags": flags})
