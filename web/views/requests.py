"""« Demandes des personnes »: what people ask about their data, the most urgent first; one request; its letter."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import load, permissions
from accounts.roles import Permission
from privacy import catalogue, requests
from privacy.erasure import obstacles
from privacy.letters import about_request
from privacy.models import DataRequest
from web.access import held, needs
from web.keyset import keyset_page
from web.views.agenda import calendar_addresses
from web.views.papers import as_pdf

PAGE, ANSWERED = 40, 30
# Where each part of a file is corrected.
PLACES = {"identity": "worker-correct", "plan": "plan", "rights": "rights", "skills": "skills"}


@needs(Permission.WRITE_FOLLOW_UP, Permission.PROTECT_DATA)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits, then what was granted and is not done, then what was answered; further on, only the last."""
    rows, today = DataRequest.objects.visible_to(request.user).select_related("worker"), timezone.localdate()
    waiting = Paginator(rows.unanswered().order_by("due_on", "pk"), PAGE).get_page(request.GET.get("page"))
    to_do = rows.to_carry_out()
    answered = keyset_page(
        rows.filter(answered_on__isnull=False).exclude(pk__in=to_do),
        by=("-answered_on", "-id"), after=request.GET.get("apres", ""), size=ANSWERED,
    )  # fmt: skip
    context = {
        "page": waiting,
        "waiting": [(row, (row.due_on - today).days) for row in waiting],
        "to_do": [(row, row.days_late(today)) for row in to_do.order_by("answered_on", "pk")[:PAGE]],
        "further": answered,
        "answered": [(row, row.days_late(today)) for row in answered.rows],
        "may_decide": Permission.DECIDE_CONTRACTS in held(request),
    }
    if Permission.WRITE_FOLLOW_UP not in held(request):  # the others have theirs in the agenda
        context |= {"calendar": True, **calendar_addresses(request)}
    return render(request, "web/data_requests.html", context)


@needs(Permission.WRITE_FOLLOW_UP, Permission.PROTECT_DATA)
@require_safe
def show(request: HttpRequest, request_id: int) -> HttpResponse:
    rows = DataRequest.objects.visible_to(request.user).select_related(
        "worker__organisation", "received_by", "answered_by"
    )
    asked, today = load(rows, pk=request_id), timezone.localdate()
    place, held_here = PLACES.get(asked.part, "worker"), permissions(request.user, asked.worker.organisation)
    context = {
        "asked": asked,
        "kind": catalogue.entries("kinds")[asked.kind],
        "granted": asked.answer in DataRequest.GRANTED,
        "ground": catalogue.entries("grounds").get(asked.ground),
        "late": asked.days_late(today),
        "left": (asked.due_on - today).days,
        "first_month": not asked.extended_on and today <= asked.due_on,
        "copied_on": requests.copied_on(asked) if asked.kind in {"access", "portability"} else None,
        "obstacles": obstacles(asked.worker, today) if asked.kind == "erasure" else [],
        "changes": requests.corrections(asked),
        "corrected_at": reverse(place, args=[asked.worker_id]),
        "may_protect": Permission.PROTECT_DATA in held_here,
        "may_follow": Permission.WRITE_FOLLOW_UP in held_here,
        "may_erase": Permission.ERASE_FILES in held_here,
    }
    return render(request, "web/data_request.html", context)


@needs(Permission.WRITE_FOLLOW_UP, Permission.PROTECT_DATA)
@require_safe
def letter(request: HttpRequest, request_id: int) -> HttpResponse:
    rows = DataRequest.objects.visible_to(request.user).select_related("worker__organisation__commune")
    asked = load(rows, pk=request_id)
    try:
        return as_pdf(about_request(asked, timezone.localdate()), f"demande-{asked.pk}")
    except ValidationError as unprintable:
        messages.error(request, " ".join(unprintable.messages))
        return redirect("data-request", asked.pk)
