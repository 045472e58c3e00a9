# ruff: noqa: S608 - the only variable parts of these statements are names written here
"""Participation and citizenship: PAR-01 to PAR-04 and CIT-01. Counts of ballots and seats; no opinion is stored."""

from indicators.measures.shape import Counts, Figure, Measure, plain, ratio, share, text
from indicators.periods import Period

BALLOTS = """
WITH last_ballot AS (
    SELECT DISTINCT ON (p.period_no, b.organisation_id) p.period_no, p.p1, b.*
    FROM fact_period p JOIN fact_ballot b ON b.first_round_on <= p.p1 AND b.first_round_on > p.p1 - interval '4 years'
    ORDER BY p.period_no, b.organisation_id, b.first_round_on DESC, b.ballot_id DESC
), headcount AS (
    SELECT p.period_no, m.organisation_id, count(*) AS people FROM fact_period p JOIN fact_main m ON m.at = p.p1
    GROUP BY p.period_no, m.organisation_id
), due AS (
    SELECT p.period_no, o.organisation_id, b.ballot_id, b.electors, b.electors_workers, b.registered, b.registered_workers, b.voters,
        b.voters_workers, b.elected, b.elected_workers, b.ballot_id IS NOT NULL AS held,
        COALESCE(b.headcount, h.people, 0) >= 11 OR b.ballot_id IS NOT NULL AS required
    FROM fact_period p CROSS JOIN fact_organisation o
    LEFT JOIN last_ballot b ON b.period_no = p.period_no AND b.organisation_id = o.organisation_id
    LEFT JOIN headcount h ON h.period_no = p.period_no AND h.organisation_id = o.organisation_id
)
"""

PAR_01_UNITS = (
    BALLOTS
    + """
SELECT organisation_id, period_no, NULL::bigint AS worker_id, COALESCE(ballot_id, 0) AS item,
    COALESCE(electors_workers, 0)::numeric AS weight,
    CASE WHEN registered_workers <= electors_workers THEN registered_workers END::numeric AS amount,
    CASE WHEN NOT held THEN 'ballot' WHEN electors_workers IS NULL OR registered_workers IS NULL THEN 'roll'
         WHEN registered_workers > electors_workers THEN 'counts' END AS reason,
    COALESCE(registered_workers <= electors_workers, false)::int::numeric AS covered, 1::numeric AS to_cover,
    concat_ws(' ', electors_workers, registered_workers, registered, voters, voters_workers) AS detail,
    held, CASE WHEN registered IS NOT NULL AND voters IS NOT NULL AND registered_workers IS NOT NULL AND voters_workers IS NOT NULL
        THEN registered - registered_workers END AS roll_others,
    registered, registered_workers, voters, voters_workers
FROM due WHERE required
"""
)


def _par_01(counts: Counts, period: Period) -> Figure:
    workers = ratio(counts.sum("voters_workers"), counts.sum("roll_workers"))
    others = ratio(counts.sum("voters_others"), counts.sum("roll_others"))
    return share(
        counts,
        ballots=plain(counts.sum("held")),
        due=plain(counts.to_cover),
        turnout_workers=text(workers),
        turnout_others=text(others),
        turnout_gap=None if workers is None or others is None else text(workers - others),
    )


PAR_01 = Measure(
    units=PAR_01_UNITS,
    finish=_par_01,
    sums={
        "held": "count(*) FILTER (WHERE held)",
        "roll_workers": "sum(registered_workers) FILTER (WHERE roll_others IS NOT NULL)",
        "voters_workers": "sum(voters_workers) FILTER (WHERE roll_others IS NOT NULL)",
        "roll_others": "sum(roll_others)",
        "voters_others": "sum(voters - voters_workers) FILTER (WHERE roll_others IS NOT NULL)",
    },
)

# The electorate is the yardstick, not the headcount: who may not vote cannot be represented by her vote.
PAR_02_UNITS = (
    BALLOTS
    + """
, mandate AS (
    SELECT p.period_no, b.organisation_id, count(*) AS mandates, sum(least(s.until, p.p1) - s.started_on + 1) AS days
    FROM fact_period p JOIN fact_seat s ON s.started_on <= p.p1 AND s.holder_status = 'worker'
    JOIN fact_body b ON b.body_id = s.body_id AND b.kind = 'cse'
    GROUP BY p.period_no, b.organisation_id
)
SELECT d.organisation_id, d.period_no, NULL::bigint AS worker_id, COALESCE(ballot_id, 0) AS item,
    CASE WHEN v.known THEN elected ELSE 0 END::numeric AS weight, CASE WHEN v.known THEN elected_workers END::numeric AS amount,
    CASE WHEN NOT held THEN 'ballot' WHEN NOT v.known THEN 'counts' END AS reason,
    v.known::int::numeric AS covered, 1::numeric AS to_cover,
    concat_ws(' ', elected, elected_workers, electors, electors_workers, m.mandates, m.days) AS detail,
    CASE WHEN v.known THEN electors END AS electors, CASE WHEN v.known THEN electors_workers END AS electors_workers,
    m.mandates, m.days
FROM due d LEFT JOIN mandate m USING (period_no, organisation_id)
CROSS JOIN LATERAL (SELECT electors IS NOT NULL AND electors_workers IS NOT NULL AND elected IS NOT NULL
    AND elected_workers IS NOT NULL AS known) v
WHERE required
"""
)


