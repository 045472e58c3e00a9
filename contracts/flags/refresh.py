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

from contracts.models import Decision, Flag
from law import law_on
from law.dates import working_days_after
from law.findings import FIRST_RUNG, LADDER, Severity
from law.nomenclature import codes
from law.parameters_at import parameters

LOCK = 480_024  # the night goes alone: a second one waits and then finds nothing to do; people's refreshes go together

_COLUMNS = "code, organisation_id, worker_id, contract_id, pass_iae_id, due_on, severity, rung, facts, opened_on"


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
        SELECT 'CONTRACT_END', c.organisation_id, c.worker_id, c.id, NULL::bigint, c.planned_end_on, {severity}, {rung},
               jsonb_build_object('kind', c.kind), GREATEST(c.started_on, c.planned_end_on - {FIRST_RUNG})
        FROM live c
        WHERE c.ended_on IS NULL AND c.kind = ANY(%(fixed_term)s) AND c.started_on <= %(day)s
          AND c.planned_end_on BETWEEN %(day)s - %(overdue_days)s AND %(day)s + {FIRST_RUNG}
          AND c.planned_end_on - c.started_on + 1 >= %(min_days)s
          AND NOT EXISTS (SELECT 1 FROM live o WHERE o.worker_id = c.worker_id AND o.id <> c.id
                          AND o.started_on <= c.planned_end_on + 1 AND o.last_day > c.planned_end_on)
          AND NOT EXISTS (SELECT 1 FROM contracts_decision d
                          WHERE d.contract_id = c.id AND d.notified_on <= %(day)s AND d.kind = ANY(%(settling)s))"""


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
               jsonb_build_object('chain_started_on', m.chain_started_on, 'max_months', m.max_months,
                   'planned_end_on', m.planned_end_on),
               CASE WHEN m.planned_end_on > m.ceiling THEN m.started_on
                    ELSE GREATEST(m.started_on, m.ceiling - %(ceiling_days)s) END
        FROM ceilings m
        WHERE m.planned_end_on > m.ceiling OR m.ceiling - %(day)s <= %(ceiling_days)s"""


def _running() -> str:
    """The rules about the contracts that run on the day: weekly hours, signature, PASS IAE."""
    due = "c.started_on + (%(handover)s::int[])[EXTRACT(ISODOW FROM c.started_on)::int]"
    return f"""
        SELECT 'WEEKLY_HOURS_MIN', c.organisation_id, c.worker_id, c.id, NULL::bigint, c.started_on,
               {Severity.WARNING.value}, NULL::int,
               jsonb_build_object('weekly_hours', c.weekly_hours::float, 'min_hours', %(min_hours)s::float), c.started_on
        FROM running c
        WHERE c.kind = ANY(%(cddi)s) AND c.weekly_hours < %(min_hours)s
          AND NOT EXISTS (SELECT 1 FROM granted d WHERE d.kind = ANY(%(lift_hours)s)
                          AND (d.worker_id = c.worker_id OR d.worker_id IS NULL AND d.organisation_id = c.organisation_id))
        UNION ALL
        SELECT 'CONTRACT_UNSIGNED', c.organisation_id, c.worker_id, c.id, NULL::bigint, {due},
               {Severity.WARNING.value}, NULL::int, jsonb_build_object('started_on', c.started_on), {due} + 1
        FROM running c
        WHERE c.signed_on IS NULL AND %(day)s > {due}
        UNION ALL
        SELECT 'PASS_EXCEEDED', c.organisation_id, c.worker_id, c.id, NULL::bigint, p.ended_on,
               CASE WHEN p.ended_on - %(day)s <= {LADDER[1][0]} THEN {Severity.URGENT.value}
                    ELSE {Severity.WARNING.value} END, NULL::int,
               jsonb_build_object('planned_end_on', c.planned_end_on, 'number', p.number), c.started_on
        FROM running c JOIN valid p ON p.worker_id = c.worker_id
        WHERE c.needs_pass AND c.ended_on IS NULL AND c.kind = ANY(%(insertion_fixed_term)s)
          AND c.planned_end_on > p.ended_on
        UNION ALL
        SELECT 'MISSING_PASS', c.organisation_id, c.worker_id, c.id, NULL::bigint, c.started_on,
               {Severity.URGENT.value}, NULL::int, jsonb_build_object('started_on', c.started_on), c.started_on
        FROM running c
        WHERE c.needs_pass AND c.kind = ANY(%(insertion)s)
          AND NOT EXISTS (SELECT 1 FROM valid p WHERE p.worker_id = c.worker_id)"""


