"""What the night looks for: each rule of law/rules.yaml as a SELECT of the flags wanted on a day, in one order of columns.

They read the facts that contracts.flags.refresh prepares (live, running, chained, passes…).
"""
# ruff: noqa: S608 - the statements are made of constants of this module; every value is a parameter

from law.findings import FIRST_RUNG, LADDER, Severity

COLUMNS = "code, organisation_id, worker_id, contract_id, pass_iae_id, due_on, severity, rung, facts, opened_on"


def _on_ladder(due: str) -> tuple[str, str]:
    """SQL for (severity, rung) of a due day, null while it is beyond the ladder."""
    days = f"({due} - %(day)s)"
    severity = " ".join(f"WHEN {days} <= {rung} THEN {severity.value}" for rung, severity in LADDER)
    rung = " ".join(f"WHEN {days} <= {rung} THEN {rung}" for rung, _severity in LADDER)
    return (
        f"CASE WHEN {days} < 0 THEN {Severity.OVERDUE.value} {severity} END",
        f"CASE WHEN {days} < 0 THEN 0 {rung} END",
    )


def _contract_end() -> str:
    severity, rung = _on_ladder("c.planned_end_on")
    return f"""
        SELECT 'CONTRACT_END', c.organisation_id, c.worker_id, c.id, NULL::bigint, c.planned_end_on, {severity}, {rung},
               jsonb_build_object('kind', c.kind), GREATEST(c.started_on, c.planned_end_on - {FIRST_RUNG})
        FROM live c
        WHERE c.ended_on IS NULL AND c.kind = ANY(%(fixed_term)s) AND c.started_on <= %(day)s
          AND c.planned_end_on BETWEEN %(day)s - %(overdue_days)s AND %(day)s + {FIRST_RUNG}
          AND c.planned_end_on - c.started_on + 1 >= %(min_days)s
          AND NOT EXISTS (SELECT 1 FROM live o WHERE o.worker_id = c.worker_id AND o.id <> c.id
                          AND o.started_on <= c.planned_end_on + 1 AND o.last_day > c.planned_end_on)
          AND NOT EXISTS (SELECT 1 FROM contracts_decision d
                          WHERE d.contract_id = c.id AND d.notified_on <= %(day)s AND d.kind = ANY(%(settling)s))"""


def _cddi() -> str:
    """CDDI_MIN and CDDI_MAX read the same chains: CDDI that follow one another without a day between (rule H)."""
    severity, rung = _on_ladder("m.ceiling")
    return f"""
        SELECT 'CDDI_MIN', l.organisation_id, m.worker_id, m.id, NULL::bigint, m.planned_end_on,
               {Severity.WARNING.value}, NULL::int,
               jsonb_build_object('started_on', m.started_on, 'planned_end_on', m.planned_end_on,
                   'min_months', %(min_months)s::int,
                   'earliest_end_on', (m.started_on + make_interval(months => %(min_months)s) - interval '1 day')::date),
               m.started_on
        FROM chained m JOIN live l ON l.id = m.id
        WHERE m.started_on = m.chain_started_on AND m.renews_id IS NULL AND NOT m.sentence_adjustment
          AND m.ended_on IS NULL AND m.planned_end_on >= %(day)s
          AND m.planned_end_on + 1 < m.started_on + make_interval(months => %(min_months)s)
        UNION ALL
        SELECT 'CDDI_MAX', m.organisation_id, m.worker_id, m.id, NULL::bigint, m.ceiling,
               CASE WHEN m.planned_end_on > m.ceiling THEN {Severity.OVERDUE.value} ELSE {severity} END,
               CASE WHEN m.planned_end_on > m.ceiling THEN 0 ELSE {rung} END,
               jsonb_build_object('chain_started_on', m.chain_started_on, 'max_months', m.max_months,
                   'planned_end_on', m.planned_end_on),
               CASE WHEN m.planned_end_on > m.ceiling THEN m.started_on
                    ELSE GREATEST(m.started_on, m.ceiling - %(ceiling_days)s) END
        FROM ceilings m
        WHERE m.planned_end_on > m.ceiling OR m.ceiling - %(day)s <= %(ceiling_days)s"""