def _par_02(counts: Counts, period: Period) -> Figure:
    elected = ratio(counts.k, counts.known)
    electors = ratio(counts.sum("electors_workers"), counts.sum("electors"))
    return Figure(
        value=None if elected is None or not electors else elected / electors,
        parts={
            "among_elected": text(elected),
            "among_electors": text(electors),
            "mean_mandate_days": text(ratio(counts.sum("days"), counts.sum("mandates"))),
        },
    )


PAR_02 = Measure(
    units=PAR_02_UNITS,
    finish=_par_02,
    sums={name: f"sum({name})" for name in ("electors", "electors_workers", "mandates", "days")},
)

PAR_03_UNITS = """
WITH held AS (
    SELECT p.period_no, b.body_id, count(*) AS seats, count(*) FILTER (WHERE s.holder_status = 'worker'
        OR (s.holder_status = 'former_worker' AND f.left_on >= p.p1 - interval '24 months')) AS workers,
        bool_or(s.holder_status = 'former_worker' AND f.left_on IS NULL) AS doubt
    FROM fact_period p JOIN fact_seat s ON s.voting AND s.started_on <= p.p1 AND s.until >= p.p1
    JOIN fact_body b USING (body_id)
    CROSS JOIN LATERAL (SELECT max(l.left_on) AS left_on FROM fact_leaving l WHERE l.worker_id = s.worker_id) f
    GROUP BY p.period_no, b.body_id
), met AS (
    SELECT p.period_no, m.body_id, sum(m.present) AS present, sum(m.present_workers) AS present_workers, count(*) AS meetings
    FROM fact_period p JOIN fact_meeting m ON m.held_on BETWEEN p.p0 AND p.p1
        AND m.present IS NOT NULL AND m.present_workers IS NOT NULL
    GROUP BY p.period_no, m.body_id
), body AS (
    SELECT p.period_no, b.*, COALESCE(b.voting_seats, h.seats, 0) AS seats, COALESCE(h.workers, 0) AS workers, COALESCE(h.doubt, false) AS doubt,
        b.checked_on <= p.p1 AND b.checked_on >= p.p1 - interval '18 months' AS fresh,
        t.present, t.present_workers, t.meetings
    FROM fact_period p CROSS JOIN fact_body b
    LEFT JOIN held h ON h.period_no = p.period_no AND h.body_id = b.body_id
    LEFT JOIN met t ON t.period_no = p.period_no AND t.body_id = b.body_id
    WHERE b.governance
)
SELECT organisation_id, period_no, NULL::bigint AS worker_id, body_id AS item,
    CASE WHEN fresh THEN seats ELSE 0 END::numeric AS weight,
    CASE WHEN fresh AND workers <= seats AND NOT doubt THEN workers END::numeric AS amount,
    CASE WHEN fresh IS NOT TRUE THEN 'composition' WHEN workers > seats THEN 'seats' WHEN doubt THEN 'former' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', kind, seats, workers, doubt, fresh, present, present_workers) AS detail,
    present, present_workers, meetings * workers AS expected_workers, meetings * (seats - workers) AS expected_others
FROM body
UNION ALL
SELECT o.organisation_id, p.period_no, NULL, 0, 0, NULL,
    CASE WHEN f.fresh THEN NULL ELSE 'composition' END, f.fresh::int, 1, f.fresh::text, NULL, NULL, NULL, NULL
FROM fact_period p CROSS JOIN fact_organisation o
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM body b
    WHERE b.period_no = p.period_no AND b.organisation_id = o.organisation_id AND b.fresh) AS fresh) f
WHERE EXISTS (SELECT FROM fact_main m WHERE m.at = p.p1 AND m.organisation_id = o.organisation_id)
    OR EXISTS (SELECT FROM fact_body b WHERE b.organisation_id = o.organisation_id)
"""


