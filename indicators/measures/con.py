"""Continuity and renewals on time: CON-01 to CON-04."""

from dataclasses import replace

from indicators.measures.intervals import of_mean
from indicators.measures.shape import Counts, Figure, Measure, mean, median, median_bounds, plain, ratio, share, text
from indicators.measures.survival import follow_up, life_table, median_time
from indicators.periods import Period

CON_01_UNITS = """
WITH span AS (
    SELECT e.period_no, e.worker_id,
        range_agg(daterange(greatest(c.started_on, p.since), least(c.ends_on, p.p1), '[]')) AS spans
    FROM fact_presence e JOIN fact_period p USING (period_no)
    JOIN fact_contract c ON c.worker_id = e.worker_id AND c.started_on <= p.p1 AND c.ends_on >= p.since
    WHERE e.year_days > 0
    GROUP BY e.period_no, e.worker_id
), worked AS (
    SELECT p.period_no, m.worker_id, sum(m.days) AS days
    FROM fact_period p JOIN fact_person_month m ON m.month BETWEEN p.since AND p.month
    GROUP BY p.period_no, m.worker_id
)
SELECT e.organisation_id, e.period_no, e.worker_id, 0::bigint AS item, 1::numeric AS weight,
    COALESCE((SELECT sum(upper(d) - lower(d)) FROM unnest(s.spans) d), 0)::numeric AS amount,
    NULL AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', e.year_days, s.spans, k.days) AS detail, e.year_days AS exposure, k.days AS days_worked
FROM fact_presence e
LEFT JOIN span s USING (period_no, worker_id)
LEFT JOIN worked k USING (period_no, worker_id)
WHERE e.year_days > 0
"""


def _con_01(counts: Counts, period: Period) -> Figure:
    figure = replace(mean(counts), interval=of_mean(counts.numbers("days")))
    exposure = counts.sum("exposure")
    figure.parts.update(
        mean=text(figure.value),
        median=text(median(counts.numbers("days"))),
        days=plain(counts.k) if counts.k is not None else None,
        exposure=plain(exposure),
        density=text(ratio(counts.k, exposure)),
        days_worked=plain(counts.sum("days_worked")),
    )
    return figure


CON_01 = Measure(
    units=CON_01_UNITS,
    finish=_con_01,
    sums={"exposure": "sum(exposure)", "days_worked": "sum(days_worked)"},
    spreads={"days": "amount::text"},
)

# A contract that starts the next day without renewing the former one is a resumption with a delay of one day.
CON_02_UNITS = """
WITH spell AS (
    SELECT p.period_no, p.p0, p.p1, p.resumption_days::int AS days, c.organisation_id, c.worker_id, l.spell,
        max(c.ends_on) AS until, max(c.contract_id) AS last_contract
    FROM fact_period p JOIN fact_contract c ON c.started_on <= p.p1 JOIN fact_link l USING (contract_id)
    GROUP BY p.period_no, p.p0, p.p1, p.resumption_days, c.organisation_id, c.worker_id, l.spell
    HAVING max(c.ends_on) BETWEEN p.p0 AND p.p1
), followed AS (
    SELECT s.*, w.until AS left_on,
        (SELECT min(n.started_on) FROM fact_contract n
         WHERE n.worker_id = s.worker_id AND n.started_on > s.until AND n.started_on <= s.p1) AS next_on
    FROM spell s JOIN fact_pathway w ON w.worker_id = s.worker_id AND w.started_on <= s.until AND w.until >= s.until
), judged AS (
    SELECT *, until <= p1 - days AS at_risk, next_on - until <= days AS resumed,
        left_on <= least(until + days, p1) AND COALESCE(next_on - until > days, true) AS left_soon,
        next_on IS NOT NULL AND (next_on <= left_on OR next_on - until <= days) AS event
    FROM followed
)
SELECT organisation_id, period_no, worker_id, spell AS item,
    CASE WHEN at_risk AND NOT left_soon THEN 1 ELSE 0 END::numeric AS weight,
    CASE WHEN at_risk AND NOT left_soon THEN COALESCE(resumed, false)::int END::numeric AS amount,
    NULL AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', until, next_on, left_on) AS detail,
    left_soon,
    CASE WHEN NOT left_soon THEN
        CASE WHEN event THEN (next_on - until) || ' 1' ELSE (least(left_on, p1) - until) || ' 0' END END AS life
FROM judged
"""


def _con_02(counts: Counts, period: Period) -> Figure:
    life = counts.spread("life")
    delay = median_time(life_table(life))
    return share(
        counts,
        median_delay=text(delay),
        max_follow_up=text(follow_up(life)),
        left_soon=plain(counts.sum("left_soon")),
        availability_unknown=plain(counts.eligible),
    )


CON_02 = Measure(
    units=CON_02_UNITS,
    finish=_con_02,
    sums={"left_soon": "count(*) FILTER (WHERE left_soon)"},
    spreads={"life": "life"},
)

