"""The REST door: the same verbs and the same walls as the pages."""

from datetime import date
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.roles import Role
from contracts.models import Contract, Decision
from parcours.models import FollowUp, Worker
from tests.factories import (
    AssessmentFactory,
    AssignmentFactory,
    ContractFactory,
    DecisionFactory,
    ExitFactory,
    FederationFactory,
    FlagFactory,
    FollowUpFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    RightStepFactory,
    TrainingFactory,
    TrainingSessionFactory,
    WorkedMonthFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db

LISTS = (
    "workers", "pathways", "exits", "passes", "follow-ups", "contracts", "amendments", "suspensions", "assignments",
    "worked-months", "decisions", "flags", "assessments", "trainings", "training-sessions", "right-steps", "values",
    "imports", "tokens",
)  # fmt: skip


def client_of(organisation, role=Role.DIRECTOR):
    token, secret = tokens.issue(by=user_with(role, organisation), organisation=organisation, name="essai", role=role)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    client.token = token
    return client


def life_in(organisation):
    """One of everything about one person of a structure."""
    worker = WorkerFactory(organisation=organisation)
    pathway = PathwayFactory(worker=worker)
    PassFactory(worker=worker)
    FollowUpFactory(pathway=pathway)
    RightStepFactory(pathway=pathway)
    ExitFactory(pathway=PathwayFactory(worker=worker, started_on=date(2020, 1, 1), ended_on=date(2021, 1, 1)))
    contract = ContractFactory(worker=worker)
    WorkedMonthFactory(contract=contract, assignment=AssignmentFactory(contract=contract))
    DecisionFactory(contract=contract)
    FlagFactory(contract=contract)
    AssessmentFactory(worker=worker)
    TrainingSessionFactory(training=TrainingFactory(worker=worker))
    return worker


def results(client, address, **params):
    answer = client.get(f"/api/v1/{address}/", params)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


@pytest.mark.parametrize("address", LISTS)
def test_a_stranger_is_asked_who_she_is(address):
    answer = APIClient().get(f"/api/v1/{address}/")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "not_authenticated")


def test_a_structure_reads_its_own_rows_and_none_of_the_neighbours():
    mine, other = OrganisationFactory(), OrganisationFactory()
    life_in(mine)
    life_in(other)
    client = client_of(mine)

    mixed = {}
    for address in LISTS:
        rows = results(client, address)
        for row in rows:
            answer = client.get(f"/api/v1/{address}/{row['id']}/")
            assert answer.status_code == 200
        mixed[address] = len(rows)
    assert mixed == {
        "workers": 1, "pathways": 2, "exits": 1, "passes": 1, "follow-ups": 1, "contracts": 1, "amendments": 0,
        "suspensions": 0, "assignments": 1, "worked-months": 1, "decisions": 1, "flags": 1, "assessments": 1, "trainings": 1,
        "training-sessions": 1, "right-steps": 1, "values": 0, "imports": 0, "tokens": 1,
    }  # fmt: skip


def test_another_structures_row_does_not_exist_by_its_id():
    mine, other = OrganisationFactory(), OrganisationFactory()
    life_in(mine)
    life_in(other)
    theirs, client = client_of(other), client_of(mine)

    answers = {
        (address, client.get(f"/api/v1/{address}/{row['id']}/").status_code)
        for address in LISTS
        for row in results(theirs, address)
    }
    assert {status for _address, status in answers} == {404}
    assert len({address for address, _status in answers}) == 15


def test_a_filter_on_another_structures_person_gives_nothing():
    other = life_in(OrganisationFactory())
    client = client_of(OrganisationFactory())

    for address in ("pathways", "contracts", "passes", "flags", "assessments", "trainings"):
        answer = client.get(f"/api/v1/{address}/", {"worker": other.pk})
        assert answer.status_code in {200, 400}
        assert other.last_name not in answer.content.decode()
        assert answer.json().get("results", []) == []


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PUBLISHER])
def test_the_federations_token_reads_no_person(role):
    federation = FederationFactory()
    life_in(OrganisationFactory(federation=federation))
    client = client_of(federation, role)

    statuses = {client.get(f"/api/v1/{address}/").status_code for address in LISTS}
    assert statuses == {404}


