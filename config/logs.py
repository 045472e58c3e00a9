"""Logs without personal data: where an error happened and of which kind, never its words.

The message of an exception may hold a name, an address or a row (PostgreSQL's « DETAIL: Key (…)=(…) »): it is dropped.
"""

import sys
from collections.abc import Mapping, MutableMapping
from traceback import extract_tb
from typing import Any

Event = MutableMapping[str, Any]


def _kinds(error: BaseException | None) -> list[str]:
    """The error and what caused it, by type: the last raised first."""
    found: list[str] = []
    while error is not None and len(found) < 10:
        found.append(f"{type(error).__module__}.{type(error).__qualname__}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def without_words(_logger: Any, _name: str, event: Event) -> Event:
    """Replace an exception by its kinds and frames; a worker's message, which repeats it, by the name of its task."""
    given: Any = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    if isinstance(given, BaseException):
        given = (type(given), given, given.__traceback__)
    if not given or given[1] is None:
        return event
    event["exception"] = _kinds(given[1])
    event["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(given[2])][-25:]
    record = event.get("_record")
    if record is not None and record.name.startswith("celery"):
        said = record.args if isinstance(record.args, Mapping) else {}
        event["event"], event["task"] = "Task failed", said.get("name", "")
    return event
