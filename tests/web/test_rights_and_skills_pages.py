"""The pages of rights and skills: what one sees, one click a step, two looks on one form."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from rights.models import Circumstance, RightStep
from skills.models import Assessment
from tests.factories import (
    AssessmentFactory,
    ContractFactory,
    PathwayFactory,
    RightStepFactory,
    SkillFactory,
    user_with,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def pathway():
    return PathwayFactory()


@pytest.fixture
def counsellor(client, pathway):
    user = user_with(Role.COUNSELLOR, pathway.worker.organisation)
    client.force_login(user)
    return user


def test_one_click_moves_a_step_today(client, counsellor, pathway):
    step = RightStepFactory(pathway=pathway)

    answer = client.post(reverse("right-step", args=[step.pk]), {"state": "requested"})

    assert answer["Location"] == reverse("rights", args=[pathway.worker_id])
    assert RightStep.objects.get().state == "requested"


def test_a_move_that_the_table_has_not_is_refused_in_french(client, counsellor, pathway):
    step = RightStepFactory(pathway=pathway)
    answer = client.post(reverse("right-step", args=[step.pk]), {"state": "lapsed"})
    assert answer.status_code == 200
    assert RightStep.objects.get().state == "to_study"


def test_what_is_told_opens_its_steps_on_the_page(client, counsellor, pathway):
    client.post(
        reverse("circumstance-create", args=[pathway.worker_id]), {"kind": "bank_refusal", "since": "2024-06-03"}
    )
    page = client.get(reverse("rights", args=[pathway.worker_id])).content.decode()
    assert Circumstance.objects.get().recorded_by == counsellor
    assert "Compte bancaire et droit au compte" in page
    assert "Refus d&#x27;une banque" in page


def test_hr_sees_the_steps_and_not_what_the_person_told(client, pathway):
    Circumstance.objects.create(worker=pathway.worker, kind="debts", since=date(2024, 6, 3), label="mot secret")
    client.force_login(user_with(Role.HR, pathway.worker.organisation))
    page = client.get(reverse("rights", args=[pathway.worker_id])).content.decode()
    assert "mot secret" not in page
    assert client.get(reverse("circumstance-create", args=[pathway.worker_id])).status_code == 404


@pytest.mark.parametrize("name", ["rights", "rights-checklist", "skills", "assessment-create", "award-create"])
def test_a_person_of_another_structure_does_not_exist(client, counsellor, name):
    assert client.get(reverse(name, args=[PathwayFactory().worker_id])).status_code == 404


def test_the_checklist_is_one_page_with_what_is_open_and_what_to_do(client, counsellor, pathway):
    RightStepFactory(
        pathway=pathway, right="D02", state="opened", opened_on=date(2024, 2, 1), expires_on=date(2025, 1, 31)
    )
    RightStepFactory(pathway=pathway, right="D15", due_on=date(2024, 1, 23))
    page = client.get(reverse("rights-checklist", args=[pathway.worker_id])).content.decode()
    assert ("jusqu’au 31/01/2025" in page, "à faire avant le 23/01/2024" in page) == (True, True)


def test_the_rights_page_costs_the_same_with_one_step_and_with_thirty(
    client, counsellor, pathway, django_assert_max_num_queries
):
    ContractFactory(worker=pathway.worker)
    for day in range(1, 29):
        RightStepFactory(pathway=pathway, triggered_on=date(2024, 2, day), right="D15")
    with django_assert_max_num_queries(22):
        client.get(reverse("rights", args=[pathway.worker_id]))


def test_two_looks_are_written_from_one_form(client, counsellor, pathway):
    skill = SkillFactory(label="Tailler une haie")
    address = reverse("assessment-create", args=[pathway.worker_id])
    assert "Tailler une haie" in client.get(address, {"q": "tailer"}).content.decode()

    client.post(
        f"{address}?competence={skill.pk}",
        {"supervisor": "3", "worker": "2", "assessed_on": "2024-06-03", "evidence": "Vu", "worker_signs": "on"},
    )

    assert list(Assessment.objects.order_by("assessed_by").values_list("assessed_by", "level")) == [
        ("supervisor", 3),
        ("worker", 2),
    ]


def test_levels_over_time_have_a_text_beside_the_picture(client, counsellor, pathway):
    skill = SkillFactory(label="Tailler une haie")
    AssessmentFactory(worker=pathway.worker, skill=skill, level=1, assessed_on=date(2024, 2, 1))
    AssessmentFactory(worker=pathway.worker, skill=skill, level=3, assessed_on=date(2024, 6, 1))
    page = client.get(reverse("skills", args=[pathway.worker_id])).content.decode()
    assert 'aria-label="encadrant : 01/02/2024 : Découvre ; encadrant : 01/06/2024 : Fait seul"' in page
