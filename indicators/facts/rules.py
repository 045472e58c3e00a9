# ruff: noqa: S608 - the only variable parts of these statements are names written here
"""The common rules of the reference (§2.1) in SQL: terms of a contract at a cut, chains (H), active workers (A) and their
main contract (X)."""

from audit.history import event_table
from contracts.models import Contract


def _terms_before(field: str) -> str:
    """SELECT of (contract_id, field) as they stood before the first amendment of that field was recorded.

    A contract recorded together with its amendment shows its first state.
    """
    return f"""
    SELECT DISTINCT ON (f.contract_id) f.contract_id, e.{field}
    FROM (SELECT contract_id, min(recorded_at) AS recorded_at FROM fact_amendment
          WHERE {field} IS NOT NULL GROUP BY contract_id) f
    JOIN {event_table(Contract)} e ON e.pgh_obj_id = f.contract_id AND e.pgh_created_at <= %(known_at)s
    ORDER BY f.contract_id, (e.pgh_created_at < f.recorded_at) DESC,
        CASE WHEN e.pgh_created_at < f.recorded_at THEN -e.pgh_id ELSE e.pgh_id END
    """


def _term_at(field: str, counts_from: str, at: str = "t.at") -> str:
    """The value of a term at a cut: the contract's own when no later amendment changed it."""
    return f"""
    CASE WHEN NOT EXISTS (
        SELECT FROM fact_amendment a
        WHERE a.contract_id = c.contract_id AND a.{field} IS NOT NULL AND a.{counts_from} > {at}
    ) THEN c.{field}
    ELSE COALESCE((
        SELECT a.{field} FROM fact_amendment a
        WHERE a.contract_id = c.contract_id AND a.{field} IS NOT NULL AND a.{counts_from} <= {at}
        ORDER BY a.{counts_from} DESC, a.amendment_id DESC LIMIT 1
    ), before_{field}.{field}) END
    """


# An end counts from the day it was signed (SEC-01: a later signature never improves the past); a rate of pay counts from
# the day it takes effect (REM-01: pay corrections belong to the day worked).
TERMS = f"""
CREATE TEMP TABLE fact_terms ON COMMIT DROP AS
SELECT t.at, c.contract_id,
    {_term_at("planned_end_on", "signed_on")} AS planned_end_on,
    {_term_at("hourly_gross", "effective_on")} AS hourly_gross
FROM fact_cut t
CROSS JOIN fact_contract c
LEFT JOIN ({_terms_before("planned_end_on")}) before_planned_end_on USING (contract_id)
LEFT JOIN ({_terms_before("hourly_gross")}) before_hourly_gross USING (contract_id)
WHERE c.contract_id IN (SELECT contract_id FROM fact_amendment)
"""

# The rate in force at the start of each month of an amended contract (REM-01).
MONTH_RATES = f"""
CREATE TEMP TABLE fact_month_rate ON COMMIT DROP AS
SELECT m.contract_id, m.month, {_term_at("hourly_gross", "effective_on", "greatest(m.month, c.started_on)")} AS hourly_gross
FROM fact_month m JOIN fact_contract c USING (contract_id)
LEFT JOIN ({_terms_before("hourly_gross")}) before_hourly_gross USING (contract_id)
WHERE c.contract_id IN (SELECT contract_id FROM fact_amendment WHERE hourly_gross IS NOT NULL)
"""

