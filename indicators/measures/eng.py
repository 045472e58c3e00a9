"""Accompaniment and the worker's own voice: ENG-01 to ENG-04."""

from fractions import Fraction

from indicators.measures.com import rate
from indicators.measures.intervals import wilson
from indicators.measures.shape import ZERO, Counts, Figure, Measure, plain, ratio, rounded, share, text
from indicators.periods import Period

MONTH = Fraction("30.4375")
# Individual interviews: workshops, letters, messages and calls are not.
INTERVIEWS = (
    "entretien_individuel", "bilan", "diagnostic", "tripartite", "visite_chantier", "suivi_poste", "essai", "renouvellement",
    "sortie", "entretien_pro", "exterieur", "visite_domicile", "spontane", "conciliation", "visio",
)  # fmt: skip
NAMED = ", ".join(f"'{kind}'" for kind in INTERVIEWS)

ENG_01_UNITS = f"""
WITH away AS (
    SELECT p.period_no, w.worker_id, range_agg(daterange(greatest(s.started_on, w.started_on, p.p0), least(s.ends_on, w.until, p.p1), '[]'))
        AS spans
    FROM fact_period p JOIN fact_pathway w ON w.started_on <= p.p1 AND w.until >= p.p0
    JOIN fact_suspension s ON s.worker_id = w.worker_id AND s.started_on <= least(w.until, p.p1)
        AND s.ends_on >= greatest(w.started_on, p.p0)
    GROUP BY p.period_no, w.worker_id
), met AS (
    SELECT p.period_no, f.worker_id,
        count(*) FILTER (WHERE f.held_on >= p.p0 AND f.outcome = 'present' AND f.minutes >= p.interview_minutes) AS interviews,
        bool_or(f.held_on > p.p1 - 60 AND f.outcome = 'present' AND f.minutes >= p.interview_minutes) AS lately,
        count(*) FILTER (WHERE f.held_on >= p.p0 AND f.outcome IN ('absent', 'excused')) AS missed_by_worker,
        count(*) FILTER (WHERE f.held_on >= p.p0 AND f.outcome = 'cancelled') AS missed_by_structure
    FROM fact_period p JOIN fact_follow_up f ON f.kind IN ({NAMED}) AND f.held_on BETWEEN least(p.p0, p.p1 - 60) AND p.p1
    GROUP BY p.period_no, f.worker_id
)
SELECT e.organisation_id, e.period_no, e.worker_id, 0::bigint AS item, d.days AS weight,
    COALESCE(m.interviews, 0)::numeric AS amount, CASE WHEN NOT c.calendar THEN 'calendar' END AS reason,
    c.calendar::int::numeric AS covered, 1::numeric AS to_cover,
    concat_ws(' ', e.days, d.days, m.interviews, m.lately, m.missed_by_worker, m.missed_by_structure) AS detail,
    e.pathway_id IS NOT NULL AS present, e.pathway_id IS NOT NULL AND COALESCE(m.lately, false) AS lately,
    m.missed_by_worker, m.missed_by_structure,
    CASE WHEN e.last_entry + interval '3 months' > p.p1 THEN '0-3' WHEN e.last_entry + interval '6 months' > p.p1 THEN '3-6'
         WHEN e.last_entry + interval '12 months' > p.p1 THEN '6-12' ELSE '12+' END AS months_since_entry
FROM fact_presence e JOIN fact_period p USING (period_no)
LEFT JOIN away a ON a.period_no = e.period_no AND a.worker_id = e.worker_id
LEFT JOIN met m ON m.period_no = e.period_no AND m.worker_id = e.worker_id
CROSS JOIN LATERAL (SELECT (e.days - COALESCE((SELECT sum(upper(s) - lower(s)) FROM unnest(a.spans) s), 0))::numeric AS days) d
CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM fact_follow_up f
    WHERE f.organisation_id = e.organisation_id AND f.held_on BETWEEN p.p0 AND p.p1) AS calendar OFFSET 0) c
WHERE e.days > 0
"""  # noqa: S608


