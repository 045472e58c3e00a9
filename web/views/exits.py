"""Exits to check: who to call 3, 6 and 12 months after, the answer in one click; and the dynamic rate, read twice."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.models import Organisation
from accounts.roles import Permission
from contracts.models import WorkedMonth
from law import law_on
from law.dates import add_months
from parcours import exits
from parcours.models import Exit, ExitCall
from privacy.consents import standing
from web.access import chosen_structure, held, me, needs
from web.forms.plan import AnswerForm

PAGE = 30
ONE_CLICK = ("cdi", "cdd_mission", "qualifying_training", "other_siae", "unemployed")


def _rates(structure: Organisation, today: date) -> tuple[exits.Rate, exits.Rate]:
    """The dynamic rate of the last twelve months: as the rule is written, as the State's code counts. One query."""
    paid = (
        WorkedMonth.objects.filter(
            contract__worker=OuterRef("pathway__worker"), month__gte=OuterRef("pathway__started_on"), month__lte=OuterRef("exited_on")
        ).values("contract__worker").annotate(hours=Sum("paid_hours")).values("hours")
    )  # fmt: skip
    rows = Exit.objects.filter(
        pathway__worker__organisation=structure, exited_on__gt=add_months(today, -12), exited_on__lte=today
    ).select_related("pathway")
    law = law_on(today)
    readings = [exits.read_exit(row, structure.kind, row.hours, law) for row in rows.annotate(hours=Subquery(paid))]
    return exits.dynamic_rate(readings), exits.dynamic_rate(readings, by_platform=True)


@needs(Permission.SEE_PEOPLE)
def index(request: HttpRequest) -> HttpResponse:
    structure, structures = chosen_structure(request, Permission.SEE_PEOPLE)
    today = timezone.localdate()
    asked_from = today - timedelta(days=law_on(today).whole("exit.asked_days"))
    calls = ExitCall.objects.visible_to(request.user).filter(exit__pathway__worker__organisation=structure)
    due = (
        calls.filter(answer="", due_on__lte=today)
        .select_related("exit__pathway__worker")
        .annotate(tries=Count("attempts"), too_late=Q(due_on__lt=asked_from))
    )
    by_rule, by_platform = _rates(structure, today)
    return render(
        request,
        "web/exits.html",
        {
            "structure": structure,
            "structures": structures,
            "today": today,
            "page": Paginator(due.order_by("too_late", "due_on", "pk"), PAGE).get_page(request.GET.get("page")),
            "coming": calls.filter(answer="", due_on__gt=today).select_related("exit__pathway__worker").order_by("due_on")[:10],
            "by_rule": by_rule,
            "by_platform": by_platform,
            "one_click": ONE_CLICK,
            "may_write": Permission.WRITE_FOLLOW_UP in held(request),
        },
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, call_id: int) -> HttpResponse:
    """One click (`to`): a situation, « not reached », « declined » or one more try; or the longer form."""
    rows = ExitCall.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP)
    call = load(rows.select_related("exit__pathway__worker"), pk=call_id)
    worker, today, by = call.exit.pathway.worker, timezone.localdate(), me(request)
    to = request.POST.get("to", "")
    back = redirect(f"/sorties/?structure={worker.organisation_id}")
    if to:
        try:
            if to == "tried":
                exits.note_attempt(by=by, call=call, tried_on=today, today=today)
            elif to in {"not_reached", "declined"}:
                exits.answer_call(by=by, call=call, answer=to, answered_on=today, today=today)
            elif to in ONE_CLICK:
                exits.answer_call(by=by, call=call, answer="answered", answered_on=today, situation=to, today=today)
            else:
                raise Http404
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("C'est noté pour %(name)s.") % {"name": worker})
        return back
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            exits.answer_call(by=by, call=call, answer="answered", answered_on=today, today=today, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            return back
    title = _("Nouvelles de %(name)s") % {"name": worker}
    said = standing(worker, request.user, "after_exit")
    notes = [_("Être recontacté après la sortie pour une enquête : %(said)s.") % {"said": said}]
    return render(request, "web/form.html", {"form": form, "title": title, "back": "exits", "notes": notes})