# Rule H, twice: what is sure at the cut, and the most that may be (an unknown end is far, an undated signature was given).
# A contract reaches its effective end, or the day before the contract that renews it. A broken contract that another one
# followed counts up to its break, otherwise up to its planned end.
CHAINS = """
CREATE TEMP TABLE fact_chain ON COMMIT DROP AS
WITH seen AS (
    SELECT p.p1 AS at, m.worker_id
    FROM fact_period p JOIN fact_span s USING (period_no) JOIN fact_month m ON m.month = s.month
    JOIN fact_contract c USING (contract_id) WHERE c.securing = 1
    UNION
    SELECT m.at, m.worker_id FROM fact_cut k JOIN fact_main m USING (at) JOIN fact_contract c USING (contract_id)
    WHERE k.yearly AND m.sure AND c.securing = 1
), term AS (
    SELECT s.at, c.worker_id, c.contract_id, c.renews_id, c.started_on,
        CASE WHEN c.ended_on <= s.at THEN c.ended_on END AS ended_on,
        CASE WHEN c.open_ended THEN 'infinity'
             WHEN t.contract_id IS NOT NULL THEN t.planned_end_on
             ELSE c.planned_end_on END AS planned_end_on,
        c.signed_on IS NOT NULL OR c.started_on <= s.at AS signed
    FROM seen s
    JOIN fact_contract c USING (worker_id)
    LEFT JOIN fact_terms t ON t.at = s.at AND t.contract_id = c.contract_id
    WHERE c.signed_on <= s.at OR c.signed_on IS NULL
), doubtful AS (
    SELECT DISTINCT at, worker_id FROM term WHERE NOT signed OR planned_end_on IS NULL
), reading AS (
    SELECT true AS sure, at, worker_id, contract_id, renews_id, started_on, ended_on,
        COALESCE(ended_on, planned_end_on, started_on) AS reaches,
        COALESCE(planned_end_on, ended_on, started_on) AS planned_end_on
    FROM term WHERE signed
    UNION ALL
    SELECT false, at, worker_id, contract_id, renews_id, started_on, ended_on,
        COALESCE(ended_on, planned_end_on, 'infinity'), COALESCE(planned_end_on, 'infinity')
    FROM term JOIN doubtful USING (at, worker_id)
), renewal AS (
    SELECT sure, at, renews_id AS contract_id, max(started_on) - 1 AS day_before
    FROM reading WHERE renews_id IS NOT NULL GROUP BY sure, at, renews_id
), opening AS (
    SELECT r.*, CASE WHEN r.started_on > 1 + max(greatest(r.reaches, n.day_before)) OVER (
        PARTITION BY r.sure, r.at, r.worker_id ORDER BY r.started_on, r.contract_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 1 ELSE 0 END AS opens
    FROM reading r LEFT JOIN renewal n USING (sure, at, contract_id)
), numbered AS (
    SELECT *, sum(opens) OVER (PARTITION BY sure, at, worker_id ORDER BY started_on, contract_id) AS chain FROM opening
), bounded AS (
    SELECT *, min(started_on) OVER c AS chain_start, max(started_on) OVER c AS last_start
    FROM numbered WINDOW c AS (PARTITION BY sure, at, worker_id, chain)
), measured AS (
    SELECT *, max(CASE WHEN ended_on < last_start THEN ended_on ELSE planned_end_on END) OVER (
        PARTITION BY sure, at, worker_id, chain) AS chain_until
    FROM bounded
)
SELECT at, contract_id,
    min(chain_start) FILTER (WHERE sure) AS sure_start, min(chain_until) FILTER (WHERE sure) AS sure_until,
    min(chain_start) FILTER (WHERE NOT sure) AS maybe_start, min(chain_until) FILTER (WHERE NOT sure) AS maybe_until
FROM measured GROUP BY at, contract_id
"""

# Rules A and X in the month of each cut. `contract_id` is null when it is not known whether the person was paid at all;
# `sure` is false when another contract of the month has unknown hours and could be the main one.
MAIN = """
CREATE TEMP TABLE fact_main ON COMMIT DROP AS
WITH ranked AS (
    SELECT p.at, m.*, c.securing, c.started_on,
        sum(m.hours) OVER w AS worker_hours, bool_or(m.missing) OVER w AS any_missing, count(*) OVER w AS contracts,
        row_number() OVER (PARTITION BY p.at, m.worker_id ORDER BY m.hours DESC, c.securing DESC NULLS LAST,
            c.started_on, m.contract_id) AS rank
    FROM fact_cut p
    JOIN fact_month m USING (month)
    JOIN fact_contract c USING (contract_id)
    WINDOW w AS (PARTITION BY p.at, m.worker_id)
)
SELECT at, worker_id, organisation_id, worker_hours AS hours,
    CASE WHEN worker_hours >= 1 THEN contract_id END AS contract_id,
    worker_hours >= 1 AND NOT (any_missing AND contracts > 1) AS sure
FROM ranked WHERE rank = 1 AND (worker_hours >= 1 OR any_missing)
"""

# Rule A's months: every cut of a period, the same month a year before (SEC-03), and each month of a year (SEC-01). All are
# ends of months; `yearly` are those of years.
CUTS = """
CREATE TEMP TABLE fact_cut ON COMMIT DROP AS
SELECT at, month, bool_or(yearly) AS yearly FROM (
    SELECT p1 AS at, month, false AS yearly FROM fact_period
    UNION ALL SELECT before, date_trunc('month', before::timestamp)::date, false FROM fact_period
    UNION ALL SELECT (s.month + interval '1 month')::date - 1, s.month, true
        FROM fact_span s JOIN fact_period p USING (period_no) WHERE p.yearly
) c GROUP BY at, month
"""