def _running() -> str:
    """The rules about the contracts that run on the day: weekly hours, signature, PASS IAE."""
    due = "c.started_on + (%(handover)s::int[])[EXTRACT(ISODOW FROM c.started_on)::int]"
    return f"""
        SELECT 'WEEKLY_HOURS_MIN', c.organisation_id, c.worker_id, c.id, NULL::bigint, c.started_on,
               {Severity.WARNING.value}, NULL::int,
               jsonb_build_object('weekly_hours', c.weekly_hours::float, 'min_hours', %(min_hours)s::float), c.started_on
        FROM running c
        WHERE c.kind = ANY(%(cddi)s) AND c.weekly_hours < %(min_hours)s
          AND NOT EXISTS (SELECT 1 FROM granted d WHERE d.kind = ANY(%(lift_hours)s)
                          AND (d.worker_id = c.worker_id OR d.worker_id IS NULL AND d.organisation_id = c.organisation_id))
        UNION ALL
        SELECT 'CONTRACT_UNSIGNED', c.organisation_id, c.worker_id, c.id, NULL::bigint, {due},
               {Severity.WARNING.value}, NULL::int, jsonb_build_object('started_on', c.started_on), {due} + 1
        FROM running c
        WHERE c.signed_on IS NULL AND %(day)s > {due}
        UNION ALL
        SELECT 'PASS_EXCEEDED', c.organisation_id, c.worker_id, c.id, NULL::bigint, p.ended_on,
               CASE WHEN p.ended_on - %(day)s <= {LADDER[1][0]} THEN {Severity.URGENT.value}
                    ELSE {Severity.WARNING.value} END, NULL::int,
               jsonb_build_object('planned_end_on', c.planned_end_on, 'number', p.number), c.started_on
        FROM running c JOIN valid p ON p.worker_id = c.worker_id
        WHERE c.needs_pass AND c.ended_on IS NULL AND c.kind = ANY(%(insertion_fixed_term)s)
          AND c.planned_end_on > p.ended_on
        UNION ALL
        SELECT 'MISSING_PASS', c.organisation_id, c.worker_id, c.id, NULL::bigint, c.started_on,
               {Severity.URGENT.value}, NULL::int, jsonb_build_object('started_on', c.started_on), c.started_on
        FROM running c
        WHERE c.needs_pass AND c.kind = ANY(%(insertion)s)
          AND NOT EXISTS (SELECT 1 FROM valid p WHERE p.worker_id = c.worker_id)"""


def _pass_end() -> str:
    severity, rung = _on_ladder("p.ended_on")
    return f"""
        SELECT 'PASS_END', p.organisation_id, p.worker_id, NULL::bigint, p.id, p.ended_on, {severity}, {rung},
               jsonb_build_object('number', p.number), GREATEST(p.started_on, p.ended_on - {FIRST_RUNG})
        FROM latest_pass p
        WHERE p.ended_on <= %(day)s + {FIRST_RUNG}"""


def _ai_480() -> str:
    """Windows of 24 months: the first opens with the first counted month, the next with the first one after it."""
    return f"""
        SELECT 'AI_480', x.organisation_id, x.worker_id, NULL::bigint, NULL::bigint, x.last,
               CASE WHEN x.hours >= %(cap)s THEN {Severity.OVERDUE.value}
                    WHEN x.hours >= %(alert_2)s THEN {Severity.URGENT.value} ELSE {Severity.WARNING.value} END,
               CASE WHEN x.hours >= %(cap)s THEN %(cap)s WHEN x.hours >= %(alert_2)s THEN %(alert_2)s
                    ELSE %(alert_1)s END,
               jsonb_build_object('hours', x.hours::float, 'cap', %(cap)s::int, 'window_start_on', x.first), x.first
        FROM (SELECT v.organisation_id, v.worker_id, v.first, v.last,
                     (SELECT sum(h.hours) FROM unnest(v.months, v.hours) h (month, hours)
                      WHERE h.month BETWEEN v.first AND v.last) AS hours
              FROM windows v WHERE %(day)s BETWEEN v.first AND v.last) x
        WHERE x.hours >= %(alert_1)s
          AND NOT EXISTS (SELECT 1 FROM granted d WHERE d.kind = ANY(%(lift_ai)s)
                          AND (d.worker_id = x.worker_id OR d.worker_id IS NULL AND d.organisation_id = x.organisation_id))"""


