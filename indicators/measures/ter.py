"""Territorial cooperation and experiments: TER-01, EXP-01."""

from indicators.measures.shape import Counts, Figure, Measure, plain, ratio, share, text
from indicators.periods import Period

# A passage is the pathway that ends here and goes on within 31 days in another structure of the same group. Its key is the
# number of the PASS IAE, read inside the group alone (§0.6); without one, whether a pathway that ended went on is unknown.
TER_01_UNITS = """
WITH sent AS (
    SELECT p.period_no, o.pathway_id, bool_or(o.partner_kind IN ('local_authority', 'firm', 'civil_society') AND g.agreed) AS carried,
        bool_or(o.partner_kind = '' AND g.agreed) AS untyped, array_agg(DISTINCT o.partner_id) FILTER (WHERE g.agreed) AS partners,
        string_agg(concat_ws(' ', o.partner_id, COALESCE(NULLIF(o.partner_kind, ''), '?'), o.sent_on, g.agreed), ',' ORDER BY o.orientation_id)
            AS facts
    FROM fact_period p JOIN fact_orientation o ON o.sent_on BETWEEN p.p0 AND p.p1
    JOIN fact_pathway w ON w.pathway_id = o.pathway_id AND w.started_on <= p.p1 AND w.until >= p.p0
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM fact_agreement a WHERE a.organisation_id = w.organisation_id
        AND a.partner_id = o.partner_id AND a.signed_on <= o.sent_on AND a.until >= o.sent_on) AS agreed OFFSET 0) g
    GROUP BY p.period_no, o.pathway_id
)
SELECT w.organisation_id, p.period_no, w.worker_id, w.pathway_id AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NULL THEN CASE WHEN s.untyped THEN 'partner' ELSE 'passage' END END AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', w.started_on, w.ended_on, COALESCE(t.passed::text, '?'), s.facts) AS detail, NULL::text AS partner, t.passed
FROM fact_period p JOIN fact_pathway w ON w.started_on <= p.p1 AND w.until >= p.p0
LEFT JOIN sent s ON s.period_no = p.period_no AND s.pathway_id = w.pathway_id
JOIN fact_organisation o ON o.organisation_id = w.organisation_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN o.group_id IS NULL OR w.ended_on IS NULL OR w.ended_on NOT BETWEEN p.p0 AND p.p1 THEN false
    WHEN NOT EXISTS (SELECT FROM fact_kin_pass n WHERE n.worker_id = w.worker_id) THEN NULL
    ELSE EXISTS (SELECT FROM fact_kin_pass mine JOIN fact_kin_pass n USING (number)
        JOIN fact_kin k ON k.worker_id = n.worker_id AND k.group_id = o.group_id AND k.organisation_id <> w.organisation_id
        JOIN fact_kin_pathway g ON g.worker_id = k.worker_id
        WHERE mine.worker_id = w.worker_id AND g.until > w.ended_on
            AND g.started_on <= least(w.ended_on + p.gap_days::int, p.p1)) END AS passed OFFSET 0) t
CROSS JOIN LATERAL (SELECT CASE WHEN s.carried OR t.passed THEN 1 WHEN s.untyped OR t.passed IS NULL THEN NULL
    ELSE 0 END::numeric AS amount) v
UNION ALL
SELECT w.organisation_id, s.period_no, w.worker_id, -partner, 0, NULL, NULL, NULL, NULL, NULL, partner::text, NULL
FROM sent s JOIN fact_pathway w USING (pathway_id) CROSS JOIN unnest(s.partners) partner
"""


def _ter_01(counts: Counts, period: Period) -> Figure:
    partners = len(counts.spread("partners"))
    return share(
        counts,
        partners=str(partners),
        partners_per_100=text(ratio(100 * partners, counts.eligible)),
        passages=plain(counts.sum("passages")),
    )


TER_01 = Measure(
    units=TER_01_UNITS,
    finish=_ter_01,
    sums={"passages": "count(*) FILTER (WHERE passed)"},
    spreads={"partners": "partner"},
)

# Unregistered novelty does not count; ended experiments stay in the companion for ever.
EXP_01_UNITS = """
WITH running AS (
    SELECT p.period_no, t.worker_id, t.contract_id, t.consented_on <= p.p1 AS agreed, t.experiment_id
    FROM fact_period p JOIN fact_participant t ON t.joined_on <= p.p1 AND t.until >= p.p1
    JOIN fact_experiment x ON x.experiment_id = t.experiment_id AND x.registered_on <= p.p1 AND x.started_on <= p.p1
        AND COALESCE(x.ended_on, 'infinity') >= p.p1
)
SELECT m.organisation_id, p.period_no, m.worker_id, 0::bigint AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL WHEN r.doubt THEN 'consent' ELSE 'hours' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover, concat_ws(' ', m.contract_id, m.sure, r.facts) AS detail,
    NULL::boolean AS judged, NULL::boolean AS evaluated
FROM fact_period p JOIN fact_main m ON m.at = p.p1
CROSS JOIN LATERAL (SELECT bool_or(t.agreed) AS covered, bool_or(t.agreed IS NULL) AS doubt,
        string_agg(concat_ws(' ', t.experiment_id, t.contract_id, t.agreed), ',' ORDER BY t.experiment_id) AS facts
    FROM running t WHERE t.period_no = p.period_no AND t.worker_id = m.worker_id
        AND (t.contract_id IS NULL OR t.contract_id = m.contract_id)) r
CROSS JOIN LATERAL (SELECT CASE WHEN r.covered THEN 1 WHEN r.doubt OR NOT m.sure THEN NULL ELSE 0 END::numeric AS amount) v
UNION ALL
SELECT x.organisation_id, p.period_no, NULL, x.experiment_id, 0, NULL, NULL, NULL, NULL,
    concat_ws(' ', x.ended_on, x.evaluation_published_on), true, COALESCE(x.evaluation_published_on <= p.p1, false)
FROM fact_period p JOIN fact_experiment x ON x.ended_on + interval '6 months' <= p.p1
JOIN fact_organisation o ON o.organisation_id = x.organisation_id
"""


def _exp_01(counts: Counts, period: Period) -> Figure:
    return share(
        counts,
        ended=plain(counts.sum("judged")),
        evaluated=plain(counts.sum("evaluated")),
        evaluated_rate=text(ratio(counts.sum("evaluated"), counts.sum("judged"))),
    )


EXP_01 = Measure(
    units=EXP_01_UNITS,
    finish=_exp_01,
    sums={"judged": "count(*) FILTER (WHERE judged)", "evaluated": "count(*) FILTER (WHERE evaluated)"},
)
