"""The counsellor's list: who needs her today, and why."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import organisations
from accounts.roles import Permission
from agenda.attention import needing_attention
from web.access import me, needs

PAGE = 40


@needs(Permission.WRITE_FOLLOW_UP)
def people(request: HttpRequest) -> HttpResponse:
    everyone = request.GET.get("qui") == "tous"
    structures = organisations(request.user, Permission.WRITE_FOLLOW_UP).values_list("pk", flat=True)
    found = needing_attention(
        organisations=structures, today=timezone.localdate(), counsellor=None if everyone else me(request)
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "web/attention.html",
        {"page": page, "everyone": everyone, "total": len(found), "urgent": sum(p.urgency >= 4 for p in found)},
    )
