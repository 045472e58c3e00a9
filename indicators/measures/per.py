"""Peripheral barriers: PER-01 and PER-02. A barrier is lifted when the person says so, and leaving competes with it."""

from indicators.measures.shape import Counts, Figure, Measure, plain, share, text
from indicators.measures.survival import cumulative_incidence, follow_up, incidence_interval, life_table
from indicators.periods import Period
from law import law_on

# The people in a pathway whose situation was looked at, beside those who are there: the coverage of both sheets.
DIAGNOSED = """
UNION ALL
SELECT e.organisation_id, e.period_no, e.worker_id, 0, 0, NULL, CASE WHEN d.made THEN NULL ELSE 'diagnosis' END,
    d.made::int, 1, d.made::text, NULL, {nulls}
FROM fact_presence e JOIN fact_period p USING (period_no)
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM fact_diagnosis g JOIN fact_pathway w USING (pathway_id)
    WHERE w.worker_id = e.worker_id AND g.made_on <= p.p1)
    OR EXISTS (SELECT FROM fact_barrier b WHERE b.worker_id = e.worker_id AND b.identified_on <= p.p1) AS made OFFSET 0) d
WHERE e.pathway_id IS NOT NULL
"""

LIFTED = """
SELECT b.barrier_id, min(s.since) AS lifted_on FROM fact_barrier b JOIN fact_barrier_state s USING (barrier_id)
WHERE s.state = 'resolved' AND s.said_by = 'worker' GROUP BY b.barrier_id
"""

PER_01_UNITS = (
    f"""
WITH lifted AS ({LIFTED})
SELECT b.organisation_id, p.period_no, b.worker_id, b.barrier_id AS item, 1::numeric AS weight, 1::numeric AS amount,
    NULL::text AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', b.theme, b.identified_on, l.lifted_on, w.ended_on) AS detail, b.theme AS domain,
    CASE WHEN l.lifted_on <= least(p.p1, w.until) THEN greatest(l.lifted_on - b.identified_on, 0) || ' 1'
         WHEN w.until <= p.p1 THEN greatest(w.until - b.identified_on, 0) || ' 2'
         ELSE (p.p1 - b.identified_on) || ' 0' END AS life
FROM fact_period p
JOIN fact_barrier b ON b.identified_on <= p.p1 AND b.identified_on > p.p1 - interval '12 months'
JOIN fact_pathway w USING (pathway_id)
LEFT JOIN lifted l USING (barrier_id)
"""  # noqa: S608
    + DIAGNOSED.format(nulls="NULL")
)


def _per_01(counts: Counts, period: Period) -> Figure:
    life = counts.spread("life")
    steps = life_table(life)
    horizon = law_on(period.end).whole("barrier.horizon_days")
    outcomes = {name: sum(n for pair, n in life.items() if pair.endswith(f" {code}")) for code, name in
                (("0", "open"), ("1", "lifted"), ("2", "left"))}  # fmt: skip
    return Figure(
        value=cumulative_incidence(steps, horizon) if life else None,
        interval=incidence_interval(steps, horizon),
        parts={
            "horizon": str(horizon),
            "max_follow_up": text(follow_up(life)),
            **{name: str(count) for name, count in outcomes.items()},
            "diagnosed": plain(counts.covered),
            "in_pathway": plain(counts.to_cover),
        },
    )


PER_01 = Measure(units=PER_01_UNITS, finish=_per_01, spreads={"life": "life"}, additive=False)

PER_02_UNITS = (
    f"""
WITH lifted AS ({LIFTED})
SELECT b.organisation_id, p.period_no, b.worker_id, b.barrier_id AS item, 1::numeric AS weight,
    (a.day IS NOT NULL)::int::numeric AS amount, NULL::text AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', b.theme, b.identified_on, a.day) AS detail, b.theme AS domain, NULL AS spare
FROM fact_period p
JOIN fact_barrier b ON b.identified_on < p.p1 - p.barrier_days::int
JOIN fact_pathway w ON w.pathway_id = b.pathway_id AND w.started_on <= p.p1 AND w.until >= p.p1
LEFT JOIN lifted l ON l.barrier_id = b.barrier_id AND l.lifted_on <= p.p1
LEFT JOIN LATERAL (SELECT max(greatest(CASE WHEN x.state_on <= p.p1 THEN x.state_on END, x.decided_on)) AS day
    FROM fact_action x WHERE x.barrier_id = b.barrier_id AND x.decided_on <= p.p1 AND NOT (x.state = 'dropped' AND x.state_on <= p.p1)
        AND greatest(CASE WHEN x.state_on <= p.p1 THEN x.state_on END, x.decided_on) >= p.p1 - p.action_days::int) a ON true
WHERE l.barrier_id IS NULL
"""  # noqa: S608
    + DIAGNOSED.format(nulls="NULL")
)


def _per_02(counts: Counts, period: Period) -> Figure:
    return share(counts, diagnosed=plain(counts.covered), in_pathway=plain(counts.to_cover))


PER_02 = Measure(units=PER_02_UNITS, finish=_per_02)
