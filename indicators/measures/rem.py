"""Decent pay: REM-02."""

from fractions import Fraction

from indicators.measures.shape import Counts, Figure, Measure, exact, median, median_bounds, plain, text

REM_02_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id, 0::bigint AS item, 1::numeric AS weight,
    v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL
         WHEN NOT m.sure THEN 'hours' WHEN p.smic IS NULL THEN 'smic' ELSE 'rate' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', m.contract_id, m.hours, COALESCE(pay.hourly_gross::text, '?')) AS detail,
    p.smic
FROM fact_period p
JOIN fact_main m ON m.at = p.p1
LEFT JOIN fact_contract c USING (contract_id)
LEFT JOIN fact_terms t ON t.at = p.p1 AND t.contract_id = m.contract_id
CROSS JOIN LATERAL (SELECT
    CASE WHEN t.contract_id IS NULL THEN c.hourly_gross ELSE t.hourly_gross END AS hourly_gross) pay
CROSS JOIN LATERAL (SELECT CASE WHEN m.sure AND p.smic IS NOT NULL THEN pay.hourly_gross END AS amount) v
"""


def _rem_02(counts: Counts) -> Figure:
    rates = counts.also.get("rates") or []
    smic = counts.also.get("smic")
    if not smic:
        return Figure(value=None)
    hourly = median(rates)
    low, high = median_bounds(rates, int(counts.unknown))

    def of_smic(rate: Fraction | None) -> Fraction | None:
        return None if rate is None else rate / exact(smic)

    return Figure(
        value=of_smic(hourly),
        low=of_smic(low),
        high=of_smic(high),
        parts={"median_hourly": text(hourly), "smic": plain(smic)},
    )


REM_02 = Measure(
    units=REM_02_UNITS,
    finish=_rem_02,
    also={"rates": "array_agg(amount ORDER BY amount) FILTER (WHERE amount IS NOT NULL)", "smic": "min(smic)"},
    additive=False,
)
