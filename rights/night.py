# ruff: noqa: S608 - the only variable parts of these statements are the names below
"""The night of rights: what the facts open, what ends soon, what has lapsed. Set-based, exactly once, order-free.

Steps nobody has touched are a function of the facts and of the day: each run makes them so, whatever runs came before.
A step that a person has moved is hers: the night only says that it lapsed, or that another has taken over.

    facts → events (what happened, from when to when) → steps wanted → steps written, mended or withdrawn
    open steps with an end → their renewal, in its window → lapsed, or renewed by the step that took over
"""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from law import law_on
from law.nomenclature import choices, codes, label, nomenclatures
from rights.catalogue import Right, Span, rights

LOCK = 7_302_002  # one refresh at a time; two would wait for each other's rows
AGENCY = ["TEMPORARY"]  # missions: their seniority adds up over months (L2314-20 CT), law.clocks counts it
WHAT = ("opened", "mended", "withdrawn", "renewals", "lapsed", "renewed")

_EVENTS = """
scope AS MATERIALIZED (
    SELECT p.id AS pathway_id, p.worker_id, p.started_on, COALESCE(p.ended_on, 'infinity') AS ended_on,
           w.birth_date, w.rsa, w.disabled_worker, o.kind
    FROM parcours_pathway p JOIN parcours_worker w ON w.id = p.worker_id
    JOIN accounts_organisation o ON o.id = w.organisation_id
    WHERE p.started_on <= %(day)s AND (%(worker)s::bigint IS NULL OR p.worker_id = %(worker)s)
), job AS (
    SELECT *, max(last_day) OVER earlier AS before
    FROM (SELECT c.id, c.worker_id, c.kind, c.started_on, c.weekly_hours, c.kind = ANY(%(open_ended)s) AS open_ended,
                 COALESCE(c.ended_on, CASE WHEN c.kind = ANY(%(open_ended)s) THEN NULL ELSE c.planned_end_on END,
                          'infinity') AS last_day
          FROM contracts_contract c WHERE c.worker_id IN (SELECT worker_id FROM scope)) c
    WINDOW earlier AS (PARTITION BY worker_id ORDER BY started_on, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), numbered AS (
    SELECT *, before IS NULL OR started_on > before + %(gap)s AS hire,
           count(*) FILTER (WHERE before IS NULL OR started_on > before + %(gap)s) OVER sofar AS relation
    FROM job WINDOW sofar AS (PARTITION BY worker_id ORDER BY started_on, id)
), relation AS (
    SELECT worker_id, (array_agg(id ORDER BY started_on, id))[1] AS first_id, max(last_day) AS last_day,
           bool_and(kind = ANY(%(by_the_task)s)) AS by_the_task
    FROM numbered GROUP BY worker_id, relation
), lasting AS (
    SELECT *, max(last_day) OVER (PARTITION BY worker_id ORDER BY started_on, id
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS lasting_before
    FROM job WHERE kind <> ALL(%(agency)s)
), chain AS (
    SELECT worker_id, min(started_on) AS started_on, max(last_day) AS last_day
    FROM (SELECT *, count(*) FILTER (WHERE lasting_before IS NULL OR started_on > lasting_before + 1)
                    OVER (PARTITION BY worker_id ORDER BY started_on, id) AS chain FROM lasting) c
    GROUP BY worker_id, chain
), of_worker (worker_id, event, on_, until_, cause) AS (
    SELECT worker_id, 'hire', started_on, last_day, 'contract:' || id FROM numbered WHERE hire
    UNION ALL
    SELECT worker_id, 'short_hire', started_on, last_day, 'contract:' || id FROM numbered
    WHERE hire AND (last_day < started_on + make_interval(months => %(short_months)s) OR weekly_hours <= %(short_hours)s)
    UNION ALL
    SELECT worker_id, 'agency_hire', started_on, last_day, 'contract:' || id FROM job WHERE kind = ANY(%(agency)s)
    UNION ALL
    SELECT worker_id, 'permanent_hire', started_on, last_day, 'contract:' || id FROM job WHERE open_ended
    UNION ALL
    SELECT worker_id, 'contract_end', last_day, last_day, 'contract:' || first_id FROM relation
    WHERE last_day + CASE WHEN by_the_task THEN %(gap)s ELSE 0 END <= %(day)s
    UNION ALL
    SELECT worker_id, event, (started_on + make_interval(months => months))::date, last_day, ''
    FROM chain CROSS JOIN (VALUES ('elector', %(elector_months)s), ('eligible', %(eligible_months)s),
                                  ('two_years_employed', %(transition_months)s)) t (event, months)
    WHERE (started_on + make_interval(months => months))::date <= last_day
    UNION ALL
    SELECT j.worker_id, 'return_to_work', s.ended_on + 1, s.ended_on + 1, 'suspension:' || s.id
    FROM job j JOIN contracts_suspension s ON s.contract_id = j.id
    WHERE s.ended_on < j.last_day AND (s.reason = 'parental'
       OR s.reason = 'accident' AND s.ended_on - s.started_on >= %(accident_days)s - 1
       OR s.reason = 'illness' AND s.ended_on - s.started_on >= %(illness_days)s - 1)
    UNION ALL
    SELECT worker_id, kind, since,
           LEAST(until, (since + make_interval(years => (%(lasting_years)s::jsonb ->> kind)::int) - interval '1 day')::date,
                 'infinity'), 'circumstance:' || id
    FROM rights_circumstance WHERE worker_id IN (SELECT worker_id FROM scope)
), event (pathway_id, event, since, on_, until_, ends_on, cause) AS (
    SELECT s.pathway_id, e.event, e.on_, GREATEST(e.on_, s.started_on), LEAST(e.until_, s.ended_on), e.until_, e.cause
    FROM scope s JOIN of_worker e ON e.worker_id = s.worker_id AND e.on_ <= s.ended_on AND e.until_ >= s.started_on
    UNION ALL
    SELECT pathway_id, event, started_on, started_on, ended_on, 'infinity', 'held:' || event
    FROM scope CROSS JOIN LATERAL (VALUES ('entry', true), ('rsa', rsa), ('disabled_worker', disabled_worker)) t (event, is_so)
    WHERE is_so
    UNION ALL
    SELECT s.pathway_id, 'first_pay', e.on_, e.on_, s.ended_on, NULL, ''
    FROM scope s JOIN (
        SELECT s.pathway_id, min(m.month) AS month
        FROM scope s JOIN job j USING (worker_id) JOIN contracts_workedmonth m ON m.contract_id = j.id
        WHERE (m.gross_pay > 0 OR m.paid_hours > 0) AND m.month BETWEEN date_trunc('month', s.started_on)::date AND s.ended_on
        GROUP BY s.pathway_id) paid USING (pathway_id)
    CROSS JOIN LATERAL (SELECT LEAST((paid.month + interval '1 month' - interval '1 day')::date, s.ended_on) AS on_) e
    UNION ALL
    SELECT s.pathway_id, 'mid_career', e.on_, GREATEST(e.on_, s.started_on), LEAST(e.last_day, s.ended_on), NULL, ''
    FROM scope s CROSS JOIN LATERAL (
        SELECT make_date(year, 1, 1) AS on_, make_date(year, 12, 31) AS last_day
        FROM (SELECT extract(year FROM s.birth_date)::int + %(mid_career)s AS year) y) e
    WHERE e.on_ <= s.ended_on AND e.last_day >= s.started_on
    UNION ALL
    SELECT s.pathway_id, 'new_year', e.on_, e.on_, e.on_, NULL, 'year:' || extract(year FROM e.on_)
    FROM scope s CROSS JOIN LATERAL (
        SELECT make_date(year, 1, 1) AS on_ FROM generate_series(
            extract(year FROM s.started_on)::int + 1, extract(year FROM %(day)s::date)::int) year) e
    WHERE e.on_ <= s.ended_on
    UNION ALL
    SELECT s.pathway_id, 'inclusion_contract', e.on_, e.on_, s.ended_on, NULL, ''
    FROM scope s CROSS JOIN LATERAL (
        SELECT GREATEST(s.started_on + make_interval(months => %(inclusion_months)s),
                        s.birth_date + make_interval(years => %(inclusion_age)s))::date AS on_) e
    WHERE s.kind = ANY(%(insertion_structures)s) AND s.birth_date IS NOT NULL AND e.on_ <= s.ended_on
)"""

