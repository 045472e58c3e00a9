"""Sending a list: what leaves is recorded before the first row, and counted, by organisation, after the last."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone

from accounts.access import Principal, organisations
from accounts.models import ApiToken, User
from documents.exports.listings import Listing
from documents.exports.sheets import PIECES, TYPES
from documents.models import Export

FETCHED = 2000  # rows read from the database at once, by a server-side cursor


@dataclass(frozen=True)
class Download:
    name: str
    content_type: str
    pieces: Iterator[bytes]


def download(
    *, by: Principal, listing: Listing, rows: QuerySet[Any], format: str, filters: Mapping[str, str], at: datetime
) -> Download:
    """A list as a file. `rows` are already those the principal may see, filtered as asked.

    The number of queries does not depend on the number of rows. Raises KeyError for an unknown format.
    """
    author = by.created_by if isinstance(by, ApiToken) else by
    if not isinstance(author, User):
        raise TypeError("An export has an author.")
    logs = Export.objects.bulk_create(
        Export(
            organisation=organisation,
            exported_by=author,
            token=by if isinstance(by, ApiToken) else None,
            listing=listing.code,
            format=format,
            filters=dict(filters),
            started_at=at,
        )
        for organisation in organisations(by, listing.seen_with).filter(nature="structure")
    )
    name = f"{listing.code}-{timezone.localtime(at):%Y-%m-%d}.{format}"
    titles = [str(column.title) for column in listing.columns]
    sent: Counter[int] = Counter()
    pieces = _recorded(PIECES[format](titles, _cells(listing, rows, sent)), logs, sent)
    return Download(name, TYPES[format], pieces)


def _cells(listing: Listing, rows: QuerySet[Any], sent: Counter[int]) -> Iterator[list[Any]]:
    sources = [*(column.source for column in listing.columns), f"{listing.model.organisation_path}__pk"]
    said = [column.said for column in listing.columns]
    for *values, organisation in rows.values_list(*sources).iterator(chunk_size=FETCHED):
        sent[organisation] += 1
        yield [says(value) if says else value for says, value in zip(said, values, strict=True)]


def _recorded(pieces: Iterator[bytes], logs: list[Export], sent: Counter[int]) -> Iterator[bytes]:
    """The pieces, then the count of what left; a download cut short says so."""
    complete = False
    try:
        yield from pieces
        complete = True
    finally:
        if logs:
            counts = [When(organisation=log.organisation_id, then=Value(sent[log.organisation_id])) for log in logs]
            Export.objects.filter(pk__in=[log.pk for log in logs]).update(
                rows=Case(*counts), complete=complete, finished_at=timezone.now()
            )
