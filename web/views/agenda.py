"""The agenda: a week or a month of appointments and steps due, and the private address of a calendar program."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import walls
from accounts.access import load
from accounts.roles import Permission
from agenda import actions
from agenda.calendar import entries, feed
from agenda.models import Appointment, FeedToken
from law.dates import add_months
from parcours.models import Worker
from web.access import held, me, needs
from web.forms.agenda import AppointmentForm, MoveForm
from web.forms.follow_up import CancelForm
from web.writing import form_page


@needs(Permission.WRITE_FOLLOW_UP)
def show(request: HttpRequest) -> HttpResponse:
    month, everyone = request.GET.get("vue") == "mois", request.GET.get("qui") == "tous"
    today = timezone.localdate()
    try:
        start = date.fromisoformat(request.GET.get("du", ""))
    except ValueError:
        start = today
    if month:
        start = start.replace(day=1)
        before, after = add_months(start, -1), add_months(start, 1)
    else:
        start -= timedelta(days=start.weekday())
        before, after = start - timedelta(days=7), start + timedelta(days=7)
    end = after - timedelta(days=1)
    found = entries(request.user, start=start, end=end, counsellor=None if everyone else me(request))
    context = {
        "days": [(day, list(lines)) for day, lines in groupby(found, key=lambda entry: entry.on)],
        "start": start, "end": end, "before": before, "after": after, "month": month, "everyone": everyone, "today": today,
        **calendar_addresses(request),
    }  # fmt: skip
    return render(request, "web/agenda.html", context)


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    form = AppointmentForm(request.POST or None)
    title = _("Rendez-vous avec %(name)s") % {"name": worker}
    return form_page(
        request, form, title=title, back="worker", back_id=worker.pk,
        save=lambda **said: actions.plan_appointment(by=me(request), workers=[worker], now=timezone.now(), **said),
        then=lambda _written: redirect("agenda"),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Another hour for one person's appointment."""
    rows = Appointment.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP).standing()
    appointment, by = load(rows.select_related("worker"), pk=appointment_id), me(request)
    form = MoveForm(request.POST or None, initial={"starts_at": timezone.localtime(appointment.starts_at)})
    return form_page(
        request, form, title=f"{_('Déplacer')} : {appointment} — {appointment.worker}", back="agenda",
        save=lambda **said: actions.move_appointment(by=by, appointment=appointment, now=timezone.now(), **said),
    )  # fmt: skip


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, appointment_id: int) -> HttpResponse:
    rows = Appointment.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP).select_related("worker")
    appointment = load(rows, pk=appointment_id)
    form = CancelForm(request.POST or None)
    title = f"{_('Annuler')} : {appointment} — {appointment.worker}"
    return form_page(
        request, form, title=title, back="agenda",
        save=lambda **said: actions.cancel_appointment(
            by=me(request), appointment=appointment, at=timezone.now(), **said
        ),
    )  # fmt: skip


def calendar_addresses(request: HttpRequest) -> dict[str, Any]:
    """What the panel « Dans mon téléphone » shows: the reader's living addresses, and once the secret of the one just made."""
    return {
        "feeds": FeedToken.objects.filter(user=me(request), revoked_at__isnull=True),
        "secret": request.session.pop("feed_secret", ""),
    }


def _to_panel(request: HttpRequest) -> HttpResponse:
    """The page where the reader finds her addresses: her agenda, or the requests of people for who has no agenda."""
    return redirect("agenda" if Permission.WRITE_FOLLOW_UP in held(request) else "data-requests")


@needs(Permission.WRITE_FOLLOW_UP, Permission.PROTECT_DATA)
@require_POST
def open_feed(request: HttpRequest) -> HttpResponse:
    _feed, request.session["feed_secret"] = actions.issue_feed(by=me(request), name=request.POST.get("name", "")[:60])
    return _to_panel(request)


@needs(Permission.WRITE_FOLLOW_UP, Permission.PROTECT_DATA)
@require_POST
def close_feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    actions.revoke_feed(
        by=me(request), feed=load(FeedToken.objects.filter(user=me(request)), pk=feed_id), at=timezone.now()
    )
    return _to_panel(request)


@login_not_required
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The secret is the key: a calendar program cannot sign in."""
    found = actions.find_feed(secret, timezone.now())
    if found is None:
        raise Http404
    walls.put_up(found.user)
    page = request.build_absolute_uri("/salaries/")
    text = feed(found.user, today=timezone.localdate(), page=page)
    headers = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)
