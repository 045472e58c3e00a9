# ruff: noqa: S608 - the only variable parts of these statements are names written here
"""Hours: TPS-01 to TPS-04. The wish is the worker's own statement, never the counsellor's guess."""

from dataclasses import replace

from indicators.measures.shape import Counts, Figure, Measure, mean, median, plain, ratio, share, text
from indicators.periods import Period
from law.nomenclature import codes

WISHES = """
WITH said AS (
    SELECT DISTINCT ON (p.period_no, w.worker_id) p.period_no, w.*
    FROM fact_period p JOIN fact_wish w ON w.stated_on <= p.p1
    ORDER BY p.period_no, w.worker_id, w.stated_on DESC, w.wish_id DESC
), months AS (
    SELECT p.period_no, e.worker_id, count(*) AS months
    FROM fact_period p JOIN fact_exposed e ON e.month BETWEEN p.three_months AND p.month
    GROUP BY p.period_no, e.worker_id
), wished AS (
    SELECT m.organisation_id, p.period_no, m.worker_id, p.legal_week,
        CASE WHEN m.contract_id IS NOT NULL AND NOT h.missing_3
             THEN h.hours_3 * 12 / (COALESCE(n.months, 3) * 52) END AS actual,
        CASE WHEN w.stated_on >= p.p1 - make_interval(months => p.wish_months::int) THEN w.weekly_hours END AS wish,
        w.available, w.held_back_by, w.stated_on,
        concat_ws(' ', h.hours_3, h.missing_3, n.months, w.wish_id, w.weekly_hours, w.available, w.held_back_by) AS detail
    FROM fact_period p
    JOIN fact_main m ON m.at = p.p1
    LEFT JOIN fact_window h ON h.period_no = p.period_no AND h.worker_id = m.worker_id
    LEFT JOIN months n ON n.period_no = p.period_no AND n.worker_id = m.worker_id
    LEFT JOIN said w ON w.period_no = p.period_no AND w.worker_id = m.worker_id
)
"""
COLUMNS = """organisation_id, period_no, worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL WHEN wish IS NOT NULL AND actual IS NULL THEN 'hours'
         WHEN wish IS NOT NULL THEN 'available' WHEN stated_on IS NULL THEN 'wish' ELSE 'old_wish' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, detail"""

TPS_01_UNITS = (
    WISHES
    + f"""
SELECT {COLUMNS}, least(actual, wish) AS within, CASE WHEN v.amount IS NOT NULL THEN wish END AS wished,
    CASE WHEN wish IS NULL THEN NULL WHEN held_back_by = 'childcare' THEN 'yes' ELSE 'no' END AS childcare
FROM wished CROSS JOIN LATERAL (SELECT CASE WHEN actual IS NOT NULL THEN round(least(actual, wish) / wish, 20) END AS amount) v
"""
)


def _tps_01(counts: Counts, period: Period) -> Figure:
    figure = mean(counts, ratio_of_sums=text(ratio(counts.sum("within"), counts.sum("wished"))))
    return replace(
        figure,
        low=ratio(counts.k or 0, counts.eligible),
        high=ratio((counts.k or 0) + counts.unknown, counts.eligible),
    )


TPS_01 = Measure(
    units=TPS_01_UNITS,
    finish=_tps_01,
    sums={"within": "sum(within) FILTER (WHERE amount IS NOT NULL)", "wished": "sum(wished)"},
)

TPS_02_UNITS = (
    WISHES
    + f"""
SELECT {COLUMNS}, n.wants_more AND available = false AND held_back_by <> '' AS constrained
FROM wished
CROSS JOIN LATERAL (SELECT
    CASE WHEN actual IS NOT NULL AND wish IS NOT NULL THEN actual < legal_week AND wish > actual END AS wants_more) n
CROSS JOIN LATERAL (SELECT CASE WHEN n.wants_more THEN available::int WHEN NOT n.wants_more THEN 0 END::numeric AS amount) v
"""
)


def _tps_02(counts: Counts, period: Period) -> Figure:
    return share(counts, constrained=plain(counts.sum("constrained")))


TPS_02 = Measure(units=TPS_02_UNITS, finish=_tps_02, sums={"constrained": "count(*) FILTER (WHERE constrained)"})

LIFTING = ", ".join(
    f"'{code}'" for lifts in ("weekly_hours", "part_time") for code in codes("derogation_kind", lifts=lifts)
)

TPS_03_UNITS = f"""
SELECT m.organisation_id, p.period_no, m.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL WHEN NOT m.sure OR h.missing_3 THEN 'hours' ELSE 'kind' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', h.active_hours_3, h.active_3, h.missing_3, COALESCE(c.kind, '?'), x.derogated) AS detail,
    v.amount = 0 AND x.derogated AS derogated
FROM fact_period p
JOIN fact_main m ON m.at = p.p1
LEFT JOIN fact_contract c USING (contract_id)
LEFT JOIN fact_window h ON h.period_no = p.period_no AND h.worker_id = m.worker_id
CROSS JOIN LATERAL (SELECT CASE WHEN c.kind = '' OR c.cddi IS NULL THEN NULL WHEN c.cddi THEN p.cddi_week ELSE p.part_time_week END
    AS least_hours) t
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM fact_derogation g WHERE g.organisation_id = m.organisation_id
    AND (g.worker_id = m.worker_id OR g.worker_id IS NULL) AND g.kind IN ({LIFTING})
    AND g.started_on <= p.p1 AND g.ended_on >= p.p1) AS derogated OFFSET 0) x
CROSS JOIN LATERAL (SELECT CASE
    WHEN NOT m.sure OR h.missing_3 OR t.least_hours IS NULL THEN NULL
    ELSE (h.active_hours_3 * 12 >= t.least_hours * h.active_3 * 52)::int END::numeric AS amount) v
"""


def _tps_03(counts: Counts, period: Period) -> Figure:
    return share(counts, derogated=plain(counts.sum("derogated")))


TPS_03 = Measure(units=TPS_03_UNITS, finish=_tps_03, sums={"derogated": "count(*) FILTER (WHERE derogated)"})

TPS_04_UNITS = """
SELECT a.organisation_id, p.period_no, a.worker_id, a.assignment_id AS item, 1::numeric AS weight,
    (a.started_on - a.announced_on >= p.announce_days)::int::numeric AS amount,
    CASE WHEN a.announced_on IS NULL THEN 'announced' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', a.started_on, COALESCE(a.announced_on::text, '?'), a.cancelled_on) AS detail,
    a.started_on - a.announced_on AS notice, a.cancelled_on IS NOT NULL AS cancelled
FROM fact_period p JOIN fact_assignment a ON a.started_on BETWEEN p.p0 AND p.p1
"""


def _tps_04(counts: Counts, period: Period) -> Figure:
    return share(
        counts, median_notice=text(median(counts.numbers("notices"))), cancelled=plain(counts.sum("cancelled"))
    )


TPS_04 = Measure(
    units=TPS_04_UNITS,
    finish=_tps_04,
    sums={"cancelled": "count(*) FILTER (WHERE cancelled)"},
    spreads={"notices": "notice::text"},
)
