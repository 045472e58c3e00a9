"""Access to rights: ACC-01 to ACC-04. The diagnosis rate stands beside it: the denominator grows with diligence."""

from fractions import Fraction

from indicators.measures.shape import Counts, Figure, Measure, median, plain, share, text
from indicators.measures.survival import follow_up, life_table, median_interval, median_time, restricted_mean
from indicators.periods import Period

# A step counts by its dates, so that T decides; its state only says why it was closed. Closed steps leave the denominator
# from the day they were closed; closed on an unknown day, they are unknown. A lapsed right is due and not open.
ACC_01_UNITS = """
WITH present AS (
    SELECT p.period_no, p.p1, p.non_take_up_days::int AS late_days, w.*
    FROM fact_period p
    JOIN fact_pathway w ON w.started_on <= p.p1 AND COALESCE(w.ended_on, 'infinity') >= p.p1
), step AS (
    SELECT w.organisation_id, w.period_no, w.worker_id, w.p1, s.step_id, s.renewed_from_id, s.right_code, s.state,
        s.triggered_on, s.opened_on, s.expires_on, s.closed_on,
        s.opened_on <= w.p1 AND COALESCE(s.expires_on, 'infinity') >= w.p1 AND (s.state <> 'lapsed'
            OR s.closed_on > w.p1) AS open,
        s.state IN ('refused', 'not_concerned', 'declined')
            OR (s.state = 'renewed' AND s.closed_on IS NOT NULL) AS closed,
        s.closed_on <= w.p1 AS closed_by_then,
        CASE WHEN s.triggered_on + w.late_days <= w.p1
             THEN COALESCE(s.opened_on > s.triggered_on + w.late_days, true) END AS late
    FROM present w JOIN fact_step s ON s.pathway_id = w.pathway_id AND s.triggered_on <= w.p1
)
SELECT organisation_id, period_no, worker_id, step_id AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN 'state' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', right_code, COALESCE(NULLIF(state, ''), '?'), triggered_on, 'opened', opened_on, 'expires', expires_on,
        'closed', closed_on) AS detail,
    late, false AS declined, right_code AS "right"
FROM step CROSS JOIN LATERAL (SELECT CASE
    WHEN closed AND closed_on IS NULL THEN NULL
    WHEN open THEN 1
    WHEN state = '' AND opened_on IS NULL THEN NULL
    ELSE 0 END::numeric AS amount) v
WHERE NOT (closed AND COALESCE(closed_by_then, false))
    AND NOT EXISTS (SELECT FROM step former WHERE former.step_id = step.renewed_from_id AND former.period_no = step.period_no
        AND former.open AND NOT (former.closed AND COALESCE(former.closed_by_then, false)))
UNION ALL
SELECT organisation_id, period_no, worker_id, step_id, 0, NULL, NULL, NULL, NULL,
    concat_ws(' ', right_code, state, closed_on), NULL, state = 'declined', right_code
FROM step WHERE closed AND closed_by_then
UNION ALL
SELECT organisation_id, period_no, worker_id, 0, 0, NULL,
    CASE WHEN rights_diagnosed_on <= p1 THEN NULL ELSE 'diagnosis' END,
    CASE WHEN rights_diagnosed_on <= p1 THEN 1 ELSE 0 END, 1, rights_diagnosed_on::text, NULL, false, NULL
FROM present
"""


def _acc_01(counts: Counts, period: Period) -> Figure:
    return share(
        counts,
        diagnosed=plain(counts.covered),
        in_pathway=plain(counts.to_cover),
        not_open_after_90_days=plain(counts.sum("late")),
        triggered_90_days_ago=plain(counts.sum("old_enough")),
        declined=plain(counts.sum("declined")),
    )


ACC_01 = Measure(
    units=ACC_01_UNITS,
    finish=_acc_01,
    sums={
        "late": "count(*) FILTER (WHERE late AND amount IS NOT NULL AND weight = 1)",
        "old_enough": "count(*) FILTER (WHERE late IS NOT NULL AND amount IS NOT NULL AND weight = 1)",
        "declined": "count(*) FILTER (WHERE declined)",
    },
)

ACC_02_HORIZON = 90

