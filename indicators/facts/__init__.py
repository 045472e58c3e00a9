"""The facts of some structures as known at K, laid once in temporary tables that all measures read.

K is `%(known_at)s`; each period's end is a cut T. Unknown stays null (or `missing`), never 0. The tables, all dropped at
the end of the block, are of three sorts:

- codes and periods: `fact_period` (with the parameters of the law in force on its last day), `fact_kind`, `fact_smic`…;
- rows as known at K (indicators.facts.rows): `fact_worker`, `fact_contract`, `fact_step`, `fact_barrier`…;
- the common rules of the reference (indicators.facts.rules), worked out once for all the indicators that need them:
  `fact_main` (rules A and X), `fact_chain` and `fact_link` (rule H), `fact_person_month`, `fact_window` (look-backs of each
  period), `fact_exposed` and `fact_presence` (days and months of pathway), `fact_leaver` (exits of each period).

Payroll comes in order: after the last month its structure declared hours for, a contract in force has a row with
`missing` and not `declared`. Up to that month, a contract without a row was not paid, and a row without hours is `missing`.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from accounts.models import Organisation
from audit.history import features_at_sql
from indicators.facts import rows, rules
from indicators.periods import Period
from law import history, law_on
from law.dates import add_months
from law.nomenclature import contract_kinds, nomenclatures
from rights.catalogue import rights

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
    "gap_days": "relationship.gap_days",
    "resumption_days": "resumption.days",
    "insured_months": "unemployment.window_months",
    "senior_months": "unemployment.senior_window_months",
    "senior_age": "unemployment.senior_age",
    "insured_hours": "unemployment.hours",
    "insured_days": "unemployment.days",
    "seniority_months": "unemployment.seniority_months",
    "sick_hours": "sickness.hours_3_months",
    "sick_smic_hours": "sickness.smic_hours_6_months",
    "quarter_smic_hours": "pension.quarter_smic_hours",
    "max_quarters": "pension.max_quarters",
    "decent_share": "decent_pay.share_of_smic",
    "budget_rural": "decent_pay.reference_budget.rural",
    "budget_grand_paris": "decent_pay.reference_budget.grand_paris",
    "full_time_hours": "pay.month_hours_times_12",
    "cddi_week": "cddi.min_weekly_hours",
    "part_time_week": "part_time.min_weekly_hours",
    "legal_week": "week.legal_hours",
    "wish_months": "wish.max_months",
    "announce_days": "assignment.notice_days",
    "training_hours": "training.access_hours",
    "training_days": "training.access_days",
    "entry_days": "entry.follow_up_days",
    "barrier_days": "barrier.quiet_days",
    "action_days": "barrier.action_days",
    "engagement_days": "engagement.days",
    "review_days": "plan.review_days",
    "interview_minutes": "interview.min_minutes",
    "expression_days": "expression.min_days",
    "answer_days": "proposal.answer_days",
}
FTE_KINDS = ("AI", "ETTI", "EI", "ACI", "EITI")
HEALTH, VISIT = (
    "D04",
    "D20",
)  # rights of the entry file (ACC-04): complementary health, information and prevention visit

# What a measure looks up person by person, case by case: without these, its cost is the square of the people measured together.
INDEXES = (
    ("fact_contract", "worker_id, started_on"),
    ("fact_contract", "renews_id"),
    ("fact_month", "worker_id, month"),
    ("fact_person_month", "worker_id, month"),
    ("fact_pathway", "worker_id"),
    ("fact_leaving", "worker_id, left_on"),
    ("fact_step", "worker_id"),
    ("fact_step", "renewed_from_id"),
    ("fact_suspension", "worker_id"),
    ("fact_follow_up", "organisation_id, held_on"),
    ("fact_diagnosis", "pathway_id"),
    ("fact_review", "pathway_id"),
    ("fact_barrier", "worker_id"),
    ("fact_action", "barrier_id"),
    ("fact_session", "worker_id, held_on"),
    ("fact_training", "worker_id"),
    ("fact_call", "exit_id"),
    ("fact_civic", "worker_id"),
    ("fact_kin_pass", "worker_id"),
    ("fact_kin_pass", "number"),
)
_people = [(rows_.sql, rows_.table) for rows_ in rows.PEOPLE]
_cases = [(rows_.sql, rows_.table) for rows_ in rows.CASES]
STATEMENTS = (
    (
        "CREATE TEMP TABLE fact_span ON COMMIT DROP AS SELECT period_no, g::date AS month FROM fact_period,"
        " generate_series(p0::timestamp, p1::timestamp, interval '1 month') g",
        "fact_span",
    ),
    (
        "CREATE TEMP TABLE fact_organisation ON COMMIT DROP AS"  # noqa: S608 - names written here
        " SELECT pgh_obj_id AS organisation_id, kind, group_id, federation_id"
        f" FROM ({features_at_sql(Organisation, 'pgh_obj_id = ANY(%(organisations)s)')}) o",
        "fact_organisation",
    ),
    *_people,
    (rows.AMENDMENT_INDEX, "fact_amendment"),
    (rows.MONTHS, "fact_month"),
    (rules.CUTS, "fact_cut"),
    (rules.TERMS, "fact_terms"),
    (rows.UNDECLARED_MONTHS, "fact_month"),
    (rules.MAIN, "fact_main"),
    (rules.CHAINS, "fact_chain"),
    (rules.MONTH_RATES, "fact_month_rate"),
    (rules.PERSON_MONTHS, "fact_person_month"),
    (rules.WINDOWS, "fact_window"),
    (rows.RECORDED_MONTHS, "fact_recorded"),
    *_cases,
    (rows.TRAININGS_WITH_SESSIONS, "fact_training"),
    (rows.SURVEY, "fact_answer"),
    (rows.INVITED, "fact_invited"),
    (rules.EXPOSED, "fact_exposed"),
    (rules.LINKS, "fact_link"),
    (rules.LEAVING, "fact_leaving"),
    (rules.LEAVERS, "fact_leaver"),
    (rules.PATHWAY_DAYS, "fact_presence"),
    *[(f"CREATE INDEX ON {table} ({columns})", table) for table, columns in INDEXES],
)
CODES = (
    "fact_period", "fact_kind", "fact_outcome", "fact_fte", "fact_smic", "fact_qualification_step", "fact_body_kind",
    "fact_right",
)  # fmt: skip


def _in_force(key: str, day: date) -> Decimal | None:
    try:
        return law_on(day).amount(key)
    except LookupError:
        return None


def _periods(cursor: CursorWrapper, periods: Sequence[Period]) -> None:
    """fact_period: the periods with the parameters of the law in force on their last day (null before the first)."""
    columns = ", ".join(f"{column} numeric" for column in [*DATED, "smic_start", "decent_pay"])
    cursor.execute(
        "CREATE TEMP TABLE fact_period (period_no int, p0 date, p1 date, month date, since date, before date,"
        f" three_months date, six_months date, insured_since date, senior_since date, yearly bool, {columns}) ON COMMIT DROP"
    )
    for number, period in enumerate(periods):
        law = {column: _in_force(key, period.end) for column, key in DATED.items()}

        def back(months: Decimal | int | None, month: date = period.month) -> date:
            return add_months(month, 1 - int(months or 1))

        decent = None
        if law["smic"] and law["full_time_hours"] and law["decent_share"]:
            decent = law["smic"] * law["full_time_hours"] * law["decent_share"]  # of a year, so that it stays exact
        values: list[Any] = [
            number,
            period.start,
            period.end,
            period.month,
            back(12),
            add_months(period.month, -11) - date.resolution,
            back(3),
            back(6),
            back(law["insured_months"]),
            back(law["senior_months"]),
            period.is_year,
            *law.values(),
            _in_force("smic.hourly", period.start),
            decent,
        ]
        cursor.execute(f"INSERT INTO fact_period VALUES ({', '.join(['%s'] * len(values))})", values)  # noqa: S608


def fte_scale() -> int:
    """The smallest number that every yearly norm divides: hours × scale / norm stays a whole number of hours."""
    return math.lcm(*(int(str(norm)) for kind in FTE_KINDS for _since, norm in history(f"fte.hours.{kind}")))


def _table(cursor: CursorWrapper, name: str, columns: dict[str, str], values: Sequence[Sequence[Any]]) -> None:
    """A temporary table of codes."""
    declared = ", ".join(columns)
    unnested = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    cursor.execute(
        f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT * FROM unnest({unnested}) AS c({declared})",  # noqa: S608
        [list(column) for column in zip(*values, strict=True)],
    )


def _nomenclatures(cursor: CursorWrapper) -> None:
    """What the law attaches to codes, for joins."""
    codes = nomenclatures()
    _table(
        cursor,
        "fact_kind",
        {"kind": "text", "securing": "int", "open_ended": "bool", "cddi": "bool"},
        [(k.code, k.securing, k.open_ended, k.cddi) for k in contract_kinds()],
    )
    _table(
        cursor,
        "fact_outcome",
        {"outcome": "text", "class": "text"},
        [(o["code"], o["class"]) for o in codes["exit_outcome"]],
    )
    _table(
        cursor,
        "fact_qualification_step",
        {"level": "text", "step": "int"},
        [(e["code"], e["step"]) for e in codes["education_level"]],
    )
    _table(
        cursor,
        "fact_body_kind",
        {"kind": "text", "governance": "bool"},
        [(b["code"], b["governance"]) for b in codes["body_kind"]],
    )
    _table(
        cursor,
        "fact_right",
        {"code": "text", "months": "int", "days": "int"},
        [(r.code, r.validity.months, r.validity.days) for r in rights().values() if r.validity],
    )
    scale = fte_scale()
    norms = [
        (kind, since, scale // int(str(norm))) for kind in FTE_KINDS for since, norm in history(f"fte.hours.{kind}")
    ]
    _table(cursor, "fact_norm", {"kind": "text", "since": "date", "scaled": "numeric"}, norms)
    cursor.execute(
        "CREATE TEMP TABLE fact_fte ON COMMIT DROP AS SELECT *,"
        " COALESCE(lead(since) OVER (PARTITION BY kind ORDER BY since), 'infinity') AS until FROM fact_norm"
    )
    cursor.execute("DROP TABLE fact_norm")
    _table(cursor, "fact_rate", {"since": "date", "hourly": "numeric"}, history("smic.hourly"))
    cursor.execute(
        "CREATE TEMP TABLE fact_smic ON COMMIT DROP AS SELECT *,"
        " COALESCE(lead(since) OVER (ORDER BY since), 'infinity') AS until FROM fact_rate"
    )
    cursor.execute("DROP TABLE fact_rate")  # fmt: skip


@contextmanager
def known(
    organisation_ids: Sequence[int], periods: Sequence[Period], known_at: datetime
) -> Iterator[tuple[CursorWrapper, dict[str, Any]]]:
    """Lay the facts of some structures as known at K. Gives a cursor and the parameters its queries may name."""
    named: dict[str, Any] = {
        "organisations": sorted(organisation_ids),
        "known_at": known_at,
        "known_on": known_at.astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
        "zone": settings.TIME_ZONE,
        "deciding": rows.DECIDING,
        "health": HEALTH,
        "visit": VISIT,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        _periods(cursor, periods)
        _nomenclatures(cursor)
        for table in CODES:
            cursor.execute(f"ANALYZE {table}")
        for statement, table in STATEMENTS:
            cursor.execute(statement, named)
            cursor.execute(f"ANALYZE {table}")
        yield cursor, named
        cursor.execute(f"DROP TABLE {', '.join(dict.fromkeys([*CODES, *(table for _sql, table in STATEMENTS)]))}")


def reporting(cursor: CursorWrapper) -> set[tuple[int, int]]:
    """The (structure, period number) pairs whose structure declared hours of the period: it reports (rule M)."""
    cursor.execute(
        "SELECT DISTINCT m.organisation_id, s.period_no FROM fact_span s JOIN fact_month m USING (month)"
        " WHERE m.declared AND NOT m.missing"
    )
    return set(cursor.fetchall())