def _trial_end() -> str:
    """The longest trial of a first contract, by its nature and its length (law.formalities.longest_trial)."""
    weeks = "(c.planned_end_on - c.started_on + 1) / 7"
    return f"""
        SELECT 'TRIAL_END', c.organisation_id, c.worker_id, c.id, NULL::bigint, c.due,
               CASE WHEN c.due - %(day)s <= %(trial_notice_days)s THEN {Severity.URGENT.value}
                    ELSE {Severity.WARNING.value} END, NULL::int,
               jsonb_build_object('started_on', c.started_on, 'kind', c.kind),
               GREATEST(c.started_on, c.due - %(trial_alert_days)s)
        FROM (SELECT c.*, (CASE
                  WHEN c.kind = ANY(%(open_ended)s)
                  THEN c.started_on + make_interval(months => %(trial_months)s) - interval '1 day'
                  WHEN c.kind = 'TEMPORARY' THEN c.started_on - 1 + (%(trial_mission)s::int[])[CASE
                      WHEN c.planned_end_on < c.started_on + interval '1 month' THEN 1
                      WHEN c.planned_end_on < c.started_on + interval '2 months' THEN 2 ELSE 3 END]
                  WHEN c.planned_end_on < GREATEST(c.started_on + make_interval(months => %(trial_limit)s),
                                                   c.started_on + 182)
                  THEN c.started_on - 1 + LEAST({weeks}, %(trial_short)s)
                  ELSE LEAST(c.started_on - 1 + {weeks},
                             c.started_on + make_interval(months => %(trial_long)s) - interval '1 day') END)::date AS due
              FROM running c
              WHERE c.ended_on IS NULL AND c.kind = ANY(%(tried)s) AND c.started_on > %(day)s - 400
                AND (c.planned_end_on IS NOT NULL OR c.kind = ANY(%(open_ended)s))) c
        WHERE c.due BETWEEN %(day)s AND %(day)s + %(trial_alert_days)s AND c.due >= c.started_on
          AND NOT EXISTS (SELECT 1 FROM contracts_contract o
                          WHERE o.worker_id = c.worker_id AND o.started_on < c.started_on)"""


def _medical_visit() -> str:
    """The visit of a first hire; it is noted as a step of the person's rights (the right is law's « visit »)."""
    severity, rung = _on_ladder("v.due")
    return f"""
        SELECT 'MEDICAL_VISIT', v.organisation_id, v.worker_id, NULL::bigint, NULL::bigint, v.due, {severity}, {rung},
               jsonb_build_object('started_on', v.first), GREATEST(v.first, v.due - %(visit_alert_days)s)
        FROM (SELECT c.organisation_id, c.worker_id, h.first, (h.first + make_interval(months =>
                         CASE WHEN c.structure = 'AI' THEN %(visit_months_ai)s ELSE %(visit_months)s END)
                         - interval '1 day')::date AS due
              FROM (SELECT DISTINCT organisation_id, worker_id, structure FROM running
                    WHERE kind <> ALL(%(not_employment)s)
                      AND started_on > %(day)s - %(visit_overdue_days)s - make_interval(months => %(visit_months)s + 1)) c
              CROSS JOIN LATERAL (SELECT min(o.started_on) AS first FROM contracts_contract o
                                  WHERE o.worker_id = c.worker_id AND o.kind <> ALL(%(not_employment)s)) h) v
        WHERE %(day)s BETWEEN v.due - %(visit_alert_days)s AND v.due + %(visit_overdue_days)s
          AND NOT EXISTS (SELECT 1 FROM rights_rightstep s JOIN parcours_pathway t ON t.id = s.pathway_id
                          WHERE t.worker_id = v.worker_id AND s."right" = %(visit)s
                            AND (s.opened_on IS NOT NULL OR s.closed_on IS NOT NULL))"""


