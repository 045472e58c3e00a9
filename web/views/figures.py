"""« Chiffres du réseau »: what is released to everybody, without signing in. No structure is named in these editions.

Nothing here asks the database anything but which federations there are and the released tables (releases.reading).
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Organisation
from disclosure.audience import Audience
from releases import exports, reading, words
from releases.reading import Edition
from web.views.editions import as_file, blocks, by_table


def editions() -> list[Edition]:
    """The editions anyone may read, the newest period first."""
    federations = Organisation.objects.filter(nature=Organisation.Nature.FEDERATION).order_by("pk")
    return [
        edition for pk in federations.values_list("pk", flat=True) for edition in reading.editions(pk, Audience.PEERS)
    ]


@login_not_required
@require_safe
def show(request: HttpRequest, issue_id: int | None = None) -> HttpResponse:
    """One edition, the last one when none is named: its national figures in nine dimensions, its note, its files."""
    found = editions()
    edition = next((one for one in found if issue_id in {None, one.id}), None)
    if edition is None and issue_id is not None:
        raise Http404
    context: dict[str, Any] = {"edition": edition, "editions": found, "not_published": words.NOT_PUBLISHED}
    if edition is not None:
        whole = [table for table in reading.tables(edition) if not table.margin]
        context |= {"blocks": blocks(edition, whole, by_table(whole)), "note": edition.note.splitlines(),
                    "formats": exports.FORMATS.values(), "file": "figures-file"}  # fmt: skip
    return render(request, "web/federation/figures_of_all.html", context)


@login_not_required
@require_safe
def take_away(request: HttpRequest, issue_id: int, format: str) -> HttpResponse:
    """The whole edition as a file, all its territories and kinds: the same bytes whoever asks."""
    edition = next((one for one in editions() if one.id == issue_id), None)
    if edition is None or format not in exports.FORMATS:
        raise Http404
    return as_file(edition, format)
