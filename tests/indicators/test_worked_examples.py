"""The worked examples of the reference, through the real tables."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from accounts.models import Organisation
from indicators.models import Value
from indicators.periods import Period
from tests.factories import (
    ContractFactory,
    DecisionFactory,
    ExitFactory,
    OrganisationFactory,
    PathwayFactory,
    RightStepFactory,
    TrainingFactory,
    TrainingSessionFactory,
)
from tests.indicators.worlds import (
    JUNE_2025,
    PARIS,
    SECOND_QUARTER_2025,
    YEAR_2024,
    as_stored,
    contract,
    counts,
    measured,
    paid,
    worker,
)

pytestmark = pytest.mark.django_db
JUNE = date(2025, 6, 1)


@pytest.fixture
def june_2025() -> Organisation:
    """EX-01 and EX-28: eight people in June 2025."""
    organisation: Organisation = OrganisationFactory(kind="ACI")
    w1, w2, w3, w4, w5, w6, w7, w8 = (worker(organisation, f"W{n}") for n in range(1, 9))
    paid(contract(w1, "PERMANENT", date(2024, 9, 1), None), JUNE, 120)
    paid(contract(w2, "FIXED_TERM_I", date(2025, 2, 1), date(2025, 7, 31)), JUNE, 104)
    paid(contract(w3, "FIXED_TERM_USAGE", date(2025, 6, 1), date(2025, 6, 30)), JUNE, 62)
    paid(contract(w3, "FIXED_TERM_I", date(2025, 3, 1), date(2025, 12, 31)), JUNE, 40)
    first = contract(w4, "FIXED_TERM_I", date(2025, 5, 1), date(2025, 8, 31))
    paid(first, JUNE, 100)
    contract(w4, "FIXED_TERM_I", date(2025, 9, 1), date(2025, 12, 31), signed_on=date(2025, 8, 20), renews=first)
    paid(contract(w5, "TEMPORARY", date(2025, 6, 2), date(2025, 6, 27)), JUNE, 110)
    paid(contract(w6, "FIXED_TERM", date(2025, 1, 15), date(2025, 7, 14)), JUNE, 90)
    paid(contract(w7, "", date(2025, 1, 1), date(2025, 12, 31)), JUNE, 80)
    paid(contract(w8, "PERMANENT", date(2024, 1, 1), None), JUNE, 0)
    return organisation


def test_ex_01_three_of_six_known_contracts_are_securing_and_the_unknown_one_is_not_a_no(
    june_2025: Organisation,
) -> None:
    value = measured(june_2025, "SEC-01", SECOND_QUARTER_2025)
    assert counts(value) == (3, 6, 7)
    assert value.value == Decimal("0.5")
    assert (value.low, value.high) == (as_stored(3, 7), as_stored(4, 7))
    assert value.coverage == Value.Coverage.PARTIAL
    assert value.parts == {"class_2": "1", "class_1": "3", "class_0": "2"}
    assert (value.interval_low, value.interval_high) == (Decimal("0.1876"), Decimal("0.8124"))


def test_ex_28_the_hour_is_the_unit_of_short_contracts_and_of_their_coverage(june_2025: Organisation) -> None:
    """W3's two contracts keep their own hours; the 706 hours of the month are 110 + 62 short, 80 unknown."""
    value = measured(june_2025, "SEC-02", JUNE_2025)
    assert counts(value) == (172, 626, 706)
    assert value.value == as_stored(172, 626)
    assert value.value == as_stored(86, 313)
    assert as_stored(626, 706) == as_stored(313, 353)
    assert value.coverage == Value.Coverage.PARTIAL
    assert value.parts == {
        "task_hours": "172",
        "short_hours": "0",
        "unknown_hours": "80",
        "months_to_declare": "0",
    }


def test_ex_02_days_are_a_union_clipped_to_the_window_and_stop_at_the_effective_end() -> None:
    organisation: Organisation = OrganisationFactory(kind="AI")
    a, b, c, d = (worker(organisation, name) for name in "ABCD")
    contract(a, "FIXED_TERM_I", date(2023, 11, 1), date(2024, 3, 31))
    PathwayFactory(worker=a, started_on=date(2023, 11, 1), ended_on=date(2024, 3, 31))
    contract(b, "FIXED_TERM_USAGE", date(2024, 2, 10), date(2024, 2, 20))
    contract(b, "FIXED_TERM_USAGE", date(2024, 2, 15), date(2024, 3, 5))
    PathwayFactory(worker=b, started_on=date(2024, 2, 10))
    contract(c, "PERMANENT", date(2024, 10, 1), None)
    PathwayFactory(worker=c, started_on=date(2024, 10, 1))
    contract(d, "FIXED_TERM_I", date(2024, 6, 1), date(2025, 5, 31), ended_on=date(2024, 8, 15))
    PathwayFactory(worker=d, started_on=date(2024, 6, 1), ended_on=date(2024, 8, 15))

    value = measured(organisation, "CON-01", YEAR_2024)
    assert counts(value) == (284, 4, 4)
    assert value.value == 71
    assert value.parts == {
        "mean": "71",
        "median": "83.5",
        "days": "284",
        "exposure": "585",
        "density": "0.4854700855",
        "days_worked": "0",
    }


