# ruff: noqa: S608 - the only variable parts of these statements are names written here
"""Secure contracts: SEC-01 to SEC-04."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

from indicators.facts.rules import OUTCOME_CLASS
from indicators.measures.intervals import wilson
from indicators.measures.shape import Counts, Figure, Measure, plain, ratio, rounded, share, text
from indicators.measures.survival import follow_up, life_table, median_interval, median_time, restricted_mean
from indicators.periods import Period

# A year is the mean of its twelve months, each judged on what was signed by its own end.
SEC_01_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id,
    CASE WHEN p.yearly THEN extract(year FROM k.month) * 12 + extract(month FROM k.month) ELSE 0 END::bigint AS item,
    1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL
         WHEN NOT m.sure THEN 'hours' WHEN c.securing IS NULL THEN 'kind' ELSE 'end' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', m.contract_id, m.hours, COALESCE(c.kind, '?'), h.sure_start, h.sure_until, h.maybe_start,
        h.maybe_until) AS detail,
    CASE WHEN m.sure THEN c.securing END AS securing,
    CASE WHEN p.yearly THEN to_char(k.month, 'YYYY-MM') || ' ' || COALESCE(v.amount::text, '?') END AS moment
FROM fact_period p
JOIN fact_cut k ON k.at BETWEEN CASE WHEN p.yearly THEN p.p0 ELSE p.p1 END AND p.p1
JOIN fact_main m ON m.at = k.at
LEFT JOIN fact_contract c USING (contract_id)
LEFT JOIN fact_chain h ON h.at = k.at AND h.contract_id = m.contract_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN NOT m.sure OR c.securing IS NULL THEN NULL
    WHEN c.securing = 2 THEN 1
    WHEN c.securing = 0 THEN 0
    WHEN h.sure_until + 1 >= h.sure_start + make_interval(months => p.securing_months::int) THEN 1
    WHEN h.maybe_until + 1 >= h.maybe_start + make_interval(months => p.securing_months::int) THEN NULL
    ELSE 0 END::numeric AS amount) v
"""


def months_averaged(period: Period) -> int:
    return 12 if period.is_year else 1


def _sec_01(counts: Counts, period: Period) -> Figure:
    shared = {f"class_{n}": text(Fraction(counts.sum(f"class_{n}")) / months_averaged(period), 1) for n in (2, 1, 0)}
    if not period.is_year:
        return share(counts, **shared)
    months: dict[str, Counter[str]] = {}
    for moment, people in counts.spread("moments").items():
        month, _space, amount = moment.partition(" ")
        months.setdefault(month, Counter())[amount] += people
    known = {month: told["1"] + told["0"] for month, told in months.items()}
    value = _mean([Fraction(months[month]["1"], n) for month, n in known.items() if n])
    return Figure(
        value=value,
        low=_mean([Fraction(told["1"], told.total()) for told in months.values()]),
        high=_mean([Fraction(told["1"] + told["?"], told.total()) for told in months.values()]),
        interval=None if value is None else wilson(rounded(value * Fraction(counts.known), 20), counts.known),
        parts=shared,
    )


def _mean(rates: list[Fraction]) -> Fraction | None:
    return sum(rates, Fraction(0)) / len(rates) if rates else None


