"""The other traps of the State's code: people told apart, ratios without a denominator, delays on the
finished ones, and figures without a vintage. Each test fails if one comes back."""

from datetime import date, timedelta

import pytest

from accounts.models import Organisation
from audit.history import recorded_at
from indicators.computation import compute, save
from indicators.gathering import gather
from indicators.models import Value
from indicators.report import broken_down
from participation.models import Body, Seat
from tests.factories import (
    ExitFactory,
    OrganisationFactory,
    PathwayFactory,
    RightStepFactory,
    UserFactory,
    WorkerFactory,
)
from tests.indicators.invented import K
from tests.indicators.worlds import FAR, SECOND_QUARTER_2025, contract, counts, measured, paid, worker

pytestmark = pytest.mark.django_db
JUNE = date(2025, 6, 1)


@pytest.fixture
def aci() -> Organisation:
    organisation: Organisation = OrganisationFactory(kind="ACI")
    return organisation


def employed(organisation: Organisation, **fields: object) -> None:
    who = WorkerFactory(organisation=organisation, **fields)
    paid(contract(who, "PERMANENT", date(2025, 1, 1), None), JUNE, 100)


def told(organisation: Organisation, code: str, by: str) -> dict[str, int]:
    cells = broken_down(measured(organisation, code, SECOND_QUARTER_2025), [by])
    return {cell.breakdown[by]: int(cell.counts.eligible) for cell in cells}


def test_trap_2_nobody_with_a_barrier_is_no_ratio_at_all(aci: Organisation) -> None:
    PathwayFactory(worker=worker(aci, "W"), started_on=date(2025, 1, 1))
    value = measured(aci, "PER-02", SECOND_QUARTER_2025)
    assert (counts(value), value.value) == ((None, 0, 0), None)


def test_trap_4_a_numerator_above_its_denominator_is_an_error_to_mend_and_not_a_full_house(aci: Organisation) -> None:
    user = UserFactory()
    body = Body.objects.create(
        organisation=aci, kind="board", voting_seats=1, checked_on=date(2025, 5, 1), recorded_by=user
    )
    for _ in range(2):
        Seat.objects.create(body=body, holder_status="worker", started_on=date(2024, 1, 1), recorded_by=user)
    value = measured(aci, "PAR-03", SECOND_QUARTER_2025)
    assert (value.k, value.known, value.eligible, value.value) == (None, 0, 1, None)


def test_trap_5_the_outcome_is_that_of_the_last_exit_and_not_the_last_word_of_the_alphabet() -> None:
    ai: Organisation = OrganisationFactory(kind="AI")
    who = worker(ai, "W")
    for start, end, outcome in (
        (date(2024, 9, 1), date(2025, 4, 10), "unemployed"),
        (date(2025, 5, 20), date(2025, 6, 20), "cdi"),
    ):
        pathway = PathwayFactory(worker=who, started_on=start, ended_on=end)
        ExitFactory(pathway=pathway, exited_on=end, outcome=outcome)
        paid(contract(who, "FIXED_TERM_USAGE", start, end), end.replace(day=1), 160)
    value = measured(ai, "SOR-01", SECOND_QUARTER_2025)
    assert (counts(value), value.parts["durable"], value.parts["other"]) == ((1, 1, 1), "1", "0")


def test_trap_7_a_delay_counts_those_who_still_wait(aci: Organisation) -> None:
    for n, opened_on in enumerate([date(2025, 4, 11), None, None]):
        pathway = PathwayFactory(worker=worker(aci, f"W{n}"), started_on=date(2025, 1, 1))
        state = "opened" if opened_on else "requested"
        RightStepFactory(pathway=pathway, state=state, triggered_on=date(2025, 4, 1), opened_on=opened_on)
    value = measured(aci, "ACC-02", SECOND_QUARTER_2025)
    assert (value.value, value.parts["max_follow_up"]) == (None, "90")


@pytest.mark.parametrize("kind", ["ACI", "AI"])
def test_trap_9_an_exit_is_one_however_many_contracts_there_were(kind: str) -> None:
    organisation: Organisation = OrganisationFactory(kind=kind)
    who = worker(organisation, "W")
    for month in (1, 2, 3):
        row = contract(who, "FIXED_TERM_USAGE", date(2025, month, 1), date(2025, month, 28))
        paid(row, date(2025, month, 1), 60)
    pathway = PathwayFactory(worker=who, started_on=date(2025, 1, 1), ended_on=date(2025, 4, 15))
    ExitFactory(pathway=pathway, exited_on=date(2025, 4, 15), outcome="cdi")
    assert counts(measured(organisation, "SOR-01", SECOND_QUARTER_2025)) == (1, 1, 1)


def test_trap_10_a_total_counts_workers_of_structures_and_says_so() -> None:
    here, there = OrganisationFactory(kind="ACI"), OrganisationFactory(kind="ACI")
    for organisation in (here, there):
        employed(organisation, first_name="Amina", last_name="Diallo", birth_date=date(1985, 4, 12))
    save(compute([here.pk, there.pk], [SECOND_QUARTER_2025], FAR, ["SEC-01"]))
    [whole] = [value for value in gather(FAR, [SECOND_QUARTER_2025], ["SEC-01"]) if value.scope == "whole"]
    assert (whole.eligible, whole.members) == (2, 2)


def test_trap_11_an_unknown_sex_is_not_a_man(aci: Organisation) -> None:
    for sex in ("F", "M", ""):
        employed(aci, sex=sex)
    assert told(aci, "SEC-01", "sex") == {"?": 1, "F": 1, "M": 1}
    value = measured(aci, "EQU-01", SECOND_QUARTER_2025)
    assert (value.parts["women"], value.parts["men"], value.known, value.eligible) == ("1", "1", 2, 3)


def test_trap_12_a_missing_rsa_is_not_a_no(aci: Organisation) -> None:
    for rsa in (True, False, None):
        pathway = PathwayFactory(
            worker=WorkerFactory(organisation=aci, rsa=rsa), started_on=date(2024, 9, 1), ended_on=date(2025, 5, 1)
        )
        ExitFactory(pathway=pathway, exited_on=date(2025, 5, 1), outcome="cdi")
    assert told(aci, "SOR-01", "minima") == {"?": 1, "no": 1, "yes": 1}


def test_trap_13_an_age_is_a_full_birth_date_at_the_cut(aci: Organisation) -> None:
    for birth_date in (date(1999, 6, 30), date(1999, 7, 1), date(1975, 6, 30), date(1975, 7, 1), None):
        employed(aci, birth_date=birth_date)
    assert told(aci, "SEC-01", "age") == {"-26": 1, "26-49": 2, "50+": 1, "?": 1}


def test_traps_15_and_16_a_figure_keeps_its_method_its_coverage_and_all_its_vintages(aci: Organisation) -> None:
    with recorded_at(K - timedelta(days=1)):
        employed(aci)
    save(compute([aci.pk], [SECOND_QUARTER_2025], K, ["SEC-01"]))
    with recorded_at(K + timedelta(hours=1)):
        employed(aci)
    save(compute([aci.pk], [SECOND_QUARTER_2025], K + timedelta(days=1), ["SEC-01"]))
    assert list(Value.objects.order_by("known_at").values_list("method", "known", "eligible", "coverage")) == [
        (1, 1, 1, "full"),
        (1, 2, 2, "full"),
    ]
    assert counts(measured(aci, "SEC-01", SECOND_QUARTER_2025, K)) == (1, 1, 1)
