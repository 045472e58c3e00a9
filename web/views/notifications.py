"""What a user was told, and how she wants to be told."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import load
from contracts.flags import describe
from notifications import actions
from notifications.letters import unsubscribed_user
from notifications.models import Notice, Preference
from web.access import me
from web.forms.fields import BootstrapMixin
from web.keyset import keyset_page

PAGE = 40


class PreferenceForm(BootstrapMixin, forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Preference
        fields = ("frequency", "least_severity", "by_structure")


def index(request: HttpRequest) -> HttpResponse:
    rows = Notice.objects.visible_to(me(request)).select_related("flag__worker", "organisation")
    page = keyset_page(rows, by=("-told_on", "-id"), after=request.GET.get("apres", ""), size=PAGE)
    notices = [(notice, describe(notice.flag)) for notice in page.rows]
    unread = any(notice.read_at is None for notice in page.rows)
    return render(request, "web/notifications.html", {"page": page, "notices": notices, "unread": unread})


def count(request: HttpRequest) -> HttpResponse:
    """How many wait, for the menu: asked by the page once it is shown, so no page waits for it."""
    unread = Notice.objects.visible_to(me(request)).unread().count()
    return render(request, "web/partials/notification_count.html", {"unread": unread})


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    actions.mark_read(by=me(request), at=timezone.now())
    return redirect("notifications")


@require_POST
def open_one(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Read a notice: it leads to the person."""
    user = me(request)
    notice = load(Notice.objects.visible_to(user).select_related("flag"), pk=notice_id)
    actions.mark_read(by=user, at=timezone.now(), notice=notice)
    return redirect("worker", notice.flag.worker_id)


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    user = me(request)
    form = PreferenceForm(request.POST or None, instance=actions.preference_of(user))
    if request.method == "POST" and form.is_valid():
        try:
            actions.prefer(by=user, **form.cleaned_data)
            messages.success(request, _("C’est noté."))
            return redirect("notifications")
        except ValidationError as error:
            form.refuse(error)
    title = _("Comment être averti")
    return render(request, "web/form.html", {"form": form, "title": title, "back": "notifications"})


@csrf_exempt  # the one click of a mail reader (RFC 8058) has no cookie; the signed link is what allows it
@login_not_required
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the e-mails of the person the link was sent to. Opening the link alone changes nothing."""
    user = unsubscribed_user(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        actions.prefer(by=user, frequency=Preference.Frequency.NEVER)
    return render(request, "web/unsubscribe.html", {"done": request.method == "POST"})