def _par_03(counts: Counts, period: Period) -> Figure:
    workers = ratio(counts.sum("present_workers"), counts.sum("expected_workers"))
    others = ratio(counts.sum("present") - counts.sum("present_workers"), counts.sum("expected_others"))
    return share(counts, attendance_workers=text(workers), attendance_others=text(others))


PAR_03 = Measure(
    units=PAR_03_UNITS,
    finish=_par_03,
    sums={name: f"sum({name})" for name in ("present", "present_workers", "expected_workers", "expected_others")},
)

PAR_04_UNITS = """
WITH came AS (
    SELECT p.period_no, a.worker_id, count(*) AS sessions
    FROM fact_period p JOIN fact_expression x ON x.held_on BETWEEN p.since AND p.p1
    JOIN fact_attendance a USING (expression_id)
    GROUP BY p.period_no, a.worker_id
), held AS (
    SELECT p.period_no, x.organisation_id, count(*) AS sessions, bool_and(x.attendance_listed) AS listed
    FROM fact_period p JOIN fact_expression x ON x.held_on BETWEEN p.since AND p.p1
    GROUP BY p.period_no, x.organisation_id
), asked AS (
    SELECT p.period_no, r.organisation_id, count(*) AS proposals,
        count(*) FILTER (WHERE r.answered_on <= r.made_on + p.answer_days::int) AS answered
    FROM fact_period p JOIN fact_proposal r ON r.made_on BETWEEN p.since AND p.p1 - p.answer_days::int
    GROUP BY p.period_no, r.organisation_id
)
SELECT e.organisation_id, e.period_no, e.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN CASE WHEN h.sessions IS NULL THEN 'session' ELSE 'list' END END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', e.year_days, c.sessions, h.sessions, h.listed) AS detail,
    NULL::bigint AS sessions, NULL::bigint AS proposals, NULL::bigint AS answered, false AS held
FROM fact_presence e JOIN fact_period p USING (period_no)
LEFT JOIN came c ON c.period_no = e.period_no AND c.worker_id = e.worker_id
LEFT JOIN held h ON h.period_no = e.period_no AND h.organisation_id = e.organisation_id
CROSS JOIN LATERAL (SELECT CASE WHEN c.sessions > 0 THEN 1 WHEN h.listed THEN 0 END::numeric AS amount) v
WHERE e.year_days >= p.expression_days
UNION ALL
SELECT o.organisation_id, p.period_no, NULL, 0, 0, NULL, NULL, NULL, NULL, concat_ws(' ', h.sessions, a.proposals, a.answered),
    h.sessions, a.proposals, a.answered, h.sessions > 0
FROM fact_period p CROSS JOIN fact_organisation o
LEFT JOIN held h ON h.period_no = p.period_no AND h.organisation_id = o.organisation_id
LEFT JOIN asked a ON a.period_no = p.period_no AND a.organisation_id = o.organisation_id
WHERE h.sessions > 0 OR a.proposals > 0
"""


def _par_04(counts: Counts, period: Period) -> Figure:
    return share(
        counts,
        sessions=plain(counts.sum("sessions")),
        sessions_per_structure=text(ratio(counts.sum("sessions"), counts.sum("structures"))),
        proposals=plain(counts.sum("proposals")),
        answered_in_time=text(ratio(counts.sum("answered"), counts.sum("proposals"))),
    )


PAR_04 = Measure(
    units=PAR_04_UNITS,
    finish=_par_04,
    sums={
        **{name: f"sum({name})" for name in ("sessions", "proposals", "answered")},
        "structures": "count(*) FILTER (WHERE held)",
    },
)

# Not asked is unknown, and so is a refusal: never 0.
CIT_01_UNITS = """
SELECT e.organisation_id, e.period_no, e.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN CASE WHEN s.said THEN 'no_answer' ELSE 'not_asked' END END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', e.year_days, s.acted, s.none, s.said) AS detail
FROM fact_presence e JOIN fact_period p USING (period_no)
CROSS JOIN LATERAL (SELECT bool_or(c.answer = 'acted' AND c.acted_on BETWEEN p.since AND p.p1) AS acted,
        bool_or(c.answer = 'none' OR c.answer = 'acted') AS none, count(*) > 0 AS said
    FROM fact_civic c WHERE c.worker_id = e.worker_id AND c.asked_on BETWEEN p.since AND p.p1) s
CROSS JOIN LATERAL (SELECT CASE WHEN s.acted THEN 1 WHEN s.none THEN 0 END::numeric AS amount) v
WHERE e.year_days >= p.expression_days
"""


def _cit_01(counts: Counts, period: Period) -> Figure:
    return share(counts)


CIT_01 = Measure(units=CIT_01_UNITS, finish=_cit_01)