def test_ex_07_the_median_hourly_pay_is_compared_with_the_smic_of_the_month() -> None:
    organisation: Organisation = OrganisationFactory(kind="ACI")
    for n, rate in enumerate(["11.88", "11.88", "12.20", "12.60", "13.07", None]):
        row = contract(
            worker(organisation, f"W{n}"), "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31), hourly_gross=rate
        )
        paid(row, JUNE, 100)
    value = measured(organisation, "REM-02", SECOND_QUARTER_2025)
    assert counts(value) == (None, 5, 6)
    assert value.value == as_stored(1220, 1188)
    assert f"{value.value:.6f}" == "1.026936"
    assert (value.low, value.high) == (as_stored(1204, 1188), as_stored(1240, 1188))
    assert value.parts == {"median_hourly": "12.2", "smic": "11.88"}


def test_ex_09_training_hours_are_a_ratio_of_sums_and_not_a_mean_of_means() -> None:
    """One person trained 35 hours, two trained 14: 63 hours for 3 people are 21.0, the mean of both means is 24.5."""
    small: Organisation = OrganisationFactory(kind="ACI")
    large: Organisation = OrganisationFactory(kind="ACI")
    for organisation, people, hours in ((small, 1, 35), (large, 2, 14)):
        for n in range(people):
            person = worker(organisation, f"W{n}")
            paid(contract(person, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31)), JUNE, 91)
            training = TrainingFactory(worker=person, started_on=date(2025, 6, 2))
            for day in range(hours // 7):
                TrainingSessionFactory(training=training, held_on=date(2025, 6, 2 + day), attended_hours=7)
    values = [measured(organisation, "COM-01", SECOND_QUARTER_2025) for organisation in (small, large)]
    assert [counts(value) for value in values] == [(35, 1, 1), (28, 2, 2)]
    assert [value.value for value in values] == [35, 14]
    assert sum(value.value or 0 for value in values) / 2 == Decimal("24.5")
    assert sum(value.k or 0 for value in values) / sum(value.known for value in values) == 21
    assert values[0].parts == {
        "per_fte": "700",  # 35 h for 91 h of 1820
        "fte": "0.05",
        "paid_hours": "91",
        "safety_hours": "0",
        "safety_days_unknown": "0",
        "training_days_unknown": "0",
        "trainings_without_days": "0",
    }


def test_ex_12_due_rights_are_open_at_the_cut_or_not_whoever_left_or_declined_is_out() -> None:
    organisation: Organisation = OrganisationFactory(kind="ACI")
    cases = [
        (date(2025, 1, 2), date(2025, 1, 22)),
        (date(2025, 1, 10), date(2025, 2, 24)),
        (date(2025, 1, 15), None),
        (date(2025, 2, 1), date(2025, 4, 2)),
        (date(2025, 3, 1), date(2025, 3, 31)),
        (date(2025, 5, 20), None),
        (date(2025, 4, 1), date(2025, 6, 30)),
    ]
    for n, (triggered_on, opened_on) in enumerate(cases):
        pathway = PathwayFactory(
            worker=worker(organisation, f"R{n}"), started_on=date(2025, 1, 1), rights_diagnosed_on=date(2025, 1, 1)
        )
        state = "opened" if opened_on else "requested"
        RightStepFactory(pathway=pathway, state=state, triggered_on=triggered_on, opened_on=opened_on)
    left = PathwayFactory(
        worker=worker(organisation, "R7"),
        started_on=date(2025, 1, 1),
        ended_on=date(2025, 5, 11),
        rights_diagnosed_on=date(2025, 1, 1),
    )
    RightStepFactory(pathway=left, state="requested", triggered_on=date(2025, 2, 10))
    refusing = PathwayFactory(
        worker=worker(organisation, "R9"), started_on=date(2025, 1, 1), rights_diagnosed_on=date(2025, 1, 1)
    )
    RightStepFactory(pathway=refusing, state="declined", triggered_on=date(2025, 2, 1), closed_on=date(2025, 3, 1))

    value = measured(organisation, "ACC-01", SECOND_QUARTER_2025)
    assert counts(value) == (5, 7, 7)
    assert value.value == as_stored(5, 7)
    assert value.coverage == Value.Coverage.FULL
    assert value.parts == {
        "diagnosed": "8",
        "in_pathway": "8",
        "not_open_after_90_days": "1",
        "triggered_90_days_ago": "6",
        "declined": "1",
    }


@pytest.fixture
def leavers() -> list[Organisation]:
    """EX-15: nine leavers of four structures, second quarter of 2025."""
    aci, ei, ai, etti = (OrganisationFactory(kind=kind) for kind in ("ACI", "EI", "AI", "ETTI"))
    leaver(aci, date(2024, 9, 16), "cdi")
    leaver(aci, date(2025, 3, 16), "cdi")
    leaver(aci, date(2024, 1, 1), "withdrawn")
    leaver(ei, date(2024, 9, 16), "cdd_mission", "6")
    leaver(ei, date(2024, 9, 16), "cdd_mission", "4")
    leaver(ai, date(2024, 9, 16), "qualifying_training", hours="160")
    leaver(ai, date(2024, 9, 16), "cdi", hours="149.5")
    leaver(ai, date(2024, 9, 16), "unemployed", hours="400")
    leaver(etti, date(2024, 9, 16), "", hours="500")
    return [aci, ei, ai, etti]


def leaver(
    organisation: Organisation, started_on: date, outcome: str, months: str | None = None, hours: str | None = None
) -> None:
    left_on = date(2025, 5, 15)
    person = worker(organisation, outcome or "inconnu")
    pathway = PathwayFactory(worker=person, started_on=started_on, ended_on=left_on)
    ExitFactory(pathway=pathway, exited_on=left_on, outcome=outcome, contract_months=months)
    if hours is not None:
        row = contract(person, "FIXED_TERM_USAGE", started_on, left_on)
        share = Decimal(hours) / 2
        paid(row, date(2024, 10, 1), str(share))
        paid(row, date(2025, 5, 1), str(share))


def test_ex_15_exits_count_in_the_scope_of_the_state_and_unknown_widens_the_bounds(leavers: list[Organisation]) -> None:
    values = [measured(organisation, "SOR-01", SECOND_QUARTER_2025) for organisation in leavers]
    assert [counts(value) for value in values] == [(1, 1, 1), (2, 2, 2), (1, 2, 2), (None, 0, 1)]
    k = sum(value.k or 0 for value in values)
    n = sum(value.eligible for value in values)
    unknown = sum(value.eligible - value.known for value in values)
    assert (k, n, unknown) == (4, 6, 1)
    lines = {
        line: sum(int(value.parts[line]) for value in values)
        for line in ("durable", "transition", "positive", "other", "unknown")
    }
    assert lines == {"durable": 2, "transition": 1, "positive": 1, "other": 1, "unknown": 1}


def test_ex_15_in_one_structure_the_value_the_bounds_and_the_known_only_rate_differ() -> None:
    organisation: Organisation = OrganisationFactory(kind="EI")
    for outcome, months in (
        ("cdi", None),
        ("cdd_mission", "6"),
        ("cdd_mission", "4"),
        ("qualifying_training", None),
        ("unemployed", None),
        ("", None),
    ):
        leaver(organisation, date(2024, 9, 16), outcome, months)
    value = measured(organisation, "SOR-01", SECOND_QUARTER_2025)
    assert counts(value) == (4, 5, 6)
    assert (value.value, value.low, value.high) == (as_stored(4, 6), as_stored(4, 6), as_stored(5, 6))
    assert value.parts["known_only"] == "0.8"
    assert value.parts["durable_rate"] == "0.3333333333"


def test_con_04_a_decision_is_in_time_when_recorded_and_notified_fifteen_days_before_the_end() -> None:
    organisation: Organisation = OrganisationFactory(kind="ACI")
    end = date(2025, 6, 15)  # fifteen days before: 31 May

    def expiring(name: str, **fields: object) -> object:
        return contract(worker(organisation, name), "FIXED_TERM_I", date(2025, 1, 1), end, **fields)

    def decided(row: object, recorded: date, notified: date | None, kind: str = "renew") -> None:
        at = datetime(recorded.year, recorded.month, recorded.day, 10, tzinfo=PARIS)
        DecisionFactory(contract=row, kind=kind, recorded_at=at, notified_on=notified)

    in_time = expiring("A")
    decided(in_time, date(2025, 5, 31), date(2025, 5, 31))
    ContractFactory(
        worker=in_time.worker, renews=in_time, started_on=date(2025, 6, 16), planned_end_on=date(2025, 12, 15),
        signed_on=date(2025, 6, 15),
    )  # fmt: skip
    decided(expiring("B"), date(2025, 6, 1), date(2025, 5, 20))  # back-dated: recorded too late
    decided(expiring("C"), date(2025, 5, 1), None)  # nobody knows when the worker was told
    expiring("D")  # nothing decided
    decided(expiring("E"), date(2025, 5, 1), date(2025, 5, 1), kind="extend_pass")  # says nothing of the contract
    expiring("F", ended_on=date(2025, 6, 1))  # broken before: no expiry
    contract(worker(organisation, "G"), "FIXED_TERM_I", date(2025, 6, 1), date(2025, 6, 30))  # 30 days: not concerned
    value = measured(organisation, "CON-04", SECOND_QUARTER_2025)
    assert counts(value) == (1, 4, 5)
    assert value.parts == {
        "lead_time": "14.5",
        "renewals": "1",
        "renewals_dated": "1",
        "renewals_signed_in_time": "1",
    }
    assert value.coverage == Value.Coverage.PARTIAL


def test_a_quarter_where_nobody_is_concerned_is_empty_and_not_zero() -> None:
    value = measured(OrganisationFactory(), "SEC-01", Period(date(2025, 1, 1), date(2025, 3, 31)))
    assert (counts(value), value.value, value.coverage) == ((None, 0, 0), None, Value.Coverage.EMPTY)
