"""The REST door says what the page says of a contract before it is signed."""

from datetime import date

import pytest
import time_machine

from accounts.roles import Role
from contracts.models import Contract
from tests.factories import ContractFactory, OrganisationFactory, PathwayFactory, WorkerFactory
from tests.web.test_pages import signed_in

pytestmark = pytest.mark.django_db


def test_a_renewal_beyond_24_months_is_forbidden_with_its_article_and_allowed_with_the_derogation():
    worker = WorkerFactory(organisation=OrganisationFactory(kind="ACI"))
    PathwayFactory(worker=worker, started_on=date(2024, 9, 1))
    contract = ContractFactory(worker=worker, started_on=date(2024, 9, 1), planned_end_on=date(2026, 8, 14))
    client = signed_in(Role.HR, worker.organisation)
    draft = {
        "worker": worker.pk, "renews": contract.pk, "kind": "FIXED_TERM_I", "started_on": "2026-08-15",
        "planned_end_on": "2027-02-28", "weekly_hours": "26", "hourly_gross": "12.31",
    }  # fmt: skip
    granted = {"kind": "difficulties", "started_on": "2026-09-01", "ended_on": "2027-08-31"}

    with time_machine.travel("2026-06-15T10:00:00+02:00", tick=False):
        refused = client.post("/api/v1/contracts/what-if/", draft, content_type="application/json").json()
        allowed = client.post(
            "/api/v1/contracts/what-if/", {**draft, "derogation": granted}, content_type="application/json"
        ).json()

    assert (refused["may_be_saved"], allowed["may_be_saved"]) == (False, True)
    assert [(b["code"], b["articles"]) for b in refused["breaks"] if b["forbids"]] == [("CDDI_MAX", ["L5132-15-1 CT"])]
    assert refused["cover"]["contract_until"] == "2027-02-28"
    assert Contract.objects.count() == 1


def test_a_stranger_learns_nothing_and_an_unknown_field_is_named():
    worker = WorkerFactory()
    draft = {"worker": worker.pk, "kind": "FIXED_TERM_I", "started_on": "2026-08-15"}
    elsewhere = signed_in(Role.HR, OrganisationFactory())
    here = signed_in(Role.HR, worker.organisation)

    unseen = elsewhere.post("/api/v1/contracts/what-if/", draft, content_type="application/json")
    unknown = here.post("/api/v1/contracts/what-if/", {**draft, "salaire": 1}, content_type="application/json")
    counsellor = signed_in(Role.COUNSELLOR, worker.organisation)

    assert (unseen.status_code, unseen.json()["errors"][0]["message"]) == (400, "Objet inconnu.")
    assert unknown.json()["errors"] == [{"field": "salaire", "code": "invalid", "message": "Champ inconnu."}]
    assert counsellor.post("/api/v1/contracts/what-if/", draft, content_type="application/json").status_code == 404
