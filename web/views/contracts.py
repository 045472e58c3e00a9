"""One contract, and what may happen to it: one small form for each verb."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.roles import Permission
from audit.history import changes_of
from contracts import actions, assignments, life
from contracts.models import Contract
from web.access import held, me, needs
from web.forms.contract import AmendForm, EndForm, SuspendForm
from web.forms.life import AssignForm, ConvertForm
from web.writing import form_page

# What may happen to a contract: address → (title, form, verb).
VERBS: dict[str, tuple[Any, type[forms.Form], Callable[..., Any]]] = {
    "avenant": (gettext_lazy("Signer un avenant"), AmendForm, actions.amend_contract),
    "fin": (gettext_lazy("Enregistrer la fin"), EndForm, actions.end_contract),
    "suspendre": (gettext_lazy("Suspendre"), SuspendForm, actions.suspend_contract),
    "cdi": (gettext_lazy("Transformer en CDI"), ConvertForm, actions.convert_to_cdi),
}


@needs(Permission.SEE_CONTRACTS)
def show(request: HttpRequest, contract_id: int) -> HttpResponse:
    rows = Contract.objects.visible_to(request.user).select_related("worker__organisation", "renews")
    contract = load(rows, pk=contract_id)
    today, amendments = timezone.localdate(), list(contract.amendments.all())
    return render(
        request,
        "web/contract.html",
        {
            "contract": contract,
            "renewal": Contract.objects.filter(renews=contract).first(),
            "state": life.state_on(contract, today),
            "versions": life.versions(contract, amendments),
            "terms": life.terms_on(contract, amendments, today),
            "chain": life.chain_of(contract, list(contract.worker.contracts.all())),
            "immersions": contract.immersions.all(),
            "assignments": contract.assignments.annotate(planned=Sum("planned_months__hours")),
            "suspensions": contract.suspensions.all(),
            "decisions": contract.decisions.select_related("decided_by"),
            "months": contract.worked_months.select_related("assignment")[:36],
            "changes": changes_of(contract),
            "verbs": [(slug, title) for slug, (title, _form, _verb) in VERBS.items()],
            "may_decide": Permission.DECIDE_CONTRACTS in held(request),
        },
    )


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, contract_id: int) -> HttpResponse:
    rows = Contract.objects.visible_to(request.user, Permission.DECIDE_CONTRACTS)
    contract = load(rows.select_related("worker__organisation"), pk=contract_id)
    form = AssignForm(request.POST or None)
    title = _("Mise à disposition de %(name)s") % {"name": contract.worker}
    return form_page(
        request, form, title=title, back="contract", back_id=contract.pk,
        save=lambda **said: assignments.assign(by=me(request), contract=contract, **said),
    )  # fmt: skip


@needs(Permission.DECIDE_CONTRACTS)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, contract_id: int, verb: str) -> HttpResponse:
    if verb not in VERBS:
        raise Http404
    rows = Contract.objects.visible_to(request.user, Permission.DECIDE_CONTRACTS).select_related("worker")
    contract = load(rows, pk=contract_id)
    title, form_class, action = VERBS[verb]
    form: Any = form_class(request.POST or None)
    return form_page(
        request, form, title=f"{title} — {contract.worker}", back="contract", back_id=contract.pk,
        save=lambda **said: action(by=me(request), contract=contract, today=timezone.localdate(), **said),
    )  # fmt: skip