# The median of the opened ones alone is forbidden: not open yet, or gone, is censored, not left out.
ACC_02_UNITS = """
SELECT w.organisation_id, p.period_no, w.worker_id, s.step_id AS item, 1::numeric AS weight, 1::numeric AS amount,
    NULL AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', s.right_code, s.triggered_on, s.opened_on, w.ended_on) AS detail, s.right_code AS "right",
    CASE WHEN t.event THEN greatest(s.opened_on - s.triggered_on, 0) || ' 1'
         ELSE greatest(least(w.until, p.p1) - s.triggered_on, 0) || ' 0' END AS life,
    t.event
FROM fact_period p
JOIN fact_step s ON s.triggered_on <= p.p1 AND s.triggered_on > p.p1 - interval '12 months'
    AND s.renewed_from_id IS NULL AND NOT s.held_before
    AND NOT (s.state IN ('declined', 'refused', 'not_concerned') AND COALESCE(s.closed_on <= p.p1, true))
JOIN fact_pathway w ON w.pathway_id = s.pathway_id
CROSS JOIN LATERAL (SELECT COALESCE(s.opened_on <= least(p.p1, w.until), false) AS event) t
"""


def _acc_02(counts: Counts, period: Period) -> Figure:
    life = counts.spread("life")
    steps = life_table(life)
    delay = median_time(steps)
    return Figure(
        value=None if delay is None else Fraction(delay),
        interval=median_interval(steps),
        parts={
            "events": plain(counts.sum("events")),
            "max_follow_up": text(follow_up(life)),
            "rmst": text(restricted_mean(steps, ACC_02_HORIZON)) if life else None,
        },
    )


ACC_02 = Measure(
    units=ACC_02_UNITS,
    finish=_acc_02,
    sums={"events": "count(*) FILTER (WHERE event)"},
    spreads={"life": "life"},
    additive=False,
    enough=lambda counts: counts.known if counts.sum("events") >= 5 else counts.sum("events"),
)

# An expiry on T itself is not yet due. A right that has a validity and no expiry is unknown when it should have expired.
ACC_03_UNITS = """
WITH expiry AS (
    SELECT p.period_no, p.p1, w.organisation_id, w.until, s.*,
        COALESCE(s.expires_on, (s.opened_on + make_interval(months => r.months, days => r.days))::date) AS due_on
    FROM fact_period p
    JOIN fact_step s ON s.opened_on <= p.p1
    JOIN fact_pathway w ON w.pathway_id = s.pathway_id
    LEFT JOIN fact_right r ON r.code = s.right_code
    WHERE COALESCE(s.expires_on, (s.opened_on + make_interval(months => r.months, days => r.days))::date) BETWEEN p.p0 AND p.p1 - 1
), present AS (
    SELECT e.* FROM expiry e WHERE e.until >= e.due_on AND NOT (
        e.state IN ('not_concerned', 'declined') AND COALESCE(e.closed_on <= e.due_on + 1, true))
        AND NOT EXISTS (SELECT FROM fact_step n WHERE n.renewed_from_id = e.step_id AND n.state IN ('not_concerned', 'declined')
            AND COALESCE(n.closed_on <= e.p1, true))
), renewed AS (
    SELECT e.*, (SELECT min(n.opened_on) FROM fact_step n WHERE n.opened_on <= e.p1 AND (n.renewed_from_id = e.step_id
        OR (n.worker_id = e.worker_id AND n.right_code = e.right_code AND n.step_id <> e.step_id
            AND n.opened_on > e.opened_on))) AS again_on
    FROM present e
)
SELECT organisation_id, period_no, worker_id, step_id AS item, 1::numeric AS weight,
    CASE WHEN expires_on IS NOT NULL THEN COALESCE(again_on <= expires_on + 1, false)::int END::numeric AS amount,
    CASE WHEN expires_on IS NULL THEN 'expiry' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', right_code, opened_on, COALESCE(expires_on::text, '?'), again_on) AS detail, right_code AS "right",
    CASE WHEN expires_on IS NULL OR again_on <= expires_on + 1 THEN NULL
         WHEN again_on IS NULL THEN p1 - expires_on ELSE again_on - expires_on - 1 END AS lapse
FROM renewed
"""


