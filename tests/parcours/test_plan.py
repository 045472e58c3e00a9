"""The plan in the person's own words: what is known, since when, and who said it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.roles import Role
from parcours import plan
from parcours.models import Barrier, BarrierState, EngagementContract, PlanAction
from tests.factories import (
    BarrierFactory,
    ObjectiveFactory,
    OrganisationFactory,
    PathwayFactory,
    UserFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 3)


@pytest.fixture
def pathway():
    return PathwayFactory(started_on=date(2024, 1, 8))


def test_a_strength_is_noted_once(pathway):
    words = {"kind": "quality", "words": "Je rassure les clients", "stated_on": DAY, "today": DAY}
    plan.add_strength(by=UserFactory(), worker=pathway.worker, **words)
    with pytest.raises(ValidationError, match="déjà noté"):
        plan.add_strength(by=UserFactory(), worker=pathway.worker, **words)


def test_an_objective_is_hers_from_the_day_she_says_so_and_that_day_stays(pathway):
    objective = plan.set_objective(by=UserFactory(), pathway=pathway, words="Conduire", set_on=DAY, today=DAY)
    assert objective.cosigned_on is None
    plan.cosign_objective(by=UserFactory(), objective=objective, on=DAY, today=date(2024, 7, 1))
    plan.cosign_objective(by=UserFactory(), objective=objective, on=date(2024, 7, 1), today=date(2024, 7, 1))
    objective.refresh_from_db()
    assert objective.cosigned_on == DAY


def test_an_objective_set_aside_may_be_taken_up_again(pathway):
    objective = ObjectiveFactory(pathway=pathway)
    plan.close_objective(by=UserFactory(), objective=objective, state="set_aside", on=DAY, today=DAY)
    assert (objective.state, objective.closed_on) == ("set_aside", DAY)
    plan.close_objective(by=UserFactory(), objective=objective, state="open", on=DAY, today=DAY)
    assert (objective.state, objective.closed_on) == ("open", None)


def test_nothing_is_stated_tomorrow_or_before_the_pathway(pathway):
    for day, said in ((date(2024, 6, 4), "l'avenir"), (date(2024, 1, 7), "a commencé le 08/01/2024")):
        with pytest.raises(ValidationError, match=said):
            plan.set_objective(by=UserFactory(), pathway=pathway, words="Conduire", set_on=day, today=DAY)


def test_an_action_takes_its_theme_from_the_obstacle_it_lifts(pathway):
    barrier = BarrierFactory(pathway=pathway, theme="logement")
    action = plan.add_action(
        by=UserFactory(), pathway=pathway, what="Déposer la demande", decided_on=DAY, today=DAY, barrier=barrier
    )
    assert (action.theme, action.state, action.state_on, action.autonomy) == ("logement", "to_do", DAY, "")


def test_an_action_does_not_serve_the_objective_of_someone_else(pathway):
    with pytest.raises(ValidationError, match="autre parcours"):
        plan.add_action(
            by=UserFactory(), pathway=pathway, what="Écrire", decided_on=DAY, today=DAY, objective=ObjectiveFactory()
        )
    assert PlanAction.objects.count() == 0


def test_going_round_the_situation_leaves_the_other_themes_unknown(pathway):
    plan.look_at_situation(
        by=UserFactory(),
        pathway=pathway,
        made_on=DAY,
        themes=["mobilite", "logement"],
        barriers=["mobilite"],
        today=DAY,
    )
    assert [(b.theme, s.state, s.said_by) for b, s in plan.current_barriers(pathway)] == [
        ("mobilite", "identified", "worker")
    ]
    assert pathway.diagnoses.get().themes == ["mobilite", "logement"]


def test_going_round_again_doubles_no_open_obstacle_and_reopens_a_lifted_one(pathway):
    by, later = UserFactory(), date(2024, 9, 2)
    for theme in ("mobilite", "logement"):
        plan.note_barrier(by=by, pathway=pathway, theme=theme, identified_on=DAY, said_by="worker", today=DAY)
    lifted = Barrier.objects.get(theme="logement")
    plan.move_barrier(by=by, barrier=lifted, state="resolved", since=DAY, said_by="worker", today=DAY)
    plan.look_at_situation(
        by=by,
        pathway=pathway,
        made_on=later,
        themes=["mobilite", "logement"],
        barriers=["mobilite", "logement"],
        today=later,
    )
    assert sorted(Barrier.objects.values_list("theme", "identified_on")) == [
        ("logement", DAY), ("logement", later), ("mobilite", DAY)
    ]  # fmt: skip


def test_a_refused_look_writes_nothing(pathway):
    with pytest.raises(ValidationError, match="thème abordé"):
        plan.look_at_situation(
            by=UserFactory(), pathway=pathway, made_on=DAY, themes=["mobilite"], barriers=["logement"], today=DAY
        )
    assert (pathway.diagnoses.count(), Barrier.objects.count()) == (0, 0)


def test_lifted_said_by_the_counsellor_and_said_by_the_person_are_two_facts(pathway):
    by = UserFactory()
    barrier = plan.note_barrier(
        by=by, pathway=pathway, theme="mobilite", situation="6", identified_on=DAY, said_by="worker", today=DAY
    )
    july, august = date(2024, 7, 1), date(2024, 8, 1)
    plan.move_barrier(by=by, barrier=barrier, state="resolved", since=july, said_by="counsellor", today=august)
    plan.move_barrier(by=by, barrier=barrier, state="resolved", since=august, said_by="worker", today=august)
    told = list(BarrierState.objects.values_list("state", "since", "said_by"))
    assert told == [("identified", DAY, "worker"), ("resolved", july, "counsellor"), ("resolved", august, "worker")]


def test_the_same_voice_on_the_same_day_corrects_itself(pathway):
    barrier = plan.note_barrier(
        by=UserFactory(), pathway=pathway, theme="mobilite", identified_on=DAY, said_by="worker", today=DAY
    )
    plan.move_barrier(by=UserFactory(), barrier=barrier, state="worsened", since=DAY, said_by="worker", today=DAY)
    assert barrier.states.get().state == "worsened"


def test_a_situation_belongs_to_its_theme(pathway):
    with pytest.raises(ValidationError, match="pas de ce thème"):
        plan.note_barrier(
            by=UserFactory(),
            pathway=pathway,
            theme="logement",
            situation="6",
            identified_on=DAY,
            said_by="worker",
            today=DAY,
        )


def test_health_is_seen_by_the_counsellor_not_by_hr_nor_the_director_unless_they_wrote_it(pathway):
    structure = pathway.worker.organisation
    counsellor, hr, director = (user_with(role, structure) for role in (Role.COUNSELLOR, Role.HR, Role.DIRECTOR))
    health = BarrierFactory(pathway=pathway, theme="sante", recorded_by=counsellor)
    travel = BarrierFactory(pathway=pathway, theme="mobilite", recorded_by=counsellor)
    stranger = user_with(Role.COUNSELLOR, OrganisationFactory())
    assert set(Barrier.objects.visible_to(counsellor)) == {health, travel}
    assert list(Barrier.objects.visible_to(hr)) == list(Barrier.objects.visible_to(director)) == [travel]
    assert list(Barrier.objects.visible_to(stranger)) == []
    own = BarrierFactory(pathway=pathway, theme="justice", recorded_by=director)
    assert set(Barrier.objects.visible_to(director)) == {travel, own}


def test_each_proposal_of_engagement_is_a_version_and_signatures_come_one_by_one(pathway):
    by = UserFactory()
    text = {"worker_commits": "Passer le code", "structure_commits": "Deux heures par semaine"}
    first = plan.propose_engagement(by=by, pathway=pathway, proposed_on=DAY, today=DAY, **text)
    plan.sign_engagement(by=by, engagement=first, signed_worker_on=DAY, today=DAY)
    plan.sign_engagement(by=by, engagement=first, signed_structure_on=DAY, today=DAY)
    plan.propose_engagement(by=by, pathway=pathway, proposed_on=DAY, today=DAY, **text)
    rows = EngagementContract.objects.order_by("version").values_list(
        "version", "signed_worker_on", "signed_structure_on"
    )
    assert list(rows) == [(1, DAY, DAY), (2, None, None)]


def test_nobody_signs_before_the_proposal(pathway):
    first = plan.propose_engagement(
        by=UserFactory(), pathway=pathway, worker_commits="a", structure_commits="b", proposed_on=DAY, today=DAY
    )
    with pytest.raises(ValidationError, match="avant que le contrat lui soit proposé"):
        plan.sign_engagement(by=UserFactory(), engagement=first, signed_worker_on=date(2024, 6, 2), today=DAY)


def test_a_review_plans_the_next_one_and_counts_when_the_person_was_there(pathway):
    absent = plan.review_plan(
        by=UserFactory(), pathway=pathway, held_on=date(2024, 4, 8), today=DAY, worker_present=False
    )
    assert (absent.next_on, pathway.plan_reviewed_on) == (date(2024, 7, 7), None)
    plan.review_plan(by=UserFactory(), pathway=pathway, held_on=DAY, today=DAY, worker_present=True)
    plan.review_plan(by=UserFactory(), pathway=pathway, held_on=date(2024, 5, 2), today=DAY, worker_present=True)
    pathway.refresh_from_db()
    assert pathway.plan_reviewed_on == DAY


def test_a_wish_of_hours_is_dated_and_the_same_day_corrects():
    worker = WorkerFactory()
    for hours in (20, 28):
        plan.wish_hours(
            by=UserFactory(),
            worker=worker,
            weekly_hours=Decimal(hours),
            stated_on=DAY,
            today=DAY,
            available=False,
            held_back_by="childcare",
        )
    wish = worker.hours_wishes.get()
    assert (wish.weekly_hours, wish.available, wish.held_back_by) == (28, False, "childcare")
