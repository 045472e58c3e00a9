"""Exits: SOR-01, in the scope asp_2014. Unknown exits count as not dynamic in the value, and widen its bounds."""

from indicators.measures.shape import Counts, Figure, Measure, ratio, text, wilson

LINES = ("durable", "transition", "job_of_unknown_length", "positive", "other", "unknown")

SOR_01_UNITS = """
WITH leaving AS (
    SELECT w.*, x.outcome, x.contract_months, COALESCE(x.exited_on, w.ended_on) AS left_on
    FROM fact_pathway w LEFT JOIN fact_exit x USING (pathway_id)
    WHERE COALESCE(x.exited_on, w.ended_on) IS NOT NULL
), last_exit AS (
    SELECT DISTINCT ON (p.period_no, l.worker_id) p.*, l.*
    FROM fact_period p JOIN leaving l ON l.left_on BETWEEN p.p0 AND p.p1
    WHERE NOT EXISTS (
        SELECT FROM fact_pathway b WHERE b.worker_id = l.worker_id AND b.pathway_id <> l.pathway_id
            AND b.started_on > l.left_on AND b.started_on <= l.left_on + p.reentry_days::int)
    ORDER BY p.period_no, l.worker_id, l.left_on DESC, l.pathway_id DESC
), classed AS (
    SELECT e.*, o.kind,
        CASE WHEN n.class IS DISTINCT FROM 'by_duration' THEN n.class
             WHEN e.contract_months IS NULL THEN 'job_of_unknown_length'
             WHEN e.contract_months >= e.durable_months THEN 'durable' ELSE 'transition' END AS class
    FROM last_exit e
    JOIN fact_organisation o USING (organisation_id)
    LEFT JOIN fact_outcome n ON n.outcome = e.outcome
), paid AS (
    SELECT e.period_no, e.worker_id, sum(m.hours) AS hours,
        bool_or(m.missing AND m.declared) OR NOT bool_or(m.declared) AS missing
    FROM classed e JOIN fact_month m ON m.worker_id = e.worker_id
        AND m.month >= date_trunc('month', e.started_on::timestamp) AND m.month <= e.left_on
    WHERE e.kind IN ('AI', 'ETTI')
    GROUP BY e.period_no, e.worker_id
), scoped AS (
    SELECT e.*, h.hours, CASE
        WHEN e.kind NOT IN ('AI', 'ETTI')
            THEN e.left_on + 1 >= e.started_on + make_interval(months => e.exit_months::int)
        WHEN COALESCE(h.hours, 0) >= e.exit_hours THEN true
        WHEN h.missing THEN NULL
        ELSE false END AS in_scope
    FROM classed e LEFT JOIN paid h USING (period_no, worker_id)
)
SELECT organisation_id, period_no, worker_id, pathway_id AS item, 1::numeric AS weight,
    CASE WHEN in_scope IS NULL OR class IS NULL THEN NULL
         WHEN class = 'other' THEN 0 ELSE 1 END::numeric AS amount,
    CASE WHEN in_scope IS NULL THEN 'hours' WHEN class IS NULL THEN 'outcome' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', started_on, left_on, COALESCE(NULLIF(outcome, ''), '?'), contract_months, 'hours', hours) AS detail,
    CASE WHEN in_scope THEN COALESCE(class, 'unknown') ELSE 'unknown' END AS class
FROM scoped WHERE in_scope IS NOT FALSE AND class IS DISTINCT FROM 'withdrawn'
"""


def _sor_01(counts: Counts) -> Figure:
    k = counts.k or 0
    lines = {line: int(counts.also.get(line) or 0) for line in LINES}
    return Figure(
        value=ratio(k, counts.eligible),
        low=ratio(k, counts.eligible),
        high=ratio(k + counts.unknown, counts.eligible),
        parts={
            **{line: str(count) for line, count in lines.items()},
            "durable_rate": text(ratio(lines["durable"], counts.eligible)),
            "known_only": text(ratio(counts.k, counts.known)),
            "wilson": wilson(counts.k if counts.k is not None else counts.known, counts.eligible),
        },
    )


SOR_01 = Measure(
    units=SOR_01_UNITS,
    finish=_sor_01,
    also={line: f"count(*) FILTER (WHERE class = '{line}')" for line in LINES},
)