_WANTED = f"""
WITH {_EVENTS}, hired AS (
    SELECT pathway_id, min(on_) AS on_ FROM event WHERE event = 'hire' GROUP BY pathway_id
), served AS (
    SELECT * FROM jsonb_to_recordset(%(served)s::jsonb) AS r ("right" text, event text, label text, held boolean,
        each boolean, once_hired boolean, from_age int, due_months int, due_week int[])
), due_elsewhere AS (
    SELECT * FROM jsonb_to_recordset(%(due_elsewhere)s::jsonb) AS r ("right" text, kind text, due_months int, due_week int[])
), claim AS (
    SELECT e.pathway_id, r."right", r.held, r.label, CASE WHEN r.held OR r.each THEN e.cause ELSE 'pathway' END AS cause,
           CASE WHEN r.held THEN e.on_
                ELSE GREATEST(e.on_, CASE WHEN r.once_hired THEN h.on_ END,
                              (s.birth_date + make_interval(years => r.from_age))::date) END AS triggered_on,
           e.until_, CASE WHEN r.held THEN e.since END AS opened_on,
           CASE WHEN r.held THEN NULLIF(e.ends_on, 'infinity') END AS expires_on,
           COALESCE(d.due_months, r.due_months) AS due_months, COALESCE(d.due_week, r.due_week) AS due_week
    FROM event e JOIN scope s USING (pathway_id) JOIN served r USING (event)
    LEFT JOIN due_elsewhere d ON d."right" = r."right" AND d.kind = s.kind
    LEFT JOIN hired h USING (pathway_id)
    WHERE NOT r.once_hired OR h.on_ IS NOT NULL
), held AS (
    SELECT DISTINCT pathway_id, "right" FROM claim WHERE held AND triggered_on <= %(day)s
), wanted AS MATERIALIZED (
    SELECT DISTINCT ON (c.pathway_id, c."right", c.cause) c.pathway_id, c."right", c.held, c.cause, c.triggered_on, c.label,
           c.opened_on, c.expires_on,
           CASE WHEN NOT c.held THEN d.day + c.due_week[extract(isodow FROM d.day)::int] END AS due_on
    FROM claim c LEFT JOIN held h USING (pathway_id, "right")
    CROSS JOIN LATERAL (SELECT (c.triggered_on + make_interval(months => c.due_months))::date AS day) d
    WHERE c.triggered_on <= LEAST(%(day)s, c.until_) AND (c.cause <> 'pathway' OR h.pathway_id IS NULL)
      AND NOT EXISTS (
          SELECT 1 FROM rights_rightstep m WHERE m.pathway_id = c.pathway_id AND m."right" = c."right" AND m.cause = ''
          AND m.renewed_from_id IS NULL
          AND (c.cause = 'pathway' OR abs(m.triggered_on - c.triggered_on) <= %(gap)s))
    ORDER BY c.pathway_id, c."right", c.cause, c.triggered_on, c.label
)"""

