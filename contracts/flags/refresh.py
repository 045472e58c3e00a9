"""All flags of all structures in one statement.

Each rule of law/rules.yaml is a SELECT of what is wanted on a day; the statement inserts the new ones, updates those
whose rung or facts moved, closes those no longer true, and touches nothing else. The pure functions of law.findings are
the same rules one person at a time; tests/reference/flags.py compares the two.
"""
# ruff: noqa: S608 - the statement is made of constants of this module; every value is a parameter

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from contracts.models import Flag
from law import law_on
from law.dates import working_days_after
from law.findings import FIRST_RUNG, LADDER, Severity
from law.nomenclature import codes

LOCK = 480_024  # one refresh at a time; the second waits and then finds nothing to do

_LAST_DAY = "COALESCE({0}.ended_on, {0}.planned_end_on)"
_RUNS = "c.started_on <= %(day)s AND (COALESCE(c.ended_on, c.planned_end_on, %(day)s) >= %(day)s)"


def _on_ladder(due: str) -> tuple[str, str]:
    """SQL for (severity, rung) of a due day, null while it is beyond the ladder."""
    days = f"({due} - %(day)s)"
    severity = " ".join(f"WHEN {days} <= {rung} THEN {severity.value}" for rung, severity in LADDER)
    rung = " ".join(f"WHEN {days} <= {rung} THEN {rung}" for rung, _severity in LADDER)
    return (
        f"CASE WHEN {days} < 0 THEN {Severity.OVERDUE.value} {severity} END",
        f"CASE WHEN {days} < 0 THEN 0 {rung} END",
    )


def _contract_end() -> str:
    severity, rung = _on_ladder("c.planned_end_on")
    return f"""
        SELECT 'CONTRACT_END', w.organisation_id, c.worker_id, c.id, NULL::bigint, c.planned_end_on, {severity}, {rung},
               jsonb_build_object('kind', c.kind), GREATEST(c.started_on, c.planned_end_on - {FIRST_RUNG})
        FROM scope w JOIN contracts_contract c ON c.worker_id = w.id
        WHERE c.ended_on IS NULL AND c.kind = ANY(%(fixed_term)s) AND c.started_on <= %(day)s
          AND c.planned_end_on BETWEEN %(day)s - %(overdue_days)s AND %(day)s + {FIRST_RUNG}
          AND c.planned_end_on - c.started_on + 1 >= %(min_days)s
          AND NOT EXISTS (SELECT 1 FROM contracts_contract o WHERE o.worker_id = c.worker_id AND o.id <> c.id
                          AND o.started_on <= c.planned_end_on + 1
                          AND COALESCE({_LAST_DAY.format("o")}, 'infinity') > c.planned_end_on)
          AND NOT EXISTS (SELECT 1 FROM contracts_decision d WHERE d.contract_id = c.id AND d.notified_on <= %(day)s)"""


def _cddi() -> str:
    """CDDI_MIN and CDDI_MAX read the same chains: CDDI that follow one another without a day between (rule H)."""
    severity, rung = _on_ladder("m.ceiling")
    return f"""
        SELECT 'CDDI_MIN', m.organisation_id, m.worker_id, m.id, NULL::bigint, m.planned_end_on,
               {Severity.WARNING.value}, NULL::int,
               jsonb_build_object('started_on', m.started_on, 'planned_end_on', m.planned_end_on,
                   'min_months', %(min_months)s::int,
                   'earliest_end_on', (m.started_on + make_interval(months => %(min_months)s) - interval '1 day')::date),
               m.started_on
        FROM chained m
        WHERE m.started_on = m.chain_started_on AND m.renews_id IS NULL AND NOT m.sentence_adjustment
          AND m.ended_on IS NULL AND m.planned_end_on >= %(day)s
          AND m.planned_end_on + 1 < m.started_on + make_interval(months => %(min_months)s)
        UNION ALL
        SELECT 'CDDI_MAX', m.organisation_id, m.worker_id, m.id, NULL::bigint, m.ceiling,
               CASE WHEN m.planned_end_on > m.ceiling THEN {Severity.OVERDUE.value} ELSE {severity} END,
               CASE WHEN m.planned_end_on > m.ceiling THEN 0 ELSE {rung} END,
               jsonb_build_object('chain_started_on', m.chain_started_on, 'max_months', %(max_months)s::int,
                   'planned_end_on', m.planned_end_on),
               CASE WHEN m.planned_end_on > m.ceiling THEN m.started_on
                    ELSE GREATEST(m.started_on, m.ceiling - %(ceiling_days)s) END
        FROM chained m
        WHERE m.ended_on IS NULL AND m.started_on <= %(day)s AND COALESCE(m.planned_end_on, %(day)s) >= %(day)s
          AND (m.planned_end_on > m.ceiling OR m.ceiling - %(day)s <= %(ceiling_days)s)"""


