# ruff: noqa: S608 - the only variable parts of these statements are names written here
"""Rows as known at K, read from the history of each model. One line a table: where it comes from and what is kept."""

from dataclasses import dataclass

from django.db import models

from accounts.models import Organisation
from audit.history import event_table, features_at_sql, known_at_sql
from contracts.models import Amendment, Assignment, Contract, Decision, Derogation, PayMinimum, Suspension, WorkedMonth
from indicators.models import Experiment, Participant
from parcours.models import (
    Barrier,
    BarrierState,
    Diagnosis,
    EngagementContract,
    Exit,
    ExitCall,
    FollowUp,
    HoursWish,
    PassIAE,
    Pathway,
    PlanAction,
    PlanReview,
    Worker,
)
from participation.models import (
    Attendance,
    Ballot,
    Body,
    BodyMeeting,
    CivicStatement,
    ExpressionSession,
    Proposal,
    Seat,
    SurveyWave,
)
from partners.models import Agreement, Orientation, Partner
from rights.models import RightStep
from skills.models import Assessment, Qualification, Training, TrainingSession

# A decision about an expiry; extending a PASS or suspending a contract is not one.
DECIDING = [Decision.Kind.RENEW.value, Decision.Kind.CONVERT.value, Decision.Kind.END.value]

OF_STRUCTURE = "organisation_id = ANY(%(organisations)s)"
OF_WORKER = "worker_id IN (SELECT worker_id FROM fact_worker)"
OF_PATHWAY = "pathway_id IN (SELECT pathway_id FROM fact_pathway)"
OF_CONTRACT = "contract_id IN (SELECT contract_id FROM fact_contract)"


@dataclass(frozen=True)
class Rows:
    """A fact table read from a model's history: which events (`where`), which columns, joined to what."""

    table: str
    model: type[models.Model]
    where: str
    columns: str
    joins: str = ""

    @property
    def sql(self) -> str:
        return (
            f"CREATE TEMP TABLE {self.table} ON COMMIT DROP AS"
            f" SELECT {self.columns} FROM ({known_at_sql(self.model, self.where)}) r {self.joins}"
        )


WITH_WORKER = "JOIN fact_worker w USING (worker_id)"
WITH_PATHWAY = "JOIN fact_pathway w USING (pathway_id)"
WITH_CONTRACT = "JOIN fact_contract c USING (contract_id)"

PEOPLE = (
    Rows(
        "fact_worker", Worker, OF_STRUCTURE,
        "pgh_obj_id AS worker_id, organisation_id, sex, birth_date, q.step AS qualification, disabled_worker AS disabled, rsa",
        "LEFT JOIN fact_qualification_step q ON q.level = r.education_level",
    ),
    Rows(
        "fact_pathway", Pathway, OF_WORKER,
        "r.pgh_obj_id AS pathway_id, worker_id, w.organisation_id, r.started_on, r.ended_on,"
        " COALESCE(r.ended_on, 'infinity') AS until, r.rights_diagnosed_on",
        WITH_WORKER,
    ),
    Rows(
        "fact_contract", Contract, OF_WORKER,
        "r.pgh_obj_id AS contract_id, worker_id, w.organisation_id, r.kind, k.securing, k.cddi,"
        " COALESCE(k.open_ended, false) AS open_ended, r.renews_id, r.signed_on, r.started_on,"
        " CASE WHEN k.open_ended THEN NULL ELSE r.planned_end_on END AS planned_end_on, r.ended_on,"
        " COALESCE(r.ended_on, CASE WHEN k.open_ended THEN NULL ELSE r.planned_end_on END, 'infinity') AS ends_on,"
        " r.hourly_gross, r.end_reason, NULLIF(left(r.rome_code, 1), '') AS job_family, r.rome_code,"
        " r.handed_on, r.rights_information_on",
        f"{WITH_WORKER} LEFT JOIN fact_kind k ON k.kind = r.kind",
    ),
    Rows(
        "fact_amendment", Amendment, OF_CONTRACT,
        "r.pgh_obj_id AS amendment_id, contract_id, r.signed_on, r.effective_on, r.planned_end_on, r.hourly_gross,"
        f" (SELECT min(e.pgh_created_at) FROM {event_table(Amendment)} e WHERE e.pgh_obj_id = r.pgh_obj_id) AS recorded_at",
    ),
)  # fmt: skip