_STEPS = f"""{_WANTED}, written AS (
    INSERT INTO rights_rightstep AS s (pathway_id, "right", state, triggered_on, "trigger", cause, held_before, due_on,
                                       opened_on, expires_on, note)
    SELECT pathway_id, "right", CASE WHEN held THEN 'opened' ELSE 'to_study' END, triggered_on, label, cause, held, due_on,
           opened_on, expires_on, ''
    FROM wanted w WHERE NOT EXISTS (
        SELECT FROM rights_rightstep k WHERE k.pathway_id = w.pathway_id AND k."right" = w."right" AND k.cause = w.cause
        AND (k.updated_by_id IS NOT NULL
             OR (k.triggered_on, k."trigger", k.due_on, k.opened_on, k.expires_on) IS NOT DISTINCT FROM
                (w.triggered_on, w.label, w.due_on, w.opened_on, w.expires_on)))
    ON CONFLICT (pathway_id, "right", cause) WHERE cause <> '' DO UPDATE
    SET triggered_on = excluded.triggered_on, "trigger" = excluded."trigger", due_on = excluded.due_on,
        opened_on = excluded.opened_on, expires_on = excluded.expires_on
    WHERE s.updated_by_id IS NULL
    RETURNING CASE WHEN xmax = 0 THEN 'opened' ELSE 'mended' END AS what
), withdrawn AS (
    DELETE FROM rights_rightstep s USING scope
    WHERE scope.pathway_id = s.pathway_id AND s.cause <> '' AND s.updated_by_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.pathway_id = s.pathway_id AND w."right" = s."right" AND w.cause = s.cause)
      AND NOT EXISTS (SELECT 1 FROM rights_rightstep n WHERE n.renewed_from_id = s.id AND n.updated_by_id IS NOT NULL)
    RETURNING 'withdrawn' AS what
)
SELECT what, count(*) FROM (SELECT what FROM written UNION ALL SELECT what FROM withdrawn) done GROUP BY 1"""