def _mission_max() -> str:
    """A mission with those it renews without a day between; one mission of a CDI inclusion of an ETTI."""
    severity, rung = _on_ladder("m.ceiling")
    beyond = "m.ends_on > m.ceiling"
    return f"""
        SELECT 'MISSION_MAX', m.organisation_id, m.worker_id, m.id, NULL::bigint, m.ceiling,
               CASE WHEN {beyond} THEN {Severity.OVERDUE.value} ELSE {severity} END,
               CASE WHEN {beyond} THEN 0 ELSE {rung} END,
               jsonb_build_object('chain_started_on', m.first, 'max_months', m.months, 'planned_end_on', m.ends_on),
               CASE WHEN {beyond} THEN m.started_on ELSE GREATEST(m.started_on, m.ceiling - {FIRST_RUNG}) END
        FROM (SELECT *, (first + make_interval(months => months) - interval '1 day')::date AS ceiling FROM (
            SELECT c.organisation_id, c.worker_id, c.id, c.started_on, c.planned_end_on AS ends_on,
                   %(mission_months)s AS months, COALESCE(chain.first, c.started_on) AS first
            FROM running c
            LEFT JOIN LATERAL (
                SELECT max(l.started_on) FILTER (WHERE l.before IS NULL OR l.started_on > l.before + 1) AS first
                FROM (SELECT o.started_on, max(COALESCE(o.ended_on, o.planned_end_on, 'infinity')) OVER (
                                 ORDER BY o.started_on, o.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                      FROM contracts_contract o
                      WHERE o.worker_id = c.worker_id AND o.kind = 'TEMPORARY' AND o.started_on <= c.started_on) l) chain
              ON c.renews_id IS NOT NULL OR EXISTS (
                SELECT 1 FROM contracts_contract o
                WHERE o.worker_id = c.worker_id AND o.kind = ANY(%(cddi)s) AND (o.started_on, o.id) < (c.started_on, c.id)
                  AND COALESCE(o.ended_on, o.planned_end_on, 'infinity') >= c.started_on - 1)
            WHERE c.kind = 'TEMPORARY' AND c.ended_on IS NULL
            UNION ALL
            SELECT c.organisation_id, c.worker_id, c.id, c.started_on, a.ended_on, %(cdi_i_mission_months)s, a.started_on
            FROM running c
            CROSS JOIN LATERAL (
                SELECT a.started_on, a.ended_on FROM contracts_assignment a
                WHERE a.contract_id = c.id AND a.cancelled_on IS NULL AND a.started_on <= %(day)s
                  AND (a.ended_on IS NULL OR a.ended_on >= %(day)s)
                ORDER BY a.started_on, a.ended_on LIMIT 1) a
            WHERE c.kind = 'PERMANENT_I' AND c.structure = 'ETTI' AND c.ended_on IS NULL) c) m
        WHERE {beyond} OR m.ceiling - %(day)s <= {FIRST_RUNG}"""