AMENDMENT_INDEX = "CREATE INDEX ON fact_amendment (contract_id)"

# A month is known when all its lines are; its pay, when they are closed too: what an open line says may still change.
MONTHS = f"""
CREATE TEMP TABLE fact_month ON COMMIT DROP AS
SELECT c.worker_id, c.organisation_id, contract_id, m.month,
    sum(COALESCE(m.paid_hours, 0)) AS hours, bool_or(m.paid_hours IS NULL) AS missing, true AS declared,
    COALESCE(sum(m.gross_pay) FILTER (WHERE m.closed), 0) AS pay, bool_or(m.gross_pay IS NULL OR NOT m.closed) AS pay_missing,
    bool_and(m.closed) AS closed, sum(COALESCE(m.paid_days, 0)) AS days,
    bool_or(m.paid_days IS NULL AND m.paid_hours > 0) IS TRUE AS days_missing
FROM ({known_at_sql(WorkedMonth, OF_CONTRACT)}) m JOIN fact_contract c USING (contract_id)
GROUP BY c.worker_id, c.organisation_id, contract_id, m.month
"""

# The months a structure has yet to declare: all those after the last one it declared hours for.
UNDECLARED_MONTHS = """
INSERT INTO fact_month
SELECT c.worker_id, c.organisation_id, c.contract_id, g::date, 0, true, false, 0, true, false, 0, false
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

# When the hours of a month were first recorded (QUA-01).
RECORDED_MONTHS = f"""
CREATE TEMP TABLE fact_recorded ON COMMIT DROP AS
SELECT e.contract_id, e.month, (min(e.pgh_created_at) AT TIME ZONE %(zone)s)::date AS day
FROM {event_table(WorkedMonth)} e JOIN fact_contract USING (contract_id)
WHERE e.pgh_created_at <= %(known_at)s AND e.paid_hours IS NOT NULL AND e.pgh_label <> 'delete'
    AND e.month >= (SELECT min(p0) FROM fact_period)
