"""Who read what of whom: one statement a page, one row a reader, person, page and hour."""

from datetime import datetime
from functools import cache

from django.db import connection

from accounts.access import Principal
from accounts.models import ApiToken, User
from parcours.models import Worker
from privacy import reach
from privacy.models import Consultation


@cache
def way(model: reach.Model) -> str:
    """The lookup that leads from a row of a person to the person."""
    if model is Worker:
        return "pk"
    ties = reach.ties()[model]
    name = "worker" if "worker" in ties else ties[0]
    parent = model._meta.get_field(name).related_model
    return name if parent is Worker else f"{name}__{way(parent)}"


def consulted(reader: Principal, model: reach.Model, pk: object, page: str, at: datetime) -> None:
    """Note that a reader was shown a row of a person. Nothing is noted for a row that is nobody's."""
    if isinstance(reader, ApiToken):
        who, token = reader.created_by_id, reader.pk
    elif isinstance(reader, User):
        who, token = reader.pk, None
    else:
        return
    shown, given = model._base_manager.filter(pk=pk).values(way(model)).query.sql_with_params()
    table = connection.ops.quote_name(Consultation._meta.db_table)
    hour = at.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (reader_id, token_id, worker_id, page, hour) "  # noqa: S608 - names of the models
            f"SELECT %s, %s, person.id, %s, %s FROM ({shown}) person(id) WHERE person.id IS NOT NULL ON CONFLICT DO NOTHING",
            [who, token, page[:60], hour, *given],
        )