def _acc_03(counts: Counts, period: Period) -> Figure:
    return share(counts, median_lapse=text(median(counts.numbers("lapses"))))


ACC_03 = Measure(units=ACC_03_UNITS, finish=_acc_03, spreads={"lapses": "lapse::text"})

COMPONENTS = ("handed", "payslips", "visit", "health", "information")

# All five or not; each is yes, no, not due before the exit (yes), or unknown when nobody recorded it.
ACC_04_UNITS = """
WITH entry AS (
    SELECT DISTINCT ON (c.worker_id) c.* FROM fact_contract c ORDER BY c.worker_id, c.started_on, c.contract_id
), judged AS (
    SELECT p.period_no, p.p1, e.*, least(p.p1, COALESCE(x.left_on, 'infinity')) AS seen_until,
        e.started_on + CASE WHEN extract(isodow FROM e.started_on) IN (5, 6) THEN 3 ELSE 2 END AS handed_by,
        (e.started_on + interval '3 months')::date AS visit_by
    FROM fact_period p
    JOIN entry e ON e.started_on BETWEEN p.p0 AND p.p1 AND e.started_on + p.entry_days::int <= p.p1
    LEFT JOIN LATERAL (SELECT min(l.left_on) AS left_on FROM fact_leaving l
        WHERE l.worker_id = e.worker_id AND l.left_on >= e.started_on) x ON true
), component AS (
    SELECT j.*,
        CASE WHEN j.handed_on IS NOT NULL THEN j.handed_on <= j.handed_by END AS handed,
        (SELECT COALESCE(bool_and(m.closed AND NOT m.missing), true)
         FROM fact_month m WHERE m.worker_id = j.worker_id AND m.month <= j.seen_until
            AND m.month >= date_trunc('month', j.started_on::timestamp)
            AND m.month < date_trunc('month', j.visit_by::timestamp)) AS all_closed,
        (SELECT CASE WHEN count(*) = 0 THEN CASE WHEN j.seen_until < j.visit_by THEN true END
            WHEN bool_or(s.opened_on <= j.visit_by) THEN true
            WHEN j.seen_until < j.visit_by THEN true ELSE false END
         FROM fact_step s WHERE s.worker_id = j.worker_id AND s.right_code = %(visit)s) AS visit,
        (SELECT CASE WHEN count(*) = 0 THEN NULL ELSE COALESCE(bool_or(
            s.opened_on <= j.visit_by OR s.waiver_signed_on <= j.visit_by), false) END
         FROM fact_step s WHERE s.worker_id = j.worker_id AND s.right_code = %(health)s) AS health,
        CASE WHEN j.rights_information_on <= j.visit_by THEN true WHEN j.rights_information_on IS NOT NULL THEN false END AS information
    FROM judged j
), known AS (
    SELECT *, CASE WHEN all_closed THEN true END AS payslips FROM component
)
SELECT organisation_id, period_no, worker_id, contract_id AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL WHEN handed IS NULL THEN 'handed' WHEN payslips IS NULL THEN 'payslips'
         WHEN visit IS NULL THEN 'visit' WHEN health IS NULL THEN 'health' ELSE 'information' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', started_on, COALESCE(handed::text, '?'), COALESCE(payslips::text, '?'), COALESCE(visit::text, '?'),
        COALESCE(health::text, '?'), COALESCE(information::text, '?')) AS detail, handed, payslips, visit, health, information
FROM known CROSS JOIN LATERAL (SELECT CASE
    WHEN NOT (handed AND payslips AND visit AND health AND information) THEN 0
    WHEN handed AND payslips AND visit AND health AND information THEN 1 END::numeric AS amount) v
"""


def _acc_04(counts: Counts, period: Period) -> Figure:
    return share(
        counts,
        **{name: f"{plain(counts.sum(name))}/{plain(counts.sum(f'{name}_known'))}" for name in COMPONENTS},
    )


ACC_04 = Measure(
    units=ACC_04_UNITS,
    finish=_acc_04,
    sums={
        **{name: f"count(*) FILTER (WHERE {name})" for name in COMPONENTS},
        **{f"{name}_known": f"count({name})" for name in COMPONENTS},
    },
)