def _running() -> str:
    """The rules about the contracts that run on the day: weekly hours, signature, PASS IAE."""
    due = "c.started_on + (%(handover)s::int[])[EXTRACT(ISODOW FROM c.started_on)::int]"
    valid = "p.worker_id = c.worker_id AND p.started_on <= %(day)s AND p.ended_on >= %(day)s"
    return f"""
        SELECT 'WEEKLY_HOURS_MIN', w.organisation_id, c.worker_id, c.id, NULL::bigint, c.started_on,
               {Severity.WARNING.value}, NULL::int,
               jsonb_build_object('weekly_hours', c.weekly_hours::float, 'min_hours', %(min_hours)s::float), c.started_on
        FROM scope w JOIN contracts_contract c ON c.worker_id = w.id
        WHERE {_RUNS} AND c.kind = ANY(%(cddi)s) AND c.weekly_hours < %(min_hours)s
        UNION ALL
        SELECT 'CONTRACT_UNSIGNED', w.organisation_id, c.worker_id, c.id, NULL::bigint, {due},
               {Severity.WARNING.value}, NULL::int, jsonb_build_object('started_on', c.started_on), {due} + 1
        FROM scope w JOIN contracts_contract c ON c.worker_id = w.id
        WHERE {_RUNS} AND c.signed_on IS NULL AND %(day)s > {due}
        UNION ALL
        SELECT 'PASS_EXCEEDED', w.organisation_id, c.worker_id, c.id, NULL::bigint, p.ended_on,
               CASE WHEN p.ended_on - %(day)s <= {LADDER[1][0]} THEN {Severity.URGENT.value}
                    ELSE {Severity.WARNING.value} END, NULL::int,
               jsonb_build_object('planned_end_on', c.planned_end_on, 'number', p.number), c.started_on
        FROM scope w JOIN contracts_contract c ON c.worker_id = w.id JOIN parcours_passiae p ON {valid}
        WHERE {_RUNS} AND w.needs_pass AND c.ended_on IS NULL AND c.kind = ANY(%(insertion_fixed_term)s)
          AND c.planned_end_on > p.ended_on
        UNION ALL
        SELECT 'MISSING_PASS', w.organisation_id, c.worker_id, c.id, NULL::bigint, c.started_on,
               {Severity.URGENT.value}, NULL::int, jsonb_build_object('started_on', c.started_on), c.started_on
        FROM scope w JOIN contracts_contract c ON c.worker_id = w.id
        WHERE {_RUNS} AND w.needs_pass AND c.kind = ANY(%(insertion)s)
          AND NOT EXISTS (SELECT 1 FROM parcours_passiae p WHERE {valid})"""


def _pass_end() -> str:
    severity, rung = _on_ladder("p.ended_on")
    return f"""
        SELECT 'PASS_END', w.organisation_id, p.worker_id, NULL::bigint, p.id, p.ended_on, {severity}, {rung},
               jsonb_build_object('number', p.number), GREATEST(p.started_on, p.ended_on - {FIRST_RUNG})
        FROM scope w JOIN parcours_passiae p ON p.worker_id = w.id
        WHERE w.needs_pass AND p.ended_on <= %(day)s + {FIRST_RUNG}
          AND EXISTS (SELECT 1 FROM parcours_pathway t WHERE t.worker_id = p.worker_id AND t.ended_on IS NULL
                      AND t.started_on <= %(day)s)
          AND NOT EXISTS (SELECT 1 FROM parcours_passiae n WHERE n.worker_id = p.worker_id AND n.ended_on > p.ended_on)"""