# What a person was paid in a month, all her contracts together.
PERSON_MONTHS = """
CREATE TEMP TABLE fact_person_month ON COMMIT DROP AS
SELECT worker_id, organisation_id, month, sum(hours) AS hours, bool_or(missing) AS missing, sum(pay) AS pay,
    bool_or(pay_missing) AS pay_missing, sum(days) AS days,
    CASE WHEN bool_or(days_missing) THEN (month + interval '1 month')::date - month ELSE sum(days) END AS most_days
FROM fact_month GROUP BY worker_id, organisation_id, month
"""

# The look-backs of each period, once for all the indicators that need one.
WINDOWS = """
CREATE TEMP TABLE fact_window ON COMMIT DROP AS
SELECT p.period_no, m.worker_id,
    sum(m.hours) FILTER (WHERE m.month >= p.three_months) AS hours_3,
    bool_or(m.missing) FILTER (WHERE m.month >= p.three_months) AS missing_3,
    sum(m.hours) FILTER (WHERE m.month >= p.three_months AND m.hours >= 1) AS active_hours_3,
    count(*) FILTER (WHERE m.month >= p.three_months AND m.hours >= 1) AS active_3,
    sum(m.pay) FILTER (WHERE m.month >= p.six_months) AS pay_6,
    bool_or(m.pay_missing) FILTER (WHERE m.month >= p.six_months) AS pay_missing_6,
    sum(m.hours) FILTER (WHERE m.month >= p.insured_since) AS insured_hours,
    sum(m.days) FILTER (WHERE m.month >= p.insured_since) AS insured_days,
    sum(m.most_days) FILTER (WHERE m.month >= p.insured_since) AS insured_most,
    bool_or(m.missing) FILTER (WHERE m.month >= p.insured_since) AS insured_missing,
    sum(m.hours) FILTER (WHERE m.month >= p.senior_since) AS senior_hours,
    sum(m.days) FILTER (WHERE m.month >= p.senior_since) AS senior_days,
    sum(m.most_days) FILTER (WHERE m.month >= p.senior_since) AS senior_most,
    bool_or(m.missing) FILTER (WHERE m.month >= p.senior_since) AS senior_missing
FROM fact_period p JOIN fact_person_month m ON m.month <= p.month
    AND m.month >= least(p.six_months, p.insured_since, p.senior_since)
GROUP BY p.period_no, m.worker_id
"""

# Months in which a person was in a pathway a day at least; `suspended` when illness, an accident or parental leave held
# all of it (CON-03).
EXPOSED = """
CREATE TEMP TABLE fact_exposed ON COMMIT DROP AS
WITH month AS (
    SELECT DISTINCT w.worker_id, w.organisation_id, g::date AS month
    FROM fact_pathway w
    CROSS JOIN (SELECT min(least(since, p0)) AS first, max(p1) AS last FROM fact_period) b
    CROSS JOIN generate_series(date_trunc('month', greatest(w.started_on, b.first)::timestamp),
        least(w.until, b.last)::timestamp, interval '1 month') g
)
SELECT m.*, EXISTS (
    SELECT FROM fact_suspension s WHERE s.worker_id = m.worker_id AND s.reason IN ('illness', 'accident', 'parental')
        AND s.started_on <= m.month AND s.ends_on >= (m.month + interval '1 month')::date - 1) AS suspended
FROM month m
"""

# Rule H over the days really worked under contract. A spell goes on while contracts overlap or renew one another; a
# relationship also bridges gaps. Contracts are taken by start, so what had started by a cut is a prefix of each.
LINKS = """
CREATE TEMP TABLE fact_link ON COMMIT DROP AS
WITH renewal AS (
    SELECT renews_id AS contract_id, max(started_on) AS day FROM fact_contract WHERE renews_id IS NOT NULL GROUP BY 1
), reach AS (
    SELECT c.contract_id, c.worker_id, c.started_on, max(greatest(c.ends_on, n.day)) OVER (
        PARTITION BY c.worker_id ORDER BY c.started_on, c.contract_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM fact_contract c LEFT JOIN renewal n USING (contract_id)
), opening AS (
    SELECT *, CASE WHEN started_on > reached THEN 1 ELSE 0 END AS opens_spell,
        CASE WHEN reached < 'infinity' AND started_on > reached + (SELECT max(gap_days)::int FROM fact_period) THEN 1 ELSE 0 END
            AS opens_relation
    FROM reach
)
SELECT contract_id, worker_id, sum(opens_spell) OVER o AS spell, sum(opens_relation) OVER o AS relation
FROM opening WINDOW o AS (PARTITION BY worker_id ORDER BY started_on, contract_id)
"""

