"""Work for clients, worked months, immersions: what is kept, what is refused, what it costs."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import law.immersions
from contracts import assignments, derogations, immersions, months
from contracts.models import Assignment, Immersion, PlannedMonth, Regularisation, WorkedMonth
from law import law_on
from law.facts import ImmersionFacts
from tests.factories import (
    AssignmentFactory,
    ContractFactory,
    OrganisationFactory,
    UserFactory,
    WorkedMonthFactory,
    WorkerFactory,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
FEBRUARY = date(2026, 2, 1)


def said(call) -> str:
    with pytest.raises(ValidationError) as refusal:
        call()
    return " ".join(refusal.value.messages)


def usage_contract(kind="AI", **fields):
    person = WorkerFactory(organisation=OrganisationFactory(kind=kind))
    span = {"started_on": date(2026, 1, 1), "planned_end_on": date(2026, 12, 31), **fields}
    return ContractFactory(worker=person, kind="FIXED_TERM_USAGE", **span)


def done(contract, client_kind, hours, month=FEBRUARY):
    WorkedMonthFactory(
        contract=contract,
        assignment=AssignmentFactory(contract=contract, client_kind=client_kind),
        month=month,
        paid_hours=hours,
    )


def sent(contract, client_kind="entreprise", hours=None, start=date(2026, 3, 2), end=date(2026, 3, 31), **fields):
    return assignments.assign(
        by=UserFactory(), contract=contract, client_name="Menuiserie Le Goff", client_kind=client_kind, started_on=start,
        ended_on=end, monthly_hours=hours, **fields,
    )  # fmt: skip


def test_300_hours_in_a_company_400_at_a_home_and_100_in_an_association_count_300():
    contract = usage_contract()
    for client_kind, hours, month in (
        ("entreprise", 300, FEBRUARY),
        ("particulier", 300, FEBRUARY),
        ("particulier", 100, date(2026, 1, 1)),
        ("association", 100, FEBRUARY),
    ):
        done(contract, client_kind, hours, month)

    counter = assignments.hours_counter(contract.worker, TODAY)

    assert (counter.hours, counter.cap, counter.left, counter.first, counter.last) == (
        300,
        480,
        180,
        FEBRUARY,
        date(2028, 1, 31),
    )


def test_outside_an_association_there_is_no_counter():
    assert assignments.hours_counter(usage_contract("ETTI").worker, TODAY) is None


def test_an_assignment_beyond_480_hours_is_refused_with_the_article_unless_the_prefect_derogated():
    contract = usage_contract()
    done(contract, "entreprise", 300)

    assert "le plafond est de 480 h sur 24 mois (L5132-9, R5132-18 CT)" in said(
        lambda: sent(contract, hours=Decimal("180.5"))
    )
    assert (
        sent(contract, hours=Decimal(180)).pk,
        sent(contract, "particulier", Decimal(200), start=date(2026, 3, 4)).pk,
    ) != (None, None)
    derogations.record_derogation(
        by=UserFactory(), organisation=contract.worker.organisation, kind="ai_480_hours", decided_by="prefect",
        decided_on=date(2026, 2, 1), started_on=date(2026, 2, 1), ended_on=date(2029, 1, 31), today=TODAY,
    )  # fmt: skip
    assert sent(contract, hours=Decimal(300), start=date(2026, 3, 3)).pk


def test_planned_hours_are_kept_by_month_and_never_count_as_paid():
    row = sent(usage_contract(), hours=Decimal(40), end=date(2026, 5, 15))
    assignments.plan_month(by=UserFactory(), assignment=row, month=date(2026, 4, 1), hours=Decimal(25))

    assert list(PlannedMonth.objects.values_list("month", "hours")) == [
        (date(2026, 3, 1), 40), (date(2026, 4, 1), 25), (date(2026, 5, 1), 40),
    ]  # fmt: skip
    assert WorkedMonth.objects.count() == 0


def test_an_assignment_stays_within_its_contract():
    contract = usage_contract(planned_end_on=date(2026, 3, 15))

    assert "finit le 15/03/2026" in said(lambda: sent(contract))
    assert "porte une mise à disposition" in said(
        lambda: sent(contract, start=date(2026, 3, 16), end=date(2026, 3, 20))
    )
    assert Assignment.objects.count() == 0


def test_the_mentions_of_the_contract_with_the_client_are_asked_for():
    row = sent(usage_contract(), announced_on=date(2026, 2, 26))
    assert assignments.missing_mentions(row) == [
        "tâches", "lieu", "salaire de référence chez le client, en euros de l'heure", "équipements de protection",
    ]  # fmt: skip

    assignments.change_assignment(
        by=UserFactory(),
        assignment=row,
        tasks="Ponçage",
        place="Rennes",
        client_pay=Decimal("13.2"),
        protective_equipment="Masque, fourni par le client",
    )

    row.refresh_from_db()
    assert (assignments.missing_mentions(row), row.announced_on) == ([], date(2026, 2, 26))


def paid(contract, hours, month=FEBRUARY, pay=None):
    return months.Cell((contract.pk, None, month), hours and Decimal(hours), pay and Decimal(pay))


def saved_cells(structure, cells, seen_at=None):
    return months.record_cells(by=UserFactory(), lines=months.grid(structure, [FEBRUARY]), cells=cells, seen_at=seen_at)


def two_contracts():
    structure = OrganisationFactory()
    span = {"started_on": date(2026, 1, 1), "planned_end_on": date(2026, 6, 30)}
    return structure, *(ContractFactory(worker__organisation=structure, **span) for _ in range(2))


def test_a_grid_is_saved_whole_or_not_at_all_and_each_cell_says_its_error():
    structure, one, other = two_contracts()

    errors = saved_cells(structure, [paid(one, "110.5"), paid(other, "400")])
    assert (list(errors), WorkedMonth.objects.count()) == ([(other.pk, None, FEBRUARY)], 0)
    assert saved_cells(structure, [paid(one, "110.5", pay="1300"), paid(other, "0")]) == {}

    assert list(WorkedMonth.objects.order_by("contract_id").values_list("paid_hours", "gross_pay")) == [
        (Decimal("110.50"), 1300), (0, None),
    ]  # fmt: skip


def test_a_cell_left_as_it_was_writes_nothing():
    structure, one, _other = two_contracts()
    saved_cells(structure, [paid(one, "100")])
    events = WorkedMonth.pgh_event_model.objects

    before = events.count()
    saved_cells(structure, [paid(one, "100.00")])
    assert (before, events.count()) == (1, 1)


def test_what_someone_else_typed_meanwhile_is_not_overwritten():
    structure, one, _other = two_contracts()
    saved_cells(structure, [paid(one, "100")])
    shown = timezone.now() - timedelta(hours=1)

    errors = saved_cells(structure, [paid(one, "90")], seen_at=shown)

    assert "entre-temps" in errors[one.pk, None, FEBRUARY][0]
    assert WorkedMonth.objects.get().paid_hours == 100


def test_a_month_outside_the_contract_is_refused():
    structure, one, _other = two_contracts()
    errors = saved_cells(structure, [paid(one, "10", month=date(2027, 1, 1))])
    assert errors == {(one.pk, None, date(2027, 1, 1)): ["Le contrat ne court pas ce mois-là."]}


def test_nobody_writes_in_the_grid_of_another_structure():
    structure, _one, _other = two_contracts()
    elsewhere = ContractFactory(started_on=date(2026, 1, 1), planned_end_on=date(2026, 6, 30))

    assert list(saved_cells(structure, [paid(elsewhere, "10")])) == [(elsewhere.pk, None, FEBRUARY)]
    assert WorkedMonth.objects.count() == 0


def test_closing_a_month_names_what_is_missing_and_corrections_become_regularisations():
    structure, one, other = two_contracts()
    saved_cells(structure, [paid(one, "100", pay="1200")])
    by = UserFactory()

    closing = months.close_month(by=by, organisation=structure, month=FEBRUARY, today=TODAY)
    row = WorkedMonth.objects.get()
    assert (closing.closed, [line.contract for line in closing.missing], row.closed) == (1, [other], True)
    assert "régularisation" in saved_cells(structure, [paid(one, "90")])[one.pk, None, FEBRUARY][0]

    correction = {"by": by, "worked_month": row, "reason": "Heures oubliées", "today": TODAY}
    assert "Rien ne change" in said(
        lambda: months.regularise(**correction, paid_hours=Decimal(100), gross_pay=Decimal(1200))
    )
    months.regularise(**correction, paid_hours=Decimal(104), gross_pay=Decimal(1250))

    row.refresh_from_db()
    kept = Regularisation.objects.get()
    assert (row.paid_hours, row.closed, kept.hours_before, kept.hours_after) == (104, True, 100, 104)


def test_a_month_is_closed_once_it_is_over():
    structure, _one, _other = two_contracts()
    close = {"by": UserFactory(), "organisation": structure, "month": FEBRUARY}

    assert "28/02/2026" in said(lambda: months.close_month(**close, today=date(2026, 2, 28)))
    assert months.close_month(**close, today=date(2026, 3, 1)).closed == 0


def test_reading_and_saving_a_grid_costs_the_same_for_2_and_for_300_lines():
    def cost(count):
        structure = OrganisationFactory()
        contracts = [
            ContractFactory(
                worker__organisation=structure, started_on=date(2026, 1, 1), planned_end_on=date(2026, 6, 30)
            )
            for _ in range(count)
        ]
        by = UserFactory()
        with CaptureQueriesContext(connection) as queries:
            lines = months.grid(structure, [FEBRUARY])
            assert (
                months.record_cells(
                    by=by, lines=lines, cells=[paid(c, "100") for c in contracts], seen_at=timezone.now()
                )
                == {}
            )
        assert WorkedMonth.objects.filter(contract__worker__organisation=structure).count() == count
        return len(queries)

    assert cost(2) == cost(300) <= 8


def planned(person, start, end, host="Boulangerie Maël", **fields):
    return immersions.plan_immersion(
        by=UserFactory(), worker=person, host_name=host, object=fields.pop("object", "discover"), started_on=start,
        ended_on=end, **fields,
    )  # fmt: skip


def test_31_days_from_10_march_are_a_month_and_more_than_the_teleservice_takes():
    planned(WorkerFactory(), date(2026, 3, 10), date(2026, 4, 9))

    start = date(2026, 3, 10)
    (told,) = law.immersions.findings(ImmersionFacts(start, date(2026, 4, 9), "Maël"), [], law_on(start))
    assert (told.code, told.facts["days"], told.forbids) == ("PMSMP_TELESERVICE", 31, False)
    assert law.immersions.findings(ImmersionFacts(start, date(2026, 4, 8), "Maël"), [], law_on(start)) == []
    assert "jusqu'au 09/04/2026 (D5135-3 CT)" in said(
        lambda: planned(WorkerFactory(), date(2026, 3, 10), date(2026, 4, 10))
    )


def test_an_immersion_is_renewed_once_for_the_same_object_and_not_longer():
    person = WorkerFactory()
    first = planned(person, date(2026, 3, 2), date(2026, 3, 15))
    again = {"start": date(2026, 3, 16), "renews": first}

    assert "plus que l'immersion : 14 jours" in said(lambda: planned(person, end=date(2026, 3, 30), **again))
    assert "garde l'accueil et l'objet" in said(
        lambda: planned(person, end=date(2026, 3, 29), object="confirm", **again)
    )
    second = planned(person, end=date(2026, 3, 29), **again)
    assert "une seule fois" in said(lambda: planned(person, date(2026, 3, 30), date(2026, 4, 5), renews=second))


def test_the_same_host_takes_two_conventions_of_different_objects_and_60_days_in_12_months():
    person = WorkerFactory()
    planned(person, date(2026, 3, 1), date(2026, 3, 31))

    assert "a un autre objet" in said(lambda: planned(person, date(2026, 5, 1), date(2026, 5, 10)))
    assert "60 jours" in said(lambda: planned(person, date(2026, 5, 1), date(2026, 5, 30), object="confirm"))
    planned(person, date(2026, 5, 1), date(2026, 5, 29), object="confirm")
    assert "le plafond est de 60 jours" in said(
        lambda: planned(person, date(2026, 6, 1), date(2026, 6, 1), object="recruit")
    )
    assert planned(person, date(2026, 6, 1), date(2026, 6, 30), host="Garage Kervella", object="recruit").pk
    assert planned(person, date(2027, 5, 30), date(2027, 6, 10), object="discover").pk


def test_immersions_take_a_quarter_of_a_cddi_at_most():
    contract = ContractFactory(started_on=date(2026, 1, 1), planned_end_on=date(2026, 4, 30))  # 120 days

    assert "plus du quart du contrat (30 jours" in said(
        lambda: planned(contract.worker, date(2026, 3, 1), date(2026, 3, 31), contract=contract)
    )
    planned(contract.worker, date(2026, 2, 1), date(2026, 2, 20), contract=contract)
    assert "plus du quart" in said(
        lambda: planned(contract.worker, date(2026, 3, 1), date(2026, 3, 11), host="Autre", contract=contract)
    )
    assert planned(contract.worker, date(2026, 3, 1), date(2026, 3, 10), host="Autre", contract=contract).pk


def test_an_immersion_called_off_is_not_told_how_it_went():
    row = planned(WorkerFactory(), date(2026, 3, 1), date(2026, 3, 31))
    immersions.cancel_immersion(by=UserFactory(), immersion=row, cancelled_on=date(2026, 2, 27))

    told = {"by": UserFactory(), "immersion": row, "result": "confirmed"}
    assert "annulée le 27/02/2026" in said(lambda: immersions.complete_immersion(**told, ended_on=date(2026, 3, 20)))
    assert "annulée le 27/02/2026" in said(lambda: immersions.complete_immersion(**told))
    assert Immersion.objects.get().result == ""


def test_an_immersion_called_off_counts_no_more_and_a_done_one_says_its_result():
    person = WorkerFactory()
    first = planned(person, date(2026, 3, 1), date(2026, 3, 31))
    immersions.cancel_immersion(by=UserFactory(), immersion=first, cancelled_on=date(2026, 2, 27))
    second = planned(person, date(2026, 4, 1), date(2026, 4, 30))

    immersions.complete_immersion(
        by=UserFactory(),
        immersion=second,
        result="confirmed",
        ended_on=date(2026, 4, 24),
        assessment="A tenu la caisse.",
    )

    assert list(Immersion.objects.values_list("result", "ended_on")) == [
        ("confirmed", date(2026, 4, 24)),
        ("", date(2026, 3, 31)),
    ]
