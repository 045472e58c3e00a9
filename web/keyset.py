"""Pages of a list by key: the same cost at any depth, and nothing skipped or shown twice when rows come and go."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """`after` opens the next page, empty on the last one; `first` says that nothing comes before."""

    rows: list[M]
    after: str
    first: bool


def keyset_page(rows: QuerySet[M], *, by: Sequence[str], after: str, size: int) -> KeysetPage[M]:
    """The `size` rows that come after a key in an order that ends with a unique field. One query.

    `by` names fields of the model (or of a relation that is selected, or annotations), `-` for descending, never null. A key that cannot be read
    gives the first page.
    """
    key = _read(rows, by, after)
    if key is not None:
        rows = rows.filter(_beyond(by, key))
    found = list(rows.order_by(*by)[: size + 1])
    more = len(found) > size
    return KeysetPage(found[:size], _written(found[size - 1], by) if more else "", key is None)


def _beyond(by: Sequence[str], key: Sequence[Any]) -> Q:
    """What comes strictly after a key; the first comparison alone bounds the walk of the index."""
    beyond, equal = Q(), Q()
    for name, value in zip(by, key, strict=True):
        field = name.removeprefix("-")
        beyond |= equal & Q(**{f"{field}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{field: value})
    first = by[0].removeprefix("-")
    return Q(**{f"{first}__{'lte' if by[0].startswith('-') else 'gte'}": key[0]}) & beyond


def _value(row: Any, path: str) -> Any:
    for name in path.removeprefix("-").split("__"):
        row = getattr(row, name)
    return row


def _written(row: Model, by: Sequence[str]) -> str:
    text = json.dumps([_value(row, name) for name in by], cls=DjangoJSONEncoder)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(rows: QuerySet[Any], by: Sequence[str], text: str) -> list[Any] | None:
    try:
        values = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return [_field(rows, name).to_python(value) for name, value in zip(by, values, strict=True)]
    except (ValueError, TypeError, ValidationError):
        return None


def _field(rows: QuerySet[Any], path: str) -> Any:
    *relations, name = path.removeprefix("-").split("__")
    if not relations and name in rows.query.annotations:
        return rows.query.annotations[name].output_field
    model: Any = rows.model
    for relation in relations:
        model = model._meta.get_field(relation).related_model
    return model._meta.get_field(name)
