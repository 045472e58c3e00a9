"""Three structures with the same kind of data, who may come to each, and every address of the product.

`alpha` is the structure under watch. `bravo` has the same rows and nothing in common with it; `charlie` has the same
rows and the same group as `alpha`. Every free text of a structure holds its mark, so a leak can be read in any answer.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import Error, models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import addresses as addresses_of_people
from accounts import members, tokens
from accounts.models import ApiToken, Membership, Opening, Organisation, User
from accounts.openings import open_access
from accounts.roles import Role
from accounts.sealed_fields import SENSITIVE, SealedField
from agenda.actions import issue_feed
from agenda.attention import the_day
from agenda.models import Appointment, FeedToken, Snooze
from contracts.models import (
    Contract,
    ContractDraft,
    Derogation,
    FaultyLine,
    Flag,
    Immersion,
    ImportedFile,
    PlannedMonth,
    Regularisation,
    Suspension,
)
from documents.exports import LISTINGS
from documents.models import LETTERHEAD, Export, Paper
from documents.papers import KINDS
from indicators.actions import register_experiment
from indicators.catalogue import definitions
from indicators.models import Experiment, Participant, Target, Value
from notifications.letters import unsubscribe_token
from notifications.models import Notice
from parcours.models import (
    Attachment,
    Barrier,
    EngagementContract,
    Exit,
    ExitCall,
    FollowUp,
    FollowUpTemplate,
    Objective,
    PassProlongation,
    PassSuspension,
    PlanAction,
    PrivateNote,
    Worker,
)
from participation.models import Body, BodyMeeting, ExpressionSession, Proposal, Seat, SurveyWave, VoterHelp
from partners.models import Orientation, Partner, Service, UnmetNeed
from privacy.models import Consent, Consultation, DataRequest, Keeping, Term
from rights.models import Circumstance, RightStep
from skills.awards import give_badge
from skills.frameworks import add_skill, create_framework
from skills.models import Award, Badge, Certificate, Framework, IssuerKey, Qualification, Skill, Training
from tests import factories as make
from web.views.acts import ACTS
from web.views.contracts import VERBS
from web.views.plan import WRITINGS

TODAY = timezone.localdate()
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STRUCTURE_ROLES = (Role.COUNSELLOR, Role.HR, Role.DIRECTOR, Role.ADMINISTRATOR, Role.PROTECTION)
LETTER = {
    Role.COUNSELLOR: "C",
    Role.HR: "H",
    Role.DIRECTOR: "D",
    Role.ADMINISTRATOR: "A",
    Role.PROTECTION: "R",
    Role.ANALYST: "N",
    Role.PUBLISHER: "P",
}


@dataclass
class Structure:
    """A structure with one of everything; `mark` is in all its texts, `secret` in what is kept for counsellors."""

    organisation: Organisation
    mark: str
    secret: str
    counsellor: User
    users: dict[Role, User]
    rows: dict[type[models.Model], Any] = field(default_factory=dict)

    def row(self, model: type[models.Model]) -> Any:
        """The row of a model in this structure (the first written)."""
        if model not in self.rows:
            path: str = model.organisation_path  # type: ignore[attr-defined]
            self.rows[model] = model._default_manager.filter(**{path: self.organisation}).order_by("pk").first()
        return self.rows[model]


@dataclass(frozen=True)
class Viewer:
    """Someone who comes: `place` is where from, seen from alpha; `letter` is the role, "" when none is held any more."""

    place: str
    letter: str
    client: Client
    is_token: bool = False

    @property
    def name(self) -> str:
        return f"{'token' if self.is_token else 'user'} {self.letter or '-'} {self.place}"


@dataclass
class World:
    alpha: Structure
    bravo: Structure
    charlie: Structure
    group: Organisation
    federation: Organisation
    viewers: list[Viewer]


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=BACKEND)
    return client


def bearer(organisation: Organisation, role: Role, by: User, **changes: Any) -> Client:
    token, secret = tokens.issue(by=by, organisation=organisation, name="essai", role=role)
    ApiToken.objects.filter(pk=token.pk).update(**changes)
    return Client(raise_request_exception=False, HTTP_AUTHORIZATION=f"Bearer {secret}")


def fill(structure: Structure) -> None:
    """One row of everything in a structure, written by its counsellor."""
    organisation, by = structure.organisation, structure.counsellor
    worker = make.WorkerFactory(
        organisation=organisation, first_name=structure.mark, last_name=structure.mark, counsellor=by, reference="R1"
    )
    mine = {"recorded_by": by}
    pathway = make.PathwayFactory(worker=worker, started_on=TODAY - timedelta(days=300))
    past = make.PathwayFactory(worker=worker, started_on=date(2020, 1, 1), ended_on=date(2021, 1, 1))
    exit_ = make.ExitFactory(pathway=past, exited_on=date(2021, 1, 1))
    if not ExitCall.objects.filter(exit=exit_).exists():
        make.ExitCallFactory(exit=exit_)
    pass_iae = make.PassFactory(worker=worker)
    PassSuspension.objects.create(
        pass_iae=pass_iae, started_on=date(2024, 3, 1), ended_on=date(2024, 3, 31), reason="contract_suspended"
    )
    PassProlongation.objects.create(
        pass_iae=pass_iae, reason="rqth", from_on=pass_iae.ended_on + timedelta(days=1), days=90,
        requested_on=date(2025, 11, 1), requested_by=by,
    )  # fmt: skip
    follow_up = make.FollowUpFactory(pathway=pathway, author=by, held_on=TODAY - timedelta(days=20))
    kept = make.FollowUpFactory(
        pathway=pathway, author=by, held_on=TODAY - timedelta(days=10), themes=["sante"], note=structure.secret
    )
    PrivateNote.objects.create(follow_up=kept, text=structure.secret)
    make.FollowUpFactory(
        pathway=pathway, author=by, held_on=TODAY - timedelta(days=5), themes=["justice"], cancelled_at=timezone.now(),
        cancel_reason=structure.secret,
    )  # fmt: skip
    attachment = Attachment(
        follow_up=follow_up, name=f"{structure.mark}.txt", media_type="text/plain", size=5, sha256=secrets.token_hex(32)
    )
    attachment.content.save("x", ContentFile(structure.mark.encode()))
    FollowUpTemplate.objects.create(organisation=organisation, title=structure.mark)
    contract = make.ContractFactory(
        worker=worker, started_on=TODAY - timedelta(days=100), planned_end_on=TODAY + timedelta(days=20)
    )
    assignment = make.AssignmentFactory(contract=contract)
    month = make.WorkedMonthFactory(
        contract=contract, assignment=assignment, month=(TODAY - timedelta(days=60)).replace(day=1)
    )
    Regularisation.objects.create(
        worked_month=month, hours_before=1, hours_after=2, reason="r", recorded_on=TODAY, recorded_by=by
    )
    PlannedMonth.objects.create(assignment=assignment, month=TODAY.replace(day=1), hours=10)
    Suspension.objects.create(contract=contract, started_on=TODAY - timedelta(days=50))
    make.AmendmentFactory(contract=contract, signed_on=TODAY, effective_on=TODAY)
    make.DecisionFactory(contract=contract, decided_by=by)
    flag = make.FlagFactory(contract=contract, due_on=contract.planned_end_on)
    for user in {by, *structure.users.values()}:
        Notice.objects.create(recipient=user, organisation=organisation, flag=flag, severity=3, told_on=TODAY)
    ContractDraft.objects.create(
        worker=worker, kind="FIXED_TERM_I", started_on=TODAY, prepared_by=by, prepared_on=TODAY
    )
    Derogation.objects.create(
        organisation=organisation, worker=worker, kind="training", decided_by="employer", decided_on=TODAY,
        started_on=TODAY, ended_on=TODAY,
    )  # fmt: skip
    Immersion.objects.create(
        worker=worker, host_name=structure.mark, object="discover", started_on=TODAY, ended_on=TODAY
    )
    make.RightStepFactory(pathway=pathway, due_on=TODAY - timedelta(days=5))
    make.RightStepFactory(pathway=pathway, right="D11", trigger=structure.secret, note=structure.secret)
    Circumstance.objects.create(worker=worker, kind="no_social_number", since=TODAY)
    make.AssessmentFactory(worker=worker, author=by, skill=Skill.objects.first() or make.SkillFactory())
    make.TrainingSessionFactory(training=make.TrainingFactory(worker=worker))
    Certificate.objects.create(worker=worker, title=structure.mark, obtained_on=date(2024, 1, 1))
    badge = Badge.objects.create(organisation=organisation, name="Caisse", description="d", criteria="c")
    give_badge(by=by, badge=badge, worker=worker, awarded_on=TODAY, today=TODAY)
    make.StrengthFactory(worker=worker, **mine)
    make.DiagnosisFactory(pathway=pathway, **mine)
    make.BarrierStateFactory(barrier=make.BarrierFactory(pathway=pathway, **mine), **mine)
    make.ObjectiveFactory(pathway=pathway, **mine)
    make.PlanActionFactory(pathway=pathway, **mine)
    kept_barrier = make.BarrierFactory(pathway=pathway, theme="sante", **mine)
    make.BarrierStateFactory(barrier=kept_barrier, **mine)
    make.ObjectiveFactory(pathway=pathway, theme="sante", **mine)
    make.PlanActionFactory(pathway=pathway, theme="justice", barrier=kept_barrier, **mine)
    make.HoursWishFactory(worker=worker, **mine)
    make.EngagementContractFactory(pathway=pathway, **mine)
    make.PlanReviewFactory(pathway=pathway, author=by)
    session = make.ExpressionSessionFactory(organisation=organisation, **mine)
    make.AttendanceFactory(worker=worker, session=session)
    make.ProposalFactory(session=session, **mine)
    make.BallotFactory(organisation=organisation, **mine)
    make.SeatFactory(body=make.BodyFactory(organisation=organisation, **mine), worker=worker, **mine)
    make.CivicStatementFactory(worker=worker, **mine)
    make.AssociationMemberFactory(worker=worker, **mine)
    VoterHelp.objects.create(worker=worker, offered_on=TODAY, help="informed", recorded_by=by)
    make.SurveyWaveFactory(organisation=organisation, **mine)
    own = make.PartnerFactory(
        organisation=organisation, source="parcours", source_id=f"own-{organisation.pk}", name=structure.mark
    )
    make.ServiceFactory(partner=own)
    make.AgreementFactory(organisation=organisation, partner=own, **mine)
    make.OrientationFactory(pathway=pathway, partner=own, **mine)
    make.UnmetNeedFactory(pathway=pathway, **mine)
    Snooze.objects.create(
        worker=worker, fact="flag", subject=flag.pk, due_on=TODAY, snoozed_on=TODAY,
        until=TODAY + timedelta(days=3), reason="r", snoozed_by=by,
    )  # fmt: skip
    Appointment.objects.create(worker=worker, counsellor=by, starts_at=timezone.now() + timedelta(hours=2))
    for user in {by, *structure.users.values()}:
        FeedToken.objects.create(user=user, name="f", digest=secrets.token_hex(32))
    file = ImportedFile(
        organisation=organisation, name=f"{structure.mark}.csv", sha256=sha256(structure.mark.encode()).hexdigest(),
        size=5, uploaded_by=by, format="workers", state=ImportedFile.State.PREVIEWED,
    )  # fmt: skip
    file.content.save("x.csv", ContentFile(f"Matricule;Nom\nA;{structure.mark}\n".encode()))
    FaultyLine.objects.create(file=file, line=2, message="m", value=structure.mark)
    Consultation.objects.create(reader=by, worker=worker, page="worker", hour=timezone.now())
    Term.objects.create(worker=worker, rule="employment", reached_on=TODAY, told_on=TODAY, erase_on=TODAY)
    Keeping.objects.create(worker=worker, reason="r", since=TODAY, until=TODAY, decided_by=by)
    asking = {
        "worker": worker,
        "received_on": TODAY,
        "channel": "mail",
        "received_by": by,
        "due_on": TODAY + timedelta(days=30),
    }
    DataRequest.objects.create(kind="access", words=structure.mark, **asking)
    DataRequest.objects.create(kind="rectification", words="r", part="plan", wanted="r", **asking)
    Consent.objects.create(
        worker=worker, purpose="photo", version=1, words="w", agreed=True, said_on=TODAY, how="said", collected_by=by
    )
    paper = Paper(
        organisation=organisation, worker=worker, kind="certificate", subject_id=worker.pk, title=structure.mark,
        issued_on=TODAY, issued_by=by, facts={}, facts_sha256=secrets.token_hex(32), press="p",
        file_sha256=sha256(b"%PDF").hexdigest(), size=4,
    )  # fmt: skip
    paper.file.save("x.pdf", ContentFile(b"%PDF"))
    Export.objects.create(
        organisation=organisation, exported_by=by, listing="workers", format="csv", started_at=timezone.now(),
        filters={"q": structure.mark},
    )  # fmt: skip
    Value.objects.create(
        indicator="SEC-01", method=1, scope=f"structure:{organisation.pk}", organisation=organisation,
        period_start=date(2026, 1, 1), period_end=date(2026, 12, 31), known_at=timezone.now(), known=1, eligible=1,
        cells={"by": list(definitions()["SEC-01"].cells), "of": []},
        coverage="few", status="provisional", reporting=1, members=1, parameters="p", inputs="i",
    )  # fmt: skip
    framework = create_framework(by=by, organisation=organisation, code="ATELIER", name=structure.mark)
    add_skill(by=by, framework=framework, code="1", label=structure.mark)
    Qualification.objects.create(pathway=pathway)
    BodyMeeting.objects.create(body=structure.row(Body), held_on=TODAY, recorded_by=by)
    Target.objects.create(
        organisation=organisation, indicator="SEC-01", year=TODAY.year, value="0.5", voted_on=TODAY, voted_by="board"
    )
    experiment = register_experiment(
        by=by, organisation=organisation, registered_on=TODAY, started_on=TODAY, title="Horaires choisis",
        subject="organisation", hypothesis="On reste", outcome="Moins de départs", comparison="L'an dernier",
    )  # fmt: skip
    Participant.objects.create(experiment=experiment, worker=worker, joined_on=TODAY)
    tokens.issue(by=by, organisation=organisation, name=structure.mark, role=Role.HR)
    plant(structure)
    structure.rows |= {Partner: own, Exit: exit_, Worker: worker}


def plant(structure: Structure) -> None:
    """The mark in every free text of the structure's rows: one UPDATE a field, what a constraint refuses left as it is. In sealed
    ones, row by row, the secret where it is kept for counsellors."""
    for model in apps.get_models():
        path = getattr(model, "organisation_path", None)
        if path is None or not model._meta.managed:
            continue
        rows = model._default_manager.filter(**{path: structure.organisation})
        ids = list(rows.values_list("pk", flat=True))
        for column in model._meta.concrete_fields:
            free = type(column) in (models.CharField, models.TextField) and not column.choices and column.editable
            named = column.name in {"code", "rule", "fact", "kind", "press", "indicator", "scope", "listing", "format",
                                    "seen_by", "facts_sha256", "file_sha256", "sha256", "media_type", "siret"}  # fmt: skip
            if isinstance(column, SealedField):
                for row in rows:
                    _written(rows.filter(pk=row.pk), column.name, _sealed_words(structure, row, column))
            elif ids and free and not named and (column.max_length or 99) >= 30:
                kept = model._default_manager.filter(pk__in=ids).exclude(**{column.name: structure.secret})
                _written(kept, column.name, structure.mark)


def _sealed_words(structure: Structure, row: Any, column: Any) -> str:
    """The secret in what is always kept for counsellors and, where a theme says so, in what is about health and justice."""
    themes = getattr(row, column.sealed_when) if column.sealed_when else SENSITIVE
    spoken = {themes} if isinstance(themes, str) else {*themes}
    return structure.mark if type(row) is Attachment or spoken.isdisjoint(SENSITIVE) else structure.secret


def _written(rows: Any, name: str, words: str) -> None:
    with suppress(Error), transaction.atomic():
        rows.update(**{name: words})


def a_structure(name: str, mark: str, **fields: Any) -> Structure:
    organisation = make.OrganisationFactory(name=name, **fields)
    users = {role: make.user_with(role, organisation, email=f"{role}@{name}.fr") for role in STRUCTURE_ROLES}
    return Structure(organisation, mark, f"{mark}caché", users[Role.COUNSELLOR], users)


def build() -> World:
    """The whole world, once: three structures full of rows and everyone who may come."""
    federation = make.FederationFactory()
    group = make.GroupFactory(federation=federation)
    alpha = a_structure("un", "Zalphaz", group=group, federation=federation)
    bravo = a_structure("deux", "Zbravoz", federation=federation)
    charlie = a_structure("trois", "Zcharliez", group=group, federation=federation)
    for structure in (alpha, bravo, charlie):
        fill(structure)
    viewers: list[Viewer] = []

    def come(place: str, role: Role, client: Client, is_token: bool = False) -> None:
        letter = "F" if (place, role) == ("federation", Role.ADMINISTRATOR) else LETTER[role]
        viewers.append(Viewer(place, letter if place != "former" else "", client, is_token))

    for role in STRUCTURE_ROLES:
        come("own", role, client_of(alpha.users[role]))
        come("other", role, client_of(bravo.users[role]))
        come("group", role, client_of(make.user_with(role, group)))
        come("own", role, bearer(alpha.organisation, role, make.user_with(role, alpha.organisation)), is_token=True)
    for role in (Role.COUNSELLOR, Role.DIRECTOR):
        come("sibling", role, client_of(charlie.users[role]))
        gone = make.user_with(role, alpha.organisation)
        Membership.objects.filter(user=gone).update(ended_on=TODAY - timedelta(days=1))
        come("former", role, client_of(gone))
    come("other", Role.DIRECTOR, bearer(bravo.organisation, Role.DIRECTOR, bravo.users[Role.DIRECTOR]), is_token=True)
    both = make.user_with(Role.HR, alpha.organisation)
    Membership.objects.create(user=both, organisation=bravo.organisation, role=Role.COUNSELLOR, started_on=TODAY)
    viewers.append(Viewer("two roles", "HC", client_of(both)))
    for role in (Role.ANALYST, Role.PUBLISHER, Role.ADMINISTRATOR):
        come("federation", role, client_of(make.user_with(role, federation)))
    come("federation", Role.ANALYST, bearer(federation, Role.ANALYST, make.user_with(Role.ANALYST, federation)), True)
    platform = make.UserFactory(is_staff=True, is_superuser=True)
    viewers.append(Viewer("platform", "X", client_of(platform)))
    director, now = alpha.users[Role.DIRECTOR], timezone.now()
    for ended in (False, True):
        looking, at = make.UserFactory(is_staff=True), now - timedelta(hours=5 if ended else 0)
        opening = open_access(
            by=looking, organisation=alpha.organisation, kind="help", motive="Aider à retrouver un contrat", minutes=120,
            at=at,
        )  # fmt: skip
        if not ended:
            alpha.rows[Opening] = opening
        viewers.append(Viewer("ended opening" if ended else "opening", "X" if ended else "L", client_of(looking)))
    viewers.append(Viewer("revoked", "", bearer(alpha.organisation, Role.HR, director, revoked_at=now), is_token=True))
    late = bearer(alpha.organisation, Role.HR, director, expires_at=now - timedelta(days=1))
    viewers.append(Viewer("expired", "", late, is_token=True))
    viewers.append(Viewer("anonymous", "", Client(raise_request_exception=False)))
    return World(alpha, bravo, charlie, group, federation, viewers)


# Addresses ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """One line of the matrix: its name, its path, whether it names a row of alpha, the view, and what is posted to it."""

    name: str
    path: str
    of_alpha: bool
    view: Any
    data: dict[str, Any] = field(default_factory=dict)


def patterns(found: Any = None, prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """(name, route, view) of every address of the product."""
    for pattern in found if found is not None else get_resolver().url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or route, route, pattern.callback


ROWS: dict[str, type[models.Model]] = {
    "worker_id": Worker, "snooze_id": Snooze, "appointment_id": Appointment, "follow_up_id": FollowUp,
    "attachment_id": Attachment, "objective_id": Objective, "action_id": PlanAction, "barrier_id": Barrier,
    "engagement_id": EngagementContract, "orientation_id": Orientation, "need_id": UnmetNeed, "call_id": ExitCall,
    "proposal_id": Proposal, "body_id": Body, "wave_id": SurveyWave,
    "partner_id": Partner, "step_id": RightStep, "flag_id": Flag, "contract_id": Contract, "file_id": ImportedFile,
    "template_id": FollowUpTemplate, "seat_id": Seat, "training_id": Training, "certificate_id": Certificate,
    "framework_id": Framework, "skill_id": Skill, "badge_id": Badge, "award_id": Award, "target_id": Target,
    "experiment_id": Experiment, "participant_id": Participant, "organisation_id": Organisation,
    "session_id": ExpressionSession, "membership_id": Membership,
    "opening_id": Opening, "request_id": DataRequest, "paper_id": Paper, "feed_id": FeedToken, "notice_id": Notice,
    "token_id": ApiToken,
}  # fmt: skip


def row_of(structure: Structure, model: type[models.Model]) -> Any:
    """A structure's row, those that belong to a person being its counsellor's. None when the model is nobody's."""
    if model is Organisation:
        return structure.organisation
    if model is Membership:
        return Membership.objects.get(organisation=structure.organisation, user=structure.users[Role.HR])
    if model is ApiToken:
        return ApiToken.objects.filter(organisation=structure.organisation, name=structure.mark).get()
    if model in {FeedToken, Notice}:
        owner = {"user": structure.counsellor} if model is FeedToken else {"recipient": structure.counsellor}
        return model._default_manager.filter(**owner).first()
    if model is Framework:
        return Framework.objects.filter(organisation=structure.organisation).first()
    if model is Skill:
        return Skill.objects.filter(framework__organisation=structure.organisation).first()
    if model is Service:
        return Service.objects.filter(partner=structure.rows[Partner]).first()
    if model is Opening:
        return structure.rows[Opening]
    return structure.row(model) if model is Partner or hasattr(model, "organisation_path") else None


