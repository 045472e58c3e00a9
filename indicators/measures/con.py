"""Continuity and renewals on time: CON-01 and CON-04."""

from indicators.measures.shape import Counts, Figure, Measure, median, plain, ratio, share, text

CON_01_UNITS = """
WITH exposure AS (
    SELECT p.period_no, p.since, p.p1, w.organisation_id, w.worker_id,
        sum(least(COALESCE(w.ended_on, 'infinity'), p.p1) - greatest(w.started_on, p.since) + 1) AS days
    FROM fact_period p
    JOIN fact_pathway w ON w.started_on <= p.p1 AND COALESCE(w.ended_on, 'infinity') >= p.since
    GROUP BY p.period_no, p.since, p.p1, w.organisation_id, w.worker_id
), span AS (
    SELECT e.period_no, e.worker_id,
        range_agg(daterange(greatest(c.started_on, e.since), least(c.ends_on, e.p1), '[]')) AS spans
    FROM exposure e
    JOIN fact_contract c ON c.worker_id = e.worker_id AND c.started_on <= e.p1 AND c.ends_on >= e.since
    GROUP BY e.period_no, e.worker_id
)
SELECT e.organisation_id, e.period_no, e.worker_id, 0::bigint AS item, 1::numeric AS weight,
    COALESCE((SELECT sum(upper(d) - lower(d)) FROM unnest(s.spans) d), 0)::numeric AS amount,
    NULL AS reason, NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', e.days, s.spans) AS detail, e.days AS exposure
FROM exposure e LEFT JOIN span s USING (period_no, worker_id)
"""


def _con_01(counts: Counts) -> Figure:
    days = counts.also.get("days") or []
    exposure = counts.also.get("exposure") or 0
    mean = ratio(counts.k, counts.known)
    bounded = mean is not None and not counts.unknown
    return Figure(
        value=mean,
        low=mean if bounded else None,
        high=mean if bounded else None,
        parts={
            "mean": text(mean),
            "median": text(median(days)),
            "days": plain(counts.k) if counts.k is not None else None,
            "exposure": str(exposure),
            "density": text(ratio(counts.k, exposure)),
        },
    )


CON_01 = Measure(
    units=CON_01_UNITS,
    finish=_con_01,
    also={"days": "array_agg(amount ORDER BY amount) FILTER (WHERE amount IS NOT NULL)", "exposure": "sum(exposure)"},
)

CON_04_UNITS = """
WITH expiry AS (
    SELECT p.period_no, p.notice_days::int AS notice, c.organisation_id, c.worker_id, c.contract_id, c.securing, c.kind,
        own.planned_end_on
    FROM fact_period p
    CROSS JOIN fact_contract c
    LEFT JOIN fact_terms t ON t.at = p.p1 AND t.contract_id = c.contract_id
    CROSS JOIN LATERAL (SELECT
        CASE WHEN t.contract_id IS NULL THEN c.planned_end_on ELSE t.planned_end_on END AS planned_end_on) own
    WHERE (c.securing = 1 OR c.securing IS NULL)
        AND own.planned_end_on BETWEEN p.p0 AND p.p1
        AND own.planned_end_on - c.started_on + 1 >= p.expiry_days
        AND (c.ended_on IS NULL OR c.ended_on >= own.planned_end_on)
), decided AS (
    SELECT e.period_no, e.contract_id,
        bool_or(d.day <= e.planned_end_on - e.notice AND d.notified_on <= e.planned_end_on - e.notice) AS in_time,
        bool_or(d.day <= e.planned_end_on - e.notice AND d.notified_on IS NULL) AS not_dated,
        max(e.planned_end_on - greatest(d.day, d.notified_on)) FILTER (WHERE d.notified_on IS NOT NULL) AS lead,
        string_agg(concat_ws(' ', d.kind, d.day, d.notified_on), ',' ORDER BY d.decision_id) AS facts
    FROM expiry e JOIN fact_decision d USING (contract_id)
    GROUP BY e.period_no, e.contract_id
), renewed AS (
    SELECT e.period_no, e.contract_id, bool_or(r.signed_on <= e.planned_end_on) AS signed_in_time,
        string_agg(concat_ws(' ', r.contract_id, COALESCE(r.signed_on::text, '?')), ',' ORDER BY r.contract_id) AS facts
    FROM expiry e JOIN fact_contract r ON r.renews_id = e.contract_id
    GROUP BY e.period_no, e.contract_id
)
SELECT e.organisation_id, e.period_no, e.worker_id, e.contract_id AS item, 1::numeric AS weight, v.amount,
    CASE WHEN v.amount IS NOT NULL THEN NULL WHEN e.securing IS NULL THEN 'kind' ELSE 'notified' END AS reason,
    NULL::numeric AS covered, NULL::numeric AS to_cover,
    concat_ws(' ', COALESCE(e.kind, '?'), e.planned_end_on, d.facts, 'renewed', r.facts) AS detail,
    d.lead, r.contract_id IS NOT NULL AS renewed, r.signed_in_time
FROM expiry e
LEFT JOIN decided d USING (period_no, contract_id)
LEFT JOIN renewed r USING (period_no, contract_id)
CROSS JOIN LATERAL (SELECT CASE
    WHEN e.securing IS NULL THEN NULL
    WHEN d.in_time THEN 1
    WHEN d.not_dated THEN NULL
    ELSE 0 END::numeric AS amount) v
"""


def _con_04(counts: Counts) -> Figure:
    figure = share(counts)
    also = counts.also
    signed, dated, renewals = (also.get(name) or 0 for name in ("signed", "dated", "renewals"))
    return Figure(
        value=figure.value,
        low=figure.low,
        high=figure.high,
        parts={
            **figure.parts,
            "lead_time": text(median(also.get("leads") or [])),
            "renewals": str(renewals),
            "renewals_dated": str(dated),
            "renewals_signed_in_time": str(signed),
        },
    )


CON_04 = Measure(
    units=CON_04_UNITS,
    finish=_con_04,
    also={
        "leads": "array_agg(lead::numeric ORDER BY lead) FILTER (WHERE lead IS NOT NULL AND weight = 1)",
        "renewals": "count(*) FILTER (WHERE renewed)",
        "dated": "count(*) FILTER (WHERE signed_in_time IS NOT NULL)",
        "signed": "count(*) FILTER (WHERE signed_in_time)",
    },
)
