"""After an exit: calls at 3, 6 and 12 months plan themselves, attempts are kept, the result is recorded at once.

And what an exit is for the State, computed twice: by the rule as written and as the State's own code counts it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import not_later, saved
from law.dates import add_months
from law.exits import exit_class, exit_counted, exit_counted_by_platform
from law.parameters_at import Law
from parcours.models import Exit, ExitCall, ExitCallAttempt

DYNAMIC = frozenset({"durable", "transition", "positive"})

PLAN = f"""
INSERT INTO {ExitCall._meta.db_table} (exit_id, months, due_on, answer, said_by, situation)
SELECT x.id, m.months, (x.exited_on + make_interval(months => m.months))::date, '', '', ''
FROM {Exit._meta.db_table} x CROSS JOIN (VALUES (3), (6), (12)) m (months)
WHERE x.outcome <> 'withdrawn' AND (%(exit)s::bigint IS NULL OR x.id = %(exit)s)
  AND (%(since)s::date IS NULL OR x.exited_on >= %(since)s)
ON CONFLICT ON CONSTRAINT exit_call_once DO NOTHING
"""  # noqa: S608 - names of our own tables


CAUGHT_UP_MONTHS = 13  # after which no call of an exit can still be made: the last is due at 12 months


def plan_calls(exit: Exit | None = None, *, since: date | None = None) -> int:
    """Plan the calls of an exit, or of every exit (from the day `since` on) that has none yet; returns how many rows were
    added. One statement; twice adds nothing.

    An exit the ASP withdraws (a death, a long illness…) plans none.
    """
    with connection.cursor() as cursor:
        cursor.execute(PLAN, {"exit": exit.pk if exit else None, "since": since})
        return int(cursor.rowcount)


def catch_up_calls(day: date) -> int:
    """Plan the calls of the exits of which somebody may still ask news, however they were recorded. Returns how many."""
    return plan_calls(since=add_months(day, -CAUGHT_UP_MONTHS))


def note_attempt(
    *, by: User, call: ExitCall, tried_on: date, today: date, channel: str = "telephone"
) -> ExitCallAttempt:
    """Keep a try that did not reach the person; the call stays to be made."""
    not_later("tried_on", tried_on, today)
    return saved(ExitCallAttempt(call=call, tried_on=tried_on, channel=channel, recorded_by=by))


@transaction.atomic
def answer_call(
    *,
    by: User,
    call: ExitCall,
    answer: str,
    answered_on: date,
    today: date,
    situation: str = "",
    since: date | None = None,
    contract_months: Decimal | None = None,
    said_by: str = "",
) -> ExitCall:
    """Record what became of the person: one click says it all, the rest is optional. « Not reached » is an answer.

    Raises ValidationError; an answer already given is corrected, its former state stays in the history.
    """
    not_later("answered_on", answered_on, today)
    if answer == "answered" and answered_on < call.exit.exited_on:
        raise ValidationError({"answered_on": _("Cette réponse précède la sortie.")})
    if answer == "answered" and not situation:
        raise ValidationError({"situation": _("Dites la situation, ou que la personne n'a pas été jointe.")})
    call.answer, call.answered_on, call.situation, call.since = answer, answered_on, situation, since
    call.contract_months = contract_months
    call.said_by = said_by or ("worker" if answer == "answered" else "")
    call.recorded_by = by
    return saved(call)


@dataclass(frozen=True)
class Reading:
    """What an exit is for the State. `counted` and `counted_by_platform` say whether it is examined at all, None when the
    hours are unknown; `dynamic` is None when the outcome is unknown."""

    group: str | None
    dynamic: bool | None
    counted: bool | None
    counted_by_platform: bool | None


def read_exit(exit: Exit, kind: str, hours: Decimal | None, law: Law) -> Reading:
    """Read one exit of a structure of this kind; `hours` paid over the pathway, None when unknown (AI and ETTI need them)."""
    group = exit_class(exit.outcome, exit.contract_months, law)
    needs_hours = kind in {"AI", "ETTI"}
    counted = by_platform = None
    if hours is not None or not needs_hours:
        started_on = exit.pathway.started_on
        days = (exit.exited_on - started_on).days + 1
        counted = exit_counted(kind, started_on, exit.exited_on, hours or Decimal(0), law)
        by_platform = exit_counted_by_platform(kind, days, hours or Decimal(0), law)
    return Reading(group, None if group is None else group in DYNAMIC, counted, by_platform)


@dataclass(frozen=True)
class Rate:
    """The dynamic rate of some exits: `value` as the ASP counts (unknown is not dynamic), and the bounds."""

    examined: int
    dynamic: int
    unknown: int

    @property
    def low(self) -> Decimal | None:
        return Decimal(self.dynamic) / self.examined if self.examined else None

    @property
    def high(self) -> Decimal | None:
        return Decimal(self.dynamic + self.unknown) / self.examined if self.examined else None


def dynamic_rate(readings: list[Reading], by_platform: bool = False) -> Rate:
    """The rate over exits: withdrawn and not examined are left out, unknown outcomes or unknown examination widen the bounds."""
    kept = [
        (reading, reading.counted_by_platform if by_platform else reading.counted)
        for reading in readings
        if reading.group != "withdrawn"
    ]
    kept = [(reading, counted) for reading, counted in kept if counted is not False]
    sure = [reading for reading, counted in kept if counted]
    return Rate(
        examined=len(kept),
        dynamic=sum(reading.dynamic is True for reading in sure),
        unknown=sum(reading.dynamic is None for reading in sure) + len(kept) - len(sure),
    )
