"""A list of the page as a file, with the filters of the page."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from documents.exports import LISTINGS, TYPES, download


def asked_format(request: HttpRequest) -> str | None:
    """The format in which the page is asked as a file, or None."""
    asked = request.GET.get("format", "")
    return asked if asked in TYPES else None


def sent_as(request: HttpRequest, format: str, listing: str, rows: QuerySet[Any]) -> StreamingHttpResponse:
    """The rows, which the reader may see, streamed and recorded."""
    filters = {
        name: str(value) for name, value in request.GET.items() if value and name not in {"format", "page", "apres"}
    }
    file = download(
        by=request.user, listing=LISTINGS[listing], rows=rows, format=format, filters=filters, at=timezone.now()
    )
    response = StreamingHttpResponse(file.pieces, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = "private, no-store"
    return response
