"""What the sheets ask where the reference prints no data (EX-16, EX-21, EX-25, EX-27), on small worlds of our own; and the
yearly SEC-01, the passages of TER-01, days paid, the entry file."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Organisation
from contracts.models import PayMinimum, Suspension
from indicators.models import Value
from indicators.periods import Period
from tests.factories import (
    EngagementContractFactory,
    ExitCallFactory,
    ExitFactory,
    FollowUpFactory,
    GroupFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    PlanReviewFactory,
    RightStepFactory,
    WorkedMonthFactory,
    WorkerFactory,
)
from tests.indicators.worlds import (
    FAR,
    JUNE_2025,
    SECOND_QUARTER_2025,
    YEAR_2024,
    as_stored,
    contract,
    counts,
    measured,
    paid,
    worker,
)
from tests.reference.indicators import compare

pytestmark = pytest.mark.django_db
YEAR_2025 = Period(date(2025, 1, 1), date(2025, 12, 31))


@pytest.fixture
def aci() -> Organisation:
    organisation: Organisation = OrganisationFactory(kind="ACI")
    return organisation


def left(organisation: Organisation, name: str, day: date) -> object:
    pathway = PathwayFactory(worker=worker(organisation, name), started_on=date(2024, 1, 1), ended_on=day)
    return ExitFactory(pathway=pathway, exited_on=day, outcome="cdi")


def called(leaving: object, months: int, told: date, situation: str, **fields: object) -> None:
    answered = (
        {"answer": "answered", "answered_on": told, "situation": situation}
        if situation
        else {"answer": "not_reached", "answered_on": told}
    )
    ExitCallFactory(exit=leaving, months=months, due_on=told, **answered, **fields)


def test_sor_02_no_answer_is_unknown_and_an_exit_less_than_six_months_old_is_not_due(aci: Organisation) -> None:
    day, six = date(2024, 11, 15), date(2025, 5, 15)
    called(left(aci, "at work", day), 6, six, "cdi")
    called(left(aci, "no job", day), 6, six, "unemployed")
    called(left(aci, "silent", day), 6, six, "")
    left(aci, "nobody called", day)
    left(aci, "too recent", date(2025, 1, 1))
    value = measured(aci, "SOR-02", SECOND_QUARTER_2025)
    assert (counts(value), value.low, value.high) == ((1, 2, 4), Decimal("0.25"), Decimal("0.75"))
    assert (value.value, value.coverage) == (Decimal("0.5"), Value.Coverage.INSUFFICIENT)


@pytest.mark.parametrize(
    ("told", "since", "known"),
    [
        (date(2025, 5, 30), None, 1),  # fifteen days after the anniversary
        (date(2025, 5, 31), None, 0),
        (date(2025, 7, 1), date(2025, 5, 30), 1),  # later, of a job that had begun by then
        (date(2025, 7, 1), date(2025, 5, 31), 0),
    ],
)
def test_sor_02_a_talk_serves_another_anniversary_when_the_job_covers_it(
    aci: Organisation, told: date, since: date | None, known: int
) -> None:
    called(left(aci, "W", date(2024, 11, 15)), 12, told, "cdi", since=since)
    assert measured(aci, "SOR-02", SECOND_QUARTER_2025).known == known


def test_con_01_someone_who_came_in_june_is_exposed_in_june_and_a_gap_is_not_covered(aci: Organisation) -> None:
    who = worker(aci, "W")
    PathwayFactory(worker=who, started_on=date(2025, 6, 1))
    row = contract(who, "FIXED_TERM_I", date(2025, 6, 1), date(2025, 6, 10))
    contract(who, "FIXED_TERM_I", date(2025, 6, 21), date(2025, 12, 31))
    WorkedMonthFactory(contract=row, month=date(2025, 6, 1), paid_hours=60, paid_days=8)
    value = measured(aci, "CON-01", SECOND_QUARTER_2025)
    assert (value.k, value.parts["exposure"], value.parts["days_worked"]) == (20, "30", "8")
    assert value.parts["density"] == str(as_stored(2, 3))


def test_eng_01_interviews_are_counted_for_days_of_pathway_out_of_suspensions(aci: Organisation) -> None:
    who = worker(aci, "W")
    pathway = PathwayFactory(worker=who, started_on=date(2025, 4, 1))
    row = contract(who, "FIXED_TERM_I", date(2025, 4, 1), date(2025, 12, 31))
    Suspension.objects.create(contract=row, started_on=date(2025, 5, 1), ended_on=date(2025, 5, 30), reason="illness")
    told = [
        {}, {"minutes": 15}, {"minutes": 14}, {"outcome": "absent"}, {"outcome": "cancelled"},
        {"kind": "telephone"}, {"kind": "atelier_collectif"},
    ]  # fmt: skip
    for n, fields in enumerate(told):
        FollowUpFactory(
            pathway=pathway, **{"held_on": date(2025, 6, 2 + n), "minutes": 30, "outcome": "present", **fields}
        )
    twice = FollowUpFactory(pathway=pathway, held_on=date(2025, 6, 20), outcome="present")
    twice.cancelled_at, twice.cancel_reason = FAR - timedelta(days=900), "Saisi deux fois"
    twice.save()
    value = measured(aci, "ENG-01", SECOND_QUARTER_2025)
    assert counts(value) == (2, 61, 61)
    assert f"{value.value:.6f}" == f"{2 / (61 / 30.4375):.6f}"
    assert (value.parts["missed_by_worker"], value.parts["missed_by_structure"]) == ("1", "1")


def test_eng_02_signed_by_both_on_the_thirtieth_day_and_not_on_the_next(aci: Organisation) -> None:
    start = date(2025, 4, 1)
    for worker_on, structure_on, gone in [
        (30, 30, None), (30, 31, None), (10, None, None), (None, None, None), (None, None, 29), (20, 20, 25),
    ]:  # fmt: skip
        pathway = PathwayFactory(
            worker=worker(aci, "W"), started_on=start, ended_on=None if gone is None else start + timedelta(days=gone)
        )
        if worker_on is not None:
            EngagementContractFactory(
                pathway=pathway, proposed_on=start, signed_worker_on=start + timedelta(days=worker_on),
                signed_structure_on=None if structure_on is None else start + timedelta(days=structure_on),
            )  # fmt: skip
    PathwayFactory(worker=worker(aci, "too recent"), started_on=date(2025, 6, 1))
    value = measured(aci, "ENG-02", SECOND_QUARTER_2025)
    assert (counts(value), value.parts["left_soon"]) == ((2, 4, 5), "1")


def test_eng_03_a_review_without_the_person_does_not_count_and_no_plan_is_a_no(aci: Organisation) -> None:
    for held_on, present in [
        (date(2025, 4, 1), True), (date(2025, 3, 31), True), (date(2025, 6, 1), False), (date(2025, 6, 1), None), (None, None),
    ]:  # fmt: skip
        pathway = PathwayFactory(worker=worker(aci, "W"), started_on=date(2024, 1, 1))
        if held_on:
            PlanReviewFactory(pathway=pathway, held_on=held_on, worker_present=present, next_on=date(2025, 12, 1))
    PathwayFactory(worker=worker(aci, "just in"), started_on=date(2025, 5, 31))
    assert counts(measured(aci, "ENG-03", SECOND_QUARTER_2025)) == (1, 4, 5)


@pytest.mark.parametrize(
    ("minima", "compliant"),
    [
        ([], 100),
        ([("", date(2025, 1, 1), "12.50")], 0),  # any job
        ([("", date(2025, 1, 1), "12.50"), ("K22", date(2025, 1, 1), "11.00")], 100),  # the most precise holds
        ([("K2204", date(2025, 1, 1), "12.50"), ("K2204", date(2025, 6, 1), "12.00")], 100),  # then the latest
        ([("K2204", date(2025, 7, 1), "12.50")], 100),  # not in force yet
        ([("F", date(2025, 1, 1), "12.50")], 100),  # another job
        ([("K2204", date(2025, 1, 1), "9.00")], 100),  # under the SMIC, which then holds
    ],
)
def test_rem_01_the_floor_is_the_smic_or_the_minimum_of_the_job(
    aci: Organisation, minima: list[tuple[str, date, str]], compliant: int
) -> None:
    for code, since, amount in minima:
        PayMinimum.objects.create(
            organisation=aci, rome_code=code, since=since, hourly_gross=amount, source="IDCC 3016"
        )
    row = contract(
        worker(aci, "W"), "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31), hourly_gross="12.00", rome_code="K2204"
    )
    paid(row, date(2025, 6, 1), 100)
    value = measured(aci, "REM-01", JUNE_2025)
    assert (value.k, value.known) == (compliant, 100)
    fit = any("K2204".startswith(code) and since <= date(2025, 6, 1) for code, since, _amount in minima)
    assert value.parts["hours_with_minimum"] == ("100" if fit else "0")


def test_a_year_is_the_mean_of_its_twelve_months_each_at_its_own_cut(aci: Organisation) -> None:
    """One securing contract all year; a short one from July, renewed in November by an act signed then: it secures from
    November on. Six months at 1/1, four at 1/2, two at 2/2."""
    forever = contract(worker(aci, "A"), "PERMANENT", date(2023, 1, 1), None)
    first = contract(worker(aci, "B"), "FIXED_TERM_I", date(2024, 7, 1), date(2024, 10, 31))
    following = contract(first.worker, "FIXED_TERM_I", date(2024, 11, 1), date(2025, 3, 31), renews=first)
    for month in range(1, 13):
        paid(forever, date(2024, month, 1), 100)
        if month >= 7:
            paid(first if month < 11 else following, date(2024, month, 1), 100)
    value = measured(aci, "SEC-01", YEAR_2024)
    assert value.value == as_stored(10, 12)
    assert (value.k, value.known) == (Decimal("1.1667"), Decimal("1.5"))
    assert (value.parts["class_2"], value.parts["class_1"]) == ("1", "0.5")
    assert compare(aci, [YEAR_2024, SECOND_QUARTER_2025], FAR) == []


def test_ter_01_a_pathway_that_goes_on_in_the_group_is_a_passage_known_by_its_pass(aci: Organisation) -> None:
    group = GroupFactory()
    aci.group = group
    aci.save()
    sibling, stranger = OrganisationFactory(kind="EI", group=group), OrganisationFactory(kind="EI")
    end = date(2025, 5, 10)

    def person(number: str, elsewhere: Organisation | None, start: date | None) -> None:
        who = WorkerFactory(organisation=aci)
        PathwayFactory(worker=who, started_on=date(2024, 1, 1), ended_on=end)
        if number:
            PassFactory(worker=who, number=number)
        if elsewhere and start:
            twin = WorkerFactory(organisation=elsewhere)
            PassFactory(worker=twin, number=number)
            PathwayFactory(worker=twin, started_on=start)

    person("999990000001", sibling, end + timedelta(days=31))
    person("999990000002", sibling, end + timedelta(days=32))
    person("999990000003", stranger, end + timedelta(days=1))
    person("999990000004", None, None)
    person("", None, None)
    PathwayFactory(worker=worker(aci, "still here"), started_on=date(2024, 1, 1))
    value = measured(aci, "TER-01", SECOND_QUARTER_2025)
    assert (counts(value), value.parts["passages"]) == ((1, 5, 6), "1")
    assert compare(aci, [SECOND_QUARTER_2025], FAR) == []


@pytest.mark.parametrize(("days", "expected"), [(20, (1, 1)), (10, (0, 1)), (None, (None, 0))])
def test_dro_01_days_paid_open_the_right_too_and_days_nobody_gave_are_unknown(
    aci: Organisation, days: int | None, expected: tuple[int | None, int]
) -> None:
    """Seven months of 100 hours are 700, under 910; seven times 20 days are 140, over 130."""
    who = WorkerFactory(organisation=aci, birth_date=date(1990, 1, 1))
    PathwayFactory(worker=who, started_on=date(2024, 1, 1))
    row = contract(who, "FIXED_TERM_I", date(2024, 1, 1), date(2025, 12, 31))
    for month in range(7):
        at = date(2024, 12, 1) if month == 0 else date(2025, month, 1)
        WorkedMonthFactory(contract=row, month=at, paid_hours=100, paid_days=days)
    value = measured(aci, "DRO-01", SECOND_QUARTER_2025)
    assert (value.k, value.known) == expected


@pytest.mark.parametrize(
    ("handed", "informed", "expected"),
    [
        (date(2025, 1, 8), date(2025, 2, 1), (1, 1, 1)),
        (date(2025, 1, 9), date(2025, 2, 1), (0, 1, 1)),  # three working days after Monday the 6th
        (date(2025, 1, 8), None, (None, 0, 1)),
        (None, date(2025, 5, 1), (0, 1, 1)),  # one failed: whatever the other says
    ],
)
def test_acc_04_all_five_or_not_and_what_nobody_noted_is_unknown(
    aci: Organisation, handed: date | None, informed: date | None, expected: tuple[int | None, int, int]
) -> None:
    who, start = worker(aci, "W"), date(2025, 1, 6)
    pathway = PathwayFactory(worker=who, started_on=start)
    row = contract(who, "FIXED_TERM_I", start, date(2025, 12, 31), handed_on=handed, rights_information_on=informed)
    for month in (1, 2, 3, 4, 5, 6):
        WorkedMonthFactory(contract=row, month=date(2025, month, 1), paid_hours=100)
    for right in ("D04", "D20"):
        RightStepFactory(pathway=pathway, right=right, state="opened", triggered_on=start, opened_on=date(2025, 2, 1))
    value = measured(aci, "ACC-04", Period(date(2025, 1, 1), date(2025, 6, 30)))
    assert counts(value) == expected


def test_someone_whose_hours_are_unknown_is_not_as_employed_as_she_wishes(aci: Organisation) -> None:
    """`least` of SQL forgets what is null: unknown hours would be hours enough."""
    from tests.factories import HoursWishFactory

    who = worker(aci, "W")
    PathwayFactory(worker=who, started_on=date(2025, 1, 1))
    row = contract(who, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31))
    paid(row, date(2025, 5, 1), None)
    paid(row, date(2025, 6, 1), 100)
    HoursWishFactory(worker=who, weekly_hours=35, stated_on=date(2025, 5, 1))
    assert counts(measured(aci, "TPS-01", SECOND_QUARTER_2025)) == (None, 0, 1)