CON_03_UNITS = """
WITH year AS (
    SELECT p.period_no, e.organisation_id, e.worker_id, count(*) AS months,
        count(*) FILTER (WHERE m.missing) AS unknown,
        avg(COALESCE(m.hours, 0)) FILTER (WHERE m.missing IS NOT TRUE) AS mean,
        stddev_pop(COALESCE(m.hours, 0)) FILTER (WHERE m.missing IS NOT TRUE) AS deviation,
        string_agg(concat(e.month, '=', CASE WHEN m.missing THEN '?' ELSE COALESCE(m.hours, 0)::text END), ',' ORDER BY e.month)
            AS facts
    FROM fact_period p
    JOIN fact_exposed e ON e.month BETWEEN p.since AND p.month AND NOT e.suspended
    LEFT JOIN fact_person_month m ON m.worker_id = e.worker_id AND m.month = e.month
    GROUP BY p.period_no, e.organisation_id, e.worker_id
    HAVING count(*) >= 6
)
SELECT organisation_id, period_no, worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL WHEN unknown > 2 THEN 'hours' ELSE 'no_hours' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, facts AS detail, trim_scale(round(mean, 2)) AS mean_hours
FROM year CROSS JOIN LATERAL (SELECT CASE
    WHEN unknown <= 2 AND mean > 0 THEN trim_scale(round(deviation / mean, 4)) END AS amount) v
"""


def _con_03(counts: Counts, period: Period) -> Figure:
    spread = counts.numbers("irregularity")
    low, high = median_bounds(spread, int(counts.unknown))
    return Figure(
        value=median(spread), low=low, high=high, parts={"median_hours": text(median(counts.numbers("hours")))}
    )


CON_03 = Measure(
    units=CON_03_UNITS,
    finish=_con_03,
    spreads={"irregularity": "amount::text", "hours": "CASE WHEN amount IS NOT NULL THEN mean_hours::text END"},
    bins={"hours": 0},
    additive=False,
)

# A decision counts the day it is recorded, what is said later of the day she was told the day it is said: back-dating
# changes nothing.
CON_04_UNITS = """
WITH expiry AS (
    SELECT p.period_no, p.notice_days::int AS notice, c.organisation_id, c.worker_id, c.contract_id, c.securing, c.kind,
        own.planned_end_on
    FROM fact_period p
    CROSS JOIN fact_contract c
    LEFT JOIN fact_terms t ON t.at = p.p1 AND t.contract_id = c.contract_id
    CROSS JOIN LATERAL (SELECT
        CASE WHEN t.contract_id IS NULL THEN c.planned_end_on ELSE t.planned_end_on END AS planned_end_on) own
    WHERE (c.securing = 1 OR c.securing IS NULL)
        AND own.planned_end_on BETWEEN p.p0 AND p.p1
        AND own.planned_end_on - c.started_on + 1 >= p.expiry_days
        AND (c.ended_on IS NULL OR c.ended_on >= own.planned_end_on)
), decided AS (
    SELECT e.period_no, e.contract_id,
        bool_or(d.day <= e.planned_end_on - e.notice AND d.notified_on IS NOT NULL
            AND greatest(d.notified_on, d.noted_on) <= e.planned_end_on - e.notice) AS in_time,
        bool_or(d.day <= e.planned_end_on - e.notice AND d.notified_on IS NULL) AS not_dated,
        max(e.planned_end_on - greatest(d.day, d.notified_on, d.noted_on)) FILTER (WHERE d.notified_on IS NOT NULL) AS lead,
        string_agg(concat_ws(' ', d.kind, d.day, d.notified_on, d.noted_on), ',' ORDER BY d.decision_id) AS facts
    FROM expiry e JOIN fact_decision d USING (contract_id)
    GROUP BY e.period_no, e.contract_id
), renewed AS (
    SELECT e.period_no, e.contract_id, bool_or(r.signed_on <= e.planned_end_on) AS signed_in_time,
        string_agg(concat_ws(' ', r.contract_id, COALESCE(r.signed_on::text, '?')), ',' ORDER BY r.contract_id) AS facts
    FROM expiry e JOIN fact_contract r ON r.renews_id = e.contract_id
    GROUP BY e.period_no, e.contract_id
)
SELECT e.organisation_id, e.period_no, e.worker_id, e.contract_id AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL WHEN e.securing IS NULL THEN 'kind' ELSE 'notified' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', COALESCE(e.kind, '?'), e.planned_end_on, d.facts, 'renewed', r.facts) AS detail,
    d.lead, r.contract_id IS NOT NULL AS renewed, r.signed_in_time
FROM expiry e
LEFT JOIN decided d USING (period_no, contract_id)
LEFT JOIN renewed r USING (period_no, contract_id)
CROSS JOIN LATERAL (SELECT CASE
    WHEN e.securing IS NULL THEN NULL
    WHEN d.in_time THEN 1
    WHEN d.not_dated THEN NULL
    ELSE 0 END::numeric AS amount) v
"""


def _con_04(counts: Counts, period: Period) -> Figure:
    return share(
        counts,
        lead_time=text(median(counts.numbers("leads"))),
        renewals=plain(counts.sum("renewals")),
        renewals_dated=plain(counts.sum("dated")),
        renewals_signed_in_time=plain(counts.sum("signed")),
    )


CON_04 = Measure(
    units=CON_04_UNITS,
    finish=_con_04,
    sums={
        "renewals": "count(*) FILTER (WHERE renewed)",
        "dated": "count(*) FILTER (WHERE signed_in_time IS NOT NULL)",
        "signed": "count(*) FILTER (WHERE signed_in_time)",
    },
    spreads={"leads": "lead::text"},
)