def _eng_01(counts: Counts, period: Period) -> Figure:
    figure = rate(counts, MONTH)
    present = counts.sum("present")
    figure.parts.update(
        person_months=text(Fraction(counts.known) / MONTH, 6),
        none_in_60_days=text(ratio(present - counts.sum("lately"), present)),
        missed_by_worker=plain(counts.sum("missed_by_worker")),
        missed_by_structure=plain(counts.sum("missed_by_structure")),
    )
    return figure


ENG_01 = Measure(
    units=ENG_01_UNITS,
    finish=_eng_01,
    sums={
        "present": "count(*) FILTER (WHERE present)",
        "lately": "count(*) FILTER (WHERE lately)",
        "missed_by_worker": "sum(missed_by_worker)",
        "missed_by_structure": "sum(missed_by_structure)",
    },
)

# A contract with a date missing, and none of its dates late, may have been signed in time: unknown.
ENG_02_UNITS = """
WITH signed AS (
    SELECT pathway_id, min(greatest(signed_worker_on, signed_structure_on))
            FILTER (WHERE signed_worker_on IS NOT NULL AND signed_structure_on IS NOT NULL) AS day,
        min(COALESCE(greatest(signed_worker_on, signed_structure_on), '-infinity'))
            FILTER (WHERE signed_worker_on IS NULL OR signed_structure_on IS NULL) AS undated
    FROM fact_engagement GROUP BY pathway_id
), entry AS (
    SELECT p.period_no, w.*, w.started_on + p.engagement_days::int AS by_day, s.day, s.undated,
        EXISTS (SELECT FROM fact_engagement g WHERE g.organisation_id = w.organisation_id) AS practised
    FROM fact_period p
    JOIN fact_pathway w ON w.started_on BETWEEN p.p0 AND p.p1 AND w.started_on + p.engagement_days::int <= p.p1
    LEFT JOIN signed s USING (pathway_id)
)
SELECT organisation_id, period_no, worker_id, pathway_id AS item, CASE WHEN v.left_soon THEN 0 ELSE 1 END::numeric AS weight,
    CASE WHEN NOT v.left_soon THEN CASE WHEN day <= by_day THEN 1 WHEN undated <= by_day THEN NULL
        WHEN day IS NOT NULL OR practised THEN 0 END END::numeric AS amount,
    CASE WHEN v.left_soon OR day <= by_day THEN NULL WHEN undated <= by_day THEN 'date'
        WHEN day IS NULL AND NOT practised THEN 'engagement' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', started_on, ended_on, day, undated) AS detail, v.left_soon
FROM entry CROSS JOIN LATERAL (SELECT until < by_day AND COALESCE(day > until, true) AS left_soon) v
"""


def _eng_02(counts: Counts, period: Period) -> Figure:
    return share(counts, left_soon=plain(counts.sum("left_soon")))


ENG_02 = Measure(units=ENG_02_UNITS, finish=_eng_02, sums={"left_soon": "count(*) FILTER (WHERE left_soon)"})

# No plan is not up to date: absence is the finding. Nobody knowing whether the person was there is unknown.
ENG_03_UNITS = """
SELECT e.organisation_id, e.period_no, e.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN 'present' END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', e.entered_on, r.with_her, r.doubt) AS detail
FROM fact_presence e JOIN fact_period p USING (period_no)
CROSS JOIN LATERAL (SELECT bool_or(x.worker_present) AS with_her, bool_or(x.worker_present IS NULL) AS doubt
    FROM fact_review x JOIN fact_pathway w USING (pathway_id)
    WHERE w.worker_id = e.worker_id AND x.held_on BETWEEN p.p1 - p.review_days::int AND p.p1) r
CROSS JOIN LATERAL (SELECT CASE WHEN r.with_her THEN 1 WHEN r.doubt THEN NULL ELSE 0 END::numeric AS amount) v
WHERE e.pathway_id IS NOT NULL AND e.entered_on < p.p1 - 30
"""


