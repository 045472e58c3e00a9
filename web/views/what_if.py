"""A contract or a renewal while it is typed: what it would open, break, pay and cover; then its signature."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.roles import Permission
from contracts import actions, simulation
from contracts.models import Contract
from law.parameters_at import NotInForce
from parcours.models import Worker
from web.access import me, needs
from web.forms.contract import DerogationForm, SignForm
from web.writing import NO_RULE

SIGNING = {"signed_on", "reference"}  # what only a signed contract has


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, worker_id: int) -> HttpResponse:
    rows = Worker.objects.visible_to(request.user, Permission.DECIDE_CONTRACTS).select_related("organisation")
    worker = load(rows, pk=worker_id)
    title = _("Nouveau contrat pour %(name)s") % {"name": worker}
    return _typed(request, worker, None, title)


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest, contract_id: int) -> HttpResponse:
    rows = Contract.objects.visible_to(request.user, Permission.DECIDE_CONTRACTS).select_related("worker__organisation")
    contract = load(rows, pk=contract_id)
    title = _("Renouveler le contrat de %(name)s") % {"name": contract.worker}
    return _typed(request, contract.worker, contract, title)


def _typed(request: HttpRequest, worker: Worker, renews: Contract | None, title: str) -> HttpResponse:
    """The whole page, or only the panel of effects when htmx asks for it. Signs when told to."""
    initial = simulation.same_again(renews) if renews else {}
    form = SignForm(request.POST or None, initial=initial)
    lifting = DerogationForm(request.POST or None, prefix="derogation", kinds=simulation.derogations_for(worker))
    context: dict[str, Any] = {"form": form, "lifting": lifting, "title": title, "worker": worker, "renews": renews}
    if request.method == "POST" and form.is_valid() and lifting.is_valid():
        asked: dict[str, Any] = {
            "worker": worker,
            "terms": {**form.cleaned_data},  # a refusal takes the field it names out of the form
            "renews": renews,
            "derogation": lifting.granted,
        }
        try:
            if request.POST.get("faire") == "signer":
                contract = simulation.sign(by=me(request), today=timezone.localdate(), **asked)
                return redirect("contract", contract.pk)
            if request.POST.get("faire") == "projet":
                draft = {name: term for name, term in form.cleaned_data.items() if name not in SIGNING}
                today = timezone.localdate()
                actions.prepare_contract(by=me(request), worker=worker, renews=renews, today=today, **draft)
                return redirect("worker", worker.pk)
        except ValidationError as error:
            form.refuse(error)
        except NotInForce:
            pass  # said by the simulation too
        try:
            context["seen"] = simulation.simulate(today=timezone.localdate(), **asked)
        except NotInForce:
            form.add_error(None, NO_RULE)
    elif request.method == "GET" and "planned_end_on" in initial:
        context["seen"] = simulation.simulate(worker=worker, terms=initial, renews=renews, today=timezone.localdate())
    panel = bool(request.headers.get("HX-Request")) and request.POST.get("faire", "simuler") == "simuler"
    return render(request, "web/partials/what_if.html" if panel else "web/what_if.html", context)
