"""What the database refuses, and the words a user reads."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from contracts import actions as contracts
from contracts import months
from contracts.models import Contract, WorkedMonth
from parcours import actions as parcours
from parcours.models import Pathway, Worker
from tests.factories import ContractFactory, PassFactory, PathwayFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db


def refused(call, *words):
    with pytest.raises(ValidationError) as refusal:
        call()
    assert [message for message in words if message not in str(refusal.value)] == []


def test_a_contract_does_not_end_before_it_starts():
    contract = ContractFactory()

    refused(
        lambda: contracts.end_contract(
            by=UserFactory(), contract=contract, ended_on=date(2024, 1, 7), reason="", today=date(2024, 1, 7)
        ),
        "La fin effective du contrat précède son début.",
    )
    with pytest.raises(IntegrityError, match="contract_ends_after_it_starts"), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(ended_on=date(2024, 1, 7))


def test_two_insertion_contracts_do_not_overlap():
    first = ContractFactory(started_on=date(2024, 1, 1), planned_end_on=date(2024, 6, 30))

    def sign(start):
        return contracts.sign_contract(
            by=UserFactory(),
            worker=first.worker,
            today=date(2024, 1, 1),
            kind="FIXED_TERM_I",
            started_on=start,
            planned_end_on=date(2024, 12, 31),
        )

    refused(lambda: sign(date(2024, 6, 30)), "La personne a déjà un contrat de travail de ce genre")
    assert sign(date(2024, 7, 1)).pk


def test_a_contract_broken_early_leaves_room_for_the_next_one():
    first = ContractFactory(started_on=date(2024, 1, 1), planned_end_on=date(2024, 6, 30), ended_on=date(2024, 3, 15))

    assert ContractFactory(worker=first.worker, started_on=date(2024, 3, 16), planned_end_on=date(2024, 9, 15)).pk


def test_assignment_contracts_of_an_association_may_overlap():
    worker = WorkerFactory()

    for _time in range(2):
        ContractFactory(
            worker=worker, kind="FIXED_TERM_USAGE", started_on=date(2025, 2, 10), planned_end_on=date(2025, 2, 20)
        )
    assert Contract.objects.filter(worker=worker).count() == 2


def test_an_open_ended_contract_forbids_every_later_one():
    first = ContractFactory(kind="PERMANENT_I", planned_end_on=None)

    with pytest.raises(IntegrityError, match="contract_no_overlap"), transaction.atomic():
        ContractFactory(worker=first.worker, started_on=date(2030, 1, 1), planned_end_on=date(2030, 6, 30))


def test_a_person_has_one_valid_pass_at_a_time():
    first = PassFactory(started_on=date(2024, 1, 1), ended_on=date(2025, 12, 30))

    def record(start, end):
        return parcours.record_pass(
            by=UserFactory(), worker=first.worker, number="99999 01 23456", started_on=start, ended_on=end
        )

    refused(lambda: record(date(2025, 12, 30), date(2027, 12, 29)), "La personne a déjà un PASS IAE valide")
    assert str(record(date(2025, 12, 31), date(2027, 12, 30))) == "99999 01 23456"


def test_a_pass_number_has_twelve_characters():
    refused(
        lambda: parcours.record_pass(
            by=UserFactory(),
            worker=WorkerFactory(),
            number="12345",
            started_on=date(2024, 1, 1),
            ended_on=date(2024, 2, 1),
        ),
        "Un PASS IAE a 12 caractères",
    )


@pytest.mark.parametrize("hours", [Decimal("-1"), Decimal("310.01")])
def test_a_month_holds_only_possible_hours(hours):
    with pytest.raises(IntegrityError, match="worked_month_hours_possible"), transaction.atomic():
        WorkedMonth.objects.create(contract=ContractFactory(), month=date(2024, 2, 1), paid_hours=hours)


def test_a_week_holds_at_most_48_hours():
    refused(
        lambda: contracts.sign_contract(
            by=UserFactory(),
            worker=WorkerFactory(),
            today=date(2024, 1, 1),
            kind="FIXED_TERM_I",
            started_on=date(2024, 1, 1),
            weekly_hours=Decimal("48.5"),
        ),
        "48",
    )


def test_a_closed_month_is_not_corrected_by_hand():
    contract = ContractFactory()
    by = UserFactory()
    month = {"by": by, "contract": contract, "month": date(2024, 2, 1), "gross_pay": None}
    months.record_month(**month, paid_hours=Decimal(100), closed=True)

    refused(lambda: months.record_month(**month, paid_hours=Decimal(90), closed=True), "Ce mois est clos")
    assert WorkedMonth.objects.get().paid_hours == 100


def test_a_person_has_one_pathway_at_a_time_in_a_structure():
    first = PathwayFactory(started_on=date(2024, 1, 8))

    with pytest.raises(IntegrityError, match="pathway_one_at_a_time"), transaction.atomic():
        PathwayFactory(worker=first.worker, started_on=date(2025, 1, 1))


def test_welcoming_a_person_with_a_fault_writes_nothing():
    refused(
        lambda: parcours.welcome_worker(
            by=UserFactory(),
            organisation=PathwayFactory().worker.organisation,
            started_on=date(2024, 1, 1),
            first_name="Zoé",
            last_name="Petit",
            birth_date=date(1850, 1, 1),
        ),
        "La date de naissance est antérieure à 1900.",
    )
    assert Worker.objects.filter(first_name="Zoé").count() == 0


def test_a_renewal_starts_the_day_after_and_keeps_the_terms():
    first = ContractFactory(started_on=date(2024, 1, 8), planned_end_on=date(2024, 7, 7))

    second = contracts.renew_contract(
        by=UserFactory(),
        contract=first,
        planned_end_on=date(2025, 1, 7),
        signed_on=date(2024, 6, 20),
        today=date(2024, 6, 20),
    )

    assert (second.started_on, second.renews, second.weekly_hours) == (date(2024, 7, 8), first, Decimal(26))


def test_a_contract_is_renewed_once():
    first = ContractFactory(started_on=date(2024, 1, 8), planned_end_on=date(2024, 7, 7))
    again = {"by": UserFactory(), "contract": first, "planned_end_on": date(2025, 1, 7), "signed_on": None}
    again["today"] = date(2024, 6, 20)
    contracts.renew_contract(**again)

    with pytest.raises(ValidationError):
        contracts.renew_contract(**again)
    assert Contract.objects.filter(renews=first).count() == 1


def test_an_amendment_changes_only_what_it_names():
    contract = ContractFactory(weekly_hours=26, hourly_gross="11.65")

    contracts.amend_contract(
        by=UserFactory(),
        contract=contract,
        signed_on=date(2024, 3, 1),
        effective_on=date(2024, 4, 1),
        today=date(2024, 3, 1),
        weekly_hours=Decimal(30),
    )

    contract.refresh_from_db()
    assert (contract.weekly_hours, contract.hourly_gross, contract.planned_end_on) == (
        Decimal(30),
        Decimal("11.65"),
        date(2024, 7, 7),
    )


def test_an_exit_closes_the_pathway_and_an_unknown_outcome_stays_unknown():
    pathway = PathwayFactory()

    left = parcours.record_exit(by=UserFactory(), pathway=pathway, exited_on=date(2025, 5, 31))

    assert Pathway.objects.get(pk=pathway.pk).ended_on == date(2025, 5, 31)
    assert left.outcome == ""


def test_people_are_found_without_accents_and_in_any_order():
    found = WorkerFactory(first_name="Éloïse", last_name="Le Goff")
    WorkerFactory(first_name="Paul", last_name="Legrand")

    assert list(Worker.objects.named("goff eloise")) == [found]
    assert list(Worker.objects.named("ÉLO")) == [found]
    assert list(Worker.objects.named("100%")) == []
