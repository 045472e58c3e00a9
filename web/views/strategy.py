"""The plan 2012-17 clause by clause: what measures it, what the structure voted for a year, whether it got there."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import load, permissions
from accounts.models import Organisation
from accounts.roles import Permission
from indicators import plan, report
from indicators.actions import vote_target, withdraw_target
from indicators.catalogue import Definition, definitions
from indicators.models import Target
from web.access import chosen_structure, me, needs
from web.forms.indicators import TargetForm
from web.views.indicators import knowledge

YEARS = (-2, -1, 0, 1)


def _year(request: HttpRequest, today: date) -> int:
    """The year asked, among those one may look at."""
    asked = request.GET.get("annee", "")
    years = {str(today.year + step) for step in YEARS}
    return int(asked) if asked in years else today.year


@needs(Permission.SEE_INDICATORS)
def show(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.SEE_INDICATORS)
    at, day = knowledge(request)
    today = timezone.localdate()
    year = _year(request, today)
    account = plan.account(structure, year, at)
    sections = [
        (section, [(group, [(clause, account.of(clause)) for clause in group.clauses]) for group in section.groups])
        for section in plan.plan()
    ]
    history = [
        (event, who, definitions().get(event.indicator), event.pgh_label == "delete", _said(event))
        for event, who in report.history_of(structure, year)
    ]
    return render(request, "web/strategy.html", {
        "structure": structure, "structures": structures, "sections": sections, "year": year, "day": day, "today": today,
        "years": [today.year + step for step in YEARS], "history": history, "may_vote": _steers(request, structure),
    })  # fmt: skip


def _said(event: Any) -> str:
    definition = definitions().get(event.indicator)
    return report.shown(event.value, definition.unit) if definition else str(event.value)


def _steers(request: HttpRequest, structure: Organisation) -> bool:
    return Permission.STEER in permissions(request.user, structure)


def _aimed_at(code: str) -> Definition:
    definition = definitions().get(code)
    if definition is None or not report.may_be_aimed_at(definition):
        raise Http404
    return definition


@needs(Permission.STEER)
@require_http_methods(["GET", "POST"])
def vote(request: HttpRequest, code: str) -> HttpResponse:
    """Vote a target for a year, or vote it again."""
    structure, _all = chosen_structure(request, Permission.STEER)
    definition = _aimed_at(code)
    today = timezone.localdate()
    year = _year(request, today)
    now = Target.objects.filter(organisation=structure, indicator=code, year=year).first()
    initial: dict[str, Any] = {"voted_on": today}
    if now:
        shown = now.value * 100 if definition.unit == "percent" else now.value
        initial = {"value": shown.normalize(), "voted_on": today, "voted_by": now.voted_by}
    form = TargetForm(request.POST or None, definition=definition, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            vote_target(by=me(request), organisation=structure, indicator=code, year=year, **form.cleaned_data)
            return redirect(_back(structure, year))
        except ValidationError as error:
            form.refuse(error)
    title = _("Cible %(year)s : %(label)s") % {"year": year, "label": definition.label}
    context = {
        "form": form,
        "title": title,
        "structure": structure,
        "definition": definition,
        "target": now,
        "year": year,
    }
    return render(request, "web/target.html", context)


@needs(Permission.STEER)
@require_POST
def withdraw(request: HttpRequest, target_id: int) -> HttpResponse:
    target = load(
        Target.objects.visible_to(request.user, Permission.STEER).select_related("organisation"), pk=target_id
    )
    structure, year = target.organisation, target.year
    withdraw_target(by=me(request), target=target)
    return redirect(_back(structure, year))


def _back(structure: Organisation, year: int) -> str:
    return f"{reverse('strategy')}?structure={structure.pk}&annee={year}"
