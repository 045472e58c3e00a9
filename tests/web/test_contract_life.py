"""Pages of the life of contracts: the grid, the acts, the contract and the person's page."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.roles import Role
from contracts.models import Assignment, Contract, ContractDraft, Derogation, Immersion, WorkedMonth
from law.dates import add_months
from parcours.models import PassProlongation, PassSuspension
from tests.factories import ContractFactory, OrganisationFactory, PassFactory, PathwayFactory, WorkerFactory, user_with
from tests.web.test_pages import client_for

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
MONTH = add_months(TODAY.replace(day=1), -1)


def scene(structure_kind="ACI", role=Role.DIRECTOR, **contract):
    structure = OrganisationFactory(kind=structure_kind)
    person = PathwayFactory(worker=WorkerFactory(organisation=structure), started_on=TODAY - timedelta(days=200)).worker
    span = {
        "started_on": TODAY - timedelta(days=150),
        "planned_end_on": TODAY + timedelta(days=60),
        "hourly_gross": Decimal("12.5"),
        **contract,
    }
    return client_for(user_with(role, structure)), person, ContractFactory(worker=person, **span)


def cell(contract, what="h", month=MONTH):
    return f"{what}-{contract.pk}-0-{month:%Y%m}"


def test_the_grid_works_as_a_plain_form_and_keeps_what_was_typed_when_a_cell_is_wrong():
    client, _person, contract = scene()
    address = f"/mois/?mois={MONTH:%Y-%m}"
    seen = timezone.now().isoformat()

    wrong = client.post(address, {cell(contract): "cent", cell(contract, "p"): "1 300,50", "seen_at": seen})
    assert "Un nombre est attendu, par exemple 104,5." in wrong.content.decode()
    assert ('value="cent"' in wrong.content.decode(), WorkedMonth.objects.count()) == (True, 0)
    right = client.post(address, {cell(contract): "104,5", cell(contract, "p"): "1 300,50", "seen_at": seen})

    row = WorkedMonth.objects.get()
    assert (right.status_code, str(row.paid_hours), str(row.gross_pay), row.month) == (302, "104.50", "1300.50", MONTH)
    assert 'value="104,5"' in client.get(address).content.decode()


def test_six_months_of_hours_do_not_touch_the_pay():
    client, _person, contract = scene()
    WorkedMonth.objects.create(contract=contract, month=MONTH, paid_hours=100, gross_pay=1200)

    client.post(f"/mois/?mois={MONTH:%Y-%m}&vue=six", {cell(contract): "90", "seen_at": timezone.now().isoformat()})

    assert list(WorkedMonth.objects.values_list("paid_hours", "gross_pay")) == [(90, 1200)]


def test_a_closed_month_is_shown_closed_and_regularised_from_there():
    client, person, contract = scene()
    row = WorkedMonth.objects.create(contract=contract, month=MONTH, paid_hours=100, gross_pay=1200)

    client.post("/mois/clore/", {"structure": person.organisation_id, "mois": f"{MONTH:%Y-%m}"})
    assert f"/actes/regulariser/{row.pk}/" in client.get(f"/mois/?mois={MONTH:%Y-%m}").content.decode()
    client.post(f"/actes/regulariser/{row.pk}/", {"paid_hours": "104", "gross_pay": "1250", "reason": "Oubli"})

    row.refresh_from_db()
    assert (row.closed, row.paid_hours, row.regularisations.get().hours_before) == (True, 104, 100)


def test_a_contract_may_be_kept_as_a_draft_then_signed_from_the_page_of_the_person():
    client, person, contract = scene()
    start = contract.planned_end_on + timedelta(days=1)
    terms = {"kind": "FIXED_TERM_I", "started_on": start, "planned_end_on": add_months(start, 5), "weekly_hours": "26"}

    client.post(f"/salaries/{person.pk}/contrat/", {**terms, "faire": "projet"})
    draft = ContractDraft.objects.get()
    assert f"/actes/signer-projet/{draft.pk}/" in client.get(f"/salaries/{person.pk}/").content.decode()
    client.post(f"/actes/signer-projet/{draft.pk}/", {"signed_on": TODAY})

    assert Contract.objects.filter(worker=person, started_on=start, signed_on=TODAY).count() == 1


def test_the_page_of_a_contract_tells_its_versions_and_its_chain():
    client, _person, contract = scene(weekly_hours=20)
    client.post(f"/contrats/{contract.pk}/avenant/", {"signed_on": TODAY, "effective_on": TODAY, "weekly_hours": "28"})
    end = add_months(contract.planned_end_on, 5)
    terms = {"kind": contract.kind, "started_on": contract.planned_end_on + timedelta(days=1), "weekly_hours": "28"}
    client.post(
        f"/contrats/{contract.pk}/renouveler/", {**terms, "planned_end_on": end, "signed_on": TODAY, "faire": "signer"}
    )

    page = client.get(f"/contrats/{contract.pk}/").content.decode()

    assert [words for words in ("Avenant n° 1", "20 h par semaine", "28 h par semaine", "en vigueur aujourd’hui", "Chaîne des contrats", "En cours") if words not in page] == []  # fmt: skip


def test_a_person_is_sent_to_a_client_and_the_counter_of_480_hours_is_on_her_page():
    client, person, contract = scene("AI", kind="FIXED_TERM_USAGE")
    address = f"/contrats/{contract.pk}/mise-a-disposition/"
    sent = {
        "client_name": "Menuiserie",
        "client_kind": "entreprise",
        "started_on": TODAY,
        "ended_on": TODAY + timedelta(days=20),
    }

    refused = client.post(
        address, {**sent, "monthly_hours": "310", "ended_on": TODAY + timedelta(days=58)}
    ).content.decode()
    assert ("L5132-9, R5132-18 CT" in refused, Assignment.objects.count()) == (True, 0)
    client.post(address, {**sent, "monthly_hours": "40"})

    page = client.get(f"/salaries/{person.pk}/").content.decode()
    assert [words for words in ("Compteur des 480 heures", "il reste 480 h", "Menuiserie", "date d’annonce inconnue") if words not in page] == []  # fmt: skip


def test_the_pass_is_suspended_prolonged_and_told_on_the_page_of_the_person():
    client, person, _contract = scene(ended_on=TODAY - timedelta(days=30), planned_end_on=TODAY - timedelta(days=30))
    one = PassFactory(worker=person, started_on=TODAY - timedelta(days=600), ended_on=TODAY + timedelta(days=129))

    client.post(f"/actes/prolonger-pass/{one.pk}/", {"reason": "complete_training", "days": "60"})
    client.post(
        f"/actes/suspendre-pass/{one.pk}/", {"started_on": TODAY - timedelta(days=10), "reason": "contract_ended"}
    )

    page = client.get(f"/salaries/{person.pk}/").content.decode()
    assert (PassProlongation.objects.get().state, PassSuspension.objects.count()) == ("accepted", 1)
    assert "il reste 200 jours à utiliser" in page


def test_a_counsellor_prepares_an_immersion_and_hr_a_derogation_each_their_own():
    client, person, contract = scene(role=Role.COUNSELLOR)
    immersion = {
        "host_name": "Boulangerie",
        "object": "discover",
        "started_on": TODAY,
        "ended_on": TODAY + timedelta(days=9),
        "contract": contract.pk,
    }
    client.post(f"/actes/immersion/{person.pk}/", immersion)
    assert (Immersion.objects.count(), client.get(f"/actes/derogation/{person.pk}/").status_code) == (1, 404)

    hr = client_for(user_with(Role.HR, person.organisation))
    sent = {
        "kind": "hours_individual",
        "decided_by": "prefect",
        "decided_on": TODAY,
        "started_on": TODAY,
        "ended_on": TODAY + timedelta(days=90),
    }
    hr.post(f"/actes/derogation/{person.pk}/", sent)
    assert (Derogation.objects.count(), hr.get(f"/actes/immersion/{person.pk}/").status_code) == (1, 404)


def test_nobody_acts_on_what_belongs_to_another_structure():
    _client, person, contract = scene()
    one = PassFactory(worker=person, started_on=date(2024, 1, 8), ended_on=date(2026, 1, 6))
    row = WorkedMonth.objects.create(contract=contract, month=MONTH, closed=True)
    stranger = scene()[0]

    addresses = [
        f"/actes/immersion/{person.pk}/",
        f"/actes/suspendre-pass/{one.pk}/",
        f"/actes/regulariser/{row.pk}/",
        f"/contrats/{contract.pk}/mise-a-disposition/",
    ]
    assert {stranger.get(address).status_code for address in addresses} == {404}
