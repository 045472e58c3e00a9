"""What was known at K of a structure, replayed row by row from the history; and the common rules, as loops."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models

from accounts.models import Organisation
from contracts.models import Amendment, Assignment, Contract, Decision, Derogation, PayMinimum, Suspension, WorkedMonth
from indicators.models import Experiment, Participant
from indicators.periods import local_day
from law.dates import add_months
from law.nomenclature import contract_kind
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
from partners.models import Agreement, Orientation
from rights.models import RightStep
from skills.models import Assessment, Qualification, Training, TrainingSession

NEVER = date.max


def end_of(contract: Any) -> date:
    """Rule U: effective end, else planned end, else never; an open-ended contract has no planned end."""
    if contract.ended_on is not None:
        return contract.ended_on
    if contract.open_ended or contract.planned_end_on is None:
        return NEVER
    return contract.planned_end_on


def replay(model: type[models.Model], known_at: datetime, **where: Any) -> list[Any]:
    """The rows of a model as they stood at a knowledge date, by replaying every event in the order it was written."""
    rows: dict[int, Any] = {}
    for event in model.pgh_event_model.objects.filter(**where).order_by("pgh_id"):
        if event.pgh_created_at <= known_at:
            if event.pgh_label == "delete":
                rows.pop(event.pgh_obj_id, None)
            else:
                rows[event.pgh_obj_id] = event
    return [rows[key] for key in sorted(rows)]


def features(model: type[models.Model], known_at: datetime) -> dict[int, Any]:
    """What bodies were as known at K, by id; before they were first recorded, their first state."""
    found: dict[int, Any] = {}
    for event in model.pgh_event_model.objects.order_by("pgh_id"):
        if event.pgh_created_at <= known_at or event.pgh_obj_id not in found:
            found[event.pgh_obj_id] = event
    return found


@dataclass
class Person:
    id: int
    file: Any
    contracts: list[Any] = field(default_factory=list)
    pathways: list[Any] = field(default_factory=list)
    trainings: list[Any] = field(default_factory=list)
    wishes: list[Any] = field(default_factory=list)
    assessments: list[Any] = field(default_factory=list)
    statements: list[Any] = field(default_factory=list)
    derogations: list[Any] = field(default_factory=list)
    experiments: list[Any] = field(default_factory=list)
    passes: list[Any] = field(default_factory=list)
    attended: set[int] = field(default_factory=set)


class World:
    """All that is known at K about a structure."""

    def __init__(self, organisation: Organisation, known_at: datetime, last_month: date) -> None:
        self.organisation = organisation
        self.places = features(Organisation, known_at)
        self.kind = self.places[organisation.pk].kind
        self.known_at = known_at
        self.people = {
            row.pgh_obj_id: Person(row.pgh_obj_id, row) for row in replay(Worker, known_at, organisation=organisation)
        }
        self.contracts: dict[int, Any] = {}
        self.pathways: dict[int, Any] = {}
        self.read_contracts(last_month)
        self.read_pathways()
        self.read_people()
        self.read_structure()

    def attach(self, model: type[models.Model], parent: str, parents: dict[int, Any], name: str) -> dict[int, Any]:
        """The rows of a model known at K, each added to the list `name` of the row it belongs to."""
        rows = {}
        for row in replay(model, self.known_at, **{f"{parent}__in": parents}):
            getattr(parents[getattr(row, f"{parent}_id")], name).append(row)
            rows[row.pgh_obj_id] = row
        return rows

    def read_contracts(self, last_month: date) -> None:
        self.contracts = self.attach(Contract, "worker", self.people, "contracts")
        for row in self.contracts.values():
            kind = contract_kind(row.kind)
            row.securing = kind.securing if kind else None
            row.open_ended = bool(kind and kind.open_ended)
            row.months, row.pays, row.days, row.closed = {}, {}, {}, {}
            row.undeclared = set()
            row.amendments, row.decisions, row.suspensions, row.assignments = [], [], [], []
        for row in self.attach(Amendment, "contract", self.contracts, "amendments").values():
            first = Amendment.pgh_event_model.objects.filter(pgh_obj_id=row.pgh_obj_id).order_by("pgh_created_at")
            row.recorded_at = first[0].pgh_created_at
        for row in replay(Decision, self.known_at, contract__in=self.contracts):
            if row.kind in ("renew", "convert_cdi", "end_with_exit_plan"):
                said = [e for e in Decision.pgh_event_model.objects.filter(pgh_obj_id=row.pgh_obj_id).order_by("pgh_id")
                        if e.notified_on == row.notified_on]  # fmt: skip
                with_it = any(e.pgh_label == "insert" for e in said)
                row.noted_on = date.min if with_it else local_day(min(e.pgh_created_at for e in said))
                self.contracts[row.contract_id].decisions.append(row)
        self.recorded: dict[tuple[int, date], date] = {}
        for event in WorkedMonth.pgh_event_model.objects.filter(contract__in=self.contracts).order_by("pgh_id"):
            if event.pgh_created_at <= self.known_at and event.paid_hours is not None and event.pgh_label != "delete":
                self.recorded.setdefault((event.contract_id, event.month), local_day(event.pgh_created_at))
        for row in replay(WorkedMonth, self.known_at, contract__in=self.contracts):
            contract = self.contracts[row.contract_id]
            contract.months.setdefault(row.month, []).append(row.paid_hours)
            contract.pays.setdefault(row.month, []).append(row.gross_pay if row.closed else None)
            contract.days.setdefault(row.month, []).append(row.paid_days)
            contract.closed.setdefault(row.month, []).append(row.closed)
        self.attach(Suspension, "contract", self.contracts, "suspensions")
        self.attach(Assignment, "contract", self.contracts, "assignments")
        self.undeclared_months(last_month)

    def read_pathways(self) -> None:
        self.pathways = self.attach(Pathway, "worker", self.people, "pathways")
        for row in self.pathways.values():
            row.exit = row.qualification = None
            row.steps, row.reviews, row.diagnoses, row.barriers, row.engagements = [], [], [], [], []
            row.follow_ups, row.orientations = [], []
        exits = {}
        for row in replay(Exit, self.known_at, pathway__in=self.pathways):
            self.pathways[row.pathway_id].exit = exits[row.pgh_obj_id] = row
            row.calls = []
        self.attach(ExitCall, "exit", exits, "calls")
        for row in replay(Qualification, self.known_at, pathway__in=self.pathways):
            self.pathways[row.pathway_id].qualification = row
        self.attach(RightStep, "pathway", self.pathways, "steps")
        self.attach(PlanReview, "pathway", self.pathways, "reviews")
        self.attach(Diagnosis, "pathway", self.pathways, "diagnoses")
        self.attach(EngagementContract, "pathway", self.pathways, "engagements")
        self.attach(Orientation, "pathway", self.pathways, "orientations")
        for row in self.attach(FollowUp, "pathway", self.pathways, "follow_ups").values():
            if row.cancelled_at is not None:
                self.pathways[row.pathway_id].follow_ups.remove(row)
        barriers = self.attach(Barrier, "pathway", self.pathways, "barriers")
        for row in barriers.values():
            row.states, row.actions = [], []
        self.attach(BarrierState, "barrier", barriers, "states")
        self.attach(PlanAction, "barrier", barriers, "actions")

    def read_people(self) -> None:
        trainings = {}
        for row in replay(Training, self.known_at, worker__in=self.people):
            row.traced = not row.afest or bool(row.afest_situation and row.afest_reviewed_on)
            row.sessions = []
            trainings[row.pgh_obj_id] = row
            self.people[row.worker_id].trainings.append(row)
        self.attach(TrainingSession, "training", trainings, "sessions")
        self.attach(HoursWish, "worker", self.people, "wishes")
        self.attach(Assessment, "worker", self.people, "assessments")
        self.attach(CivicStatement, "worker", self.people, "statements")
        self.attach(Derogation, "worker", self.people, "derogations")
        self.attach(Participant, "worker", self.people, "experiments")
        self.attach(PassIAE, "worker", self.people, "passes")

    def read_structure(self) -> None:
        mine = {"organisation": self.organisation}
        self.derogations = [row for row in replay(Derogation, self.known_at, **mine) if row.worker_id is None]
        self.experiments = {row.pgh_obj_id: row for row in replay(Experiment, self.known_at)}
        self.ballots = replay(Ballot, self.known_at, **mine)
        self.bodies = {row.pgh_obj_id: row for row in replay(Body, self.known_at, **mine) if row.level == "structure"}
        for row in self.bodies.values():
            row.seats, row.meetings = [], []
        self.attach(Seat, "body", self.bodies, "seats")
        self.attach(BodyMeeting, "body", self.bodies, "meetings")
        self.sessions = {row.pgh_obj_id: row for row in replay(ExpressionSession, self.known_at, **mine) if row.held}
        for row in self.sessions.values():
            row.proposals = []
        self.attach(Proposal, "session", self.sessions, "proposals")
        for row in replay(Attendance, self.known_at, session__in=self.sessions):
            if row.worker_id in self.people:
                self.people[row.worker_id].attended.add(row.session_id)
        self.minima = replay(PayMinimum, self.known_at, **mine)
        self.agreements = replay(Agreement, self.known_at, **mine)
        self.waves = [row for row in replay(SurveyWave, self.known_at, **mine) if row.closed_on is not None]

    def undeclared_months(self, last_month: date) -> None:
        """Months after the last one the structure declared hours for, of contracts in force and without a row."""
        declared = [
            month
            for c in self.contracts.values()
            for month, rows in c.months.items()
            if all(h is not None for h in rows)
        ]
        if declared:
            month = add_months(max(declared), 1)
        elif self.contracts:
            month = min(c.started_on for c in self.contracts.values()).replace(day=1)
        else:
            return
        while month <= last_month:
            for c in self.contracts.values():
                in_force = c.started_on < add_months(month, 1) and end_of(c) >= month
                if in_force and month not in c.months:
                    c.undeclared.add(month)
            month = add_months(month, 1)