# Every departure, with the hours paid over the pathway where the State counts them (SOR-01, scope asp_2014).
LEAVING = """
CREATE TEMP TABLE fact_leaving ON COMMIT DROP AS
WITH leaving AS (
    SELECT w.pathway_id, w.worker_id, w.organisation_id, w.started_on, COALESCE(x.exited_on, w.ended_on) AS left_on,
        x.exit_id, NULLIF(x.outcome, '') AS outcome, x.contract_months, x.qualification, n.class AS outcome_class, o.kind
    FROM fact_pathway w
    JOIN fact_organisation o USING (organisation_id)
    LEFT JOIN fact_exit x USING (pathway_id)
    LEFT JOIN fact_outcome n ON n.outcome = x.outcome
    WHERE COALESCE(x.exited_on, w.ended_on) IS NOT NULL
), paid AS (
    SELECT l.pathway_id, sum(m.hours) AS hours,
        bool_or(m.missing) AS missing
    FROM leaving l JOIN fact_month m ON m.worker_id = l.worker_id
        AND m.month >= date_trunc('month', l.started_on::timestamp) AND m.month <= l.left_on
    WHERE l.kind IN ('AI', 'ETTI')
    GROUP BY l.pathway_id
)
SELECT l.*, COALESCE(h.hours, 0) AS hours, h.missing FROM leaving l LEFT JOIN paid h USING (pathway_id)
"""

# Whether the State counts a departure (null: its hours are not known), and the class of its outcome, on a period's law.
IN_SCOPE = """CASE
    WHEN {0}.kind NOT IN ('AI', 'ETTI') THEN {0}.left_on + 1 >= {0}.started_on + make_interval(months => {1}.exit_months::int)
    WHEN {0}.hours >= {1}.exit_hours THEN true
    WHEN {0}.missing THEN NULL
    ELSE false END"""
OUTCOME_CLASS = """CASE
    WHEN {0}.outcome_class IS DISTINCT FROM 'by_duration' THEN {0}.outcome_class
    WHEN {0}.contract_months IS NULL THEN 'job_of_unknown_length'
    WHEN {0}.contract_months >= {1}.durable_months THEN 'durable' ELSE 'transition' END"""

# The last departure of each person in each period, unless she came back soon after.
LEAVERS = f"""
CREATE TEMP TABLE fact_leaver ON COMMIT DROP AS
SELECT DISTINCT ON (p.period_no, l.worker_id) p.period_no, l.*, {IN_SCOPE.format("l", "p")} AS in_scope,
    {OUTCOME_CLASS.format("l", "p")} AS class
FROM fact_period p JOIN fact_leaving l ON l.left_on BETWEEN p.p0 AND p.p1
WHERE NOT EXISTS (
    SELECT FROM fact_pathway b WHERE b.worker_id = l.worker_id AND b.pathway_id <> l.pathway_id
        AND b.started_on > l.left_on AND b.started_on <= l.left_on + p.reentry_days::int)
ORDER BY p.period_no, l.worker_id, l.left_on DESC, l.pathway_id DESC
"""

# Days of pathway of each person: in the period, in the last twelve months, since her entry; up to the cut.
PATHWAY_DAYS = """
CREATE TEMP TABLE fact_presence ON COMMIT DROP AS
SELECT p.period_no, w.worker_id, w.organisation_id,
    sum(greatest(least(w.until, p.p1) - greatest(w.started_on, p.p0) + 1, 0)) AS days,
    sum(greatest(least(w.until, p.p1) - greatest(w.started_on, p.since) + 1, 0)) AS year_days,
    sum(least(w.until, p.p1) - w.started_on + 1) AS all_days,
    max(w.pathway_id) FILTER (WHERE w.until >= p.p1) AS pathway_id,
    max(w.started_on) FILTER (WHERE w.until >= p.p1) AS entered_on,
    max(w.started_on) AS last_entry
FROM fact_period p JOIN fact_pathway w ON w.started_on <= p.p1
GROUP BY p.period_no, w.worker_id, w.organisation_id
HAVING max(w.until) >= min(least(p.since, p.p0))
"""
