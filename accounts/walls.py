"""The wall around a request: the database answers with the rows of the organisations it reaches, and no others.

`accounts.access.visible_to` is the first wall; this is the second, for the day a filter is forgotten. What is reached is asked
once, for both; the wall is put on and taken off in one round trip, on the bare connection: it is in no count of a page's queries.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, models

from accounts.access import Principal, reach, reached
from accounts.models import ApiToken, User
from accounts.policies import APP

SET = "set_config('parcours.organisations', {}, false)"
READ_ONLY = "set_config('default_transaction_read_only', '{}', false)"


def _ask(sql: str, given: Sequence[object] = ()) -> Any:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return connection.connection.execute(sql, given).fetchone()[0]


def put_up(principal: Principal) -> None:
    """From now on, what this principal reaches: wherever a role is held today, members of its groups included.

    Through an access of the platform's team, what is reached is only read: the database refuses any change.
    """
    if isinstance(principal, User | ApiToken):
        principal.reach = None  # known from an earlier wall: asked again
        principal.reach = reach(principal)
    listed = ",".join(map(str, reached(principal)))
    mode = READ_ONLY.format("on" if getattr(principal, "openings", ()) else "off")
    _ask(f"SELECT set_config('role', '{APP}', false), {SET.format('%s')}, {mode}", (listed,))


def writing_again() -> None:
    """What was to be read has been read: who read it may be written."""
    _ask(f"SELECT {READ_ONLY.format('off')}")


def take_down() -> None:
    """Back to what the process signs in as. A connection that refuses is closed rather than kept with someone's reach."""
    try:
        role, mode = settings.DATABASE_ROLE or "none", READ_ONLY.format("off")
        _ask(f"SELECT set_config('role', %s, false), {SET.format('%s')}, {mode}", (role, ""))
    except DatabaseError:
        if not connection.in_atomic_block:  # else the end of the transaction, which opened before, undoes it
            connection.connection.close()  # closed, not lent again by a pool
            connection.close()


@contextmanager
def reaching(organisation: int | None) -> Iterator[None]:
    """Within the block, one more organisation is reached: the one that an address opened without signing in names."""
    before = _ask("SELECT COALESCE(current_setting('parcours.organisations', true), '')")
    named = "" if organisation is None else str(organisation)
    _ask(f"SELECT {SET.format('%s')}", (",".join(filter(None, (before, named))),))
    yield
    _ask(f"SELECT {SET.format('%s')}", (before,))  # after an error, the end of the request does it


def through(model: type[models.Model], given: object) -> Any:
    """Reach the organisation of the row that a whole secret or public identifier opens (the model's `opened_by`)."""
    return reaching(_ask("SELECT parcours_door(%s, %s)", (model._meta.db_table, str(given))))
