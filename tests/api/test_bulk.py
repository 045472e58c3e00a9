"""Through the API: the list of contracts with the filters of the page, and the same decision for several alerts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from contracts.models import Contract, ContractDraft, Decision, Derogation
from tests.api.test_api import client_of
from tests.factories import (
    ContractFactory,
    FlagFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    UserFactory,
    WorkerFactory,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def ending(structure, name="Diallo", days=40, **terms):
    worker = WorkerFactory(organisation=structure, last_name=name)
    PathwayFactory(worker=worker, started_on=TODAY - timedelta(days=150))
    PassFactory(worker=worker, started_on=TODAY - timedelta(days=150), ended_on=TODAY + timedelta(days=900))
    dates = {"started_on": TODAY - timedelta(days=150), "planned_end_on": TODAY + timedelta(days=days)}
    contract = ContractFactory(worker=worker, **{**dates, "hourly_gross": "13", **terms})
    return FlagFactory(contract=contract, due_on=contract.planned_end_on)


def test_several_renewals_are_seen_then_prepared_once_without_what_the_law_forbids():
    structure = OrganisationFactory(kind="ACI")
    client = client_of(structure)
    good, bad = ending(structure, "Bon"), ending(structure, "Trop")
    body = {
        "kind": "renew",
        "lines": [{"flag": good.pk}, {"flag": bad.pk, "planned_end_on": TODAY + timedelta(days=1000)}],
    }

    seen = client.post("/api/v1/decisions/preview/", body, format="json")
    assert seen.status_code == 200, seen.json()
    by_flag = {line["flag"]: line for line in seen.json()}
    assert by_flag[good.pk]["possible"] is True
    assert by_flag[good.pk]["renewal"]["started_on"] == (good.due_on + timedelta(days=1)).isoformat()
    assert (by_flag[bad.pk]["possible"], by_flag[bad.pk]["renewal"]["articles"]) == (False, ["L5132-15-1 CT"])
    assert (Decision.objects.count(), ContractDraft.objects.count()) == (0, 0)

    asked = {**body, "reason": "À poursuivre", "sent_once": str(uuid4())}
    first, second = (client.post("/api/v1/decisions/together/", asked, format="json").json() for _twice in range(2))

    assert [draft["renews"] for draft in first["drafts"]] == [good.contract_id]
    assert [line["flag"] for line in first["refused"]] == [bad.pk]
    assert (first["decisions"], first["drafts"]) == (second["decisions"], second["drafts"])
    assert (Decision.objects.get().worker_id, ContractDraft.objects.count()) == (good.worker_id, 1)


def test_an_alert_of_another_structure_is_unknown_and_who_only_reads_does_not_decide():
    structure = OrganisationFactory()
    mine, elsewhere = ending(structure), ending(OrganisationFactory())
    body = {"kind": "end_with_exit_plan", "lines": [{"flag": mine.pk}, {"flag": elsewhere.pk}]}
    asked = {**body, "reason": "Fin de chantier", "sent_once": str(uuid4())}

    refused = client_of(structure).post("/api/v1/decisions/together/", asked, format="json")
    reader = client_of(structure, Role.COUNSELLOR)
    kept_out = {
        reader.post(f"/api/v1/decisions/{verb}/", asked, format="json").status_code for verb in ("preview", "together")
    }

    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (
        400,
        f"Alertes inconnues : {elsewhere.pk}.",
    )
    assert kept_out == {404}
    assert Decision.objects.count() == 0


def test_an_unknown_field_and_an_empty_list_are_refused_by_name():
    client = client_of(OrganisationFactory())

    answer = client.post("/api/v1/decisions/preview/", {"kind": "renew", "lines": [], "fin": "2027"}, format="json")

    assert answer.json()["errors"] == [{"field": "fin", "code": "invalid", "message": "Champ inconnu."}]
    empty = client.post("/api/v1/decisions/preview/", {"kind": "renew", "lines": []}, format="json")
    assert empty.json()["errors"][0]["field"].startswith("lines")
    assert [client.post("/api/v1/decisions/preview/", body, format="json").status_code for body in (1.5, [], "x")] == [
        400
    ] * 3


def test_the_list_of_contracts_has_the_filters_of_the_page():
    structure = OrganisationFactory()
    counsellor = UserFactory()
    near, far = ending(structure, "Éloïse", 10).contract, ending(structure, "Diallo", 80, signed_on=None).contract
    near.worker.counsellor = counsellor
    near.worker.save()
    endless = ContractFactory(
        worker=WorkerFactory(organisation=structure, last_name="Sans"), kind="PERMANENT_I", planned_end_on=None
    )
    Derogation.objects.create(
        organisation=structure, worker=far.worker, kind="difficulties", decided_by="prescriber", decided_on=TODAY,
        started_on=TODAY, ended_on=TODAY + timedelta(days=300),
    )  # fmt: skip
    client = client_of(structure)

    def found(**asked):
        return sorted(row["id"] for row in client.get("/api/v1/contracts/", asked).json()["results"])

    assert found(q="eloise") == [near.pk]
    assert found(q="dialo") == [far.pk]
    assert found(counsellor=counsellor.pk) == [near.pk]
    assert found(organisation=structure.pk) == sorted([near.pk, far.pk, endless.pk])
    assert found(ends_since=TODAY, ends_until=TODAY + timedelta(days=20)) == [near.pk]
    assert found(ends_since=TODAY) == sorted([near.pk, far.pk])
    assert found(unsigned="true") == [far.pk]
    assert found(lifted="true") == [far.pk]
    assert found(state="running", kind="PERMANENT_I") == [endless.pk]


def test_the_list_of_contracts_costs_the_same_for_one_and_for_many():
    structure = OrganisationFactory()
    client = client_of(structure)
    ending(structure)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/contracts/", {"q": "diallo"})
        # what the law in force is, is asked again now and then, whatever the page
        return len([query for query in queries if "lawbook_edition" not in query["sql"]])

    cost()  # the first answer also notes that the token was used
    few = cost()
    for n in range(20):
        ending(structure, f"Diallo{n}")

    assert Contract.objects.count() == 21
    assert cost() == few <= 12
