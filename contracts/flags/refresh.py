"""All flags of all structures, set-based.

Each rule of law/rules.yaml is a SELECT of what is wanted on a day (contracts.flags.rules). What is kept is compared with it: the new ones
are inserted, those whose rung or facts moved are updated, those no longer true are closed, and nothing else is touched. The pure
functions of law.findings are the same rules one person at a time; tests/reference/flags.py compares the two.
"""
# ruff: noqa: S608 - the statement is made of constants of this module; every value is a parameter

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from contracts.facts import VISIT
from contracts.flags.rules import COLUMNS, wanted
from contracts.models import Decision, Flag
from law import cdi_inclusion, law_on
from law.dates import working_days_after
from law.formalities import NOT_EMPLOYMENT
from law.nomenclature import codes, label, signed_by
from law.parameters_at import Law, parameters

LOCK = 480_024  # the night goes alone: a second one waits and then finds nothing to do; people's refreshes go together


def _facts() -> str:
    """What the rules read, each table once: the contracts not long over, the chains of those that run, PASS, hours."""
    window = "(first + make_interval(months => %(window_months)s) - interval '1 day')::date"
    months = "(m.chain_started_on + make_interval(months => {0}) - interval '1 day')::date"
    return f"""
    WITH RECURSIVE scope AS NOT MATERIALIZED (
        SELECT w.id, w.organisation_id, w.birth_date, w.disabled_worker, o.kind AS structure,
               o.kind = ANY(%(pass_structures)s) AS needs_pass, o.kind = 'AI' AS association
        FROM parcours_worker w JOIN accounts_organisation o ON o.id = w.organisation_id
        WHERE %(worker)s::bigint IS NULL OR w.id = %(worker)s
    ), live AS MATERIALIZED (
        SELECT c.id, c.worker_id, c.kind, c.renews_id, c.signed_on, c.started_on, c.planned_end_on, c.ended_on,
               c.weekly_hours, c.sentence_adjustment, w.organisation_id, w.needs_pass, w.structure, w.birth_date,
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
               LEAST(c.signed_on, c.started_on) BETWEEN %(crisis_first)s AND %(crisis_last)s AS in_crisis,
               max(COALESCE(c.ended_on, c.planned_end_on, 'infinity')) OVER earlier AS before
        FROM contracts_contract c
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
        SELECT m.*, l.organisation_id, reached.months AS max_months, reached.ends_on AS ceiling
        FROM chained m JOIN live l ON l.id = m.id
        CROSS JOIN LATERAL (
            SELECT m.months, {months.format("m.months")} AS ends_on, 0 AS place
            UNION ALL
            SELECT m.months, d.ended_on, 1 FROM contracts_derogation d
            WHERE d.worker_id = m.worker_id AND d.kind = %(for_training)s AND d.started_on <= {months.format("m.months")}
            UNION ALL
            SELECT most.months, LEAST({months.format("most.months")}, d.ended_on), most.place
            FROM contracts_derogation d CROSS JOIN LATERAL (
                SELECT CASE WHEN d.kind = %(for_difficulties)s THEN %(difficulties_months)s
                            WHEN l.birth_date + make_interval(years => %(senior_age)s) <= d.started_on
                            THEN %(senior_months)s ELSE %(rqth_months)s END AS months,
                       CASE WHEN d.kind = %(for_difficulties)s THEN 3 ELSE 2 END AS place) most
            WHERE d.worker_id = m.worker_id
              AND (d.kind = %(for_senior)s OR d.kind = %(for_difficulties)s AND l.structure IN ('AI', 'ACI'))
            ORDER BY ends_on DESC, place LIMIT 1) reached
        WHERE m.ended_on IS NULL AND m.started_on <= %(day)s AND COALESCE(m.planned_end_on, %(day)s) >= %(day)s
    ), passes AS NOT MATERIALIZED (
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


def _writing() -> str:
    """The flags of `wanted` are compared with those that are kept; only what differs is written."""
    same = """f.code = n.code AND f.worker_id = n.worker_id AND f.due_on = n.due_on
              AND f.contract_id IS NOT DISTINCT FROM n.contract_id AND f.pass_iae_id IS NOT DISTINCT FROM n.pass_iae_id"""
    return f"""
    compared AS (
        SELECT n.*, f.id AS known FROM wanted n LEFT JOIN contracts_flag f ON {same}
        WHERE f.id IS NULL OR (f.severity, f.rung, f.facts, f.opened_on, f.closed_on)
                              IS DISTINCT FROM (n.severity, n.rung, n.facts, n.opened_on, NULL)
    ), opened AS (
        INSERT INTO contracts_flag ({COLUMNS}) SELECT {COLUMNS} FROM compared WHERE known IS NULL
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
        **_work_parameters(law),
        **_pathway_parameters(law),
    }