def test_a_revoked_token_opens_nothing():
    client = client_of(OrganisationFactory())
    tokens.revoke(client.token, timezone.now())

    assert client.get("/api/v1/workers/").status_code == 401


def test_a_worker_is_welcomed_with_a_pathway():
    organisation = OrganisationFactory()
    sent = {"organisation": organisation.pk, "first_name": "Éloïse", "last_name": "Le Goff", "started_on": "2026-01-05"}

    answer = client_of(organisation).post("/api/v1/workers/", sent)

    assert answer.status_code == 201, answer.json()
    assert Worker.objects.get(pk=answer.json()["id"]).pathways.get().started_on == date(2026, 1, 5)


def test_a_field_nobody_knows_is_refused_by_name():
    worker = WorkerFactory()
    sent = {"worker": worker.pk, "kind": "FIXED_TERM_I", "started_on": "2026-01-05", "ended": "2026-02-05"}

    answer = client_of(worker.organisation).post("/api/v1/contracts/", sent)

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "ended", "code": "invalid", "message": "Champ inconnu."}]


def test_a_reference_to_another_structures_person_is_unknown():
    other = WorkerFactory()
    client = client_of(OrganisationFactory())
    unknown = {"worker": 10**9, "kind": "FIXED_TERM_I", "started_on": "2026-01-05"}

    hidden = client.post("/api/v1/contracts/", {**unknown, "worker": other.pk})
    absent = client.post("/api/v1/contracts/", unknown)

    assert hidden.status_code == absent.status_code == 400
    assert (
        hidden.json()
        == absent.json()
        == {"errors": [{"field": "worker", "code": "does_not_exist", "message": "Objet inconnu."}]}
    )
    assert Contract.objects.count() == 0


def test_what_the_law_forbids_is_said_with_its_words():
    contract = ContractFactory(started_on=date(2026, 1, 1), planned_end_on=date(2026, 6, 30))
    sent = {
        "worker": contract.worker_id,
        "kind": "FIXED_TERM_I",
        "started_on": "2026-06-30",
        "planned_end_on": "2026-12-31",
    }

    answer = client_of(contract.worker.organisation).post("/api/v1/contracts/", sent)

    assert answer.status_code == 400
    assert "La personne a déjà un contrat de travail de ce genre" in answer.json()["errors"][0]["message"]


def test_a_follow_up_sent_twice_with_its_key_is_one():
    pathway = PathwayFactory(started_on=date(2026, 1, 1))
    client = client_of(pathway.worker.organisation)
    sent = {"pathway": pathway.pk, "kind": "bilan", "held_on": "2026-03-01", "minutes": 45,
            "sent_once": "5f844eff-2dbb-450e-8f8b-6ec99f216c31"}  # fmt: skip

    first, second = client.post("/api/v1/follow-ups/", sent), client.post("/api/v1/follow-ups/", sent)

    assert (first.status_code, second.status_code, first.json()["id"]) == (201, 201, second.json()["id"])
    assert FollowUp.objects.count() == 1


def test_the_recording_time_of_a_decision_is_the_clocks():
    contract = ContractFactory()
    client = client_of(contract.worker.organisation)

    typed = client.post(
        "/api/v1/decisions/", {"contract": contract.pk, "kind": "renew", "reason": "x", "recorded_at": "2020-01-01"}
    )
    assert typed.json()["errors"][0]["field"] == "recorded_at"
    plain = client.post("/api/v1/decisions/", {"contract": contract.pk, "kind": "renew", "reason": "x"})
    assert plain.status_code == 201
    assert (timezone.now() - Decision.objects.get().recorded_at).total_seconds() < 60


def test_a_counsellors_token_decides_nothing():
    contract = ContractFactory()
    client = client_of(contract.worker.organisation, Role.COUNSELLOR)

    answer = client.post("/api/v1/decisions/", {"contract": contract.pk, "kind": "renew", "reason": "x"})

    assert (answer.status_code, Decision.objects.count()) == (404, 0)


def test_a_right_moves_from_due_to_open():
    step = RightStepFactory()
    client = client_of(step.pathway.worker.organisation)

    answer = client.post(
        f"/api/v1/right-steps/{step.pk}/move/", {"state": "opened", "on": "2024-03-01", "expires_on": "2025-02-28"}
    )

    assert (answer.status_code, answer.json()["opened_on"]) == (200, "2024-03-01")


