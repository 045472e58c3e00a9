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


def _term_at(field: str, counts_from: str) -> str:
    """The value of a term at the cut `t.at`: the contract's own when no later amendment changed it."""
    return f"""
    CASE WHEN NOT EXISTS (
        SELECT FROM fact_amendment a
        WHERE a.contract_id = c.contract_id AND a.{field} IS NOT NULL AND a.{counts_from} > t.at
    ) THEN c.{field}
    ELSE COALESCE((
        SELECT a.{field} FROM fact_amendment a
        WHERE a.contract_id = c.contract_id AND a.{field} IS NOT NULL AND a.{counts_from} <= t.at
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
FROM (SELECT DISTINCT p1 AS at FROM fact_period) t
CROSS JOIN fact_contract c
LEFT JOIN ({_terms_before("planned_end_on")}) before_planned_end_on USING (contract_id)
LEFT JOIN ({_terms_before("hourly_gross")}) before_hourly_gross USING (contract_id)
WHERE c.contract_id IN (SELECT contract_id FROM fact_amendment)
"""

# Rule H, twice: what is sure at the cut, and the most that may be (an unknown end is far, an undated signature was given).
# A contract reaches its effective end, or the day before the contract that renews it. A broken contract that another one
# followed counts up to its break, otherwise up to its planned end.
CHAINS = """
CREATE TEMP TABLE fact_chain ON COMMIT DROP AS
WITH seen AS (
    SELECT DISTINCT p.p1 AS at, m.worker_id
    FROM fact_period p JOIN fact_span s USING (period_no) JOIN fact_month m ON m.month = s.month
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
    FROM (SELECT DISTINCT p1 AS at, month FROM fact_period) p
    JOIN fact_month m USING (month)
    JOIN fact_contract c USING (contract_id)
    WINDOW w AS (PARTITION BY p.at, m.worker_id)
)
SELECT at, worker_id, organisation_id, worker_hours AS hours,
    CASE WHEN worker_hours >= 1 THEN contract_id END AS contract_id,
    worker_hours >= 1 AND NOT (any_missing AND contracts > 1) AS sure
FROM ranked WHERE rank = 1 AND (worker_hours >= 1 OR any_missing)
"""
