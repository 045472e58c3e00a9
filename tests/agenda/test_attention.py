"""Who needs someone today: each reason, its words, its order."""

from datetime import date, timedelta

import pytest

from agenda.attention import the_day
from tests.factories import (
    ContractFactory,
    FlagFactory,
    FollowUpFactory,
    OrganisationFactory,
    PathwayFactory,
    RightStepFactory,
    UserFactory,
    WorkerFactory,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 15)


def someone(**fields):
    worker = WorkerFactory(**fields)
    return PathwayFactory(worker=worker, started_on=DAY - timedelta(days=20), plan_reviewed_on=DAY - timedelta(days=1))


def seen(pathway, days_ago, **fields):
    FollowUpFactory(pathway=pathway, held_on=DAY - timedelta(days=days_ago), **fields)


def said(pathway, **options):
    people = the_day(organisations=[pathway.worker.organisation_id], today=DAY, **options).people
    return [(reason.text, reason.urgency) for person in people for reason in person.reasons]


def test_a_person_seen_lately_with_nothing_due_needs_nobody():
    pathway = someone()
    seen(pathway, 5)
    assert said(pathway) == []


@pytest.mark.parametrize(("days", "expected"), [(31, []), (32, [("Pas de suivi depuis 32 jours", 3)])])
def test_a_month_of_silence_asks_for_attention(days, expected):
    pathway = someone()
    seen(pathway, days)
    assert said(pathway) == expected


def test_a_person_never_seen_is_more_pressing():
    pathway = someone()
    pathway.started_on = DAY - timedelta(days=40)
    pathway.save()
    assert said(pathway) == [("Aucun suivi depuis l'entrée dans le parcours", 4)]


def test_a_next_step_left_behind_is_said_with_its_day():
    pathway = someone()
    seen(pathway, 20, next_step="Appeler la CAF", next_due_on=DAY - timedelta(days=2))
    assert said(pathway) == [("Appeler la CAF : prévu pour le 13/06/2026", 4)]


def test_a_later_meeting_settles_an_older_next_step():
    pathway = someone()
    seen(pathway, 20, next_step="Appeler la CAF", next_due_on=DAY - timedelta(days=10))
    seen(pathway, 3)
    assert said(pathway) == []


def test_a_right_is_said_before_it_lapses_and_louder_after():
    pathway = someone()
    seen(pathway, 1)
    RightStepFactory(
        pathway=pathway, right="D02", state="opened", opened_on=date(2025, 7, 1), expires_on=DAY + timedelta(days=15)
    )
    RightStepFactory(
        pathway=pathway, right="D09", state="opened", opened_on=date(2025, 7, 1), expires_on=DAY - timedelta(days=1)
    )
    RightStepFactory(pathway=pathway, right="D15", state="to_study", due_on=DAY - timedelta(days=3))

    assert said(pathway) == [
        ("Prime d'activité : droit expiré le 14/06/2026", 5),
        ("Compte bancaire et droit au compte : démarche à faire avant le 12/06/2026", 3),
        ("Complémentaire santé solidaire : à renouveler avant le 30/06/2026", 3),
    ]


def test_a_right_that_ends_and_its_renewal_are_one_reason_and_the_click_goes_to_the_renewal():
    pathway = someone()
    seen(pathway, 1)
    ending = RightStepFactory(
        pathway=pathway, right="D02", state="opened", opened_on=date(2025, 7, 1), expires_on=DAY + timedelta(days=15)
    )
    renewal = RightStepFactory(
        pathway=pathway, right="D02", state="to_study", due_on=DAY - timedelta(days=2), renewed_from=ending
    )

    [person] = the_day(organisations=[pathway.worker.organisation_id], today=DAY).people
    assert [(r.text, r.act_on) for r in person.reasons] == [
        ("Complémentaire santé solidaire : à renouveler avant le 30/06/2026", renewal.pk)
    ]

    type(renewal).objects.filter(pk=renewal.pk).update(state="requested", requested_on=DAY)
    assert said(pathway) == [
        ("Complémentaire santé solidaire : renouvellement demandé, droit ouvert jusqu'au 30/06/2026", 2)
    ]
    type(ending).objects.filter(pk=ending.pk).update(state="lapsed", closed_on=DAY)
    assert said(pathway) == [("Complémentaire santé solidaire : démarche à faire avant le 13/06/2026", 3)]


def test_a_contract_flag_is_told_and_a_paper_for_hr_is_not():
    pathway = someone()
    seen(pathway, 1)
    contract = ContractFactory(worker=pathway.worker)
    FlagFactory(contract=contract, due_on=DAY + timedelta(days=20), severity=3)
    FlagFactory(contract=contract, due_on=DAY, severity=3, code="CONTRACT_UNSIGNED", facts={})

    assert said(pathway) == [("Fin de contrat à décider : 05/07/2026", 3)]


def test_the_most_pressing_person_comes_first_and_only_ones_own_when_asked():
    structure, me = OrganisationFactory(), UserFactory()
    calm, pressing, other = (
        someone(organisation=structure, counsellor=who, last_name=name)
        for who, name in ((me, "Calme"), (me, "Pressant"), (UserFactory(), "Autre"))
    )
    for pathway in (calm, other):
        seen(pathway, 40)
    seen(pressing, 40, next_step="x", next_due_on=DAY - timedelta(days=1))

    def names(**options):
        return [p.name for p in the_day(organisations=[structure.pk], today=DAY, **options).people]

    assert names() == ["Amina Pressant", "Amina Autre", "Amina Calme"]
    assert names(counsellor=me) == ["Amina Pressant", "Amina Calme"]


def test_another_structures_people_are_not_there():
    pathway = someone()
    assert the_day(organisations=[OrganisationFactory().pk], today=DAY).people == []
    assert pathway.worker.organisation_id


def test_it_is_one_question_to_the_database(django_assert_num_queries):
    pathway = someone()
    seen(pathway, 40)
    with django_assert_num_queries(1):
        the_day(organisations=[pathway.worker.organisation_id], today=DAY)
