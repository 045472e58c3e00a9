"""Access to rights: ACC-01. The diagnosis rate stands beside it: the denominator grows with diligence."""

from dataclasses import replace

from indicators.measures.shape import Counts, Figure, Measure, plain, share

# A step counts by its dates, so that T decides; its state only says why it was closed. Closed steps leave the denominator
# from the day they were closed; closed on an unknown day, they are unknown. A lapsed right is due and not open.
ACC_01_UNITS = """
WITH present AS (
    SELECT p.period_no, p.p1, p.non_take_up_days::int AS late_days, w.*
    FROM fact_period p
    JOIN fact_pathway w ON w.started_on <= p.p1 AND COALESCE(w.ended_on, 'infinity') >= p.p1
), step AS (
    SELECT w.organisation_id, w.period_no, w.worker_id, s.step_id, s.right_code, s.state,
        s.triggered_on, s.opened_on, s.expires_on, s.closed_on,
        s.opened_on <= w.p1 AND COALESCE(s.expires_on, 'infinity') >= w.p1 AND (s.state <> 'lapsed'
            OR s.closed_on > w.p1) AS open,
        s.state IN ('refused', 'not_concerned', 'declined') AS closed,
        s.closed_on <= w.p1 AS closed_by_then,
        CASE WHEN s.triggered_on + w.late_days <= w.p1
             THEN COALESCE(s.opened_on > s.triggered_on + w.late_days, true) END AS late
    FROM present w JOIN fact_step s ON s.pathway_id = w.pathway_id AND s.triggered_on <= w.p1
)
SELECT organisation_id, period_no, worker_id, step_id AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN 'state' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', right_code, COALESCE(NULLIF(state, ''), '?'), triggered_on, 'opened', opened_on, 'expires', expires_on,
        'closed', closed_on) AS detail,
    late, false AS declined
FROM step CROSS JOIN LATERAL (SELECT CASE
    WHEN closed AND closed_on IS NULL THEN NULL
    WHEN open THEN 1
    WHEN state = '' AND opened_on IS NULL THEN NULL
    ELSE 0 END::numeric AS amount) v
WHERE NOT (closed AND COALESCE(closed_by_then, false))
UNION ALL
SELECT organisation_id, period_no, worker_id, step_id, 0, 0, NULL, NULL, NULL,
    concat_ws(' ', right_code, state, closed_on), NULL, state = 'declined'
FROM step WHERE closed AND closed_by_then
UNION ALL
SELECT organisation_id, period_no, worker_id, 0, 0, CASE WHEN rights_diagnosed_on <= p1 THEN 0 END,
    CASE WHEN rights_diagnosed_on <= p1 THEN NULL ELSE 'diagnosis' END,
    CASE WHEN rights_diagnosed_on <= p1 THEN 1 ELSE 0 END, 1, rights_diagnosed_on::text, NULL, false
FROM present
"""


def _acc_01(counts: Counts) -> Figure:
    figure = share(counts)
    late, old = counts.also.get("late") or 0, counts.also.get("old_enough") or 0
    return replace(
        figure,
        parts={
            **figure.parts,
            "diagnosed": plain(counts.covered),
            "in_pathway": plain(counts.to_cover),
            "not_open_after_90_days": str(late),
            "triggered_90_days_ago": str(old),
            "declined": str(counts.also.get("declined") or 0),
        },
    )


ACC_01 = Measure(
    units=ACC_01_UNITS,
    finish=_acc_01,
    also={
        "late": "count(*) FILTER (WHERE late AND amount IS NOT NULL AND weight = 1)",
        "old_enough": "count(*) FILTER (WHERE late IS NOT NULL AND amount IS NOT NULL AND weight = 1)",
        "declined": "count(*) FILTER (WHERE declined)",
    },
)
