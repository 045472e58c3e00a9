"""Small, plain objects for tests. Dates are given by the test when they matter."""

from datetime import date
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounts.models import Commune, Departement, Membership, Organisation, Region, User
from accounts.roles import Role
from contracts.models import Amendment, Assignment, Contract, Decision, Flag, WorkedMonth
from parcours.models import (
    Barrier,
    BarrierState,
    Diagnosis,
    EngagementContract,
    Exit,
    ExitCall,
    FollowUp,
    HoursWish,
    Objective,
    PassIAE,
    Pathway,
    PlanAction,
    PlanReview,
    Strength,
    Worker,
)
from participation.models import (
    AssociationMember,
    Attendance,
    Ballot,
    Body,
    CivicStatement,
    ExpressionSession,
    Proposal,
    Seat,
    SurveyAnswer,
    SurveyCode,
    SurveyWave,
)
from partners.models import Agreement, Orientation, Partner, Service, UnmetNeed
from rights.models import RightStep
from skills.models import Assessment, Framework, Skill, Training, TrainingSession


class RegionFactory(DjangoModelFactory):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "53"
    name = "Bretagne"


class DepartementFactory(DjangoModelFactory):
    class Meta:
        model = Departement
        django_get_or_create = ("code",)

    code = "35"
    name = "Ille-et-Vilaine"
    region = factory.SubFactory(RegionFactory)


class CommuneFactory(DjangoModelFactory):
    class Meta:
        model = Commune
        django_get_or_create = ("code",)

    code = "35238"
    name = "Rennes"
    departement = factory.SubFactory(DepartementFactory)
    postal_codes = ["35000", "35200", "35700"]


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    nature = "structure"
    kind = "ACI"
    name = factory.Sequence(lambda n: f"Atelier {n}")
    commune = factory.SubFactory(CommuneFactory)


class GroupFactory(OrganisationFactory):
    nature = "group"
    kind = ""
    name = factory.Sequence(lambda n: f"Groupe {n}")


