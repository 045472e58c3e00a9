"""Edges of the sheets (indicators.md §2.4) that their worked examples leave: who is concerned, the day a fact counts, exactness."""

from datetime import date, datetime

import pytest

from accounts.models import Organisation
from audit.history import recorded_at
from contracts.models import Decision
from indicators.computation import compute, save
from indicators.gathering import gather
from indicators.periods import Period
from tests.factories import (
    AssessmentFactory,
    BodyFactory,
    DecisionFactory,
    EngagementContractFactory,
    ExitFactory,
    OrganisationFactory,
    PathwayFactory,
    SeatFactory,
    TrainingFactory,
    TrainingSessionFactory,
    WorkedMonthFactory,
)
from tests.indicators.test_worked_sheets import called
from tests.indicators.worlds import FAR, PARIS, SECOND_QUARTER_2025, contract, counts, measured, paid, worker

pytestmark = pytest.mark.django_db
FIRST_QUARTER_2025 = Period(date(2025, 1, 1), date(2025, 3, 31))


@pytest.fixture
def aci() -> Organisation:
    organisation: Organisation = OrganisationFactory(kind="ACI")
    return organisation


@pytest.mark.parametrize(("noted", "counted"), [(date(2025, 5, 31), 1), (date(2025, 6, 1), 0)])
def test_con_04_what_is_said_later_of_the_day_she_was_told_counts_the_day_it_is_said(
    aci: Organisation, noted: date, counted: int
) -> None:
    row = contract(worker(aci, "W"), "FIXED_TERM_I", date(2025, 1, 1), date(2025, 6, 15))
    with recorded_at(datetime(2025, 5, 2, 10, tzinfo=PARIS)):
        decision = DecisionFactory(
            contract=row, kind="renew", recorded_at=datetime(2025, 5, 2, 10, tzinfo=PARIS), notified_on=None
        )
    with recorded_at(datetime(noted.year, noted.month, noted.day, 18, tzinfo=PARIS)):
        Decision.objects.filter(pk=decision.pk).update(notified_on=date(2025, 5, 20))
    value = measured(aci, "CON-04", SECOND_QUARTER_2025)
    assert (counts(value), value.parts["lead_time"]) == ((counted, 1, 1), "15" if counted else "14")


def test_com_04_a_skill_signed_a_quarter_after_it_was_assessed_counts_once_the_quarter_it_is_signed(
    aci: Organisation,
) -> None:
    who = worker(aci, "W")
    PathwayFactory(worker=who, started_on=date(2024, 1, 1))
    AssessmentFactory(
        worker=who,
        level=3,
        assessed_on=date(2025, 3, 28),
        validated=True,
        evidence="chantier",
        worker_signed_on=date(2025, 4, 3),
    )
    assert [measured(aci, "COM-04", quarter).k for quarter in (FIRST_QUARTER_2025, SECOND_QUARTER_2025)] == [0, 1]


@pytest.mark.parametrize(
    ("entered", "left", "concerned"),
    [
        (date(2025, 4, 1), None, 1),  # three months on 30 June
        (date(2025, 4, 2), None, 0),
        (date(2024, 1, 1), date(2025, 6, 20), 1),  # gone in the month, with the hours of eighteen
        (date(2025, 3, 21), date(2025, 6, 20), 1),
        (date(2025, 3, 22), date(2025, 6, 20), 0),
        (date(2024, 1, 1), date(2025, 5, 31), 0),  # paid in June, out of the pathway
    ],
)
def test_dro_01_concerns_who_was_paid_in_the_month_after_three_months_of_pathway(
    aci: Organisation, entered: date, left: date | None, concerned: int
) -> None:
    who = worker(aci, "W")
    PathwayFactory(worker=who, started_on=entered, ended_on=left)
    paid(contract(who, "FIXED_TERM_I", date(2024, 1, 1), date(2025, 12, 31)), date(2025, 6, 1), 100)
    assert measured(aci, "DRO-01", SECOND_QUARTER_2025).eligible == concerned


def test_sor_01_hours_of_a_month_to_declare_may_bring_a_leaver_in_the_scope() -> None:
    organisation: Organisation = OrganisationFactory(kind="AI")
    for name, hours in (("known in", 150), ("may be in", 140)):
        who = worker(organisation, name)
        pathway = PathwayFactory(worker=who, started_on=date(2025, 1, 1), ended_on=date(2025, 6, 20))
        ExitFactory(pathway=pathway, exited_on=date(2025, 6, 20), outcome="cdi")
        row = contract(who, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 6, 20))
        paid(row, date(2025, 4, 1), hours)  # May and June are to declare
    value = measured(organisation, "SOR-01", SECOND_QUARTER_2025)
    assert (counts(value), value.parts["durable"], value.parts["unknown"]) == ((1, 1, 2), "1", "1")


