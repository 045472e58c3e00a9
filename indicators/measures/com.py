"""Skills: COM-01 to COM-05. Legal safety training is counted apart, so that a compulsory hour never stands for another.

Only people who were trained can have unknown training hours: leaving them out would lower the mean below its own bounds.
So they stay in, with the hours known; the days unknown make the coverage and the upper bound.
"""

from fractions import Fraction

from indicators.facts import fte_scale
from indicators.measures.intervals import poisson
from indicators.measures.shape import Counts, Figure, Measure, plain, ratio, share, text
from indicators.periods import Period

MOST_HOURS_A_DAY = 12  # what the database lets a day of training count (training_session_hours_possible)

FOLLOWED = """
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
    WHERE NOT t.safety AND t.traced AND NOT t.has_sessions
    GROUP BY w.period_no, w.worker_id
)
"""

COM_01_UNITS = (
    FOLLOWED
    + """
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
)


def _com_01(counts: Counts, period: Period) -> Figure:
    days_unknown, trainings = counts.sum("days_unknown"), counts.sum("trainings")
    fte = Fraction(counts.sum("fte")) / fte_scale()
    return Figure(
        value=ratio(counts.k, counts.known),
        low=ratio(counts.k or 0, counts.eligible),
        high=None if trainings else ratio((counts.k or 0) + MOST_HOURS_A_DAY * days_unknown, counts.known),
        parts={
            "per_fte": text(ratio(counts.sum("normed_hours"), fte)),
            "fte": text(fte),
            "paid_hours": plain(counts.sum("paid_hours")),
            "safety_hours": plain(counts.sum("safety_hours")),
            "safety_days_unknown": plain(counts.sum("safety_days_unknown")),
            "training_days_unknown": plain(days_unknown),
            "trainings_without_days": plain(trainings),
        },
    )


COM_01 = Measure(
    units=COM_01_UNITS,
    finish=_com_01,
    sums={
        "paid_hours": "sum(paid_hours) FILTER (WHERE amount IS NOT NULL)",
        "fte": "sum(fte) FILTER (WHERE amount IS NOT NULL)",
        "normed_hours": "sum(amount) FILTER (WHERE fte IS NOT NULL)",
        "safety_hours": "sum(safety_hours) FILTER (WHERE amount IS NOT NULL)",
        "days_unknown": "sum(days_unknown)",
        "safety_days_unknown": "sum(safety_days_unknown)",
        "trainings": "sum(trainings)",
    },
)

# Seven hours known are enough, whatever days are not.
COM_02_UNITS = (
    FOLLOWED
    + """
SELECT w.organisation_id, w.period_no, w.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL WHEN w.hours < 1 THEN 'hours' ELSE 'attended' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', w.hours, w.missing, e.all_days, f.facts, u.facts) AS detail
FROM worked w JOIN fact_period p USING (period_no)
JOIN fact_presence e ON e.period_no = w.period_no AND e.worker_id = w.worker_id AND e.all_days >= p.training_days
LEFT JOIN followed f ON f.period_no = w.period_no AND f.worker_id = w.worker_id
LEFT JOIN undated u ON u.period_no = w.period_no AND u.worker_id = w.worker_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN w.hours < 1 THEN NULL
    WHEN f.hours >= p.training_hours THEN 1
    WHEN f.days_unknown > 0 OR u.worker_id IS NOT NULL THEN NULL
    ELSE 0 END::numeric AS amount) v
WHERE w.hours >= 1 OR w.missing
"""
)


def _share(counts: Counts, period: Period) -> Figure:
    return share(counts)


COM_02 = Measure(units=COM_02_UNITS, finish=_share)

# Still running is not due; due without a result is unknown; a drop-out is a failure, whatever its reason.
COM_03_UNITS = """
WITH due AS (
    SELECT p.period_no, p.p1, t.*, CASE WHEN t.result_on > p.p1 THEN '' ELSE t.result END AS outcome
    FROM fact_period p JOIN fact_training t ON t.certifying AND t.certification <> 'block'
        AND COALESCE(t.due_on, t.result_on, t.ended_on) BETWEEN p.p0 AND p.p1
)
SELECT organisation_id, period_no, worker_id, training_id AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN 'result' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', due_on, COALESCE(NULLIF(outcome, ''), '?'), result_on, drop_reason) AS detail,
    outcome = 'partial' AS partial, outcome = 'dropped' AND drop_reason = 'job' AS dropped_for_job
FROM due CROSS JOIN LATERAL (SELECT CASE
    WHEN outcome = 'certified' THEN 1 WHEN outcome IN ('failed', 'dropped', 'partial') THEN 0 END::numeric AS amount) v
