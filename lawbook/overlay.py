"""The added values as the law reads them: one mark read at the first use in a request or a job, the values when it moved.

A request or a job keeps one law from its first question to its end, whatever is added meanwhile.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError

from law.parameters_at import Added, DatedValue

log = logging.getLogger(__name__)

_known: tuple[UUID | None, Added] = (None, {})
_pinned: ContextVar[Added | None] = ContextVar("pinned", default=None)
_stale: ContextVar[bool] = ContextVar("stale", default=True)


def begin(**_signal: Any) -> None:
    """The next question reads the mark again: a request or a job starts, or a value was just written."""
    _pinned.set(None)
    _stale.set(True)


def end(**_signal: Any) -> None:
    """Outside of requests and jobs nothing is read."""
    _pinned.set(None)
    _stale.set(False)


def forget() -> None:
    """Know nothing of added values, and ask nobody: for tests, whose database comes and goes."""
    global _known
    _known = (None, {})
    end()


def current() -> Added:
    """The added values, by key, in the order they were written. One query at most in a request or a job, two after a change."""
    global _known
    pinned = _pinned.get()
    if pinned is not None:
        return pinned
    if not _stale.get() or not apps.ready:
        return _known[1]
    from lawbook.models import Edition

    _stale.set(False)
    mark = Edition.objects.values_list("mark", flat=True).first()
    if mark != _known[0]:
        _known = (mark, _read())
    _pinned.set(_known[1])
    return _known[1]


def _read(without: int | None = None) -> Added:
    from lawbook.actions import parse
    from lawbook.models import AddedValue

    found: dict[str, tuple[DatedValue, ...]] = {}
    rows = AddedValue.objects.filter(withdrawn_at__isnull=True).exclude(pk=without or 0).order_by("since", "id")
    for row in rows:
        try:
            typed = parse(row.key, row.value)
        except ValidationError as refusal:  # its parameter left the files or changed nature: the law is read without it
            log.warning("added value %s of %s is left out: %s", row.pk, row.key, "; ".join(refusal.messages))
            continue
        value = DatedValue(row.since, typed, row.source, row.reason, row.confirmed)
        found[row.key] = (*found.get(row.key, ()), value)
    return found


@contextmanager
def without(value_id: int) -> Iterator[None]:
    """The law as it would be if a value had not been added."""
    token = _pinned.set(_read(value_id))
    try:
        yield
    finally:
        _pinned.reset(token)