def _pass_end() -> str:
    severity, rung = _on_ladder("p.ended_on")
    return f"""
        SELECT 'PASS_END', p.organisation_id, p.worker_id, NULL::bigint, p.id, p.ended_on, {severity}, {rung},
               jsonb_build_object('number', p.number), GREATEST(p.started_on, p.ended_on - {FIRST_RUNG})
        FROM latest_pass p
        WHERE p.ended_on <= %(day)s + {FIRST_RUNG}"""


def _ai_480() -> str:
    """Windows of 24 months: the first opens with the first counted month, the next with the first one after it."""
    return f"""
        SELECT 'AI_480', x.organisation_id, x.worker_id, NULL::bigint, NULL::bigint, x.last,
               CASE WHEN x.hours >= %(cap)s THEN {Severity.OVERDUE.value}
                    WHEN x.hours >= %(alert_2)s THEN {Severity.URGENT.value} ELSE {Severity.WARNING.value} END,
               CASE WHEN x.hours >= %(cap)s THEN %(cap)s WHEN x.hours >= %(alert_2)s THEN %(alert_2)s
                    ELSE %(alert_1)s END,
               jsonb_build_object('hours', x.hours::float, 'cap', %(cap)s::int, 'window_start_on', x.first), x.first
        FROM (SELECT v.organisation_id, v.worker_id, v.first, v.last,
                     (SELECT sum(h.hours) FROM unnest(v.months, v.hours) h (month, hours)
                      WHERE h.month BETWEEN v.first AND v.last) AS hours
              FROM windows v WHERE %(day)s BETWEEN v.first AND v.last) x
        WHERE x.hours >= %(alert_1)s
          AND NOT EXISTS (SELECT 1 FROM granted d WHERE d.kind = ANY(%(lift_ai)s)
                          AND (d.worker_id = x.worker_id OR d.worker_id IS NULL AND d.organisation_id = x.organisation_id))"""


