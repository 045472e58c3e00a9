"""History of every change: who, when, why, and the row as it was.

Each tracked model has an event table written by database triggers (django-pghistory), so set-based SQL and COPY are
recorded too. A fact is *known at K* when its event was recorded at or before K.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.db import connection, models

from accounts.models import User
from accounts.sealed_fields import opened
from accounts.sealing import sealed_text

M = TypeVar("M", bound=models.Model)

DELETED = "delete"
WHY = "history.why"  # the column of a reason that is sealed


def tracked(model: type[M]) -> type[M]:
    """Class decorator: record every insert, change and deletion of the model's rows in `<Model>Event`."""
    track: Callable[[type[M]], type[M]] = pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()
    )
    return track(model)


def tracked_without(*fields: str) -> Callable[[type[M]], type[M]]:
    """As `tracked`, but what these fields hold is never copied: the history says that the row changed, and when."""
    track: Callable[[type[M]], type[M]] = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pgtrigger.Condition("OLD.* IS DISTINCT FROM NEW.*")),
        pghistory.DeleteEvent(),
        exclude=list(fields),
    )
    return track


def tracked_only(*fields: str) -> Callable[[type[M]], type[M]]:
    """As `tracked`, of these fields alone: a change of the others leaves no history."""

    def track(model: type[M]) -> type[M]:
        events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
        decorate: Callable[[type[M]], type[M]] = pghistory.track(
            *events, fields=list(fields), model_name=f"{model.__name__}Event"
        )
        return decorate(model)

    return track


def tracked_at_volume(model: type[M]) -> type[M]:
    """As `tracked`, for rows the night writes by thousands: their history is read by row, so its references have no index."""
    references: dict[str, Any] = {
        field.name: models.ForeignKey(
            field.remote_field.model,
            on_delete=models.DO_NOTHING,
            null=field.null,
            db_constraint=False,
            db_index=False,
            related_name="+",
            related_query_name="+",
        )
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey)
    }
    track: Callable[[type[M]], type[M]] = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        attrs=references,
        context_field=pghistory.ContextForeignKey(null=True, db_index=False),
    )
    return track(model)


def event_table(model: type[models.Model]) -> str:
    """Name of the table that holds the model's history."""
    return model.pgh_event_model._meta.db_table  # type: ignore[attr-defined,no-any-return]


def known_at_sql(model: type[models.Model], where: str = "TRUE") -> str:
    """A SELECT of the model's rows as known at `%(known_at)s`, one row an object, the deleted ones left out.

    `where` filters the event rows and must be constant SQL on columns that never change for an object
    (its organisation, its worker): the last state of an object is chosen among the filtered rows.
    """
    return (
        f"SELECT * FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM {event_table(model)} "  # noqa: S608 - constants only
        f"WHERE pgh_created_at <= %(known_at)s AND ({where}) ORDER BY pgh_obj_id, pgh_id DESC) last "
        f"WHERE pgh_label <> '{DELETED}'"
    )


def features_at_sql(model: type[models.Model], where: str = "TRUE") -> str:
    """As `known_at_sql`, for what describes a body that was always there (its kind, its place): before it was first recorded,
    its first state; deleted since, its last one."""
    return (
        f"SELECT DISTINCT ON (pgh_obj_id) * FROM {event_table(model)} "  # noqa: S608 - constants only
        f"WHERE pgh_label <> '{DELETED}' AND ({where}) ORDER BY pgh_obj_id, (pgh_created_at <= %(known_at)s) DESC, "
        f"CASE WHEN pgh_created_at <= %(known_at)s THEN -pgh_id ELSE pgh_id END"
    )


def known_at(row: models.Model, at: datetime) -> models.Model | None:
    """The history event that holds an object's state as known at a time, or None if it was unknown or deleted."""
    events = type(row).pgh_event_model.objects  # type: ignore[attr-defined]
    event: models.Model | None = events.filter(pgh_obj_id=row.pk, pgh_created_at__lte=at).order_by("-pgh_id").first()
    return None if event is None or event.pgh_label == DELETED else event  # type: ignore[attr-defined]


@contextmanager
def because(why: str, **facts: object) -> Iterator[None]:
    """Attach the reason of a change to the history rows it produces."""
    with pghistory.context(why=why, **facts):
        yield


def made_by(user: int, **facts: object) -> None:
    """Say who makes the changes of the request under way, when she is known after it began. Outside of one, nothing is said."""
    pghistory.context(user=user, **facts)


def reserved(why: str) -> str:
    """A reason to give to `because` sealed, when it may repeat what a sealed text says."""
    return sealed_text(why, WHY)


@contextmanager
def recorded_at(at: datetime) -> Iterator[None]:
    """Record the changes of the current transaction as learnt at `at`: for demo data and tests, never for users."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('parcours.recorded_at', %s, true)", [at.isoformat()])
        yield  # an error leaves the transaction broken, and the setting goes with it
        cursor.execute("SELECT set_config('parcours.recorded_at', '', true)")


def changes_of(row: models.Model, most: int = 20) -> list[tuple[Any, str]]:
    """The last changes of an object, newest first: (event, who or why). Two queries."""
    return changes_where(type(row), most, pgh_obj_id=row.pk)


def changes_where(model: type[models.Model], most: int = 20, **where: Any) -> list[tuple[Any, str]]:
    """The last changes of the rows of a model chosen by columns that never change, those since deleted included: newest
    first, (event, who or why). Two queries."""
    events = model.pgh_event_model.objects  # type: ignore[attr-defined]
    found = list(events.filter(**where).select_related("pgh_context").order_by("-pgh_id")[:most])
    contexts = [event.pgh_context.metadata if event.pgh_context else {} for event in found]
    users = User.objects.in_bulk({context["user"] for context in contexts if context.get("user")})
    return [
        (event, opened(str(context.get("why") or ""), WHY) or str(users.get(context.get("user")) or ""))
        for event, context in zip(found, contexts, strict=True)
    ]