# Another step of the same right, open at the latest the day after the last one: whoever recorded it, the right goes on.
# Of a right claimed for each child or each hire, only the renewal itself takes over.
_TAKEN_OVER = """
    SELECT min(n.opened_on) AS on_ FROM rights_rightstep n
    WHERE n.pathway_id = s.pathway_id AND n."right" = s."right" AND n.id <> s.id
      AND n.opened_on > s.opened_on AND n.opened_on <= s.expires_on + 1
      AND (n.renewed_from_id = s.id OR s."right" <> ALL(%(each)s))"""

_RENEWALS = f"""
WITH renewable AS (
    SELECT * FROM jsonb_to_recordset(%(renewable)s::jsonb) AS r ("right" text, from_months int, from_days int, to_months int,
        to_days int)
), ending AS (
    SELECT s.id, s.pathway_id, s."right", GREATEST(s.opened_on, w.first_day) AS triggered_on,
           GREATEST(s.opened_on, w.last_day) AS due_on
    FROM rights_rightstep s JOIN renewable r USING ("right") JOIN parcours_pathway p ON p.id = s.pathway_id
    CROSS JOIN LATERAL (SELECT
        (s.expires_on - make_interval(months => r.from_months))::date - r.from_days AS first_day,
        (s.expires_on - make_interval(months => r.to_months))::date - r.to_days AS last_day) w
    CROSS JOIN LATERAL ({_TAKEN_OVER}) taken
    WHERE (%(worker)s::bigint IS NULL OR p.worker_id = %(worker)s) AND s.state IN ('opened', 'lapsed', 'renewed')
      AND s.opened_on <= %(day)s AND w.first_day <= LEAST(%(day)s, COALESCE(p.ended_on, 'infinity')) AND taken.on_ IS NULL
), written AS (
    INSERT INTO rights_rightstep AS s (pathway_id, "right", state, triggered_on, "trigger", cause, renewed_from_id, held_before,
                                       due_on, note)
    SELECT pathway_id, "right", 'to_study', triggered_on, %(renewal_label)s, '', id, false, due_on, '' FROM ending
    ON CONFLICT (renewed_from_id) DO UPDATE SET triggered_on = excluded.triggered_on, due_on = excluded.due_on
    WHERE s.updated_by_id IS NULL
      AND (s.triggered_on, s.due_on) IS DISTINCT FROM (excluded.triggered_on, excluded.due_on)
    RETURNING CASE WHEN xmax = 0 THEN 'renewals' ELSE 'mended' END AS what
), withdrawn AS (
    DELETE FROM rights_rightstep s USING parcours_pathway p
    WHERE p.id = s.pathway_id AND (%(worker)s::bigint IS NULL OR p.worker_id = %(worker)s)
      AND s.renewed_from_id IS NOT NULL AND s.updated_by_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM ending e WHERE e.id = s.renewed_from_id)
    RETURNING 'withdrawn' AS what
)
SELECT what, count(*) FROM (SELECT what FROM written UNION ALL SELECT what FROM withdrawn) done GROUP BY 1"""