def _facts() -> str:
    """What the rules read, each table once: the contracts not long over, the chains of those that run, PASS, hours."""
    window = "(first + make_interval(months => %(window_months)s) - interval '1 day')::date"
    months = "(m.chain_started_on + make_interval(months => {0}) - interval '1 day')::date"
    return f"""
    WITH RECURSIVE scope AS MATERIALIZED (
        SELECT w.id, w.organisation_id, w.birth_date, o.kind AS structure,
               o.kind = ANY(%(pass_structures)s) AS needs_pass, o.kind = 'AI' AS association
        FROM parcours_worker w JOIN accounts_organisation o ON o.id = w.organisation_id
        WHERE %(worker)s::bigint IS NULL OR w.id = %(worker)s
    ), live AS MATERIALIZED (
        SELECT c.id, c.worker_id, c.kind, c.renews_id, c.signed_on, c.started_on, c.planned_end_on, c.ended_on,
               c.weekly_hours, c.sentence_adjustment, w.organisation_id, w.needs_pass, w.structure,
               COALESCE(c.ended_on, c.planned_end_on, 'infinity') AS last_day
        FROM contracts_contract c JOIN scope w ON w.id = c.worker_id
        WHERE COALESCE(c.ended_on, c.planned_end_on, 'infinity') >= %(day)s - %(overdue_days)s
    ), running AS (
        SELECT * FROM live WHERE started_on <= %(day)s AND last_day >= %(day)s
    ), granted AS MATERIALIZED (
        SELECT d.organisation_id, d.worker_id, d.kind FROM contracts_derogation d
        WHERE %(day)s BETWEEN d.started_on AND d.ended_on
    ), cddi AS (
        SELECT c.id, c.worker_id, c.renews_id, c.started_on, c.planned_end_on, c.ended_on, c.sentence_adjustment,
               w.organisation_id, w.birth_date, w.structure,
               LEAST(c.signed_on, c.started_on) BETWEEN %(crisis_first)s AND %(crisis_last)s AS in_crisis,
               max(COALESCE(c.ended_on, c.planned_end_on, 'infinity')) OVER earlier AS before
        FROM contracts_contract c JOIN scope w ON w.id = c.worker_id
        WHERE c.kind = ANY(%(cddi)s)
          AND c.worker_id IN (SELECT l.worker_id FROM live l WHERE l.kind = ANY(%(cddi)s) AND l.last_day >= %(day)s)
        WINDOW earlier AS (PARTITION BY c.worker_id ORDER BY c.started_on, c.id
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), numbered AS (
        SELECT *, count(*) FILTER (WHERE before IS NULL OR started_on > before + 1)
                  OVER (PARTITION BY worker_id ORDER BY started_on, id) AS chain FROM cddi
    ), chained AS MATERIALIZED (
        SELECT *, min(started_on) OVER (PARTITION BY worker_id, chain) AS chain_started_on,
               CASE WHEN bool_or(in_crisis) OVER (PARTITION BY worker_id, chain ORDER BY started_on, id)
                    THEN %(crisis_months)s ELSE %(max_months)s END AS months
        FROM numbered
    ), ceilings AS (
        SELECT m.*, reached.months AS max_months, reached.ends_on AS ceiling
        FROM chained m
        CROSS JOIN LATERAL (
            SELECT m.months, {months.format("m.months")} AS ends_on, 0 AS place
            UNION ALL
            SELECT m.months, d.ended_on, 1 FROM contracts_derogation d
            WHERE d.worker_id = m.worker_id AND d.kind = %(for_training)s AND d.started_on <= {months.format("m.months")}
            UNION ALL
            SELECT most.months, LEAST({months.format("most.months")}, d.ended_on), most.place
            FROM contracts_derogation d CROSS JOIN LATERAL (
                SELECT CASE WHEN d.kind = %(for_difficulties)s THEN %(difficulties_months)s
                            WHEN m.birth_date + make_interval(years => %(senior_age)s) <= d.started_on
                            THEN %(senior_months)s ELSE %(rqth_months)s END AS months,
                       CASE WHEN d.kind = %(for_difficulties)s THEN 3 ELSE 2 END AS place) most
            WHERE d.worker_id = m.worker_id
              AND (d.kind = %(for_senior)s OR d.kind = %(for_difficulties)s AND m.structure IN ('AI', 'ACI'))
            ORDER BY ends_on DESC, place LIMIT 1) reached
        WHERE m.ended_on IS NULL AND m.started_on <= %(day)s AND COALESCE(m.planned_end_on, %(day)s) >= %(day)s
    ), passes AS MATERIALIZED (
        SELECT p.id, p.worker_id, p.number, p.started_on, p.ended_on, w.organisation_id
        FROM parcours_passiae p JOIN scope w ON w.id = p.worker_id
        WHERE w.needs_pass
    ), valid AS (
        SELECT * FROM passes WHERE started_on <= %(day)s AND ended_on >= %(day)s
    ), accompanied AS MATERIALIZED (
        SELECT t.worker_id, t.started_on FROM parcours_pathway t
        WHERE t.ended_on IS NULL AND t.started_on <= %(day)s
          AND (%(worker)s::bigint IS NULL OR t.worker_id = %(worker)s)
    ), latest_pass AS (
        SELECT DISTINCT ON (p.worker_id) p.* FROM passes p JOIN accompanied t ON t.worker_id = p.worker_id
        ORDER BY p.worker_id, p.ended_on DESC
    ), counted AS (
        SELECT w.organisation_id, c.worker_id, m.month, sum(m.paid_hours) AS hours
        FROM contracts_assignment a
        JOIN contracts_contract c ON c.id = a.contract_id JOIN scope w ON w.id = c.worker_id AND w.association
        JOIN contracts_workedmonth m ON m.assignment_id = a.id
        WHERE a.client_kind = ANY(%(counted_clients)s) AND m.paid_hours > 0 AND m.month <= %(day)s
        GROUP BY 1, 2, 3
    ), counters AS (
        SELECT organisation_id, worker_id, min(month) AS first, array_agg(month) AS months, array_agg(hours) AS hours
        FROM counted GROUP BY 1, 2
        HAVING max(month) > %(day)s - make_interval(months => %(window_months)s)
    ), windows AS (
        SELECT *, {window} AS last FROM counters
        UNION ALL
        SELECT v.organisation_id, v.worker_id, n.first, v.months, v.hours, {window.replace("first", "n.first")}
        FROM windows v CROSS JOIN LATERAL (SELECT min(m) AS first FROM unnest(v.months) m WHERE m > v.last) n
        WHERE n.first IS NOT NULL
    )"""