class FederationFactory(GroupFactory):
    nature = "federation"
    name = "COORACE"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@example.org")
    first_name = "Camille"
    last_name = factory.Sequence(lambda n: f"Martin{n}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.COUNSELLOR
    started_on = date(2020, 1, 1)


def user_with(role: Role, organisation: Organisation, **fields: object) -> User:
    """A user who holds one role in one organisation."""
    user: User = UserFactory(**fields)
    MembershipFactory(user=user, organisation=organisation, role=role)
    return user


class WorkerFactory(DjangoModelFactory):
    class Meta:
        model = Worker

    organisation = factory.SubFactory(OrganisationFactory)
    first_name = "Amina"
    last_name = factory.Sequence(lambda n: f"Diallo{n}")
    birth_date = date(1985, 4, 12)
    sex = "F"


class PathwayFactory(DjangoModelFactory):
    class Meta:
        model = Pathway

    worker = factory.SubFactory(WorkerFactory)
    started_on = date(2024, 1, 8)
    phase = "accompagnement"


class ExitFactory(DjangoModelFactory):
    class Meta:
        model = Exit

    pathway = factory.SubFactory(PathwayFactory, ended_on=date(2025, 5, 31))
    exited_on = date(2025, 5, 31)


class PassFactory(DjangoModelFactory):
    class Meta:
        model = PassIAE

    worker = factory.SubFactory(WorkerFactory)
    number = factory.Sequence(lambda n: f"99999{n:07d}")
    started_on = date(2024, 1, 8)
    ended_on = date(2026, 1, 6)


class FollowUpFactory(DjangoModelFactory):
    class Meta:
        model = FollowUp

    pathway = factory.SubFactory(PathwayFactory)
    author = factory.SubFactory(UserFactory)
    kind = "entretien_individuel"
    held_on = date(2024, 3, 1)
    minutes = 30


class ContractFactory(DjangoModelFactory):
    class Meta:
        model = Contract

    worker = factory.SubFactory(WorkerFactory)
    kind = "FIXED_TERM_I"
    signed_on = factory.SelfAttribute("started_on")
    started_on = date(2024, 1, 8)
    planned_end_on = date(2024, 7, 7)
    weekly_hours = 26
    hourly_gross = Decimal("11.65")


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = Assignment

    contract = factory.SubFactory(ContractFactory, kind="FIXED_TERM_USAGE")
    client_name = factory.Sequence(lambda n: f"Client {n}")
    started_on = factory.SelfAttribute("contract.started_on")


class WorkedMonthFactory(DjangoModelFactory):
    class Meta:
        model = WorkedMonth

    contract = factory.SubFactory(ContractFactory)
    month = date(2024, 2, 1)
    paid_hours = 110
    gross_pay = "1281.50"
    closed = True


class FlagFactory(DjangoModelFactory):
    class Meta:
        model = Flag

    contract = factory.SubFactory(ContractFactory)
    worker = factory.SelfAttribute("contract.worker")
    organisation = factory.SelfAttribute("worker.organisation")
    code = "CONTRACT_END"
    severity = 3
    rung = 30
    due_on = date(2024, 7, 7)
    opened_on = date(2024, 6, 7)
    facts = {"kind": "FIXED_TERM_I"}


class DecisionFactory(DjangoModelFactory):
    class Meta:
        model = Decision

    contract = factory.SubFactory(ContractFactory)
    worker = factory.SelfAttribute("contract.worker")
    rule = "CONTRACT_END"
    due_on = factory.SelfAttribute("contract.planned_end_on")
    kind = "renew"
    reason = "Parcours à poursuivre"
    decided_by = factory.SubFactory(UserFactory)


class RightStepFactory(DjangoModelFactory):
    class Meta:
        model = RightStep

    pathway = factory.SubFactory(PathwayFactory)
    right = "D02"
    state = "to_study"
    triggered_on = date(2024, 1, 8)


class FrameworkFactory(DjangoModelFactory):
    class Meta:
        model = Framework
        django_get_or_create = ("code", "version")

    code = "ROME"
    version = "60"
    name = "ROME 4.0"


class SkillFactory(DjangoModelFactory):
    class Meta:
        model = Skill

    framework = factory.SubFactory(FrameworkFactory)
    code = factory.Sequence(lambda n: f"{100000 + n}")
    label = factory.Sequence(lambda n: f"Compétence {n}")


class AssessmentFactory(DjangoModelFactory):
    class Meta:
        model = Assessment

    worker = factory.SubFactory(WorkerFactory)
    skill = factory.SubFactory(SkillFactory)
    level = 2
    assessed_on = date(2024, 3, 1)
    author = factory.SubFactory(UserFactory)


class TrainingFactory(DjangoModelFactory):
    class Meta:
        model = Training

    worker = factory.SubFactory(WorkerFactory)
    title = "Sauveteur secouriste du travail"
    started_on = date(2024, 3, 4)


class TrainingSessionFactory(DjangoModelFactory):
    class Meta:
        model = TrainingSession

    training = factory.SubFactory(TrainingFactory)
    held_on = factory.SelfAttribute("training.started_on")
    attended_hours = 7


class StrengthFactory(DjangoModelFactory):
    class Meta:
        model = Strength

    worker = factory.SubFactory(WorkerFactory)
    kind = "know_how"
    words = factory.Sequence(lambda n: f"Je sais réparer un vélo ({n})")
    stated_on = date(2024, 1, 15)
    recorded_by = factory.SubFactory(UserFactory)


class DiagnosisFactory(DjangoModelFactory):
    class Meta:
        model = Diagnosis

    pathway = factory.SubFactory(PathwayFactory)
    made_on = date(2024, 1, 22)
    themes = ["mobilite", "logement"]
    recorded_by = factory.SubFactory(UserFactory)


class BarrierFactory(DjangoModelFactory):
    """A barrier without any state: give one with BarrierStateFactory, or use `parcours.plan.note_barrier`."""

    class Meta:
        model = Barrier

    pathway = factory.SubFactory(PathwayFactory)
    theme = "mobilite"
    identified_on = date(2024, 1, 22)
    said_by = "worker"
    recorded_by = factory.SubFactory(UserFactory)


class BarrierStateFactory(DjangoModelFactory):
    class Meta:
        model = BarrierState

    barrier = factory.SubFactory(BarrierFactory)
    state = "identified"
    since = factory.SelfAttribute("barrier.identified_on")
    said_by = factory.SelfAttribute("barrier.said_by")
    recorded_by = factory.SubFactory(UserFactory)


class ObjectiveFactory(DjangoModelFactory):
    class Meta:
        model = Objective

    pathway = factory.SubFactory(PathwayFactory)
    words = "Passer le permis pour travailler plus loin"
    own_words = True
    set_on = date(2024, 1, 29)
    recorded_by = factory.SubFactory(UserFactory)


class PlanActionFactory(DjangoModelFactory):
    class Meta:
        model = PlanAction

    pathway = factory.SubFactory(PathwayFactory)
    what = "S'inscrire au code"
    autonomy = "with"
    decided_on = date(2024, 1, 29)
    state_on = factory.SelfAttribute("decided_on")
    recorded_by = factory.SubFactory(UserFactory)


class HoursWishFactory(DjangoModelFactory):
    class Meta:
        model = HoursWish

    worker = factory.SubFactory(WorkerFactory)
    weekly_hours = 28
    stated_on = date(2024, 2, 1)
    recorded_by = factory.SubFactory(UserFactory)


class EngagementContractFactory(DjangoModelFactory):
    class Meta:
        model = EngagementContract

    pathway = factory.SubFactory(PathwayFactory)
    version = 1
    worker_commits = "Venir aux rendez-vous"
    structure_commits = "Deux heures par semaine pour le permis"
    proposed_on = date(2024, 1, 29)
    recorded_by = factory.SubFactory(UserFactory)


class PlanReviewFactory(DjangoModelFactory):
    class Meta:
        model = PlanReview

    pathway = factory.SubFactory(PathwayFactory)
    held_on = date(2024, 4, 8)
    worker_present = True
    next_on = date(2024, 7, 8)
    author = factory.SubFactory(UserFactory)


class ExitCallFactory(DjangoModelFactory):
    class Meta:
        model = ExitCall

    exit = factory.SubFactory(ExitFactory)
    months = 3
    due_on = date(2025, 8, 31)


class ExpressionSessionFactory(DjangoModelFactory):
    class Meta:
        model = ExpressionSession

    organisation = factory.SubFactory(OrganisationFactory)
    on = date(2024, 3, 12)
    subjects = ["conditions"]
    held = True
    attendance_listed = True
    recorded_by = factory.SubFactory(UserFactory)


class AttendanceFactory(DjangoModelFactory):
    class Meta:
        model = Attendance

    worker = factory.SubFactory(WorkerFactory)
    session = factory.SubFactory(ExpressionSessionFactory, organisation=factory.SelfAttribute("..worker.organisation"))


class ProposalFactory(DjangoModelFactory):
    class Meta:
        model = Proposal

    session = factory.SubFactory(ExpressionSessionFactory)
    subject = "conditions"
    words = "Commencer à 7 h quand il fait chaud"
    made_on = factory.SelfAttribute("session.on")
    recorded_by = factory.SubFactory(UserFactory)


class BallotFactory(DjangoModelFactory):
    class Meta:
        model = Ballot

    organisation = factory.SubFactory(OrganisationFactory)
    first_round_on = date(2024, 6, 6)
    recorded_by = factory.SubFactory(UserFactory)


class BodyFactory(DjangoModelFactory):
    class Meta:
        model = Body

    organisation = factory.SubFactory(OrganisationFactory)
    kind = "board"
    voting_seats = 9
    checked_on = date(2024, 1, 10)
    recorded_by = factory.SubFactory(UserFactory)


class SeatFactory(DjangoModelFactory):
    class Meta:
        model = Seat

    body = factory.SubFactory(BodyFactory)
    holder_status = "worker"
    started_on = date(2024, 1, 10)
    recorded_by = factory.SubFactory(UserFactory)


class CivicStatementFactory(DjangoModelFactory):
    class Meta:
        model = CivicStatement

    worker = factory.SubFactory(WorkerFactory)
    asked_on = date(2024, 5, 2)
    answer = "none"
    recorded_by = factory.SubFactory(UserFactory)


class AssociationMemberFactory(DjangoModelFactory):
    class Meta:
        model = AssociationMember

    worker = factory.SubFactory(WorkerFactory)
    started_on = date(2024, 2, 1)
    recorded_by = factory.SubFactory(UserFactory)


class SurveyWaveFactory(DjangoModelFactory):
    class Meta:
        model = SurveyWave

    organisation = factory.SubFactory(OrganisationFactory)
    opened_on = date(2024, 4, 1)
    recorded_by = factory.SubFactory(UserFactory)


class SurveyCodeFactory(DjangoModelFactory):
    class Meta:
        model = SurveyCode

    wave = factory.SubFactory(SurveyWaveFactory)
    digest = factory.Sequence(lambda n: f"{n:064d}")


class SurveyAnswerFactory(DjangoModelFactory):
    class Meta:
        model = SurveyAnswer

    wave = factory.SubFactory(SurveyWaveFactory)
    item = "decided_with_me"
    value = 4


class PartnerFactory(DjangoModelFactory):
    class Meta:
        model = Partner

    source = "dora"
    source_id = factory.Sequence(lambda n: f"dora--{n}")
    name = factory.Sequence(lambda n: f"Garage solidaire {n}")
    updated_on = date(2024, 1, 1)


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = Service

    partner = factory.SubFactory(PartnerFactory)
    source = factory.SelfAttribute("partner.source")
    source_id = factory.Sequence(lambda n: f"dora--service-{n}")
    name = "Location de voitures à petit prix"
    topics = ["mobilite--acceder-a-un-vehicule"]
    themes = ["mobilite"]
    updated_on = date(2024, 1, 1)


class AgreementFactory(DjangoModelFactory):
    class Meta:
        model = Agreement

    organisation = factory.SubFactory(OrganisationFactory)
    partner = factory.SubFactory(PartnerFactory)
    subject = "Location de véhicules"
    signed_on = date(2024, 1, 10)
    recorded_by = factory.SubFactory(UserFactory)


class OrientationFactory(DjangoModelFactory):
    class Meta:
        model = Orientation

    pathway = factory.SubFactory(PathwayFactory)
    partner = factory.SubFactory(PartnerFactory)
    theme = "mobilite"
    sent_on = date(2024, 2, 5)
    state_on = factory.SelfAttribute("sent_on")
    recorded_by = factory.SubFactory(UserFactory)


class UnmetNeedFactory(DjangoModelFactory):
    class Meta:
        model = UnmetNeed

    pathway = factory.SubFactory(PathwayFactory)
    theme = "mobilite"
    reason = "none_exists"
    noted_on = date(2024, 2, 5)
    recorded_by = factory.SubFactory(UserFactory)


class AmendmentFactory(DjangoModelFactory):
    class Meta:
        model = Amendment

    contract = factory.SubFactory(ContractFactory)
    signed_on = date(2024, 3, 1)
    effective_on = date(2024, 4, 1)
