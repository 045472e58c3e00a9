"""Exits: SOR-01, in the scope asp_2014, and SOR-02. Unknown counts as not dynamic in SOR-01, never as « no job » in SOR-02."""

from indicators.facts.rules import IN_SCOPE
from indicators.measures.intervals import wilson
from indicators.measures.shape import ZERO, Counts, Figure, Measure, plain, ratio, share, text
from indicators.periods import Period

LINES = ("durable", "transition", "job_of_unknown_length", "positive", "other", "unknown")

SOR_01_UNITS = """
SELECT organisation_id, period_no, worker_id, pathway_id AS item, 1::numeric AS weight,
    CASE WHEN in_scope IS NULL OR class IS NULL THEN NULL
         WHEN class = 'other' THEN 0 ELSE 1 END::numeric AS amount,
    CASE WHEN in_scope IS NULL THEN 'hours' WHEN class IS NULL THEN 'outcome' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', started_on, left_on, COALESCE(outcome, '?'), contract_months, 'hours', hours) AS detail,
    CASE WHEN in_scope THEN COALESCE(class, 'unknown') ELSE 'unknown' END AS line
FROM fact_leaver WHERE in_scope IS NOT FALSE AND class IS DISTINCT FROM 'withdrawn'
"""


def _sor_01(counts: Counts, period: Period) -> Figure:
    k = counts.k or ZERO
    return Figure(
        value=ratio(k, counts.eligible),
        low=ratio(k, counts.eligible),
        high=ratio(k + counts.unknown, counts.eligible),
        interval=wilson(k, counts.eligible),
        parts={
            **{line: plain(counts.sum(line)) for line in LINES},
            "durable_rate": text(ratio(counts.sum("durable"), counts.eligible)),
            "known_only": text(ratio(counts.k, counts.known)),
        },
    )


SOR_01 = Measure(
    units=SOR_01_UNITS,
    finish=_sor_01,
    sums={line: f"count(*) FILTER (WHERE line = '{line}')" for line in LINES},
)

EMPLOYED = "'cdi', 'cdd_mission', 'public_service', 'business_creation', 'aided_contract', 'other_siae'"

# The exits whose sixth (or third) month ended in the period. A talk tells of an anniversary within 15 days of it, or when
# the situation it tells of had begun by then; so one talk serves both when the job covers both. A later answer to the call of
# that anniversary tells of it too, unless its situation began after. One departure a person, the last, as in SOR-01.
SOR_02_UNITS = f"""
WITH anniversary AS (
    SELECT DISTINCT ON (p.period_no, a.months, l.worker_id) p.period_no, p.durable_months, l.*, a.months AS after,
        {IN_SCOPE.format("l", "p")} AS in_scope, (l.left_on + make_interval(months => a.months))::date AS day
    FROM fact_period p CROSS JOIN (VALUES (3), (6)) a(months)
    JOIN fact_leaving l ON (l.left_on + make_interval(months => a.months))::date BETWEEN p.p0 AND p.p1
    WHERE NOT EXISTS (SELECT FROM fact_pathway b WHERE b.worker_id = l.worker_id AND b.pathway_id <> l.pathway_id
        AND b.started_on > l.left_on AND b.started_on <= l.left_on + p.reentry_days::int)
    ORDER BY p.period_no, a.months, l.worker_id, l.left_on DESC, l.pathway_id DESC
), told AS (
    SELECT DISTINCT ON (x.period_no, x.pathway_id, x.after) x.*, c.situation, c.contract_months AS job_months, c.answered_on, c.since
    FROM anniversary x LEFT JOIN fact_call c ON c.exit_id = x.exit_id AND c.answer = 'answered' AND c.situation <> ''
        AND c.answered_on >= x.day - 15 AND (c.answered_on <= x.day + 15 OR c.since <= x.day + 15
            OR (c.months = x.after AND c.since IS NULL))
    WHERE x.in_scope IS NOT FALSE AND x.outcome_class IS DISTINCT FROM 'withdrawn'
    ORDER BY x.period_no, x.pathway_id, x.after, c.months = x.after DESC NULLS LAST, c.answered_on, c.months
)
SELECT organisation_id, period_no, worker_id, pathway_id * 10 + after AS item, CASE after WHEN 6 THEN 1 ELSE 0 END::numeric AS weight,
    CASE WHEN after = 6 THEN employed::int END::numeric AS amount,
    CASE WHEN after = 6 AND in_scope IS NULL THEN 'hours' WHEN after = 6 AND situation IS NULL THEN 'no_news' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', after, left_on, situation, job_months, answered_on, since) AS detail, after, employed,
    employed AND (situation IN ('cdi', 'public_service', 'business_creation') OR job_months >= durable_months) AS durable
FROM told CROSS JOIN LATERAL (SELECT CASE WHEN in_scope THEN situation IN ({EMPLOYED}) END AS employed) e
"""  # noqa: S608


def _sor_02(counts: Counts, period: Period) -> Figure:
    three = counts.sum("employed_3"), counts.sum("known_3"), counts.sum("due_3")
    return share(
        counts,
        at_3_months=text(ratio(three[0], three[1])),
        at_3_months_known=plain(three[1]),
        at_3_months_due=plain(three[2]),
        durable_at_6_months=text(ratio(counts.sum("durable_6"), counts.known)),
    )


SOR_02 = Measure(
    units=SOR_02_UNITS,
    finish=_sor_02,
    sums={
        "employed_3": "count(*) FILTER (WHERE after = 3 AND employed)",
        "known_3": "count(employed) FILTER (WHERE after = 3)",
        "due_3": "count(*) FILTER (WHERE after = 3)",
        "durable_6": "count(*) FILTER (WHERE after = 6 AND durable)",
    },
)