def _wanted() -> str:
    return f"""{_contract_end()} UNION ALL {_cddi()} UNION ALL {_running()} UNION ALL {_pass_end()} UNION ALL {_ai_480()}"""


def _statement() -> str:
    """The wanted flags are compared with those that are kept; only what differs is written."""
    same = """f.code = n.code AND f.worker_id = n.worker_id AND f.due_on = n.due_on
              AND f.contract_id IS NOT DISTINCT FROM n.contract_id AND f.pass_iae_id IS NOT DISTINCT FROM n.pass_iae_id"""
    return f"""
    {_facts()}, wanted ({_COLUMNS}) AS MATERIALIZED ({_wanted()}), compared AS (
        SELECT n.*, f.id AS known FROM wanted n LEFT JOIN contracts_flag f ON {same}
        WHERE f.id IS NULL OR (f.severity, f.rung, f.facts, f.opened_on, f.closed_on)
                              IS DISTINCT FROM (n.severity, n.rung, n.facts, n.opened_on, NULL)
    ), opened AS (
        INSERT INTO contracts_flag ({_COLUMNS}) SELECT {_COLUMNS} FROM compared WHERE known IS NULL
        RETURNING code, severity
    ), changed AS (
        UPDATE contracts_flag f SET severity = n.severity, rung = n.rung, facts = n.facts, opened_on = n.opened_on,
                                    closed_on = NULL
        FROM compared n WHERE f.id = n.known
        RETURNING f.code, f.severity
    ), closed AS (
        UPDATE contracts_flag f SET closed_on = %(day)s
        WHERE f.closed_on IS NULL AND (%(worker)s::bigint IS NULL OR f.worker_id = %(worker)s)
          AND NOT EXISTS (SELECT 1 FROM wanted n WHERE {same})
        RETURNING f.code, f.severity
    )
    SELECT what, code, severity, count(*) FROM (
        SELECT 'opened' AS what, * FROM opened UNION ALL SELECT 'changed', * FROM changed
        UNION ALL SELECT 'closed', * FROM closed) done GROUP BY 1, 2, 3"""


def _parameters(day: date, worker_id: int | None) -> dict[str, Any]:
    """Every number of the statement, from the law in force on the day."""
    law = law_on(day)
    crisis = parameters()["cddi.max_months.crise_sanitaire"]
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
        "settling": [Decision.Kind.END.value],
        "lift_hours": codes("derogation_kind", lifts="weekly_hours"),
        "lift_ai": codes("derogation_kind", lifts="private_hours"),
        "for_training": "training",
        "for_senior": "senior_rqth",
        "for_difficulties": "difficulties",
        "crisis_first": crisis.values[0].since,
        "crisis_last": crisis.until,
        "crisis_months": crisis.values[0].value,
        "difficulties_months": law.whole("cddi.max_months.difficultes"),
        "senior_age": law.whole("senior.age"),
        "senior_months": law.whole("cddi.max_months.senior"),
        "rqth_months": law.whole("cddi.max_months.rqth"),
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
        if worker_id is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        else:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, worker_id % 2**31])
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