_ENDS = f"""
WITH told AS (
    SELECT s.id, CASE WHEN taken.on_ IS NOT NULL THEN 'renewed' WHEN over THEN 'lapsed' ELSE 'opened' END AS state,
           CASE WHEN taken.on_ IS NOT NULL THEN taken.on_ WHEN over THEN s.expires_on + 1 END AS closed_on
    FROM rights_rightstep s JOIN parcours_pathway p ON p.id = s.pathway_id
    CROSS JOIN LATERAL ({_TAKEN_OVER}) taken
    CROSS JOIN LATERAL (
        SELECT s.expires_on < %(day)s AND s.expires_on < COALESCE(p.ended_on, 'infinity') AS over) o
    WHERE s.expires_on IS NOT NULL AND s.opened_on <= %(day)s AND (%(worker)s::bigint IS NULL OR p.worker_id = %(worker)s)
      AND (s.state = 'opened' OR s.state IN ('lapsed', 'renewed') AND (s.updated_by_id IS NULL OR taken.on_ IS NOT NULL))
)
UPDATE rights_rightstep s SET state = t.state, closed_on = t.closed_on FROM told t
WHERE t.id = s.id AND (s.state, s.closed_on) IS DISTINCT FROM (t.state, t.closed_on)
RETURNING s.state"""


def _span(span: Span) -> dict[str, Any]:
    """A span for SQL: months from date to date, then days by the day of the week where that leads."""
    monday = date(2024, 1, 1)
    week = [monday + timedelta(days=offset) for offset in range(7)]
    return {
        "due_months": span.months,
        "due_week": [(replace(span, months=0).after(day) - day).days for day in week],
    }


def _served(right: Right) -> list[dict[str, Any]]:
    labels = {**dict(choices("right_event")), **dict(choices("circumstance"))}
    return [
        {
            "right": right.code,
            "event": event,
            "label": labels[event],
            "held": held,
            "each": right.each,
            "once_hired": right.once_hired,
            "from_age": right.from_age,
            **_span(right.due),
        }
        for held, events in ((False, right.triggers), (True, right.held_by))
        for event in events
    ]


def _parameters(day: date, worker_id: int | None) -> dict[str, Any]:
    """Every number of the statements, from the law in force on the day and from the catalogue."""
    law = law_on(day)
    catalogue = list(rights().values())
    return {
        "day": day,
        "worker": worker_id,
        "open_ended": codes("contract_kind", open_ended=True),
        "by_the_task": codes("contract_kind", may_overlap=True),
        "agency": AGENCY,
        "gap": law.whole("rights.relation_gap_days"),
        "short_months": law.whole("health_payment.max_months"),
        "short_hours": law.whole("health_payment.max_weekly_hours"),
        "elector_months": law.whole("cse.elector_months"),
        "eligible_months": law.whole("cse.eligible_months"),
        "transition_months": law.whole("transition.months"),
        "accident_days": law.whole("return_visit.accident_days"),
        "illness_days": law.whole("return_visit.illness_days"),
        "mid_career": law.whole("mid_career.age"),
        "inclusion_months": law.whole("cdi_i.min_pathway_months"),
        "inclusion_age": law.whole("cdi_i.min_age"),
        "insertion_structures": codes("structure_kind", siae=True),
        "lasting_years": json.dumps(
            {entry["code"]: entry.get("lasts_years") for entry in nomenclatures()["circumstance"]}
        ),
        "served": json.dumps([line for right in catalogue for line in _served(right)]),
        "due_elsewhere": json.dumps(
            [{"right": r.code, "kind": kind, **_span(span)} for r in catalogue for kind, span in r.due_in]
        ),
        "renewable": json.dumps(
            [
                {
                    "right": right.code,
                    "from_months": right.renewal[0].months,
                    "from_days": right.renewal[0].days,
                    "to_months": right.renewal[1].months,
                    "to_days": right.renewal[1].days,
                }
                for right in catalogue
                if right.renewal
            ]
        ),
        "each": [right.code for right in catalogue if right.each],
        "renewal_label": label("right_event", "renewal"),
    }


def refresh(day: date, worker_id: int | None = None) -> dict[str, int]:
    """Make the steps say what is true on `day`, for everyone or for one worker; returns how many were opened, mended,
    withdrawn, opened as renewals, lapsed, renewed. Twice in a row changes no row."""
    done: Counter[str] = Counter(dict.fromkeys(WHAT, 0))
    values = _parameters(day, worker_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if worker_id is None:
            cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
        for statement in (_STEPS, _RENEWALS):
            cursor.execute(statement, values)
            done.update(dict(cursor.fetchall()))
        cursor.execute(_ENDS, values)
        done.update(state for (state,) in cursor.fetchall() if state in WHAT)
    return dict(done)
