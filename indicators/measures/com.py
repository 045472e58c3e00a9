"""Skills: COM-01. Legal safety training is counted apart, so that a compulsory hour never stands for another.

Only people who were trained can have unknown training hours: leaving them out would lower the mean below its own bounds.
So they stay in, with the hours known; the days unknown make the coverage and the upper bound.
"""

from decimal import Decimal

from indicators.facts import fte_scale
from indicators.measures.shape import Counts, Figure, Measure, exact, plain, ratio, text

MOST_HOURS_A_DAY = 12  # what the database lets a day of training count (training_session_hours_possible)

COM_01_UNITS = """
WITH worked AS (
    SELECT p.period_no, p.p0, p.p1, m.organisation_id, m.worker_id, sum(m.hours) AS hours,
        bool_or(m.missing) AS missing, sum(m.hours * f.scaled) AS fte
    FROM fact_period p
    JOIN fact_span s USING (period_no)
    JOIN fact_month m ON m.month = s.month
    JOIN fact_organisation o USING (organisation_id)
    LEFT JOIN fact_fte f ON f.kind = o.kind AND m.month >= f.since AND m.month < f.until
    GROUP BY p.period_no, p.p0, p.p1, m.organisation_id, m.worker_id
), followed AS (
    SELECT w.period_no, w.worker_id,
        sum(s.attended_hours) FILTER (WHERE NOT s.safety) AS hours,
        sum(s.attended_hours) FILTER (WHERE s.safety) AS safety_hours,
        count(s.attended_hours) FILTER (WHERE NOT s.safety) AS days_known,
        count(*) FILTER (WHERE s.attended_hours IS NULL AND NOT s.safety) AS days_unknown,
        count(*) FILTER (WHERE s.attended_hours IS NULL AND s.safety) AS safety_days_unknown,
        string_agg(concat_ws(' ', s.session_id, COALESCE(s.attended_hours::text, '?'), s.safety), ','
            ORDER BY s.session_id) AS facts
    FROM worked w JOIN fact_session s ON s.worker_id = w.worker_id AND s.held_on BETWEEN w.p0 AND w.p1
    GROUP BY w.period_no, w.worker_id
), undated AS (
    SELECT w.period_no, w.worker_id, count(*) AS trainings, string_agg(t.training_id::text, ',' ORDER BY t.training_id) AS facts
    FROM worked w JOIN fact_training t
        ON t.worker_id = w.worker_id AND t.started_on <= w.p1 AND COALESCE(t.ended_on, t.started_on) >= w.p0
    WHERE NOT t.safety AND NOT t.has_sessions
    GROUP BY w.period_no, w.worker_id
)
SELECT w.organisation_id, w.period_no, w.worker_id, 0::bigint AS item, 1::numeric AS weight,
    CASE WHEN w.hours >= 1 THEN COALESCE(f.hours, 0) END AS amount,
    CASE WHEN w.hours < 1 THEN 'hours'
         WHEN f.days_unknown > 0 OR u.worker_id IS NOT NULL THEN 'attended' END AS reason,
    COALESCE(f.days_known, 0)::numeric AS covered,
    (COALESCE(f.days_known + f.days_unknown, 0) + COALESCE(u.trainings, 0))::numeric AS to_cover,
    concat_ws(' ', w.hours, w.missing, w.fte, f.facts, u.facts) AS detail,
    w.hours AS paid_hours, w.fte, f.safety_hours, f.days_unknown, f.safety_days_unknown, u.trainings
FROM worked w
LEFT JOIN followed f USING (period_no, worker_id)
LEFT JOIN undated u USING (period_no, worker_id)
WHERE w.hours >= 1 OR w.missing
"""


def _com_01(counts: Counts) -> Figure:
    also = counts.also
    paid_hours, fte = also.get("paid_hours"), also.get("fte")
    days_unknown, trainings = int(also.get("days_unknown") or 0), int(also.get("trainings") or 0)
    full_time = None if fte is None else exact(fte) / fte_scale()
    return Figure(
        value=ratio(counts.k, counts.known),
        low=ratio(counts.k or 0, counts.eligible),
        high=None if trainings else ratio((counts.k or 0) + MOST_HOURS_A_DAY * days_unknown, counts.known),
        parts={
            "per_fte": text(exact(counts.k) / full_time if full_time else None),
            "fte": text(full_time),
            "paid_hours": None if paid_hours is None else plain(paid_hours),
            "safety_hours": plain(also.get("safety_hours") or Decimal(0)),
            "safety_days_unknown": str(also.get("safety_days_unknown") or 0),
            "training_days_unknown": str(days_unknown),
            "trainings_without_days": str(trainings),
        },
    )


COM_01 = Measure(
    units=COM_01_UNITS,
    finish=_com_01,
    also={
        "paid_hours": "sum(paid_hours) FILTER (WHERE amount IS NOT NULL)",
        "fte": "sum(fte) FILTER (WHERE amount IS NOT NULL)",
        "safety_hours": "sum(safety_hours) FILTER (WHERE amount IS NOT NULL)",
        "days_unknown": "sum(days_unknown)",
        "safety_days_unknown": "sum(safety_days_unknown)",
        "trainings": "sum(trainings)",
    },
)