def _ai_480() -> str:
    """Windows of 24 months: the first opens with the first counted month, the next with the first one after it."""
    return f"""
        SELECT 'AI_480', x.organisation_id, x.worker_id, NULL::bigint, NULL::bigint, x.last,
               CASE WHEN x.hours >= %(cap)s THEN {Severity.OVERDUE.value}
                    WHEN x.hours >= %(alert_2)s THEN {Severity.URGENT.value} ELSE {Severity.WARNING.value} END,
               CASE WHEN x.hours >= %(cap)s THEN %(cap)s WHEN x.hours >= %(alert_2)s THEN %(alert_2)s
                    ELSE %(alert_1)s END,
               jsonb_build_object('hours', x.hours::float, 'cap', %(cap)s::int, 'window_start_on', x.first), x.first
        FROM (SELECT v.organisation_id, v.worker_id, v.first, v.last, sum(h.hours) AS hours
              FROM windows v JOIN counted h ON h.worker_id = v.worker_id AND h.month BETWEEN v.first AND v.last
              WHERE %(day)s BETWEEN v.first AND v.last GROUP BY 1, 2, 3, 4) x
        WHERE x.hours >= %(alert_1)s"""


def _statement() -> str:
    window = "(first + make_interval(months => %(window_months)s) - interval '1 day')::date"
    return f"""
    WITH RECURSIVE scope AS MATERIALIZED (
        SELECT w.id, w.organisation_id, o.kind = ANY(%(pass_structures)s) AS needs_pass, o.kind = 'AI' AS association
        FROM parcours_worker w JOIN accounts_organisation o ON o.id = w.organisation_id
        WHERE %(worker)s::bigint IS NULL OR w.id = %(worker)s
    ), cddi AS (
        SELECT c.*, w.organisation_id,
               max(COALESCE({_LAST_DAY.format("c")}, 'infinity')) OVER earlier AS before
        FROM scope w JOIN contracts_contract c ON c.worker_id = w.id
        WHERE c.kind = ANY(%(cddi)s)
        WINDOW earlier AS (PARTITION BY c.worker_id ORDER BY c.started_on, c.id
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), numbered AS (
        SELECT *, count(*) FILTER (WHERE before IS NULL OR started_on > before + 1)
                  OVER (PARTITION BY worker_id ORDER BY started_on, id) AS chain FROM cddi
    ), started AS (
        SELECT *, min(started_on) OVER (PARTITION BY worker_id, chain) AS chain_started_on FROM numbered
    ), chained AS (
        SELECT *, (chain_started_on + make_interval(months => %(max_months)s) - interval '1 day')::date AS ceiling
        FROM started
    ), counted AS MATERIALIZED (
        SELECT w.organisation_id, c.worker_id, m.month, sum(m.paid_hours) AS hours
        FROM scope w JOIN contracts_contract c ON c.worker_id = w.id
        JOIN contracts_workedmonth m ON m.contract_id = c.id JOIN contracts_assignment a ON a.id = m.assignment_id
        WHERE w.association AND a.client_kind = ANY(%(counted_clients)s) AND m.paid_hours > 0 AND m.month <= %(day)s
        GROUP BY 1, 2, 3
    ), opened_windows AS (
        SELECT organisation_id, worker_id, min(month) AS first FROM counted GROUP BY 1, 2
        UNION ALL
        SELECT v.organisation_id, v.worker_id,
               (SELECT min(h.month) FROM counted h WHERE h.worker_id = v.worker_id AND h.month > {window})
        FROM opened_windows v WHERE v.first IS NOT NULL
    ), windows AS (
        SELECT organisation_id, worker_id, first, {window} AS last FROM opened_windows WHERE first IS NOT NULL
    ), wanted (code, organisation_id, worker_id, contract_id, pass_iae_id, due_on, severity, rung, facts, opened_on) AS (
        {_contract_end()} UNION ALL {_cddi()} UNION ALL {_running()} UNION ALL {_pass_end()} UNION ALL {_ai_480()}
    ), written AS (
        INSERT INTO contracts_flag AS f (code, organisation_id, worker_id, contract_id, pass_iae_id, due_on, severity,
                                         rung, facts, opened_on)
        SELECT * FROM wanted
        ON CONFLICT (code, worker_id, contract_id, pass_iae_id, due_on) DO UPDATE
        SET severity = excluded.severity, rung = excluded.rung, facts = excluded.facts, opened_on = excluded.opened_on,
            closed_on = NULL
        WHERE (f.severity, f.rung, f.facts, f.opened_on, f.closed_on)
              IS DISTINCT FROM (excluded.severity, excluded.rung, excluded.facts, excluded.opened_on, NULL)
        RETURNING f.code, f.severity, CASE WHEN xmax = 0 THEN 'opened' ELSE 'changed' END AS what
    ), closed AS (
        UPDATE contracts_flag f SET closed_on = %(day)s
        WHERE f.closed_on IS NULL AND (%(worker)s::bigint IS NULL OR f.worker_id = %(worker)s)
          AND NOT EXISTS (SELECT 1 FROM wanted n WHERE n.code = f.code AND n.worker_id = f.worker_id
                          AND n.contract_id IS NOT DISTINCT FROM f.contract_id
                          AND n.pass_iae_id IS NOT DISTINCT FROM f.pass_iae_id AND n.due_on = f.due_on)
        RETURNING f.code, f.severity, 'closed' AS what
    )
    SELECT what, code, severity, count(*) FROM (SELECT what, code, severity FROM written
        UNION ALL SELECT what, code, severity FROM closed) done GROUP BY 1, 2, 3"""