def _eng_03(counts: Counts, period: Period) -> Figure:
    return share(counts)


ENG_03 = Measure(units=ENG_03_UNITS, finish=_eng_03)

ITEM = "decided_with_me"
STRATUM = "kind || '/' || COALESCE(NULLIF(sex, ''), '?')"

# Nobody's answer is tied to her: units are answers, and invitations without one. Weights are sex × kind of those invited.
ENG_04_UNITS = f"""
WITH answered AS (
    SELECT p.period_no, a.organisation_id, o.kind, a.sex, a.item, a.value, a.wave_id
    FROM fact_period p JOIN fact_answer a ON a.closed_on BETWEEN p.p0 AND p.p1
    JOIN fact_organisation o USING (organisation_id)
), heard AS (
    SELECT period_no, wave_id, sex, count(*) AS people FROM answered WHERE item = '{ITEM}' AND value IS NOT NULL
    GROUP BY period_no, wave_id, sex
), silent AS (
    SELECT p.period_no, i.organisation_id, o.kind, i.sex, i.wave_id, i.people, i.people - COALESCE(h.people, 0) AS missing
    FROM fact_period p JOIN fact_invited i ON i.closed_on BETWEEN p.p0 AND p.p1
    JOIN fact_organisation o USING (organisation_id)
    LEFT JOIN heard h ON h.period_no = p.period_no AND h.wave_id = i.wave_id AND h.sex = i.sex
)
SELECT organisation_id, period_no, NULL::bigint AS worker_id, wave_id AS item,
    CASE WHEN item = '{ITEM}' THEN 1 ELSE 0 END::numeric AS weight,
    CASE WHEN item = '{ITEM}' THEN (value >= 4)::int END::numeric AS amount, NULL::text AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', item, sex, value) AS detail,
    COALESCE(NULLIF(sex, ''), '?') AS sex, item || ' ' || (value >= 4)::int AS said,
    CASE WHEN item = '{ITEM}' THEN {STRATUM} END AS answered,
    CASE WHEN item = '{ITEM}' AND value >= 4 THEN {STRATUM} END AS agreed, NULL::text AS invited
FROM answered WHERE value IS NOT NULL
UNION ALL
SELECT organisation_id, period_no, NULL, wave_id, (n <= missing)::int, NULL, CASE WHEN n <= missing THEN 'silent' END,
    NULL, NULL, concat_ws(' ', sex, n), COALESCE(NULLIF(sex, ''), '?'), NULL, NULL, NULL, {STRATUM}
FROM silent CROSS JOIN generate_series(1, people) n
"""  # noqa: S608


def _eng_04(counts: Counts, period: Period) -> Figure:
    weighted, invited, squares = Fraction(0), 0, Fraction(0)
    for name, people in counts.spread("invited").items():
        answered = counts.spread("answered").get(name, 0)
        if answered:
            weighted += people * Fraction(counts.spread("agreed").get(name, 0), answered)
            invited += people
            squares += Fraction(people * people, answered)
    figure = share(counts)
    value = weighted / invited if invited else figure.value
    # as many equal answers as these unequal weights are worth (Kish)
    worth = rounded(invited * invited / squares, 20) if invited else ZERO
    said = counts.spread("said")
    items = sorted({pair.split()[0] for pair in said})
    return Figure(
        value=value,
        low=figure.low,
        high=figure.high,
        interval=wilson(rounded(value, 20) * worth, worth) if value is not None else None,
        parts={
            "unweighted": text(figure.value),
            "invited": plain(counts.eligible),
            "items": {item: text(ratio(said[f"{item} 1"], said[f"{item} 1"] + said[f"{item} 0"])) for item in items},
        },
    )


ENG_04 = Measure(
    units=ENG_04_UNITS,
    finish=_eng_04,
    spreads={name: name for name in ("said", "answered", "agreed", "invited")},
    own=frozenset({"sex"}),
)