def test_sor_02_counts_one_departure_a_person_the_last(aci: Organisation) -> None:
    who = worker(aci, "W")
    for entered, gone, situation in (
        (date(2024, 1, 1), date(2024, 10, 5), "unemployed"),
        (date(2024, 11, 10), date(2024, 12, 20), "cdi"),
    ):
        pathway = PathwayFactory(worker=who, started_on=entered, ended_on=gone)
        leaving = ExitFactory(pathway=pathway, exited_on=gone, outcome="cdi")
        called(leaving, 6, date(2025, 4, 10) if situation == "unemployed" else date(2025, 6, 20), situation)
    # the last one lasted forty days: the State does not count it, and the first is not taken for it
    assert measured(aci, "SOR-02", SECOND_QUARTER_2025).eligible == 0
    long = Period(date(2025, 4, 1), date(2025, 4, 30))
    assert counts(measured(aci, "SOR-02", long)) == (0, 1, 1)


@pytest.mark.parametrize(("since", "known"), [(None, 1), (date(2025, 5, 30), 1), (date(2025, 5, 31), 0)])
def test_sor_02_a_late_answer_to_the_call_of_six_months_tells_of_it_unless_it_began_after(
    aci: Organisation, since: date | None, known: int
) -> None:
    pathway = PathwayFactory(worker=worker(aci, "W"), started_on=date(2024, 1, 1), ended_on=date(2024, 11, 15))
    leaving = ExitFactory(pathway=pathway, exited_on=date(2024, 11, 15), outcome="cdi")
    called(leaving, 6, date(2025, 7, 20), "cdi", since=since)
    assert measured(aci, "SOR-02", SECOND_QUARTER_2025).known == known


def test_rem_03_a_threshold_is_reached_exactly_and_not_once_rounded() -> None:
    first, second = OrganisationFactory(kind="ACI"), OrganisationFactory(kind="ACI")
    for organisation, last in ((first, "1801.79"), (second, "1801.80")):
        who = worker(organisation, "W")
        PathwayFactory(worker=who, started_on=date(2025, 1, 1))
        row = contract(who, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31))
        for month, pay in ((4, "1801.80"), (5, "1801.80"), (6, last)):  # a third of a cent under, on average
            WorkedMonthFactory(contract=row, month=date(2025, month, 1), paid_hours=100, gross_pay=pay, closed=True)
    assert [measured(one, "REM-03", SECOND_QUARTER_2025).parts["d2_rate"] for one in (first, second)] == ["0", "1"]


@pytest.mark.parametrize(("left", "held"), [(date(2023, 6, 30), 1), (date(2023, 6, 29), 0)])
def test_par_03_a_former_worker_counts_for_twenty_four_months_to_the_day(
    aci: Organisation, left: date, held: int
) -> None:
    who = worker(aci, "W")
    PathwayFactory(worker=who, started_on=date(2022, 1, 1), ended_on=left)
    body = BodyFactory(organisation=aci, kind="board", voting_seats=4, checked_on=date(2025, 6, 1))
    SeatFactory(body=body, holder_status="former_worker", worker=who, voting=True, started_on=date(2023, 7, 1))
    assert measured(aci, "PAR-03", SECOND_QUARTER_2025).k == held


def test_eng_02_a_date_missing_is_unknown_and_a_late_one_beside_it_is_a_no(aci: Organisation) -> None:
    for day in (date(2025, 4, 20), date(2025, 5, 20), None):
        pathway = PathwayFactory(worker=worker(aci, "W"), started_on=date(2025, 4, 1))
        EngagementContractFactory(
            pathway=pathway, proposed_on=date(2025, 4, 1), signed_worker_on=day, signed_structure_on=None
        )
    assert counts(measured(aci, "ENG-02", SECOND_QUARTER_2025)) == (0, 1, 3)


def test_com_01_hours_of_kinds_without_a_norm_are_in_no_ratio_to_full_time_posts() -> None:
    for kind in ("ACI", "OSP"):
        organisation: Organisation = OrganisationFactory(kind=kind)
        who = worker(organisation, "W")
        row = contract(who, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31))
        paid(row, date(2025, 6, 1), 182)
        training = TrainingFactory(worker=who, started_on=date(2025, 6, 1), mandatory_safety=False)
        TrainingSessionFactory(training=training, held_on=date(2025, 6, 2), attended_hours=7)
    save(compute(list(Organisation.objects.values_list("pk", flat=True)), [SECOND_QUARTER_2025], FAR, ["COM-01"]))
    [whole] = [value for value in gather(FAR, [SECOND_QUARTER_2025], ["COM-01"]) if value.scope == "whole"]
    assert (whole.k, whole.parts["fte"], whole.parts["per_fte"]) == (14, "0.1", "70")
