"""A contract while it is typed: what it opens and breaks, and that what the law forbids is not signed."""

from datetime import date

import pytest
import time_machine

from accounts.roles import Role
from contracts.models import Contract, Derogation
from tests.factories import (
    ContractFactory,
    FlagFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    WorkerFactory,
)
from tests.web.test_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-06-15T10:00:00+02:00", tick=False):
        yield


def person():
    """A CDDI from 1 September 2024 in an ACI, the second of a chain, that ends two months from today."""
    worker = WorkerFactory(organisation=OrganisationFactory(kind="ACI"))
    PathwayFactory(worker=worker, started_on=date(2024, 9, 1))
    PassFactory(worker=worker, started_on=date(2024, 9, 1), ended_on=date(2028, 8, 31))
    first = ContractFactory(
        worker=worker, started_on=date(2024, 9, 1), planned_end_on=date(2025, 8, 14), ended_on=date(2025, 8, 14)
    )
    return ContractFactory(
        worker=worker,
        renews=first,
        started_on=date(2025, 8, 15),
        planned_end_on=date(2026, 8, 14),
        hourly_gross="12.31",
    )


def typed(**changes):
    return {
        "kind": "FIXED_TERM_I", "started_on": "2026-08-15", "planned_end_on": "2026-08-31", "weekly_hours": "26",
        "hourly_gross": "12.31", "signed_on": "2026-06-15", **changes,
    }  # fmt: skip


GRANTED = {
    "derogation-kind": "difficulties", "derogation-decided_by": "prescriber", "derogation-decided_on": "2026-06-10",
    "derogation-started_on": "2026-09-01", "derogation-ended_on": "2027-08-31", "derogation-reference": "FT-12",
}  # fmt: skip


def test_a_renewal_opens_with_the_same_terms_and_says_what_they_change():
    contract = person()

    page = signed_in(Role.HR, contract.worker.organisation).get(f"/contrats/{contract.pk}/renouveler/").content.decode()

    assert 'value="2026-08-15"' in page
    assert "La loi l’interdit" in page
    assert "L5132-15-1 CT" in page
    assert "Contrat sécurisant : avant et après" in page


def test_beyond_24_months_the_button_says_why_and_the_server_refuses_with_the_article():
    contract = person()
    client = signed_in(Role.HR, contract.worker.organisation)
    sent = typed(planned_end_on="2027-02-28")

    panel = client.post(f"/contrats/{contract.pk}/renouveler/", sent, headers={"HX-Request": "true"}).content.decode()
    forced = client.post(f"/contrats/{contract.pk}/renouveler/", {**sent, "faire": "signer"}).content.decode()

    assert "<html" not in panel
    assert "Signature impossible : la loi l’interdit" in panel
    assert "disabled" in panel
    for page in (panel, forced):
        assert "24 mois finissent le 31/08/2026 ; fin prévue le 28/02/2027." in page
        assert "L5132-15-1 CT" in page
    assert Contract.objects.count() == 2


def test_within_24_months_it_is_signed_and_the_alert_closes():
    contract = person()
    flag = FlagFactory(contract=contract, due_on=contract.planned_end_on)

    answer = signed_in(Role.HR, contract.worker.organisation).post(
        f"/contrats/{contract.pk}/renouveler/", {**typed(), "faire": "signer"}
    )

    renewal = Contract.objects.get(renews=contract)
    flag.refresh_from_db()
    assert answer.url == f"/contrats/{renewal.pk}/"
    assert flag.closed_on == date(2026, 6, 15)


def test_a_derogation_typed_with_it_lifts_the_ceiling_and_is_kept_with_who_and_when():
    contract = person()
    client = signed_in(Role.HR, contract.worker.organisation)
    sent = {**typed(planned_end_on="2027-02-28"), **GRANTED}

    seen = client.post(f"/contrats/{contract.pk}/renouveler/", sent, headers={"HX-Request": "true"}).content.decode()
    assert "La loi l’interdit" not in seen
    assert Derogation.objects.count() == 0
    client.post(f"/contrats/{contract.pk}/renouveler/", {**sent, "faire": "signer"})

    derogation = Derogation.objects.get()
    assert (derogation.worker, derogation.decided_by, derogation.decided_on) == (
        contract.worker, "prescriber", date(2026, 6, 10),
    )  # fmt: skip
    assert Contract.objects.get(renews=contract).planned_end_on == date(2027, 2, 28)


def test_a_derogation_that_does_not_suffice_is_not_kept_either():
    contract = person()
    sent = {**typed(planned_end_on="2030-02-28"), **GRANTED, "faire": "signer"}

    page = (
        signed_in(Role.HR, contract.worker.organisation)
        .post(f"/contrats/{contract.pk}/renouveler/", sent)
        .content.decode()
    )

    assert "L5132-15-1 CT" in page
    assert (Contract.objects.count(), Derogation.objects.count()) == (2, 0)


def test_a_derogation_half_typed_says_what_is_missing():
    contract = person()
    sent = {**typed(), "derogation-kind": "difficulties"}

    page = (
        signed_in(Role.HR, contract.worker.organisation)
        .post(f"/contrats/{contract.pk}/renouveler/", sent)
        .content.decode()
    )

    assert page.count("la dérogation doit dire qui l&#x27;a accordée, quand et jusqu&#x27;à quand") >= 4


def test_under_the_smic_or_too_short_a_new_contract_is_refused_with_its_articles():
    worker = WorkerFactory(organisation=OrganisationFactory(kind="EI"))
    sent = typed(started_on="2026-07-01", planned_end_on="2026-09-30", hourly_gross="11", faire="signer")

    page = signed_in(Role.HR, worker.organisation).post(f"/salaries/{worker.pk}/contrat/", sent).content.decode()

    assert "fin au plus tôt le 31/10/2026" in page
    assert "L5132-5 CT" in page
    assert "L3231-2 CT" in page
    assert Contract.objects.count() == 0


@pytest.mark.parametrize(
    ("started_on", "planned_end_on", "said"),
    [
        ("1990-01-01", "1990-06-30", "son renouvellement vient après"),
        ("0001-01-02", "2026-08-31", "d&#x27;avant 1900"),
        ("2026-08-15", "9999-12-31", "d&#x27;après 2199"),
    ],
)
def test_a_date_out_of_all_rules_is_said_in_words(started_on, planned_end_on, said):
    contract = person()
    client = signed_in(Role.HR, contract.worker.organisation)
    sent = typed(started_on=started_on, planned_end_on=planned_end_on, signed_on="")

    seen = client.post(f"/contrats/{contract.pk}/renouveler/", sent, headers={"HX-Request": "true"})
    forced = client.post(f"/contrats/{contract.pk}/renouveler/", {**sent, "faire": "signer"})

    assert (seen.status_code, forced.status_code) == (200, 200)
    assert said in forced.content.decode()
    assert Contract.objects.filter(renews=contract).count() == 0
