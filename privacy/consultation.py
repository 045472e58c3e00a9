"""Who read what of whom: one statement a page, one row a reader, person, page and hour."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from django.db import connection

from accounts.access import Principal
from accounts.models import ApiToken, Opening, User
from accounts.policies import Model
from parcours.models import Worker
from privacy import reach
from privacy.models import Consultation, OpenedList


@cache
def way(model: Model) -> str:
    """The lookup that leads from a row of a person to the person."""
    if model is Worker:
        return "pk"
    ties = reach.ties()[model]
    name = "worker" if "worker" in ties else ties[0]
    parent = model._meta.get_field(name).related_model
    return name if parent is Worker else f"{name}__{way(parent)}"


def consulted(reader: Principal, model: Model, pk: object, page: str, at: datetime) -> None:
    """Note that a reader was shown a row of a person, and the access of the platform's team that let her, if one did.
    Nothing is noted for a row that is nobody's."""
    if isinstance(reader, ApiToken):
        who, token, openings = reader.created_by_id, reader.pk, []
    elif isinstance(reader, User):
        who, token, openings = reader.pk, None, [opening.pk for opening in reader.openings]
    else:
        return
    shown, given = model._base_manager.filter(pk=pk).values(way(model)).query.sql_with_params()
    table = connection.ops.quote_name(Consultation._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (reader_id, token_id, opening_id, worker_id, page, hour) "  # noqa: S608 - names of the models
            "SELECT %s, %s, opening.id, person.id, %s, %s "
            f"FROM ({shown}) shown(id) JOIN parcours_worker person ON person.id = shown.id LEFT JOIN accounts_opening opening "
            "ON opening.organisation_id = person.organisation_id AND opening.id = ANY(%s::bigint[]) ON CONFLICT DO NOTHING",
            [who, token, page[:60], _hour(at), *given, openings],
        )


def listed(openings: Sequence[Opening], page: str, at: datetime) -> None:
    """Note that a page about nobody in particular was read through these accesses of the platform's team."""
    read = [
        OpenedList(organisation_id=opening.organisation_id, opening=opening, page=page[:60], hour=_hour(at))
        for opening in openings
    ]
    OpenedList.objects.bulk_create(read, ignore_conflicts=True)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