def test_a_file_is_looked_at_then_confirmed():
    organisation = OrganisationFactory()
    client = client_of(organisation)
    content = BytesIO("Matricule;Nom;Prénom;Entrée\nA1;Le Goff;Éloïse;05/01/2026\n;Sans;Rien;\n".encode())
    content.name = "personnes.csv"

    given = client.post("/api/v1/imports/", {"organisation": organisation.pk, "file": content}, format="multipart")
    assert (given.status_code, given.json()["good_lines"], given.json()["faulty_lines"]) == (201, 1, 1), given.json()
    assert Worker.objects.count() == 0
    file = given.json()["id"]
    assert [f["line"] for f in client.get(f"/api/v1/imports/{file}/faults/").json()] == [3]
    assert client.post(f"/api/v1/imports/{file}/commit/").json()["state"] == "imported"
    assert Worker.objects.get().reference == "A1"


def test_a_new_token_shows_its_secret_once():
    organisation = OrganisationFactory()
    client = APIClient()
    client.force_login(user_with(Role.DIRECTOR, organisation))

    answer = client.post("/api/v1/tokens/", {"organisation": organisation.pk, "name": "Paie", "role": "hr"})

    assert answer.json()["secret"].startswith("prc_")
    assert "secret" not in client.get(f"/api/v1/tokens/{answer.json()['id']}/").json()
    revoked = client.post(f"/api/v1/tokens/{answer.json()['id']}/revoke/").json()
    assert revoked["revoked_at"] is not None


@pytest.mark.parametrize("address", ["workers", "contracts", "follow-ups", "flags", "right-steps"])
def test_a_list_costs_the_same_with_one_row_and_with_twelve(address):
    organisation = OrganisationFactory()
    client = client_of(organisation)
    life_in(organisation)
    client.get(f"/api/v1/{address}/")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            results(client, address)
        return len(queries)

    one = cost()
    for _time in range(11):
        life_in(organisation)
    assert cost() == one <= 4


def test_pages_are_capped_and_followed_by_a_cursor():
    organisation = OrganisationFactory()
    for _time in range(5):
        WorkerFactory(organisation=organisation)
    client = client_of(organisation)

    first = client.get("/api/v1/workers/", {"page_size": 2}).json()
    second = client.get(first["next"]).json()

    ids = [row["id"] for row in first["results"] + second["results"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 4
    assert client.get("/api/v1/workers/", {"page_size": 100000}).status_code == 200


def test_a_name_is_searched_without_accents():
    worker = WorkerFactory(first_name="Éloïse", last_name="Le Goff")

    assert [r["id"] for r in results(client_of(worker.organisation), "workers", q="goff elo")] == [worker.pk]


def test_the_committed_description_is_the_one_served(settings):
    said = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=said)

    assert (settings.BASE_DIR / "docs/openapi.yaml").read_text() == said.getvalue()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("passes", {"number": "999991234567", "started_on": "2026-01-01", "ended_on": "2025-12-31"}),
        ("immersions", {"host_name": "X", "object": "discover", "started_on": "0001-02-01", "ended_on": "0001-02-03"}),
        ("contracts/what-if", {"started_on": "0001-01-01"}),
        ("contracts/what-if", {"started_on": "9999-12-31"}),
    ],
)
def test_dates_that_cannot_be_are_refused_in_words(address, said):
    worker = WorkerFactory()

    role = Role.HR if address.startswith("contracts") else Role.COUNSELLOR
    answer = client_of(worker.organisation, role).post(f"/api/v1/{address}/", {"worker": worker.pk, **said})

    assert answer.status_code == 400
    assert {bool(error["message"]) for error in answer.json()["errors"]} == {True}


def test_a_filter_takes_any_offset_and_an_error_is_json_wherever_it_comes_from():
    client = client_of(OrganisationFactory())

    assert client.get("/api/v1/appointments/", {"starts_at__gte": "2026-01-01T00:00:00+23:30"}).status_code == 200
    for address in ("workers/export/?format=png", "nulle/part/"):
        answer = client.get(f"/api/v1/{address}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
        assert answer.json()["errors"][0]["message"]
