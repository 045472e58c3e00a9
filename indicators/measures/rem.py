"""Decent pay: REM-01 to REM-03."""

from dataclasses import replace
from fractions import Fraction

from indicators.measures.shape import (
    Counts,
    Figure,
    Measure,
    median,
    median_bounds,
    plain,
    ratio,
    share,
    text,
)
from indicators.periods import Period
from law import law_on

# Legal compliance, not decency. Hours are known by month: the rate is that of its first day, or of the contract's. The floor
# is the SMIC, or the minimum of the collective agreement when the structure declared one for the job and it is higher.
REM_01_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id,
    m.contract_id * 10000 + (extract(year FROM m.month) * 12 + extract(month FROM m.month))::bigint %% 10000 AS item,
    m.hours AS weight, (pay.rate >= floor.hourly)::int * m.hours AS amount,
    CASE WHEN m.missing THEN 'hours' WHEN pay.rate IS NULL THEN 'rate' WHEN f.hourly IS NULL THEN 'smic' END AS reason,
    CASE WHEN m.missing THEN 0 ELSE 1 END::numeric AS covered, 1::numeric AS to_cover,
    concat_ws(' ', m.month, m.hours, m.missing, COALESCE(pay.rate::text, '?'), f.hourly, g.hourly_gross) AS detail,
    pay.rate < floor.hourly AS below, g.hourly_gross IS NOT NULL AS agreed
FROM fact_period p
JOIN fact_span s USING (period_no)
JOIN fact_month m ON m.month = s.month
JOIN fact_contract c USING (contract_id)
LEFT JOIN fact_month_rate r ON r.contract_id = m.contract_id AND r.month = m.month
LEFT JOIN fact_smic f ON m.month >= f.since AND m.month < f.until
LEFT JOIN LATERAL (SELECT a.hourly_gross FROM fact_minimum a
    WHERE a.organisation_id = m.organisation_id AND starts_with(c.rome_code, a.rome_code) AND a.since <= m.month
    ORDER BY length(a.rome_code) DESC, a.since DESC LIMIT 1) g ON true
CROSS JOIN LATERAL (SELECT CASE WHEN f.hourly IS NOT NULL THEN greatest(f.hourly, g.hourly_gross) END AS hourly) floor
CROSS JOIN LATERAL (SELECT CASE WHEN r.contract_id IS NULL THEN c.hourly_gross ELSE r.hourly_gross END AS rate) pay
WHERE m.hours > 0 OR m.missing
"""


def _rem_01(counts: Counts, period: Period) -> Figure:
    figure = share(
        counts,
        hours_below=plain(counts.sum("below")),
        unknown_hours=plain(counts.unknown),
        hours_with_minimum=plain(counts.sum("agreed")),
        months_to_declare=plain(counts.to_cover - counts.covered),
    )
    return replace(figure, interval=None)


REM_01 = Measure(
    units=REM_01_UNITS,
    finish=_rem_01,
    sums={"below": "sum(weight) FILTER (WHERE below)", "agreed": "sum(weight) FILTER (WHERE agreed)"},
)

REM_02_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id, 0::bigint AS item, 1::numeric AS weight,
    v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL
         WHEN NOT m.sure THEN 'hours' WHEN p.smic IS NULL THEN 'smic' ELSE 'rate' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', m.contract_id, m.hours, COALESCE(pay.hourly_gross::text, '?')) AS detail,
    c.job_family
FROM fact_period p
JOIN fact_main m ON m.at = p.p1
LEFT JOIN fact_contract c USING (contract_id)
LEFT JOIN fact_terms t ON t.at = p.p1 AND t.contract_id = m.contract_id
CROSS JOIN LATERAL (SELECT
    CASE WHEN t.contract_id IS NULL THEN c.hourly_gross ELSE t.hourly_gross END AS hourly_gross) pay
CROSS JOIN LATERAL (SELECT CASE WHEN m.sure AND p.smic IS NOT NULL THEN pay.hourly_gross END AS amount) v
"""