SEC_01 = Measure(
    units=SEC_01_UNITS,
    finish=_sec_01,
    sums={f"class_{n}": f"count(*) FILTER (WHERE securing = {n})" for n in (2, 1, 0)},
    spreads={"moments": "moment"},
    scale=months_averaged,
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


def _sec_02(counts: Counts, period: Period) -> Figure:
    # hours are no independent draws: no interval
    figure = share(
        counts,
        task_hours=plain(counts.sum("task_hours")),
        short_hours=plain(counts.sum("short_hours")),
        unknown_hours=plain(counts.unknown),
        months_to_declare=plain(counts.to_cover - counts.covered),
    )
    return replace(figure, interval=None)


SEC_02 = Measure(
    units=SEC_02_UNITS,
    finish=_sec_02,
    sums={
        "task_hours": "sum(weight) FILTER (WHERE securing = 0)",
        "short_hours": "sum(weight) FILTER (WHERE securing = 1 AND short = 1)",
    },
)

# Exits are states, not missing data: there is no version on the stayers only. U, I, C are classes 0, 1, 2.
SEC_03_UNITS = f"""
WITH cohort AS (
    SELECT p.*, m.organisation_id, m.worker_id, m.sure,
        CASE WHEN m.sure THEN CASE c.securing WHEN 0 THEN 'U' WHEN 1 THEN 'I' WHEN 2 THEN 'C' END END AS origin
    FROM fact_period p JOIN fact_main m ON m.at = p.before LEFT JOIN fact_contract c USING (contract_id)
), departure AS (
    SELECT DISTINCT ON (k.period_no, k.worker_id) k.period_no, k.worker_id, l.outcome, {OUTCOME_CLASS.format("l", "k")} AS class
    FROM cohort k JOIN fact_leaving l ON l.worker_id = k.worker_id
        AND l.left_on BETWEEN date_trunc('month', k.before::timestamp)::date AND k.p1
    ORDER BY k.period_no, k.worker_id, l.left_on DESC, l.pathway_id DESC
), moved AS (
    SELECT k.period_no, k.organisation_id, k.worker_id, k.origin, k.sure, m.contract_id, d.outcome,
        m.contract_id IS NULL AND m.at IS NULL AND (d.outcome IS NOT DISTINCT FROM 'retired' OR EXISTS (
            SELECT FROM fact_contract x WHERE x.worker_id = k.worker_id AND x.end_reason = 'death' AND x.ended_on <= k.p1)) AS removed,
        CASE WHEN m.at IS NOT NULL THEN
                 CASE WHEN NOT m.sure THEN '?' WHEN c.securing = 0 THEN 'U' WHEN c.securing = 1 THEN 'I'
                      WHEN c.securing = 2 THEN 'C' ELSE '?' END
             WHEN n.pathway_id IS NOT NULL THEN 'N'
             WHEN d.class = 'durable' THEN 'X+'
             WHEN d.class IN ('transition', 'positive', 'other') THEN 'Xo'
             ELSE '?' END AS state
    FROM cohort k
    LEFT JOIN fact_main m ON m.at = k.p1 AND m.worker_id = k.worker_id
    LEFT JOIN fact_contract c ON c.contract_id = m.contract_id
    LEFT JOIN departure d ON d.period_no = k.period_no AND d.worker_id = k.worker_id
    LEFT JOIN LATERAL (SELECT w.pathway_id FROM fact_pathway w
        WHERE w.worker_id = k.worker_id AND w.started_on <= k.p1 AND w.until > k.p1 LIMIT 1) n ON true
)
SELECT organisation_id, period_no, worker_id, 0::bigint AS item,
    CASE WHEN origin = 'C' THEN 0 ELSE 1 END::numeric AS weight, v.amount,
    CASE WHEN origin = 'C' OR v.amount IS NOT NULL THEN NULL WHEN NOT sure THEN 'hours' WHEN origin IS NULL THEN 'kind' ELSE 'state' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', COALESCE(origin, '?'), sure, state, contract_id) AS detail,
    COALESCE(origin, '?') || ' ' || state AS move, v.amount = 1 AND state <> 'X+' AS internal, state = 'X+' AND v.amount = 1 AS durable
FROM moved CROSS JOIN LATERAL (SELECT CASE
    WHEN origin IS NULL OR origin = 'C' OR state = '?' THEN NULL
    WHEN state IN ('C', 'X+') OR (origin = 'U' AND state = 'I') THEN 1
    ELSE 0 END::numeric AS amount) v
WHERE NOT removed
"""

STATES = ("U", "I", "C", "X+", "Xo", "N", "?")


def transition_matrix(moves: Counter[str]) -> dict[str, dict[str, int]]:
    """Counts of people by state a year before (U, I, C) and now; `?` is unknown."""
    return {origin: {state: moves.get(f"{origin} {state}", 0) for state in STATES} for origin in ("U", "I", "C")}


def _sec_03(counts: Counts, period: Period) -> Figure:
    return share(
        counts,
        internal=text(ratio(counts.sum("internal"), counts.known)),
        durable_exits=text(ratio(counts.sum("durable"), counts.known)),
        matrix=transition_matrix(counts.spread("moves")),
    )


SEC_03 = Measure(
    units=SEC_03_UNITS,
    finish=_sec_03,
    sums={"internal": "count(*) FILTER (WHERE internal)", "durable": "count(*) FILTER (WHERE durable)"},
    spreads={"moves": "move"},
)

SEC_04_HORIZON = 730

SEC_04_UNITS = """
WITH relation AS (
    SELECT p.period_no, p.p1, p.gap_days::int AS gap, c.organisation_id, c.worker_id, l.relation, min(c.started_on) AS start,
        max(c.started_on) AS last_start, max(c.ends_on) AS until
    FROM fact_period p JOIN fact_contract c ON c.started_on <= p.p1 JOIN fact_link l USING (contract_id)
    GROUP BY p.period_no, p.p1, p.gap_days, c.organisation_id, c.worker_id, l.relation
    HAVING min(c.started_on) > p.p1 - interval '36 months'
), ended AS (
    SELECT r.*, (SELECT min(x.left_on) FROM fact_leaving x WHERE x.worker_id = r.worker_id
        AND x.left_on BETWEEN r.last_start AND r.p1) AS left_on
    FROM relation r
)
SELECT organisation_id, period_no, worker_id, relation AS item, 1::numeric AS weight, 1::numeric AS amount, NULL AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', start, until, left_on) AS detail,
    (least(until, left_on, p1) - start) || CASE WHEN left_on IS NOT NULL OR until <= p1 - gap THEN ' 1' ELSE ' 0' END AS life,
    left_on IS NOT NULL OR until <= p1 - gap AS event
FROM ended
"""


def _sec_04(counts: Counts, period: Period) -> Figure:
    life = counts.spread("life")
    steps = life_table(life)
    median = median_time(steps)
    return Figure(
        value=None if median is None else Fraction(median),
        interval=median_interval(steps),
        parts={
            "events": plain(counts.sum("events")),
            "max_follow_up": text(follow_up(life)),
            "rmst": text(restricted_mean(steps, SEC_04_HORIZON)) if life else None,
        },
    )


SEC_04 = Measure(
    units=SEC_04_UNITS,
    finish=_sec_04,
    sums={"events": "count(*) FILTER (WHERE event)"},
    spreads={"life": "life"},
    additive=False,
    enough=lambda counts: counts.sum("events"),
)
