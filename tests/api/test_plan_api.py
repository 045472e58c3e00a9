"""The plan, participation and partners through the REST door: the same verbs, the same walls."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts import tokens
from accounts.roles import Role
from parcours.models import PlanAction
from participation.models import ExpressionSession
from tests.factories import (
    BarrierFactory,
    BarrierStateFactory,
    ExitCallFactory,
    ExitFactory,
    ObjectiveFactory,
    OrganisationFactory,
    PathwayFactory,
    PlanActionFactory,
    ServiceFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
LISTS = (
    "strengths", "objectives", "plan-actions", "diagnoses", "barriers", "engagements", "plan-reviews", "hours-wishes", "exit-calls",
    "expression-sessions", "proposals", "ballots", "bodies", "seats", "civic-statements", "association-members", "voter-helps",
    "survey-waves", "partners", "services", "agreements", "orientations", "unmet-needs",
)  # fmt: skip


def client_of(organisation, role=Role.COUNSELLOR):
    _token, secret = tokens.issue(by=user_with(role, organisation), organisation=organisation, name="essai", role=role)
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")


@pytest.fixture
def pathway():
    return PathwayFactory(worker__organisation=OrganisationFactory())


@pytest.fixture
def client(pathway):
    return client_of(pathway.worker.organisation)


@pytest.mark.parametrize("address", LISTS)
def test_each_list_is_closed_to_a_stranger_and_open_to_the_structure(address, client):
    assert APIClient().get(f"/api/v1/{address}/").status_code == 401
    answer = client.get(f"/api/v1/{address}/")
    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_what_a_program_writes_is_what_a_page_writes(client, pathway):
    worker, structure = pathway.worker_id, pathway.worker.organisation_id
    day = "2024-02-01"
    for address, sent in (
        ("strengths", {"worker": worker, "kind": "quality", "words": "Patiente", "stated_on": day}),
        ("objectives", {"pathway": pathway.pk, "words": "Un CDI", "set_on": day}),
        ("plan-actions", {"pathway": pathway.pk, "what": "Appeler", "decided_on": day}),
        ("diagnoses", {"pathway": pathway.pk, "made_on": day, "themes": ["mobilite"], "barriers": ["mobilite"]}),
        ("engagements", {"pathway": pathway.pk, "worker_commits": "a", "structure_commits": "b", "proposed_on": day}),
        ("plan-reviews", {"pathway": pathway.pk, "held_on": day, "worker_present": True}),
        ("hours-wishes", {"worker": worker, "weekly_hours": "28", "stated_on": day}),
        ("expression-sessions", {"organisation": structure, "on": day, "subjects": ["safety"]}),
        ("ballots", {"organisation": structure, "first_round_on": day, "headcount": 12}),
        ("bodies", {"organisation": structure, "kind": "board", "checked_on": day}),
        ("civic-statements", {"worker": worker, "asked_on": day, "answer": "none"}),
        ("association-members", {"worker": worker, "started_on": day}),
        ("voter-helps", {"worker": worker, "offered_on": day, "help": "informed"}),
        ("unmet-needs", {"pathway": pathway.pk, "theme": "mobilite", "reason": "full", "noted_on": day}),
        ("orientations", {"pathway": pathway.pk, "theme": "mobilite", "sent_on": day, "service": ServiceFactory().pk}),
    ):  # fmt: skip
        answer = client.post(f"/api/v1/{address}/", sent, format="json")
        assert answer.status_code == 201, (address, answer.json())
    [barrier] = client.get("/api/v1/barriers/").json()["results"]
    assert [(s["state"], s["said_by"]) for s in barrier["states"]] == [("identified", "worker")]


def test_moves_go_through_the_verbs(client, pathway):
    action, objective = PlanActionFactory(pathway=pathway), ObjectiveFactory(pathway=pathway)
    barrier = BarrierStateFactory(barrier=BarrierFactory(pathway=pathway)).barrier
    call = ExitCallFactory(
        exit=ExitFactory(
            pathway=PathwayFactory(worker__organisation=pathway.worker.organisation, ended_on=date(2025, 5, 31))
        )
    )
    moved = client.post(f"/api/v1/plan-actions/{action.pk}/move/", {"state": "done", "on": "2024-03-01"}).json()
    assert (moved["state"], moved["state_on"]) == ("done", "2024-03-01")
    assert client.post(f"/api/v1/objectives/{objective.pk}/move/", {"state": "reached"}).json()["state"] == "reached"
    lifted = client.post(f"/api/v1/barriers/{barrier.pk}/move/", {"state": "resolved", "said_by": "worker"}).json()
    assert [s["state"] for s in lifted["states"]] == ["identified", "resolved"]
    client.post(f"/api/v1/exit-calls/{call.pk}/attempts/", {"channel": "sms"})
    told = client.post(f"/api/v1/exit-calls/{call.pk}/move/", {"answer": "not_reached"}).json()
    assert (told["answer"], told["situation"], call.attempts.count()) == ("not_reached", "", 1)
    refused = client.post(f"/api/v1/plan-actions/{action.pk}/move/", {"state": "done", "on": "2020-01-01"})
    assert refused.status_code == 400


def test_the_rows_of_another_structure_do_not_exist_and_do_not_move(client):
    action = PlanActionFactory(pathway=PathwayFactory(worker__organisation=OrganisationFactory()))
    assert client.get(f"/api/v1/plan-actions/{action.pk}/").status_code == 404
    assert client.post(f"/api/v1/plan-actions/{action.pk}/move/", {"state": "done"}).status_code == 404
    assert PlanAction.objects.get().state == "to_do"


def test_a_session_takes_no_worker_of_another_structure(client, pathway):
    sent = {"organisation": pathway.worker.organisation_id, "on": "2024-02-01", "subjects": ["safety"]}
    session = client.post("/api/v1/expression-sessions/", sent, format="json").json()["id"]
    stranger = WorkerFactory(organisation=OrganisationFactory())
    held = {"held": True, "attendees": [stranger.pk]}
    assert client.post(f"/api/v1/expression-sessions/{session}/move/", held, format="json").status_code == 400
    held["attendees"] = [pathway.worker_id]
    assert client.post(f"/api/v1/expression-sessions/{session}/move/", held, format="json").json()["attendees"] == [
        pathway.worker_id
    ]
    assert ExpressionSession.objects.get().attendance_listed is True


def test_a_reader_without_the_permission_sees_no_health(pathway):
    BarrierFactory(pathway=pathway, theme="sante")
    seen = {
        role: len(client_of(pathway.worker.organisation, role).get("/api/v1/barriers/").json()["results"])
        for role in (Role.COUNSELLOR, Role.HR)
    }
    assert seen == {Role.COUNSELLOR: 1, Role.HR: 0}


@pytest.mark.parametrize("address", ["barriers", "plan-actions"])
def test_a_list_costs_the_same_with_one_row_and_with_six(client, pathway, address):
    def cost():
        BarrierStateFactory(barrier=BarrierFactory(pathway=pathway, situation=str(PlanAction.objects.count())))
        PlanActionFactory(pathway=pathway)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/api/v1/{address}/").status_code == 200
        return len(queries)

    client.get(f"/api/v1/{address}/")
    one = cost()
    for _n in range(4):
        cost()
    assert cost() == one <= 5