def _cdi_inclusion() -> str:
    of_age = "(w.birth_date + make_interval(years => %(cdi_i_age)s))::date"
    since = f"GREATEST({of_age}, (t.started_on + make_interval(months => %(cdi_i_months)s))::date)"
    return f"""
        SELECT 'CDI_I_OPEN', w.organisation_id, w.id, NULL::bigint, NULL::bigint, {since}, {Severity.INFO.value}, NULL::int,
               jsonb_build_object('entered_on', t.started_on, 'of_age_on', {of_age}, 'min_age', %(cdi_i_age)s::int), {since}
        FROM scope w JOIN accompanied t ON t.worker_id = w.id
        WHERE w.structure = ANY(%(cdi_i_structures)s) AND {of_age} <= %(day)s AND {since} <= %(day)s
          AND w.id IN (SELECT worker_id FROM running WHERE kind = ANY(%(insertion_fixed_term)s) AND ended_on IS NULL)
          AND w.id NOT IN (SELECT worker_id FROM running WHERE kind = ANY(%(insertion_open_ended)s) AND ended_on IS NULL)"""


def _pass_life() -> str:
    """The window of a prolongation whose reason the file shows; a suspension of more than twelve months."""
    permanent = "w.id IN (SELECT worker_id FROM running WHERE kind = 'PERMANENT_I' AND ended_on IS NULL)"
    of_age = "w.birth_date + make_interval(years => %(senior_age)s) <= p.ended_on"
    opens = "(p.ended_on - make_interval(months => %(prolongation_opens)s))::date"
    closes = "(p.ended_on + make_interval(months => %(prolongation_closes)s))::date"
    return f"""
        SELECT 'PROLONGATION_OPEN', p.organisation_id, p.worker_id, NULL::bigint, p.id, p.closes_on,
               CASE WHEN p.ended_on < %(day)s THEN {Severity.URGENT.value} ELSE {Severity.INFO.value} END, NULL::int,
               jsonb_build_object('number', p.number, 'ended_on', p.ended_on, 'reason', p.reason),
               GREATEST(p.started_on, p.opens_on)
        FROM (SELECT p.*, {opens} AS opens_on, {closes} AS closes_on,
                     CASE WHEN {permanent} THEN %(reason_cdi)s::text
                          WHEN {of_age} AND used.days < %(senior_cap)s THEN %(reason_senior)s
                          WHEN w.disabled_worker AND used.days < %(rqth_cap)s THEN %(reason_rqth)s END AS reason
              FROM latest_pass p JOIN scope w ON w.id = p.worker_id
              CROSS JOIN LATERAL (SELECT COALESCE(sum(g.days), 0) AS days FROM parcours_passprolongation g
                                  WHERE g.pass_iae_id = p.id AND g.state = 'accepted') used
              WHERE %(day)s BETWEEN {opens} AND {closes} AND ({of_age} OR w.disabled_worker OR {permanent})) p
        WHERE p.reason IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM parcours_passsuspension s
                          WHERE s.pass_iae_id = p.id AND %(day)s BETWEEN s.started_on AND s.ended_on)
          AND NOT EXISTS (SELECT 1 FROM parcours_passprolongation g WHERE g.pass_iae_id = p.id AND g.state = 'requested')
        UNION ALL
        SELECT 'PASS_SUSPENDED', p.organisation_id, p.worker_id, NULL::bigint, p.id, s.since, {Severity.WATCH.value},
               NULL::int,
               jsonb_build_object('number', p.number, 'suspended_on', s.started_on, 'months', %(suspension_months)s::int),
               s.since
        FROM passes p JOIN accompanied t ON t.worker_id = p.worker_id
        JOIN (SELECT *, (started_on + make_interval(months => %(suspension_months)s))::date AS since
              FROM parcours_passsuspension) s ON s.pass_iae_id = p.id
        WHERE %(day)s BETWEEN s.started_on AND s.ended_on AND s.since <= %(day)s"""


