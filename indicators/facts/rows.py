# ruff: noqa: S608 - the only variable parts of these statements are names written here
"""Rows as known at K, read from the history of each model."""

from audit.history import event_table, known_at_sql
from contracts.models import Amendment, Contract, Decision, WorkedMonth
from parcours.models import Exit, Pathway, Worker
from rights.models import RightStep
from skills.models import Training, TrainingSession

# A decision about an expiry; extending a PASS or suspending a contract is not one.
DECIDING = [Decision.Kind.RENEW.value, Decision.Kind.CONVERT.value, Decision.Kind.END.value]

SPANS = """
CREATE TEMP TABLE fact_span ON COMMIT DROP AS
SELECT period_no, g::date AS month
FROM fact_period, generate_series(p0::timestamp, p1::timestamp, interval '1 month') g
"""

ORGANISATIONS = """
CREATE TEMP TABLE fact_organisation ON COMMIT DROP AS
SELECT id AS organisation_id, kind FROM accounts_organisation WHERE id = ANY(%(organisations)s)
"""

WORKERS = f"""
CREATE TEMP TABLE fact_worker ON COMMIT DROP AS
SELECT pgh_obj_id AS worker_id, organisation_id
FROM ({known_at_sql(Worker, "organisation_id = ANY(%(organisations)s)")}) w
"""

PATHWAYS = f"""
CREATE TEMP TABLE fact_pathway ON COMMIT DROP AS
SELECT p.pgh_obj_id AS pathway_id, worker_id, w.organisation_id, p.started_on, p.ended_on, p.rights_diagnosed_on
FROM ({known_at_sql(Pathway, "worker_id IN (SELECT worker_id FROM fact_worker)")}) p JOIN fact_worker w USING (worker_id)
"""

CONTRACTS = f"""
CREATE TEMP TABLE fact_contract ON COMMIT DROP AS
SELECT c.pgh_obj_id AS contract_id, worker_id, w.organisation_id, c.kind, k.securing,
    COALESCE(k.open_ended, false) AS open_ended, c.renews_id, c.signed_on, c.started_on,
    CASE WHEN k.open_ended THEN NULL ELSE c.planned_end_on END AS planned_end_on, c.ended_on,
    COALESCE(c.ended_on, CASE WHEN k.open_ended THEN NULL ELSE c.planned_end_on END, 'infinity') AS ends_on,
    c.hourly_gross
FROM ({known_at_sql(Contract, "worker_id IN (SELECT worker_id FROM fact_worker)")}) c
JOIN fact_worker w USING (worker_id)
LEFT JOIN fact_kind k ON k.kind = c.kind
"""

AMENDMENTS = f"""
CREATE TEMP TABLE fact_amendment ON COMMIT DROP AS
SELECT a.pgh_obj_id AS amendment_id, contract_id, a.signed_on, a.effective_on, a.planned_end_on, a.hourly_gross,
    (SELECT min(e.pgh_created_at) FROM {event_table(Amendment)} e WHERE e.pgh_obj_id = a.pgh_obj_id) AS recorded_at
FROM ({known_at_sql(Amendment, "contract_id IN (SELECT contract_id FROM fact_contract)")}) a
"""


AMENDMENT_INDEX = "CREATE INDEX ON fact_amendment (contract_id)"

MONTHS = f"""
CREATE TEMP TABLE fact_month ON COMMIT DROP AS
SELECT c.worker_id, c.organisation_id, contract_id, m.month,
    sum(COALESCE(m.paid_hours, 0)) AS hours, bool_or(m.paid_hours IS NULL) AS missing, true AS declared
FROM ({known_at_sql(WorkedMonth, "contract_id IN (SELECT contract_id FROM fact_contract)")}) m
JOIN fact_contract c USING (contract_id)
GROUP BY c.worker_id, c.organisation_id, contract_id, m.month
"""

DECISIONS = f"""
CREATE TEMP TABLE fact_decision ON COMMIT DROP AS
SELECT d.pgh_obj_id AS decision_id, contract_id, d.kind, d.notified_on,
    (d.recorded_at AT TIME ZONE %(zone)s)::date AS day
FROM ({known_at_sql(Decision, "contract_id IN (SELECT contract_id FROM fact_contract)")}) d
WHERE d.kind = ANY(%(deciding)s)
"""

EXITS = f"""
CREATE TEMP TABLE fact_exit ON COMMIT DROP AS
SELECT pathway_id, x.exited_on, x.outcome, x.contract_months
FROM ({known_at_sql(Exit, "pathway_id IN (SELECT pathway_id FROM fact_pathway)")}) x
"""

STEPS = f"""
CREATE TEMP TABLE fact_step ON COMMIT DROP AS
SELECT s.pgh_obj_id AS step_id, pathway_id, s."right" AS right_code, s.state, s.triggered_on, s.opened_on, s.expires_on,
    s.closed_on
FROM ({known_at_sql(RightStep, "pathway_id IN (SELECT pathway_id FROM fact_pathway)")}) s
"""

TRAININGS = f"""
CREATE TEMP TABLE fact_training ON COMMIT DROP AS
SELECT t.pgh_obj_id AS training_id, worker_id, t.started_on, t.ended_on, t.mandatory_safety AS safety,
    false AS has_sessions
FROM ({known_at_sql(Training, "worker_id IN (SELECT worker_id FROM fact_worker)")}) t
"""

SESSIONS = f"""
CREATE TEMP TABLE fact_session ON COMMIT DROP AS
SELECT s.pgh_obj_id AS session_id, training_id, t.worker_id, t.safety, s.held_on, s.attended_hours
FROM ({known_at_sql(TrainingSession, "training_id IN (SELECT training_id FROM fact_training)")}) s
JOIN fact_training t USING (training_id)
"""

TRAININGS_WITH_SESSIONS = """
UPDATE fact_training SET has_sessions = true WHERE training_id IN (SELECT training_id FROM fact_session)
"""

# The months a structure has yet to declare: all those after the last one it declared hours for.
UNDECLARED_MONTHS = """
INSERT INTO fact_month
SELECT c.worker_id, c.organisation_id, c.contract_id, g::date, 0, true, false
FROM (
    SELECT o.organisation_id, COALESCE(
        max(m.month) FILTER (WHERE NOT m.missing) + interval '1 month',
        (SELECT date_trunc('month', min(c.started_on)::timestamp) FROM fact_contract c
         WHERE c.organisation_id = o.organisation_id)) AS since
    FROM fact_organisation o LEFT JOIN fact_month m USING (organisation_id)
    GROUP BY o.organisation_id
) u
CROSS JOIN generate_series(u.since, (SELECT max(month) FROM fact_period)::timestamp, interval '1 month') g
JOIN fact_contract c ON c.organisation_id = u.organisation_id
    AND c.started_on < g + interval '1 month' AND c.ends_on >= g::date
WHERE NOT EXISTS (SELECT FROM fact_month m WHERE m.contract_id = c.contract_id AND m.month = g::date)
"""