"""


def _com_03(counts: Counts, period: Period) -> Figure:
    return share(counts, partial=plain(counts.sum("partial")), dropped_for_job=plain(counts.sum("dropped_for_job")))


COM_03 = Measure(
    units=COM_03_UNITS,
    finish=_com_03,
    sums={
        "partial": "count(*) FILTER (WHERE partial)",
        "dropped_for_job": "count(*) FILTER (WHERE dropped_for_job)",
    },
)

YEAR = Fraction("365.25")

# Validated the day both have said so: signed a quarter after it was assessed, a skill counts that quarter.
COM_04_UNITS = """
WITH first_time AS (
    SELECT p.period_no, a.worker_id, a.skill_id, min(greatest(a.assessed_on, a.worker_signed_on)) AS day
    FROM fact_period p JOIN fact_assessment a ON a.assessed_on <= p.p1
        AND a.validated AND a.evidenced AND a.worker_signed_on <= p.p1
    GROUP BY p.period_no, a.worker_id, a.skill_id
), validated AS (
    SELECT f.period_no, f.worker_id, count(*) AS skills, string_agg(f.skill_id::text, ',' ORDER BY f.skill_id) AS facts
    FROM first_time f JOIN fact_period p USING (period_no) WHERE f.day >= p.p0 GROUP BY f.period_no, f.worker_id
), looked_at AS (
    SELECT p.period_no, a.worker_id, count(*) FILTER (
        WHERE a.assessed_on >= p.p0 AND a.validated AND NOT (a.evidenced AND COALESCE(a.worker_signed_on <= p.p1, false))) AS uncounted
    FROM fact_period p JOIN fact_assessment a ON a.assessed_on <= p.p1 GROUP BY p.period_no, a.worker_id
)
SELECT e.organisation_id, e.period_no, e.worker_id, 0::bigint AS item, e.days::numeric AS weight,
    COALESCE(v.skills, 0)::numeric AS amount, CASE WHEN l.worker_id IS NULL THEN 'assessment' END AS reason,
    (l.worker_id IS NOT NULL)::int::numeric AS covered, 1::numeric AS to_cover,
    concat_ws(' ', e.days, v.facts, l.uncounted) AS detail, l.uncounted
FROM fact_presence e
LEFT JOIN validated v USING (period_no, worker_id)
LEFT JOIN looked_at l USING (period_no, worker_id)
WHERE e.days > 0
"""


def rate(counts: Counts, unit: Fraction) -> Figure:
    """Events for so many days of pathway, with the exact Poisson interval."""
    exposure = Fraction(counts.known) / unit
    value = ratio(counts.k, exposure)
    return Figure(value=value, low=value, high=value, interval=poisson(int(counts.k or 0), exposure))


def _com_04(counts: Counts, period: Period) -> Figure:
    figure = rate(counts, YEAR)
    figure.parts.update(
        person_years=text(Fraction(counts.known) / YEAR, 6),
        pathways=plain(counts.to_cover),
        assessed=plain(counts.covered),
        uncounted=plain(counts.sum("uncounted")),
    )
    return figure


COM_04 = Measure(units=COM_04_UNITS, finish=_com_04, sums={"uncounted": "sum(uncounted)"})

COM_05_UNITS = """
SELECT l.organisation_id, l.period_no, l.worker_id, l.pathway_id AS item, 1::numeric AS weight,
    CASE WHEN l.in_scope THEN (v.exit_step > v.entry_step)::int END::numeric AS amount,
    CASE WHEN l.in_scope IS NULL THEN 'hours' WHEN v.entry_step IS NULL THEN 'entry_level' WHEN v.exit_step IS NULL THEN 'exit_level' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', l.started_on, l.left_on, COALESCE(v.entry_step::text, '?'), COALESCE(v.exit_step::text, '?'), b.blocks) AS detail,
    b.blocks > 0 AS with_block
FROM fact_leaver l
JOIN fact_worker d USING (worker_id)
LEFT JOIN fact_qualification q ON q.pathway_id = l.pathway_id
CROSS JOIN LATERAL (SELECT COALESCE(q.entry_step, d.qualification) AS entry_step,
    COALESCE(q.exit_step, l.qualification) AS exit_step) v
CROSS JOIN LATERAL (SELECT count(*) AS blocks FROM fact_training t
    WHERE t.worker_id = l.worker_id AND t.certification = 'block' AND t.result = 'certified'
        AND COALESCE(t.result_on, t.due_on, t.ended_on) BETWEEN l.started_on AND l.left_on) b
WHERE l.in_scope IS NOT FALSE AND l.class IS DISTINCT FROM 'withdrawn'
"""


def _com_05(counts: Counts, period: Period) -> Figure:
    return share(counts, with_block=plain(counts.sum("with_block")))


COM_05 = Measure(units=COM_05_UNITS, finish=_com_05, sums={"with_block": "count(*) FILTER (WHERE with_block)"})