def _rem_02(counts: Counts, period: Period) -> Figure:
    law = law_on(period.end)
    if not law.knows("smic.hourly") or not counts.eligible:
        return Figure(value=None)
    smic = law.amount("smic.hourly")
    rates = counts.numbers("rates")
    low, high = median_bounds(rates, int(counts.unknown))

    def of_smic(rate: Fraction | None) -> Fraction | None:
        return None if rate is None else rate / Fraction(smic)

    hourly = median(rates)
    return Figure(
        value=of_smic(hourly),
        low=of_smic(low),
        high=of_smic(high),
        parts={"median_hourly": text(hourly), "smic": plain(smic)},
    )


REM_02 = Measure(
    units=REM_02_UNITS,
    finish=_rem_02,
    spreads={"rates": "trim_scale(amount)::text"},
    additive=False,
)

MEAN_PAY = """
WITH pay AS (
    SELECT s.period_no, e.organisation_id, e.worker_id, count(*) AS months, sum(COALESCE(m.pay, 0)) AS pay,
        bool_or(COALESCE(m.pay_missing, false)) AS missing
    FROM fact_span s JOIN fact_exposed e USING (month)
    LEFT JOIN fact_person_month m ON m.worker_id = e.worker_id AND m.month = e.month
    GROUP BY s.period_no, e.organisation_id, e.worker_id
)
"""

REM_03_UNITS = (
    MEAN_PAY
    + """
SELECT y.organisation_id, y.period_no, y.worker_id, 0::bigint AS item, 1::numeric AS weight,
    CASE WHEN NOT y.missing THEN (y.pay * 12 >= p.decent_pay * y.months)::int END::numeric AS amount,
    CASE WHEN y.missing THEN 'pay' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', y.months, y.pay, y.missing) AS detail,
    CASE WHEN NOT y.missing THEN trim_scale(round(y.pay / y.months, 2)) END AS mean_pay,
    NOT y.missing AND y.pay * 12 >= p.smic * p.full_time_hours * y.months AS d2,
    NOT y.missing AND y.pay >= p.budget_rural * y.months AS d3_rural,
    NOT y.missing AND y.pay >= p.budget_grand_paris * y.months AS d3_grand_paris
FROM pay y JOIN fact_period p USING (period_no)
"""
)
BUDGETS = ("rural", "grand_paris")


def full_time_smic(period: Period) -> Fraction:
    """The gross SMIC of a full-time month on the period's last day: hourly × 1820 / 12, never × 151.67."""
    law = law_on(period.end)
    return Fraction(law.amount("smic.hourly")) * Fraction(law.amount("pay.month_hours_times_12")) / 12


def _rem_03(counts: Counts, period: Period) -> Figure:
    law = law_on(period.end)
    if not law.knows("smic.hourly"):
        return Figure(value=None)
    full = full_time_smic(period)
    budgets = {
        f"d3_{name}": law.amount(f"decent_pay.reference_budget.{name}")
        for name in BUDGETS
        if law.knows(f"decent_pay.reference_budget.{name}")
    }
    return share(
        counts,
        d1=text(full * Fraction(law.amount("decent_pay.share_of_smic")), 2),
        d2=text(full, 2),
        **{name: plain(amount) for name, amount in budgets.items()},
        **{f"{name}_rate": text(ratio(counts.sum(name), counts.known)) for name in ("d2", *budgets)},
        median_pay=text(median(counts.numbers("pays"))),
    )


REM_03 = Measure(
    units=REM_03_UNITS,
    finish=_rem_03,
    sums={name: f"count(*) FILTER (WHERE {name})" for name in ("d2", *(f"d3_{name}" for name in BUDGETS))},
    spreads={"pays": "mean_pay::text"},
    bins={"pays": 0},
)
