"""The facts of some structures as known at K, laid once in temporary tables that all measures read.

K is `%(known_at)s`; each period's end is a cut T. Unknown stays null (or `missing`), never 0. The tables, all dropped at
the end of the block:

- `fact_period`      (period_no, p0, p1, month, since, … parameters of the law in force on p1)
- `fact_span`        (period_no, month): the months of each period
- `fact_organisation`(organisation_id, kind)
- `fact_worker`      (worker_id, organisation_id)
- `fact_pathway`     (pathway_id, worker_id, organisation_id, started_on, ended_on, rights_diagnosed_on)
- `fact_contract`    (contract_id, worker_id, organisation_id, kind, securing, open_ended, renews_id, signed_on,
                      started_on, planned_end_on, ended_on, ends_on, hourly_gross); `ends_on` is rule U's end
- `fact_terms`       (at, contract_id, planned_end_on, hourly_gross): terms at a cut, only of amended contracts
- `fact_month`       (worker_id, organisation_id, contract_id, month, hours, missing, declared)
- `fact_chain`       (at, contract_id, sure_start, sure_until, maybe_start, maybe_until): rule H
- `fact_main`        (at, worker_id, organisation_id, contract_id, hours, sure): rules A and X
- `fact_decision`    (decision_id, contract_id, kind, notified_on, day): decisions on an expiry, day they were recorded
- `fact_exit`        (pathway_id, exited_on, outcome, contract_months)
- `fact_step`        (step_id, pathway_id, right_code, state, triggered_on, opened_on, expires_on, closed_on)
- `fact_training`    (training_id, worker_id, started_on, ended_on, safety, has_sessions)
- `fact_session`     (session_id, training_id, worker_id, safety, held_on, attended_hours)

Payroll comes in order: after the last month its structure declared hours for, a contract in force has a row with
`missing` and not `declared`. Up to that month, a contract without a row was not paid, and a row without hours is `missing`.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from indicators.facts import rows, rules
from indicators.periods import Period
from law import history, law_on
from law.dates import add_months
from law.nomenclature import contract_kinds, nomenclatures

# Parameters of the law that SQL reads, as columns of fact_period: the value in force on the last day of the period.
DATED = {
    "smic": "smic.hourly",
    "securing_months": "securing.min_months",
    "short_days": "short.max_days",
    "expiry_days": "contract_end.min_days",
    "notice_days": "decision.notice_days",
    "exit_hours": "exit.min_hours",
    "exit_months": "exit.min_months",
    "durable_months": "exit.durable_months",
    "reentry_days": "exit.reentry_days",
    "non_take_up_days": "right.non_take_up_days",
}
FTE_KINDS = ("AI", "ETTI", "EI", "ACI", "EITI")

TABLES = (
    "fact_period",
    "fact_span",
    "fact_organisation",
    "fact_kind",
    "fact_outcome",
    "fact_fte",
    "fact_worker",
    "fact_pathway",
    "fact_contract",
    "fact_amendment",
    "fact_terms",
    "fact_month",
    "fact_chain",
    "fact_main",
    "fact_decision",
    "fact_exit",
    "fact_step",
    "fact_training",
    "fact_session",
)

STATEMENTS = (
    (rows.SPANS, "fact_span"),
    (rows.ORGANISATIONS, "fact_organisation"),
    (rows.WORKERS, "fact_worker"),
    (rows.PATHWAYS, "fact_pathway"),
    (rows.CONTRACTS, "fact_contract"),
    (rows.AMENDMENTS, "fact_amendment"),
    (rows.AMENDMENT_INDEX, "fact_amendment"),
    (rows.MONTHS, "fact_month"),
    (rules.TERMS, "fact_terms"),
    (rows.UNDECLARED_MONTHS, "fact_month"),
    (rules.CHAINS, "fact_chain"),
    (rules.MAIN, "fact_main"),
    (rows.DECISIONS, "fact_decision"),
    (rows.EXITS, "fact_exit"),
    (rows.STEPS, "fact_step"),
    (rows.TRAININGS, "fact_training"),
    (rows.SESSIONS, "fact_session"),
    (rows.TRAININGS_WITH_SESSIONS, "fact_training"),
)


def _in_force(key: str, period: Period) -> Decimal | None:
    try:
        return law_on(period.end).amount(key)
    except LookupError:
        return None


def _periods(cursor: CursorWrapper, periods: Sequence[Period]) -> None:
    """fact_period: the periods with the parameters of the law in force on their last day (null before the first)."""
    columns = ", ".join(f"{column} numeric" for column in DATED)
    cursor.execute(
        "CREATE TEMP TABLE fact_period (period_no int, p0 date, p1 date, month date, since date, "
        f"{columns}) ON COMMIT DROP"
    )
    for number, period in enumerate(periods):
        values: list[Any] = [number, period.start, period.end, period.month, add_months(period.month, -11)]
        values += [_in_force(key, period) for key in DATED.values()]
        cursor.execute(f"INSERT INTO fact_period VALUES ({', '.join(['%s'] * len(values))})", values)  # noqa: S608


def fte_scale() -> int:
    """The smallest number that every yearly norm divides: hours × scale / norm stays a whole number of hours."""
    return math.lcm(*(int(str(norm)) for kind in FTE_KINDS for _since, norm in history(f"fte.hours.{kind}")))


def _nomenclatures(cursor: CursorWrapper) -> None:
    """fact_kind, fact_outcome and fact_fte: what the law attaches to codes, for joins."""
    kinds = contract_kinds()
    cursor.execute(
        "CREATE TEMP TABLE fact_kind ON COMMIT DROP AS SELECT * FROM unnest(%s::text[], %s::int[], %s::bool[])"
        " AS k(kind, securing, open_ended)",
        [[k.code for k in kinds], [k.securing for k in kinds], [k.open_ended for k in kinds]],
    )
    outcomes = nomenclatures()["exit_outcome"]
    cursor.execute(
        "CREATE TEMP TABLE fact_outcome ON COMMIT DROP AS SELECT * FROM unnest(%s::text[], %s::text[])"
        " AS o(outcome, class)",
        [[o["code"] for o in outcomes], [o["class"] for o in outcomes]],
    )
    scale = fte_scale()
    norms = [
        (kind, since, scale // int(str(norm))) for kind in FTE_KINDS for since, norm in history(f"fte.hours.{kind}")
    ]
    cursor.execute(
        "CREATE TEMP TABLE fact_fte ON COMMIT DROP AS SELECT kind, since, scaled,"
        " COALESCE(lead(since) OVER (PARTITION BY kind ORDER BY since), 'infinity') AS until"
        " FROM unnest(%s::text[], %s::date[], %s::numeric[]) AS f(kind, since, scaled)",
        [[n[0] for n in norms], [n[1] for n in norms], [n[2] for n in norms]],
    )


@contextmanager
def known(
    organisation_ids: Sequence[int], periods: Sequence[Period], known_at: datetime
) -> Iterator[tuple[CursorWrapper, dict[str, Any]]]:
    """Lay the facts of some structures as known at K. Gives a cursor and the parameters its queries may name."""
    named: dict[str, Any] = {
        "organisations": sorted(organisation_ids),
        "known_at": known_at,
        "zone": settings.TIME_ZONE,
        "deciding": rows.DECIDING,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        _periods(cursor, periods)
        _nomenclatures(cursor)
        for table in ("fact_period", "fact_kind", "fact_outcome", "fact_fte"):
            cursor.execute(f"ANALYZE {table}")
        for statement, table in STATEMENTS:
            cursor.execute(statement, named)
            cursor.execute(f"ANALYZE {table}")
        yield cursor, named
        cursor.execute(f"DROP TABLE {', '.join(TABLES)}")
