"""Every list as a file, and the record of what left."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from accounts.roles import Permission
from documents.exports import LISTINGS, TYPES
from documents.models import Export
from web.access import held, needs
from web.downloads import sent_as
from web.keyset import keyset_page

PAGE = 40


@needs(Permission.SEE_PEOPLE)
def index(request: HttpRequest) -> HttpResponse:
    may = held(request)
    rows = Export.objects.visible_to(request.user).select_related("exported_by", "organisation", "token")
    page = keyset_page(rows, by=("-started_at", "-id"), after=request.GET.get("apres", ""), size=PAGE)
    listings = [listing for listing in LISTINGS.values() if listing.seen_with in may]
    titles = {code: listing.title for code, listing in LISTINGS.items()}
    logs = [(log, titles.get(log.listing, log.listing)) for log in page.rows]
    context = {"listings": listings, "page": page, "logs": logs, "formats": TYPES}
    return render(request, "web/exports.html", context)


@needs(Permission.SEE_PEOPLE)
def download(request: HttpRequest, listing: str, format: str) -> HttpResponseBase:
    if listing not in LISTINGS or format not in TYPES or LISTINGS[listing].seen_with not in held(request):
        raise Http404
    return sent_as(request, format, listing, LISTINGS[listing].rows(request.user))