GROUP BY e.contract_id, e.month
"""

CASES = (
    Rows(
        "fact_decision", Decision, OF_CONTRACT,
        "r.pgh_obj_id AS decision_id, contract_id, r.kind, r.notified_on, (r.recorded_at AT TIME ZONE %(zone)s)::date AS day,"
        f" (SELECT (min(e.pgh_created_at) AT TIME ZONE %(zone)s)::date FROM {event_table(Decision)} e"
        "   WHERE e.pgh_obj_id = r.pgh_obj_id AND e.notified_on = r.notified_on"
        "   HAVING NOT bool_or(e.pgh_label = 'insert')) AS noted_on",  # null when said with the decision itself
        "WHERE r.kind = ANY(%(deciding)s)",
    ),
    Rows(
        "fact_suspension", Suspension, OF_CONTRACT,
        "r.pgh_obj_id AS suspension_id, c.worker_id, r.started_on, COALESCE(r.ended_on, 'infinity') AS ends_on, r.reason",
        WITH_CONTRACT,
    ),
    Rows(
        "fact_assignment", Assignment, OF_CONTRACT,
        "r.pgh_obj_id AS assignment_id, c.worker_id, c.organisation_id, r.started_on, r.announced_on, r.cancelled_on",
        WITH_CONTRACT,
    ),
    Rows(
        "fact_derogation", Derogation, OF_STRUCTURE,
        "r.pgh_obj_id AS derogation_id, r.organisation_id, worker_id, r.kind, r.started_on, r.ended_on",
    ),
    Rows("fact_minimum", PayMinimum, OF_STRUCTURE, "organisation_id, r.rome_code, r.since, r.hourly_gross"),
    Rows(
        "fact_exit", Exit, OF_PATHWAY,
        "r.pgh_obj_id AS exit_id, pathway_id, r.exited_on, r.outcome, r.contract_months, q.step AS qualification",
        "LEFT JOIN fact_qualification_step q ON q.level = r.education_level",
    ),
    Rows(
        "fact_call", ExitCall, "exit_id IN (SELECT exit_id FROM fact_exit)",
        "exit_id, r.months, r.answer, r.answered_on, r.situation, r.since, r.contract_months",
    ),
    Rows(
        "fact_step", RightStep, OF_PATHWAY,
        'r.pgh_obj_id AS step_id, pathway_id, w.worker_id, r."right" AS right_code, r.state, r.triggered_on, r.opened_on,'
        " r.expires_on, r.closed_on, r.renewed_from_id, r.held_before, r.waiver_signed_on",
        WITH_PATHWAY,
    ),
    Rows(
        "fact_training", Training, OF_WORKER,
        "r.pgh_obj_id AS training_id, worker_id, w.organisation_id, r.started_on, r.ended_on, r.mandatory_safety AS safety,"
        " r.certifying, r.certification, r.result, r.result_on, r.due_on, r.drop_reason,"
        " NOT r.afest OR (r.afest_situation <> '' AND r.afest_reviewed_on IS NOT NULL) AS traced, false AS has_sessions",
        WITH_WORKER,
    ),
    Rows(
        "fact_session", TrainingSession, "training_id IN (SELECT training_id FROM fact_training WHERE traced)",
        "r.pgh_obj_id AS session_id, training_id, t.worker_id, t.safety, r.held_on, r.attended_hours",
        "JOIN fact_training t USING (training_id)",
    ),
    Rows(
        "fact_assessment", Assessment, OF_WORKER,
        "r.pgh_obj_id AS assessment_id, worker_id, r.skill_id, r.assessed_on, r.validated, r.evidence <> '' AS evidenced,"
        " r.worker_signed_on",
    ),
    Rows(
        "fact_qualification", Qualification, OF_PATHWAY,
        "pathway_id, a.step AS entry_step, z.step AS exit_step",
        "LEFT JOIN fact_qualification_step a ON a.level = r.entry_level"
        " LEFT JOIN fact_qualification_step z ON z.level = r.exit_level",
    ),
    Rows(
        "fact_wish", HoursWish, OF_WORKER,
        "r.pgh_obj_id AS wish_id, worker_id, r.weekly_hours, r.available, r.held_back_by, r.stated_on",
    ),
    Rows(
        "fact_barrier", Barrier, OF_PATHWAY,
        "r.pgh_obj_id AS barrier_id, pathway_id, w.worker_id, w.organisation_id, r.theme, r.identified_on",
        WITH_PATHWAY,
    ),
    Rows(
        "fact_barrier_state", BarrierState, "barrier_id IN (SELECT barrier_id FROM fact_barrier)",
        "r.pgh_obj_id AS state_id, barrier_id, r.state, r.since, r.said_by",
    ),
    Rows(
        "fact_action", PlanAction, OF_PATHWAY,
        "r.pgh_obj_id AS action_id, pathway_id, r.barrier_id, r.decided_on, r.state, r.state_on",
    ),
    Rows("fact_diagnosis", Diagnosis, OF_PATHWAY, "pathway_id, r.made_on"),
    Rows(
        "fact_engagement", EngagementContract, OF_PATHWAY,
        "pathway_id, w.organisation_id, r.signed_worker_on, r.signed_structure_on", WITH_PATHWAY,
    ),
    Rows("fact_review", PlanReview, OF_PATHWAY, "pathway_id, r.held_on, r.worker_present"),
    Rows(
        "fact_follow_up", FollowUp, OF_PATHWAY,
        "r.pgh_obj_id AS follow_up_id, w.worker_id, w.organisation_id, r.kind, r.outcome, r.held_on, r.minutes",
        f"{WITH_PATHWAY} WHERE r.cancelled_at IS NULL",
    ),
    Rows(
        "fact_ballot", Ballot, OF_STRUCTURE,
        "r.pgh_obj_id AS ballot_id, r.organisation_id, r.first_round_on, r.headcount, r.electors, r.electors_workers,"
        " r.registered, r.registered_workers, r.voters, r.voters_workers, r.elected, r.elected_workers",
    ),
    Rows(
        "fact_body", Body, OF_STRUCTURE,
        "r.pgh_obj_id AS body_id, r.organisation_id, r.kind, r.voting_seats, r.checked_on, b.governance",
        "LEFT JOIN fact_body_kind b ON b.kind = r.kind WHERE r.level = 'structure'",
    ),
    Rows(
        "fact_seat", Seat, "body_id IN (SELECT body_id FROM fact_body)",
        "r.pgh_obj_id AS seat_id, body_id, r.holder_status, worker_id, r.voting, r.started_on,"
        " COALESCE(r.ended_on, 'infinity') AS until",
    ),
    Rows(
        "fact_meeting", BodyMeeting, "body_id IN (SELECT body_id FROM fact_body)",
        "body_id, r.held_on, r.present, r.present_workers",
    ),
    Rows(
        "fact_expression", ExpressionSession, OF_STRUCTURE,
        "r.pgh_obj_id AS expression_id, r.organisation_id, r.on AS held_on, r.attendance_listed",
        "WHERE r.held",
    ),
    Rows(
        "fact_attendance", Attendance, "session_id IN (SELECT expression_id FROM fact_expression)",
        "session_id AS expression_id, worker_id",
    ),
    Rows(
        "fact_proposal", Proposal, "session_id IN (SELECT expression_id FROM fact_expression)",
        "r.pgh_obj_id AS proposal_id, s.organisation_id, r.made_on, r.answered_on",
        "JOIN fact_expression s ON s.expression_id = r.session_id",
    ),
    Rows("fact_civic", CivicStatement, OF_WORKER, "r.pgh_obj_id AS civic_id, worker_id, r.asked_on, r.answer, r.acted_on"),
    Rows(
        "fact_wave", SurveyWave, OF_STRUCTURE, "r.pgh_obj_id AS wave_id, r.organisation_id, r.closed_on",
        "WHERE r.closed_on IS NOT NULL",
    ),
    Rows(
        "fact_orientation", Orientation, OF_PATHWAY,
        "r.pgh_obj_id AS orientation_id, pathway_id, r.partner_id, d.kind AS partner_kind, r.sent_on",
        f"JOIN LATERAL ({features_at_sql(Partner, 'pgh_obj_id = r.partner_id')}) d ON true",
    ),
    # The same people in the other structures of a group, by the number of their PASS IAE (TER-01); nowhere else (§0.6).
    Rows(
        "fact_kin", Worker,
        f"organisation_id IN (SELECT o.pgh_obj_id FROM ({features_at_sql(Organisation)}) o JOIN fact_organisation f USING (group_id))",
        "r.pgh_obj_id AS worker_id, r.organisation_id, o.group_id",
        f"JOIN ({features_at_sql(Organisation)}) o ON o.pgh_obj_id = r.organisation_id",
    ),
    Rows("fact_kin_pass", PassIAE, "worker_id IN (SELECT worker_id FROM fact_kin)", "worker_id, r.number"),
    Rows(
        "fact_kin_pathway", Pathway, "worker_id IN (SELECT worker_id FROM fact_kin)",
        "worker_id, r.started_on, COALESCE(r.ended_on, 'infinity') AS until",
    ),
    Rows(
        "fact_agreement", Agreement, OF_STRUCTURE,
        "r.organisation_id, r.partner_id, r.signed_on, COALESCE(r.ended_on, 'infinity') AS until",
    ),
    Rows(
        "fact_experiment", Experiment, "TRUE",
        "r.pgh_obj_id AS experiment_id, r.organisation_id, r.registered_on, r.started_on, r.ended_on,"
        " r.evaluation_published_on",
    ),
    Rows(
        "fact_participant", Participant, OF_WORKER,
        "r.pgh_obj_id AS participant_id, r.experiment_id, worker_id, r.contract_id, r.joined_on,"
        " COALESCE(r.left_on, 'infinity') AS until, r.consented_on",
    ),
)  # fmt: skip

TRAININGS_WITH_SESSIONS = """
UPDATE fact_training SET has_sessions = true WHERE training_id IN (SELECT training_id FROM fact_session)
"""

# Answers have no author and no history: they are known from the day their wave was known to be closed.
SURVEY = """
CREATE TEMP TABLE fact_answer ON COMMIT DROP AS
SELECT w.wave_id, w.organisation_id, w.closed_on, a.item, a.value, a.sex FROM fact_wave w
JOIN participation_surveyanswer a USING (wave_id)
"""
INVITED = """
CREATE TEMP TABLE fact_invited ON COMMIT DROP AS
SELECT w.wave_id, w.organisation_id, w.closed_on, c.sex, count(*) AS people FROM fact_wave w
JOIN participation_surveycode c USING (wave_id) GROUP BY 1, 2, 3, 4
"""