# Rows that this world does not hold.
NOWHERE: dict[str, dict[str, Any]] = {
    **{name: {"release_id": 1} for name in ("release", "release-progress", "release-withdraw")},
    "release-move": {"release_id": 1, "verb": "geler"},
    "edition": {"issue_id": 1}, "edition-plan": {"issue_id": 1}, "edition-file": {"issue_id": 1, "format": "csv"},
    "figures-of": {"issue_id": 1}, "figures-file": {"issue_id": 1, "format": "csv"},
    "edition-table": {"issue_id": 1, "code": "A"}, "observatoire": {"year": 2020}, "law-withdraw": {"value_id": 1},
    **{f"api-{name}-detail": {"pk": 1} for name in ("releases", "tables", "cells", "contributions")},
}  # fmt: skip


def variants(name: str, structure: Structure) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The addresses behind one name whose parameters are not one row's number: (line, parameters, names a row)."""
    worker, contract = structure.row(Worker), structure.row(Contract)
    if name == "plan-add":
        yield from ((f"{name}/{what}", {"worker_id": worker.pk, "what": what}, True) for what in WRITINGS)
    elif name == "contract-change":
        yield from ((f"{name}/{verb}", {"contract_id": contract.pk, "verb": verb}, True) for verb in VERBS)
    elif name == "act":
        for act, wanted in ACTS.items():
            yield f"{name}/{act}", {"name": act, "object_id": row_of(structure, wanted.model).pk}, True
    elif name in {"paper-preview", "paper-issue"}:
        for code, kind in KINDS.items():
            yield f"{name}/{code}", {"kind": code, "subject_id": row_of(structure, kind.about).pk}, True
    elif name == "wording":
        yield from ((f"{name}/{kind}", {"kind": kind}, False) for kind in (LETTERHEAD, *KINDS))
    elif name == "export":
        yield from ((f"{name}/{listing}", {"listing": listing, "format": "csv"}, False) for listing in LISTINGS)
    elif name in {"indicator", "indicator-unknowns", "target", "api-indicator", "api-indicator-unknowns"}:
        yield name, {"code": "SEC-01"}, False
    elif name in {"consent", "consent-form"}:
        yield name, {"worker_id": worker.pk, "purpose": "photo"}, True
    elif name in NOWHERE:
        yield name, NOWHERE[name], False
    elif name == "law-parameter":
        yield name, {"key": "smic.hourly"}, False
    elif name == "snooze":
        day = the_day(organisations=[structure.organisation.pk], today=TODAY, worker_id=worker.pk)
        people = [*day.people, *day.waiting]
        reason = next(r for person in people for r in person.reasons)
        due = reason.due_on.isoformat()
        yield name, {"worker_id": worker.pk, "fact": reason.code, "subject": reason.subject, "due_on": due}, True
    elif name == "feed":
        yield name, {"secret": issue_feed(by=structure.counsellor, name="f")[1]}, True
    elif name == "session-close":
        row = UserSession.objects.create(user=structure.counsellor, ip="127.0.0.1", session_key=secrets.token_hex(16))
        yield name, {"session_id": row.pk}, True
    elif name in {"mfa_remove_webauthn", "mfa_edit_webauthn"}:
        yield name, {"pk": 1}, False
    elif name == "invitation":
        user = User.objects.filter(email="invitee@example.org").first() or make.UserFactory(email="invitee@example.org")
        user.set_unusable_password()
        user.save()
        path = members.invitation_link(user).split("/invitation/")[1].rstrip("/").split("/")
        yield name, {"who": path[0], "token": path[1]}, True
    elif name == "address-confirm":
        token = addresses_of_people.link(structure.counsellor, "apres@example.org").rstrip("/").split("/")[-1]
        yield name, {"token": token}, True
    elif name == "unsubscribe":
        yield name, {"token": unsubscribe_token(structure.counsellor)}, True
    elif name in {"badge-verify", "badge-document"}:
        yield name, {"uuid": structure.row(Award).uuid}, True
    elif name in {"badge-key", "badge-status"}:
        yield name, {"uuid": structure.row(IssuerKey).uuid}, True
    elif name == "badge-model":
        yield name, {"uuid": structure.row(Badge).uuid}, True
    elif name == "badge-issuer":
        yield name, {"organisation_id": structure.organisation.pk}, True


