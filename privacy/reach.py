"""Every row that is about a person, found from the models: a row belongs to her when a reference leads from it to her.

Rows that are gone count too: their history still tells of them. A domain that adds a table has nothing to declare here.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.policies import Model, is_history
from parcours.models import Worker


@cache
def ties() -> Mapping[Model, tuple[str, ...]]:
    """Each table that holds a person's rows, with its references that lead to her; those referred to come first."""
    tables = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not is_history(m)]
    found: set[Model] = {Worker}
    leads: dict[Model, set[models.Field[Any, Any]]] = {Worker: set()}
    while True:
        for model in tables:
            leads[model] = {f for f in model._meta.concrete_fields if f.is_relation and f.related_model in found}
        grown: set[Model] = {Worker, *(model for model in tables if leads[model])}
        if grown == found:
            break
        found = grown
    before: dict[Model, set[Any]] = {model: {f.related_model for f in leads[model]} - {model} for model in found}
    return {
        model: tuple(sorted(f.name for f in leads[model] if f.related_model is not model))
        for model in TopologicalSorter(before).static_order()
    }


def through(model: Model, rows: Mapping[Model, set[int]]) -> Q:
    """The rows, or the history, of a table that refer to these rows."""
    wanted = Q(pk__in=())
    for name in ties()[model]:
        wanted |= Q(**{f"{name}__in": rows[model._meta.get_field(name).related_model]})  # type: ignore[index]
    return wanted


def rows_of(workers: Iterable[int]) -> dict[Model, set[int]]:
    """The numbers of all the rows of these people, in each table, deleted ones included. Three questions a table."""
    rows: dict[Model, set[int]] = {}
    for model in ties():
        if model is Worker:
            rows[Worker] = set(workers)
            continue
        wanted = through(model, rows)
        here = set(model._base_manager.filter(wanted).values_list("pk", flat=True))
        if history := history_of(model):
            gone = set(history._base_manager.filter(wanted).values_list("pgh_obj_id", flat=True)) - here
            gone -= set(model._base_manager.filter(pk__in=gone).values_list("pk", flat=True))  # someone else's since
            here |= gone
        rows[model] = here
    return rows


def history_of(model: Model) -> Model | None:
    found: Model | None = getattr(model, "pgh_event_model", None)
    return found


def files_of(rows: Mapping[Model, set[int]]) -> set[str]:
    """The names, in storage, of the files kept with these rows."""
    names: set[str] = set()
    for model, ids in rows.items():
        for field in (f.name for f in model._meta.concrete_fields if isinstance(f, models.FileField)):
            names |= set(model._base_manager.filter(pk__in=ids).values_list(field, flat=True))
            if history := history_of(model):
                names |= set(history._base_manager.filter(pgh_obj_id__in=ids).values_list(field, flat=True))
    return names - {""}
