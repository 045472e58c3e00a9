"""Skills: COM-01. Legal safety training is counted apart, so that a compulsory hour never stands for another."""

from indicators.facts import fte_scale
from indicators.measures.shape import Counts, Figure, Measure, exact, plain, ratio, text

MOST_HOURS_A_DAY = 12  # what the database lets a day of training count (training_session_hours_possible)

COM_01_UNITS = """
WITH worked AS (
    SELECT p.period_no, p.p0, p.p1, m.organisation_id, m.worker_id, sum(m.hours) AS hours,
        bool_or(m.missing) AS missing, sum(m.hours * f.scaled) AS fte
    FROM fact_period p
    JOIN fact_month m ON m.month BETWEEN p.p0 AND p.p1
    JOIN fact_organisation o USING (organisation_id)
    LEFT JOIN fact_fte f ON f.kind = o.kind AND m.month >= f.since AND m.month < f.until
    GROUP BY p.period_no, p.p0, p.p1, m.organisation_id, m.worker_id
), followed AS (
    SELECT w.period_no, w.worker_id,
        sum(s.attended_hours) FILTER (WHERE NOT s.safety) AS hours,
        sum(s.attended_hours) FILTER (WHERE s.safety) AS safety_hours,
        count(*) FILTER (WHERE s.attended_hours IS NULL AND NOT s.safety) AS days_unknown,
        count(*) FILTER (WHERE s.attended_hours IS NULL AND s.safety) AS safety_days_unknown,
        string_agg(concat_ws(' ', s.session_id, COALESCE(s.attended_hours::text, '?'), s.safety), ','
            ORDER BY s.session_id) AS facts
    FROM worked w JOIN fact_session s ON s.worker_id = w.worker_id AND s.held_on BETWEEN w.p0 AND w.p1
    GROUP BY w.period_no, w.worker_id
), undated AS (
    SELECT w.period_no, w.worker_id, string_agg(t.training_id::text, ',' ORDER BY t.training_id) AS facts
    FROM worked w JOIN fact_training t
        ON t.worker_id = w.worker_id AND t.started_on <= w.p1 AND COALESCE(t.ended_on, t.started_on) >= w.p0
    WHERE NOT t.safety AND NOT t.has_sessions
    GROUP BY w.period_no, w.worker_id
)
SELECT w.organisation_id, w.period_no, w.worker_id, 0::bigint AS item, 1::numeric AS weight,
    CASE WHEN r.reason IS NULL THEN COALESCE(f.hours, 0) END AS amount, r.reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', w.hours, w.missing, w.fte, f.facts, u.facts) AS detail,
    COALESCE(f.hours, 0) AS attended, COALESCE(f.safety_hours, 0) AS safety, COALESCE(f.days_unknown, 0) AS days_unknown,
    f.safety_days_unknown, u.worker_id IS NOT NULL AS undated, w.fte, w.hours AS paid_hours
FROM worked w
LEFT JOIN followed f USING (period_no, worker_id)
LEFT JOIN undated u USING (period_no, worker_id)
CROSS JOIN LATERAL (SELECT CASE
    WHEN w.hours < 1 THEN 'hours'
    WHEN f.days_unknown > 0 OR u.worker_id IS NOT NULL THEN 'attended' END AS reason) r
WHERE w.hours >= 1 OR w.missing
"""


def _com_01(counts: Counts) -> Figure:
    also = counts.also
    attended = exact(also.get("attended"))
    surely_paid = int(also.get("surely_paid") or 0)
    most = attended + MOST_HOURS_A_DAY * int(also.get("days_unknown") or 0)
    fte = exact(also["fte"]) / fte_scale() if also.get("fte") is not None else None
    boundless = also.get("undated") or surely_paid == 0
    return Figure(
        value=ratio(counts.k, counts.known),
        low=attended / exact(counts.eligible) if counts.eligible else None,
        high=None if boundless else most / surely_paid,
        parts={
            "per_fte": text(exact(counts.k) / fte if fte else None),
            "fte": text(fte),
            "paid_hours": plain(also["paid_hours"]) if also.get("paid_hours") is not None else None,
            "safety_hours": plain(also["safety"]) if also.get("safety") is not None else None,
            "safety_days_unknown": str(also.get("safety_days_unknown") or 0),
            "training_days_unknown": str(also.get("days_unknown") or 0),
        },
    )


COM_01 = Measure(
    units=COM_01_UNITS,
    finish=_com_01,
    also={
        "attended": "sum(attended) FILTER (WHERE paid_hours >= 1)",
        "surely_paid": "count(*) FILTER (WHERE paid_hours >= 1)",
        "days_unknown": "sum(days_unknown)",
        "undated": "bool_or(undated)",
        "fte": "sum(fte) FILTER (WHERE amount IS NOT NULL)",
        "paid_hours": "sum(paid_hours) FILTER (WHERE amount IS NOT NULL)",
        "safety": "sum(safety) FILTER (WHERE paid_hours >= 1)",
        "safety_days_unknown": "sum(safety_days_unknown)",
    },
)
