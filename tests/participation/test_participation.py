"""Having a say: sessions, ballots as counts, seats, citizenship; and no place for an opinion."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from accounts.roles import Role
from participation import actions
from participation.electorate import electorate
from participation.models import Attendance, Ballot, Body, CivicStatement, ExpressionSession, Proposal
from tests.factories import (
    BallotFactory,
    BodyFactory,
    ContractFactory,
    ExpressionSessionFactory,
    OrganisationFactory,
    UserFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 6)


def test_nothing_tied_to_a_person_can_hold_a_free_text():
    from django.apps import apps

    free = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("participation").get_models()
        if not model.__name__.endswith("Event")
        for field in model._meta.fields
        if isinstance(field, models.TextField | models.CharField) and not field.choices
    ]
    # A group's proposal and its answer have no author; a digest is a hash.
    assert sorted(free) == ["Proposal.answer_words", "Proposal.words", "SurveyCode.digest"]
    tied = {f.related_model.__name__ for f in Proposal._meta.fields if f.related_model}
    assert tied == {"ExpressionSession", "User"}  # the user who typed it, never a worker


def test_a_session_without_a_list_leaves_the_participation_unknown():
    session = actions.plan_session(by=UserFactory(), organisation=OrganisationFactory(), on=DAY, subjects=["safety"])
    assert (session.held, session.attendance_listed) == (None, False)
    actions.hold_session(by=UserFactory(), session=session, held=True, today=DAY)
    assert (session.held, session.attendance_listed) == (True, False)


def test_the_list_of_a_session_replaces_the_former_one():
    session = ExpressionSessionFactory(on=DAY)
    one, two = (WorkerFactory(organisation=session.organisation) for _n in range(2))
    actions.hold_session(by=UserFactory(), session=session, held=True, attendees=[one], today=DAY)
    actions.hold_session(by=UserFactory(), session=session, held=True, attendees=[two], today=DAY)
    assert [a.worker for a in Attendance.objects.all()] == [two]


def test_a_session_cancelled_after_all_keeps_no_list():
    session = ExpressionSessionFactory(on=DAY)
    worker = WorkerFactory(organisation=session.organisation)
    actions.hold_session(by=UserFactory(), session=session, held=True, attendees=[worker], today=DAY)
    actions.hold_session(by=UserFactory(), session=session, held=False, today=DAY)
    session.refresh_from_db()
    assert (session.held, session.attendance_listed, Attendance.objects.count()) == (False, False, 0)


def test_a_worker_of_another_structure_is_not_listed_and_nothing_is_half_written():
    session = ExpressionSessionFactory(on=DAY, held=None, attendance_listed=False)
    with pytest.raises(ValidationError, match="pas de cette structure"):
        actions.hold_session(by=UserFactory(), session=session, held=True, attendees=[WorkerFactory()], today=DAY)
    session.refresh_from_db()
    assert (session.held, Attendance.objects.count()) == (None, 0)


def test_a_session_to_come_was_not_held():
    session = ExpressionSessionFactory(on=date(2024, 6, 7), held=None, attendance_listed=False)
    with pytest.raises(ValidationError, match="l'avenir"):
        actions.hold_session(by=UserFactory(), session=session, held=True, today=DAY)


def test_a_proposal_is_answered_after_it_is_made():
    session = ExpressionSessionFactory(on=date(2024, 5, 2))
    made = actions.propose(by=UserFactory(), session=session, subject="safety", words="Des gants neufs", today=DAY)
    assert made.made_on == date(2024, 5, 2)
    with pytest.raises(ValidationError, match="précède la proposition"):
        actions.answer_proposal(
            by=UserFactory(), proposal=made, answer="accepted", answered_on=date(2024, 5, 1), today=DAY
        )
    actions.answer_proposal(by=UserFactory(), proposal=made, answer="adapted", answered_on=DAY, today=DAY)
    assert Proposal.objects.get().answer == "adapted"


def test_a_ballot_is_counts_that_fit_together_and_is_corrected_by_recording_it_again():
    structure = OrganisationFactory()
    counts = {
        "headcount": 100,
        "headcount_workers": 70,
        "electors": 75,
        "electors_workers": 45,
        "registered_workers": 36,
    }
    actions.record_ballot(by=UserFactory(), organisation=structure, first_round_on=DAY, **counts)
    actions.record_ballot(by=UserFactory(), organisation=structure, first_round_on=DAY, elected=5, elected_workers=1)
    kept = Ballot.objects.get()
    assert (kept.headcount, kept.electors_workers, kept.elected, kept.elected_workers, kept.voters) == (
        100,
        45,
        5,
        1,
        None,
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"headcount": 10, "headcount_workers": 11}, "plus nombreux que le total"),
        ({"headcount": 10, "electors": 11}, "plus d'électeurs que de salariés"),
        ({"registered": 10, "voters": 11}, "plus de votants que d'inscrits"),
        ({"seats": 1, "elected": 2}, "plus d'élus que de sièges"),
        ({"outcome": "no_candidate", "elected": 1}, "Sans candidat"),
    ],
)
def test_counts_that_cannot_be_are_refused(counts, said):
    with pytest.raises(ValidationError, match=said):
        actions.record_ballot(by=UserFactory(), organisation=OrganisationFactory(), first_round_on=DAY, **counts)


def test_the_electorate_of_workers_is_computed_from_their_contracts():
    structure = OrganisationFactory()

    def hired(started_on, ended_on=None, **worker):
        ContractFactory(
            worker=WorkerFactory(organisation=structure, **worker), started_on=started_on, planned_end_on=None,
            ended_on=ended_on, kind="PERMANENT_I", weekly_hours=35,
        )  # fmt: skip

    hired(date(2023, 1, 1))  # votes, may be elected
    hired(date(2024, 3, 6))  # votes
    hired(date(2024, 4, 1))  # too recent
    hired(date(2023, 1, 1), birth_date=None)  # nobody knows
    hired(date(2023, 1, 1), ended_on=date(2024, 6, 5))  # left the day before
    ContractFactory(started_on=date(2020, 1, 1), planned_end_on=None, kind="PERMANENT_I")  # another structure's
    found = electorate(structure, DAY)
    assert (found.present, found.electors, found.eligible, found.unknown, found.headcount) == (4, 2, 1, 1, "4.00")


def test_a_body_is_described_once_and_checked_again():
    structure = OrganisationFactory()
    for day, seats in ((date(2024, 1, 1), 9), (DAY, 12)):
        actions.describe_body(
            by=UserFactory(), organisation=structure, kind="board", checked_on=day, voting_seats=seats, today=DAY
        )
    body = Body.objects.get()
    assert (body.voting_seats, body.checked_on) == (12, DAY)


def test_a_seat_names_only_people_in_pathway_of_the_structure():
    body = BodyFactory()
    worker = WorkerFactory(organisation=body.organisation)
    seat = actions.take_seat(by=UserFactory(), body=body, holder_status="worker", worker=worker, started_on=DAY)
    with pytest.raises(ValidationError, match="n'est pas de la structure"):
        actions.take_seat(by=UserFactory(), body=body, holder_status="worker", worker=WorkerFactory(), started_on=DAY)
    other = WorkerFactory(organisation=body.organisation)
    with pytest.raises(ValidationError, match="sont nommées"):
        actions.take_seat(by=UserFactory(), body=body, holder_status="permanent", worker=other, started_on=DAY)
    actions.leave_seat(by=UserFactory(), seat=seat, ended_on=date(2025, 6, 6))
    assert list(body.held_seats.values_list("worker", "ended_on")) == [(worker.pk, date(2025, 6, 6))]


def test_a_refusal_to_answer_is_kept_and_is_no_answer():
    worker = WorkerFactory()
    said = actions.state_civic_action(by=UserFactory(), worker=worker, asked_on=DAY, answer="no_answer", today=DAY)
    assert (said.kind, said.acted_on) == ("", None)
    with pytest.raises(ValidationError, match="a une nature et une date"):
        actions.state_civic_action(by=UserFactory(), worker=worker, asked_on=DAY, answer="acted", today=DAY)
    assert CivicStatement.objects.count() == 1


def test_nobody_is_a_member_twice_at_once():
    worker = WorkerFactory()
    first = actions.join_association(by=UserFactory(), worker=worker, started_on=date(2024, 1, 1), today=DAY)
    with pytest.raises(ValidationError, match="déjà membre"):
        actions.join_association(by=UserFactory(), worker=worker, started_on=DAY, today=DAY)
    actions.leave_association(by=UserFactory(), membership=first, ended_on=date(2024, 3, 1))
    actions.join_association(by=UserFactory(), worker=worker, started_on=DAY, today=DAY)
    assert worker.association_memberships.count() == 2


def test_help_with_the_electoral_roll_says_neither_the_roll_nor_the_vote():
    worker = WorkerFactory()
    actions.help_to_register(by=UserFactory(), worker=worker, offered_on=DAY, help="informed", today=DAY)
    actions.help_to_register(by=UserFactory(), worker=worker, offered_on=DAY, help="accompanied", today=DAY)
    assert worker.voter_helps.get().help == "accompanied"


def test_what_a_structure_records_is_seen_by_no_other():
    session, ballot = ExpressionSessionFactory(), BallotFactory()
    here = user_with(Role.COUNSELLOR, session.organisation)
    assert list(ExpressionSession.objects.visible_to(here)) == [session]
    assert list(Ballot.objects.visible_to(here)) == []
    assert list(Ballot.objects.visible_to(user_with(Role.HR, ballot.organisation))) == [ballot]