def _immersions() -> str:
    """One of each for a contract and a due day: two conventions that end together are one thing to do."""
    return f"""
        SELECT * FROM (
            SELECT DISTINCT ON (i.worker_id, i.contract_id, i.ended_on)
                   'IMMERSION_END', w.organisation_id, i.worker_id, i.contract_id, NULL::bigint, i.ended_on,
                   CASE WHEN i.ended_on < %(day)s THEN {Severity.WARNING.value} ELSE {Severity.WATCH.value} END, NULL::int,
                   jsonb_build_object('host', i.host_name, 'started_on', i.started_on),
                   GREATEST(i.started_on, i.ended_on - %(immersion_alert_days)s)
            FROM contracts_immersion i JOIN scope w ON w.id = i.worker_id
            WHERE i.cancelled_on IS NULL AND i.result = ''
              AND %(day)s BETWEEN i.ended_on - %(immersion_alert_days)s AND i.ended_on + %(immersion_overdue_days)s
            ORDER BY i.worker_id, i.contract_id, i.ended_on, i.started_on, i.id) ending
        UNION ALL
        SELECT * FROM (
            SELECT DISTINCT ON (i.worker_id, i.contract_id, latest.day)
                   'IMMERSION_LIMIT', w.organisation_id, i.worker_id, i.contract_id, NULL::bigint, latest.day,
                   CASE WHEN latest.day < %(day)s THEN {Severity.OVERDUE.value} ELSE {Severity.URGENT.value} END, NULL::int,
                   jsonb_build_object('host', i.host_name, 'ended_on', i.ended_on), i.started_on
            FROM contracts_immersion i JOIN scope w ON w.id = i.worker_id
            LEFT JOIN contracts_contract c ON c.id = i.contract_id AND (c.kind = ANY(%(cddi)s) OR c.kind = 'CUI_CAE')
            CROSS JOIN LATERAL (
                SELECT COALESCE(sum(GREATEST(0, LEAST(o.ended_on, i.started_on - 1) - GREATEST(o.started_on,
                           (i.ended_on - interval '1 year')::date + 1) + 1)) FILTER (WHERE o.host = mine.host), 0)::int AS days,
                       COALESCE(sum(o.ended_on - o.started_on + 1) FILTER (WHERE o.contract_id = i.contract_id), 0)::int
                           AS of_contract
                FROM (SELECT *, COALESCE(NULLIF(host_siret, ''), lower(btrim(host_name))) AS host
                      FROM contracts_immersion) o
                CROSS JOIN (SELECT COALESCE(NULLIF(i.host_siret, ''), lower(btrim(i.host_name))) AS host) mine
                WHERE o.worker_id = i.worker_id AND o.cancelled_on IS NULL
                  AND (o.started_on, o.id) < (i.started_on, i.id)) spent
            CROSS JOIN LATERAL (SELECT LEAST(
                (i.started_on + make_interval(months => %(immersion_months)s) - interval '1 day')::date,
                i.started_on - 1 + %(immersion_host_days)s - spent.days,
                i.started_on - 1 + floor((COALESCE(c.ended_on, c.planned_end_on) - c.started_on + 1)
                                         * %(immersion_share)s)::int - spent.of_contract) AS day) latest
            WHERE i.cancelled_on IS NULL AND i.ended_on >= %(day)s AND i.ended_on > latest.day
            ORDER BY i.worker_id, i.contract_id, latest.day, i.started_on, i.id) beyond"""


def _asked() -> str:
    """The rules that only ask for a decision: once it was told to the person, there is nothing left to say."""
    return f"""
        SELECT * FROM ({_trial_end()} UNION ALL {_cdi_inclusion()} UNION ALL {_pass_life()}) n ({COLUMNS})
        WHERE NOT EXISTS (SELECT 1 FROM contracts_decision d
                          WHERE d.worker_id = n.worker_id AND d.rule = n.code AND d.due_on = n.due_on
                            AND d.notified_on <= %(day)s)"""


def wanted() -> str:
    """All that is wanted on the day, in the order of COLUMNS."""
    rules = (
        _contract_end,
        _cddi,
        _running,
        _pass_end,
        _ai_480,
        _medical_visit,
        _mission_max,
        _immersions,
        _asked,
    )
    return " UNION ALL ".join(rule() for rule in rules)
