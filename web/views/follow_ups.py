"""Logging a follow-up: a fragment with htmx, a page without."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import load
from accounts.roles import Permission
from parcours import follow_ups
from parcours.models import FollowUp, Worker
from web.access import me, needs
from web.forms.follow_up import FollowUpForm
from web.timeline import moments


@needs(Permission.WRITE_FOLLOW_UP)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, worker_id: int) -> HttpResponse:
    worker = load(Worker.objects.visible_to(request.user, Permission.WRITE_FOLLOW_UP), pk=worker_id)
    pathway = load(worker.pathways.filter(ended_on__isnull=True))
    today, user = timezone.localdate(), me(request)
    last = FollowUp.objects.filter(author=user).order_by("-id").values_list("kind", flat=True).first()
    form = FollowUpForm(request.POST or None, today=today, last_kind=last or "")
    fragment = bool(getattr(request, "htmx", False))
    if request.method == "POST" and form.is_valid():
        try:
            written = follow_ups.record_follow_up(by=user, pathway=pathway, today=today, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            if fragment:
                line = next((m for m in moments(worker, 30, user) if m.kind == "follow_up"), None)
                return render(
                    request, "web/partials/follow_up_done.html", {"worker": worker, "moment": line, "written": written}
                )
            return redirect("worker", worker.pk)
    template = "web/partials/follow_up_form.html" if fragment else "web/follow_up.html"
    return render(request, template, {"form": form, "worker": worker})
