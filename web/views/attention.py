"""The counsellor's list: who needs her today, why, and what to do about it in one click."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import load, reached
from accounts.roles import Permission
from agenda import actions
from agenda.attention import RIGHTS, Person, Reason, the_day
from agenda.calendar import entries
from agenda.models import Snooze
from parcours.models import Worker
from privacy.requests import people_to_answer
from web.access import me, needs
from web.forms.agenda import SnoozeForm

PAGE = 20


def what_to_do(person: Person, reason: Reason) -> tuple[str, str]:
    """The address and the words of the one act a reason asks for."""
    if reason.code in RIGHTS and not reason.act_on:
        return reverse("rights", args=[person.worker_id]), _("Voir")
    if reason.code in RIGHTS:
        return reverse("right-step", args=[reason.act_on]), _("Mettre à jour")
    if reason.code == "plan":
        return reverse("plan", args=[person.worker_id]), _("Faire le bilan")
    if reason.code == "flag":
        return reverse("worker", args=[person.worker_id]), _("Voir")
    if reason.code == "exit_call":
        return reverse("exit-call", args=[reason.subject]), _("Prendre des nouvelles")
    if reason.code == "data_request":
        return reverse("data-request", args=[reason.subject]), _("Ouvrir la demande")
    return reverse("follow-up-create", args=[person.worker_id]), _("Noter")


@needs(Permission.WRITE_FOLLOW_UP)
def people(request: HttpRequest) -> HttpResponse:
    everyone, today = request.GET.get("qui") == "tous", timezone.localdate()
    day = the_day(
        organisations=reached(request.user, Permission.WRITE_FOLLOW_UP),
        trusted=reached(request.user, Permission.SEE_SENSITIVE),
        today=today,
        counsellor=None if everyone else me(request),
        reader=me(request),
        also=people_to_answer(me(request)),
    )
    page = Paginator(day.people, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "cards": [(person, [(reason, *what_to_do(person, reason)) for reason in person.reasons]) for person in page],
        "waiting": [(p, p.put_off) for p in day.waiting],
        "agenda": entries(request.user, start=today, end=today, counsellor=me(request)),
        "everyone": everyone,
        "total": len(day.people),
        "urgent": sum(p.urgency >= 4 for p in day.people),
    }
    return render(request, "web/attention.html", context)


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def snooze(request: HttpRequest, worker_id: int, fact: str, subject: int, due_on: str) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    today = timezone.localdate()
    try:
        named: dict[str, Any] = {"fact": fact, "subject": subject, "due_on": date.fromisoformat(due_on)}
        reason = actions.fact_of(worker, **named, today=today)
    except (ValueError, ValidationError) as absent:
        raise Http404 from absent
    last = actions.last_day_to_wait(reason.due_on, today)
    form = SnoozeForm(request.POST or None, today=today, last=last)
    if request.method == "POST" and form.is_valid():
        try:
            actions.snooze(by=me(request), worker=worker, today=today, **named, **form.cleaned_data)
            return redirect("attention")
        except ValidationError as error:
            form.refuse(error)
    context = {"form": form, "worker": worker, "reason": reason, "possible": last > today}
    return render(request, "web/snooze.html", context)


@needs(Permission.WRITE_FOLLOW_UP)
@require_POST
def wake(request: HttpRequest, snooze_id: int) -> HttpResponse:
    actions.wake(
        by=me(request), snooze=load(Snooze.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=snooze_id)
    )
    return redirect("attention")
