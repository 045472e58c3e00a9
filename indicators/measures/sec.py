"""Secure contracts: SEC-01 and SEC-02."""

from dataclasses import replace

from indicators.measures.shape import Counts, Figure, Measure, plain, share

SEC_01_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id, 0::bigint AS item, 1::numeric AS weight,
    v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL
         WHEN NOT m.sure THEN 'hours' WHEN c.securing IS NULL THEN 'kind' ELSE 'end' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', m.contract_id, m.hours, COALESCE(c.kind, '?'), h.sure_start, h.sure_until, h.maybe_start,
        h.maybe_until) AS detail,
    CASE WHEN m.sure THEN c.securing END AS securing
FROM fact_period p
JOIN fact_main m ON m.at = p.p1
LEFT JOIN fact_contract c USING (contract_id)
LEFT JOIN fact_chain h ON h.at = p.p1 AND h.contract_id = m.contract_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN NOT m.sure OR c.securing IS NULL THEN NULL
    WHEN c.securing = 2 THEN 1
    WHEN c.securing = 0 THEN 0
    WHEN h.sure_until + 1 >= h.sure_start + make_interval(months => p.securing_months::int) THEN 1
    WHEN h.maybe_until + 1 >= h.maybe_start + make_interval(months => p.securing_months::int) THEN NULL
    ELSE 0 END::numeric AS amount) v
"""


def _sec_01(counts: Counts) -> Figure:
    figure = share(counts)
    classes = {name: str(counts.also.get(name) or 0) for name in ("class_2", "class_1", "class_0")}
    return replace(figure, parts={**figure.parts, **classes})


SEC_01 = Measure(
    units=SEC_01_UNITS,
    finish=_sec_01,
    also={f"class_{n}": f"count(*) FILTER (WHERE securing = {n})" for n in (0, 1, 2)},
)

SEC_02_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id,
    m.contract_id * 10000 + (extract(year FROM m.month) * 12 + extract(month FROM m.month))::bigint %% 10000 AS item,
    m.hours AS weight, v.short * m.hours AS amount,
    CASE WHEN m.missing THEN 'hours' WHEN v.short IS NOT NULL THEN NULL
         WHEN c.securing IS NULL THEN 'kind' ELSE 'end' END AS reason,
    CASE WHEN m.missing THEN 0 ELSE 1 END::numeric AS covered, 1::numeric AS to_cover,
    concat_ws(' ', m.month, m.hours, m.missing, COALESCE(c.kind, '?'), h.sure_start, h.sure_until, h.maybe_start,
        h.maybe_until) AS detail,
    c.securing, v.short
FROM fact_period p
JOIN fact_span s USING (period_no)
JOIN fact_month m ON m.month = s.month
JOIN fact_contract c USING (contract_id)
LEFT JOIN fact_terms t ON t.at = p.p1 AND t.contract_id = m.contract_id
LEFT JOIN fact_chain h ON h.at = p.p1 AND h.contract_id = m.contract_id
CROSS JOIN LATERAL (SELECT
    CASE WHEN t.contract_id IS NULL THEN c.planned_end_on ELSE t.planned_end_on END AS planned_end_on) own
CROSS JOIN LATERAL (SELECT CASE
    WHEN c.securing IS NULL THEN NULL
    WHEN c.securing = 0 THEN 1
    WHEN c.securing = 2 THEN 0
    WHEN COALESCE(h.sure_until, own.planned_end_on) + 1 >= COALESCE(h.sure_start, c.started_on) + p.short_days::int THEN 0
    WHEN h.maybe_until + 1 >= h.maybe_start + p.short_days::int THEN NULL
    WHEN COALESCE(h.sure_until, own.planned_end_on) IS NULL THEN NULL
    ELSE 1 END::numeric AS short) v
WHERE m.hours > 0 OR m.missing
"""


def _sec_02(counts: Counts) -> Figure:
    figure = share(counts)
    hours = {name: plain(counts.also.get(name) or 0 * counts.known) for name in ("task_hours", "short_hours")}
    return replace(
        figure,
        parts={
            **hours,
            "unknown_hours": plain(counts.unknown),
            "months_to_declare": plain(counts.to_cover - counts.covered),
        },
    )


SEC_02 = Measure(
    units=SEC_02_UNITS,
    finish=_sec_02,
    also={
        "task_hours": "sum(weight) FILTER (WHERE securing = 0)",
        "short_hours": "sum(weight) FILTER (WHERE securing = 1 AND short = 1)",
    },
)