def _parameters(day: date, worker_id: int | None) -> dict[str, Any]:
    """Every number of the statement, from the law in force on the day."""
    law = law_on(day)
    monday = date(2024, 1, 1)
    working_days = law.whole("contract.handover_working_days")
    week = [monday + timedelta(days=offset) for offset in range(7)]
    return {
        "day": day,
        "worker": worker_id,
        "fixed_term": codes("contract_kind", open_ended=False),
        "cddi": codes("contract_kind", cddi=True),
        "insertion": codes("contract_kind", insertion=True),
        "insertion_fixed_term": codes("contract_kind", insertion=True, open_ended=False),
        "pass_structures": codes("structure_kind", **{"pass": True}),
        "counted_clients": codes("client_kind", counted=True),
        "min_days": law.whole("contract_end.min_days"),
        "overdue_days": law.whole("contract_end.overdue_days"),
        "min_months": law.whole("cddi.min_months"),
        "max_months": law.whole("cddi.max_months"),
        "ceiling_days": law.whole("cddi.ceiling_alert_days"),
        "min_hours": law.amount("cddi.min_weekly_hours"),
        "handover": [(working_days_after(start, working_days) - start).days for start in week],
        "cap": law.whole("ai.private_hours_cap"),
        "alert_1": law.whole("ai.private_hours_alert_1"),
        "alert_2": law.whole("ai.private_hours_alert_2"),
        "window_months": law.whole("ai.private_hours_window_months"),
    }


@dataclass
class FlagReport:
    """How many flags a refresh opened, changed and closed, by (code, severity)."""

    opened: Counter[tuple[str, int]] = field(default_factory=Counter)
    changed: Counter[tuple[str, int]] = field(default_factory=Counter)
    closed: Counter[tuple[str, int]] = field(default_factory=Counter)

    def totals(self) -> dict[str, int]:
        return {"opened": self.opened.total(), "changed": self.changed.total(), "closed": self.closed.total()}


def refresh(day: date, worker_id: int | None = None) -> FlagReport:
    """Make the flags say what is true on `day`, for everyone or for one worker. Twice in a row changes no row."""
    report = FlagReport()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(_statement(), _parameters(day, worker_id))
        for what, code, severity, count in cursor.fetchall():
            getattr(report, what)[code, severity] += count
    return report


def open_counts() -> Counter[tuple[str, int]]:
    """Open flags of all structures by (code, severity)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT code, severity, count(*) FROM {Flag._meta.db_table} WHERE closed_on IS NULL GROUP BY 1, 2"
        )
        return Counter({(code, severity): count for code, severity, count in cursor.fetchall()})