def _work_parameters(law: Law) -> dict[str, Any]:
    """Of the rules on trial, medical visit, missions and immersions."""
    untried = NOT_EMPLOYMENT | {"APPRENTICESHIP"}
    return {
        "open_ended": codes("contract_kind", open_ended=True),
        "tried": [code for code in codes("contract_kind") if code not in untried],
        "not_employment": sorted(NOT_EMPLOYMENT),
        "trial_alert_days": law.whole("trial.alert_days"),
        "trial_notice_days": law.whole("trial.notice_hours.8_days") // 24,
        "trial_months": law.whole("trial.permanent_months.worker"),
        "trial_mission": [law.whole(f"trial.mission_days.{length}") for length in ("1_month", "2_months", "longer")],
        "trial_limit": law.whole("trial.short_limit_months"),
        "trial_short": law.whole("trial.short_max_days"),
        "trial_long": law.whole("trial.long_max_months"),
        "visit": VISIT,
        "visit_months": law.whole("medical_visit.months"),
        "visit_months_ai": law.whole("ai.medical_visit_months"),
        "visit_alert_days": law.whole("medical_visit.alert_days"),
        "visit_overdue_days": law.whole("medical_visit.overdue_days"),
        "mission_months": law.whole("etti.mission_max_months"),
        "cdi_i_mission_months": law.whole("cdi_i.mission_max_months"),
        "immersion_months": law.whole("pmsmp.max_months.law"),
        "immersion_host_days": law.whole("pmsmp.max_days_same_host_12m"),
        "immersion_share": law.amount("pmsmp.max_share_of_contract"),
        "immersion_alert_days": law.whole("pmsmp.end_alert_days"),
        "immersion_overdue_days": law.whole("pmsmp.result_overdue_days"),
    }


def _pathway_parameters(law: Law) -> dict[str, Any]:
    """Of the rules on the CDI inclusion and the life of the PASS IAE."""
    return {
        "insertion_open_ended": codes("contract_kind", insertion=True, open_ended=True),
        "cdi_i_structures": list(signed_by(cdi_inclusion.KIND)),
        "cdi_i_age": law.whole("cdi_i.min_age"),
        "cdi_i_months": law.whole("cdi_i.min_pathway_months"),
        "suspension_months": law.whole("suspension.end_possible_months.law"),
        "prolongation_opens": law.whole("prolongation.opens_months_before_end"),
        "prolongation_closes": law.whole("prolongation.closes_months_after_end"),
        "senior_cap": law.whole("prolongation.senior.cumulative_days"),
        "rqth_cap": law.whole("prolongation.rqth.cumulative_days"),
        "reason_cdi": label("prolongation_reason", "senior_cdi"),
        "reason_senior": label("prolongation_reason", "senior"),
        "reason_rqth": label("prolongation_reason", "rqth"),
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
    given = _parameters(day, worker_id)
    with transaction.atomic(), connection.cursor() as cursor:
        if worker_id is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
            # Apart: PostgreSQL shares reading among processes, but not in a statement that writes.
            cursor.execute("DROP TABLE IF EXISTS pg_temp.wanted")  # of another refresh of the same transaction
            cursor.execute(f"CREATE TEMP TABLE wanted ({COLUMNS}) ON COMMIT DROP AS {_facts()} {wanted()}", given)
            cursor.execute(f"WITH {_writing()}", given)
        else:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, worker_id % 2**31])
            cursor.execute(f"{_facts()}, wanted ({COLUMNS}) AS MATERIALIZED ({wanted()}), {_writing()}", given)
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