# Posts that are nothing without saying what: the view looks for it before anything else.
SAID = {
    "plan-objective": {"to": "hers"},
    "plan-action": {"to": "done"},
    "plan-barrier": {"to": "resolved:worker"},
    "plan-engagement": {"to": "worker"},
    "orientation": {"to": "accepted"},
    "unmet-need": {"to": "answered"},
}


def addresses(structure: Structure) -> Iterator[Address]:
    """Every address, the rows it names being this structure's."""
    for name, route, view in patterns():
        found = list(variants(name, structure))
        if name == "orient":
            path = reverse(name, args=[row_of(structure, Partner).pk])
            yield Address(name, f"{path}?personne={structure.row(Worker).pk}", True, view)
        elif name == "month-close":
            yield Address(name, reverse(name), True, view, {"structure": structure.organisation.pk, "mois": "2020-01"})
        elif found:
            yield from (Address(line, reverse(name, kwargs=given), of, view) for line, given, of in found)
        elif name.startswith("api-") and "<pk>" in route:
            row = row_of(structure, view.cls.model) or view.cls.model._default_manager.first()
            shared = row_of(structure, view.cls.model) is None
            yield Address(name, reverse(name, args=[row.pk]), not shared, view)
        else:
            asked = re.findall(r"<(?:\w+:)?(\w+)>", route)
            if name == "account_reset_password_from_key":
                yield Address(name, "/compte/password/reset/key/x-x/", False, view)
            else:
                given = {param: row_of(structure, ROWS[param]).pk for param in asked}
                yield Address(name, reverse(name, kwargs=given), bool(asked), view, SAID.get(name, {}))
