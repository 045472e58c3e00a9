"""The life of contracts through the API: the same verbs, refusals and walls as the pages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.roles import Role
from contracts.models import Contract
from law.dates import add_months
from tests.api.test_api import client_of
from tests.factories import ContractFactory, OrganisationFactory, PassFactory, WorkerFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def scene(kind="ACI"):
    structure = OrganisationFactory(kind=kind)
    contract = ContractFactory(
        worker=WorkerFactory(organisation=structure), started_on=TODAY - timedelta(days=150),
        planned_end_on=TODAY + timedelta(days=60), hourly_gross=Decimal("13"),
    )  # fmt: skip
    return client_of(structure), contract


def sent(client, address, **data):
    answer = client.post(f"/api/v1/{address}/", data, format="json")
    return answer.status_code, answer.json() if answer.content else None


def test_a_contract_is_prepared_signed_amended_suspended_resumed_renewed_and_ended():
    client, contract = scene()
    start = contract.planned_end_on + timedelta(days=1)
    terms = {
        "kind": "FIXED_TERM_I",
        "started_on": start,
        "planned_end_on": add_months(start, 5),
        "weekly_hours": "26",
        "hourly_gross": "13",
    }

    created, draft = sent(client, "contract-drafts", worker=contract.worker_id, **terms)
    signed, draft = sent(client, f"contract-drafts/{draft['id']}/sign", signed_on=TODAY)
    again, _refusal = sent(client, f"contract-drafts/{draft['id']}/sign", signed_on=TODAY)
    assert (created, signed, again, draft["state"]) == (201, 200, 400, "signed")
    amended, _row = sent(
        client, "amendments", contract=contract.pk, signed_on=TODAY, effective_on=TODAY, weekly_hours="30"
    )
    suspended, suspension = sent(
        client, "suspensions", contract=contract.pk, started_on=TODAY - timedelta(days=3), reason="illness"
    )
    resumed, suspension = sent(client, f"suspensions/{suspension['id']}/resume", returned_on=TODAY)
    renewed, renewal = sent(
        client, f"contracts/{draft['contract']}/renew", planned_end_on=add_months(start, 9), signed_on=None
    )
    ended, over = sent(client, f"contracts/{contract.pk}/end", ended_on=TODAY - timedelta(days=1), reason="resignation")

    assert (amended, suspended, resumed, renewed, ended) == (201, 201, 200, 201, 200)
    assert (suspension["ended_on"], renewal["renews"], over["state"]) == (
        (TODAY - timedelta(days=1)).isoformat(),
        draft["contract"],
        "broken",
    )
    assert len(client.get(f"/api/v1/contracts/{contract.pk}/versions/").json()) == 2
    states = {
        state: client.get("/api/v1/contracts/", {"state": state}).json()["results"] for state in ("signed", "broken")
    }
    assert (len(states["signed"]), len(states["broken"])) == (2, 1)


def test_what_the_law_forbids_is_refused_with_its_article():
    client, contract = scene()

    status, refusal = sent(
        client, f"contracts/{contract.pk}/renew", planned_end_on=add_months(TODAY, 30), signed_on=None
    )

    assert (status, "L5132-15-1" in str(refusal), Contract.objects.count()) == (400, True, 1)


def test_work_for_clients_months_immersions_derogations_and_passes_have_their_verbs():
    client, contract = scene()
    person = contract.worker_id
    one = PassFactory(
        worker=contract.worker, started_on=TODAY - timedelta(days=400), ended_on=TODAY + timedelta(days=100)
    )
    month = add_months(TODAY.replace(day=1), -1)
    span = {"started_on": TODAY, "ended_on": TODAY + timedelta(days=9)}

    answers = [
        sent(
            client,
            "assignments",
            contract=contract.pk,
            client_name="Mairie",
            client_kind="collectivite",
            monthly_hours="20",
            **span,
        )
    ]
    answers.append(sent(client, f"assignments/{answers[0][1]['id']}/change", place="Rennes", announced_on=TODAY))
    answers.append(sent(client, "worked-months", contract=contract.pk, month=month, paid_hours="100", gross_pay=None))
    answers.append(sent(client, "worked-months/close", organisation=contract.worker.organisation_id, month=month))
    answers.append(
        sent(
            client, f"worked-months/{answers[2][1]['id']}/regularise", paid_hours="104", gross_pay=None, reason="Oubli"
        )
    )
    answers.append(
        sent(client, "immersions", worker=person, contract=contract.pk, host_name="Garage", object="discover", **span)
    )
    answers.append(sent(client, f"immersions/{answers[5][1]['id']}/complete", result="confirmed"))
    answers.append(
        sent(
            client,
            "derogations",
            worker=person,
            kind="hours_individual",
            decided_by="prefect",
            decided_on=TODAY,
            **span,
        )
    )
    answers.append(sent(client, "pass-prolongations", pass_iae=one.pk, reason="complete_training", days=30))
    answers.append(sent(client, "pass-suspensions", pass_iae=one.pk, reason="contract_ended", started_on=TODAY))
    answers.append(sent(client, f"pass-suspensions/{answers[9][1]['id']}/end", ended_on=TODAY + timedelta(days=30)))

    assert [status for status, _row in answers] == [201, 200, 201, 200, 201, 201, 200, 201, 201, 201, 200]
    one.refresh_from_db()
    assert one.ended_on == TODAY + timedelta(days=161)


@pytest.mark.parametrize(
    "address", ["contract-drafts", "derogations", "planned-months", "regularisations", "immersions", "pass-suspensions", "pass-prolongations"]
)  # fmt: skip
def test_the_federation_finds_nothing_there(address):
    client = client_of(OrganisationFactory(nature="federation", kind=""), Role.ANALYST)

    assert client.get(f"/api/v1/{address}/").status_code == 404
