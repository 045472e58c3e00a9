"""Rights that hours and pay open: DRO-01 to DRO-03. Other employers are not known, so each is « at least »."""

from dataclasses import replace

from indicators.measures.shape import Counts, Figure, Measure, mean, plain, ratio, share, text
from indicators.periods import Period

# Long enough in a pathway that goes on in the month, or ended in it: her hours are what she leaves with.
# Monotone: a threshold already met is met, whatever months are missing; not met with missing months is unknown, and so are
# days nobody gave when a month has enough of them.
DRO_01_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN CASE WHEN d.birth_date IS NULL AND n.senior THEN 'birth'
        WHEN m.contract_id IS NULL OR n.missing OR w.senior_missing THEN 'hours' ELSE 'days' END END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', n.reached, n.senior, n.missing, n.days, w.insured_hours, w.insured_days, w.senior_hours, w.senior_days) AS detail
FROM fact_period p
JOIN fact_main m ON m.at = p.p1
JOIN fact_worker d ON d.worker_id = m.worker_id
LEFT JOIN fact_window w ON w.period_no = p.period_no AND w.worker_id = m.worker_id
CROSS JOIN LATERAL (SELECT
    w.insured_hours >= p.insured_hours OR w.insured_days >= p.insured_days AS reached,
    w.senior_hours >= p.insured_hours OR w.senior_days >= p.insured_days AS senior,
    CASE WHEN p.senior_age IS NULL THEN false
         ELSE d.birth_date + make_interval(years => p.senior_age::int) <= p.p1 END AS old,
    CASE WHEN d.birth_date + make_interval(years => p.senior_age::int) <= p.p1 THEN w.senior_missing
         ELSE w.insured_missing END AS missing,
    w.insured_most >= p.insured_days AS days, w.senior_most >= p.insured_days AS senior_days) n
CROSS JOIN LATERAL (SELECT CASE
    WHEN p.insured_hours IS NULL THEN NULL
    WHEN n.reached OR (n.old AND n.senior) THEN 1
    WHEN m.contract_id IS NULL OR n.missing OR (n.old IS NULL AND (n.senior OR w.senior_missing)) THEN NULL
    WHEN n.days OR (n.old IS NOT FALSE AND n.senior_days) THEN NULL
    ELSE 0 END::numeric AS amount) v
WHERE EXISTS (SELECT FROM fact_pathway e WHERE e.worker_id = m.worker_id AND e.until >= p.month
    AND e.started_on + make_interval(months => p.seniority_months::int) <= least(e.until, p.p1) + 1)
"""


def _share(counts: Counts, period: Period) -> Figure:
    return share(counts)


DRO_01 = Measure(units=DRO_01_UNITS, finish=_share)

DRO_02_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN 'hours' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', w.hours_3, w.missing_3, w.pay_6, w.pay_missing_6) AS detail, by_pay.reached AS by_pay
FROM fact_period p
JOIN fact_main m ON m.at = p.p1
LEFT JOIN fact_window w ON w.period_no = p.period_no AND w.worker_id = m.worker_id
CROSS JOIN LATERAL (SELECT w.pay_6 >= p.sick_smic_hours * p.smic AS reached) by_pay
CROSS JOIN LATERAL (SELECT CASE
    WHEN w.hours_3 >= p.sick_hours OR by_pay.reached THEN 1
    WHEN m.contract_id IS NULL OR w.missing_3 OR w.pay_missing_6 OR p.smic IS NULL THEN NULL
    ELSE 0 END::numeric AS amount) v
"""


def _dro_02(counts: Counts, period: Period) -> Figure:
    return share(counts, by_pay=plain(counts.sum("by_pay")))


DRO_02 = Measure(units=DRO_02_UNITS, finish=_dro_02, sums={"by_pay": "count(*) FILTER (WHERE by_pay)"})

DRO_03_UNITS = """
WITH year AS (
    SELECT p.period_no, m.organisation_id, m.worker_id, sum(m.pay) AS pay, bool_or(m.pay_missing) AS pay_missing,
        count(*) FILTER (WHERE m.hours >= 1) AS active, bool_or(m.missing) AS missing
    FROM fact_period p JOIN fact_span s USING (period_no) JOIN fact_person_month m ON m.month = s.month
    GROUP BY p.period_no, m.organisation_id, m.worker_id
), exposed AS (
    SELECT s.period_no, e.worker_id, count(*) AS months
    FROM fact_span s JOIN fact_exposed e USING (month) GROUP BY s.period_no, e.worker_id
)
SELECT y.organisation_id, y.period_no, y.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN 'pay' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', y.pay, y.pay_missing, y.active, y.missing, x.months) AS detail, x.months
FROM year y JOIN fact_period p USING (period_no)
LEFT JOIN exposed x USING (period_no, worker_id)
CROSS JOIN LATERAL (SELECT
    CASE WHEN p.smic_start IS NOT NULL THEN least(p.max_quarters, floor(y.pay / (p.quarter_smic_hours * p.smic_start))) END AS sure) q
CROSS JOIN LATERAL (SELECT CASE
    WHEN y.active = 0 THEN NULL
    WHEN q.sure = p.max_quarters THEN q.sure
    WHEN y.pay_missing THEN NULL
    ELSE q.sure END AS amount) v
WHERE y.active > 0 OR y.missing
"""


def _dro_03(counts: Counts, period: Period) -> Figure:
    figure = mean(
        counts,
        with_four=plain(counts.sum("four")),
        share_with_four=text(ratio(counts.sum("four"), counts.known)),
        exposure_months=plain(counts.sum("months")),
    )
    if not counts.eligible:
        return figure
    return replace(
        figure,
        low=ratio(counts.k or 0, counts.eligible),
        high=ratio((counts.k or 0) + 4 * counts.unknown, counts.eligible),
    )


DRO_03 = Measure(
    units=DRO_03_UNITS,
    finish=_dro_03,
    sums={"four": "count(*) FILTER (WHERE amount = 4)", "months": "sum(months)"},
)
