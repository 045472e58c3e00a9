"""More worked examples of the reference, through the real tables: durations, pay, hours, skills, rights,
ballots, equity."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from accounts.models import Organisation
from contracts.models import Assignment
from indicators.computation import compute, save
from indicators.gathering import gather
from indicators.measures.inequality import gini, theil, theil_between
from indicators.measures.intervals import newcombe, poisson, wilson
from indicators.measures.rem import full_time_smic
from indicators.measures.survival import cumulative_incidence, kaplan_meier, life_table, median_time, restricted_mean
from indicators.models import Value
from indicators.periods import Period
from indicators.report import broken_down, survival, transitions
from law.parameters_at import parameters
from parcours.models import Barrier, BarrierState, Diagnosis, HoursWish
from participation.models import Ballot
from skills.models import Assessment
from tests.factories import (
    ExitFactory,
    OrganisationFactory,
    PathwayFactory,
    RightStepFactory,
    SkillFactory,
    TrainingFactory,
    UserFactory,
    WorkedMonthFactory,
    WorkerFactory,
)
from tests.indicators.worlds import (
    FAR,
    SECOND_QUARTER_2025,
    as_stored,
    contract,
    counts,
    measured,
    paid,
    worker,
)

pytestmark = pytest.mark.django_db
YEAR_2025 = Period(date(2025, 1, 1), date(2025, 12, 31))
HALF_2025 = Period(date(2025, 1, 1), date(2025, 6, 30))


@pytest.fixture
def aci() -> Organisation:
    organisation: Organisation = OrganisationFactory(kind="ACI")
    return organisation


def paid_pay(row: object, month: date, hours: object, pay: object, closed: bool = True) -> None:
    WorkedMonthFactory(contract=row, month=month, paid_hours=hours, gross_pay=pay, closed=closed)


def test_ex_03_exits_are_states_of_the_matrix_and_the_stayers_alone_are_not_the_rate(aci: Organisation) -> None:
    before, now = date(2024, 6, 1), date(2025, 6, 1)

    def person(name: str, first: str, then: str | None, outcome: str | None = None) -> None:
        who = worker(aci, name)
        row = contract(who, first, date(2024, 5, 1), date(2024, 7, 31))
        paid(row, before, 100)
        if then is not None:
            end = None if then == "PERMANENT" else date(2025, 12, 31)
            paid(contract(who, then, date(2024, 9, 1), end), now, 100)
        if outcome is not None:
            pathway = PathwayFactory(worker=who, started_on=date(2024, 1, 1), ended_on=date(2024, 8, 15))
            ExitFactory(pathway=pathway, exited_on=date(2024, 8, 15), outcome=outcome)

    person("A", "FIXED_TERM_USAGE", "FIXED_TERM_I")
    person("B", "FIXED_TERM_USAGE", "FIXED_TERM_USAGE")
    person("C", "FIXED_TERM_USAGE", None, "cdi")
    person("D", "FIXED_TERM_USAGE", None, "unemployed")
    person("E", "FIXED_TERM_I", "PERMANENT")
    person("F", "FIXED_TERM_I", "FIXED_TERM_I")
    person("G", "FIXED_TERM_I", None, "public_service")
    who = worker(aci, "H")
    row = contract(who, "PERMANENT", date(2024, 1, 1), None)
    paid(row, before, 100)
    paid(row, now, 100)

    value = measured(aci, "SEC-03", SECOND_QUARTER_2025)
    assert counts(value) == (4, 7, 7)
    assert value.value == as_stored(4, 7)
    assert value.parts["internal"] == str(as_stored(2, 7))
    matrix = transitions(value)
    assert matrix["U"] == {"U": 1, "I": 1, "C": 0, "X+": 1, "Xo": 1, "N": 0, "?": 0}
    assert matrix["I"] == {"U": 0, "I": 1, "C": 1, "X+": 1, "Xo": 0, "N": 0, "?": 0}
    assert matrix["C"]["C"] == 1


def test_ex_04_the_median_delay_is_thirteen_days_when_exactly_half_are_left(aci: Organisation) -> None:
    period = Period(date(2025, 1, 1), date(2025, 4, 30))
    ends = [
        (date(2025, 1, 10), date(2025, 1, 13)),
        (date(2025, 1, 31), date(2025, 3, 5)),
        (date(2025, 2, 14), None),
        (date(2025, 3, 1), date(2025, 3, 2)),
        (date(2025, 3, 20), date(2025, 4, 2)),
        (date(2025, 3, 15), None),
    ]
    for n, (end, following) in enumerate(ends):
        who = worker(aci, f"W{n}")
        PathwayFactory(worker=who, started_on=date(2024, 10, 1))
        contract(who, "FIXED_TERM_I", date(2024, 10, 1), end)
        if following:
            contract(who, "FIXED_TERM_I", following, date(2025, 12, 31))
    gone = worker(aci, "gone")
    left = PathwayFactory(worker=gone, started_on=date(2024, 10, 1), ended_on=date(2025, 2, 20))
    ExitFactory(pathway=left, exited_on=date(2025, 2, 20), outcome="cdi")
    contract(gone, "FIXED_TERM_I", date(2024, 10, 1), date(2025, 2, 10))

    value = measured(aci, "CON-02", period)
    assert counts(value) == (3, 6, 6)
    assert value.value == Decimal("0.5")
    assert (value.parts["median_delay"], value.parts["max_follow_up"], value.parts["left_soon"]) == ("13", "75", "1")
    assert survival(value)[3] == (13, Decimal("0.5"))


def test_ex_06_a_pension_quarter_is_a_floor_with_a_cap_to_the_cent(aci: Organisation) -> None:
    for n, pay in enumerate(["1781.99", "1782.00", "5346.00", "9000.00", "7127.99"]):
        row = contract(worker(aci, f"W{n}"), "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31))
        paid_pay(row, date(2025, 3, 1), 100, pay)
    WorkedMonthFactory(contract=row, month=date(2025, 12, 1), paid_hours=0, gross_pay=0)
    value = measured(aci, "DRO-03", YEAR_2025)
    assert counts(value) == (11, 5, 5)
    assert value.value == Decimal("2.2")
    assert value.parts["share_with_four"] == "0.2"
    assert compute([aci.pk], [SECOND_QUARTER_2025], FAR, ["DRO-03"]) == []


def test_ex_07_pay_is_a_mean_over_months_of_pathway_and_a_threshold_is_reached_to_the_cent(
    aci: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = parameters()["decent_pay.reference_budget.rural"]
    declared = replace(budget, values=(replace(budget.values[0], value=1250),))
    monkeypatch.setitem(parameters(), budget.key, declared)
    june = Period(date(2025, 6, 1), date(2025, 6, 30))
    for n, pay in enumerate(["1801.80", "1250.00", "1249.99", "356.40", "594.00", None]):
        who = worker(aci, f"W{n}")
        PathwayFactory(worker=who, started_on=date(2025, 1, 1))
        paid_pay(contract(who, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31)), date(2025, 6, 1), 100, pay)
    value = measured(aci, "REM-03", june)
    assert (value.parts["d3_rural"], value.parts["d3_rural_rate"]) == ("1250", "0.4")
    assert (value.known, value.eligible) == (5, 6)
    assert value.k == 3  # D1 is 1081.08 €
    assert (value.parts["d1"], value.parts["d2"], value.parts["d2_rate"]) == ("1081.08", "1801.8", "0.2")
    assert full_time_smic(june) == Fraction("1801.80")


def test_ex_08_two_means_of_hours_differ_and_a_barrier_is_no_choice(aci: Organisation) -> None:
    cases = [
        (10, 24, True),
        (20, 20, True),
        (35, 35, False),
        (8, 35, False),
        (15, 12, True),
        (6, None, None),
        (24, 28, True),
    ]
    user = UserFactory()
    for n, (actual, wished, available) in enumerate(cases):
        who = worker(aci, f"W{n}")
        PathwayFactory(worker=who, started_on=date(2025, 1, 1))
        row = contract(who, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31))
        for month in (4, 5, 6):
            paid(row, date(2025, month, 1), str(Decimal(actual) * 52 / 12)[:8] if actual % 3 else actual * 52 // 12)
        if wished:
            HoursWish.objects.create(
                worker=who, weekly_hours=wished, available=available, stated_on=date(2025, 5, 1), recorded_by=user,
                held_back_by="childcare" if available is False and actual < wished else "",
            )  # fmt: skip
    value = measured(aci, "TPS-02", SECOND_QUARTER_2025)
    assert counts(value) == (2, 6, 7)
    assert value.parts == {"constrained": "1"}
    adequacy = measured(aci, "TPS-01", SECOND_QUARTER_2025)
    assert (adequacy.known, adequacy.eligible) == (6, 7)
    assert abs(adequacy.value - as_stored(1891, 2520)) < Decimal("0.0001")
    assert abs(Decimal(adequacy.parts["ratio_of_sums"]) - as_stored(109, 154)) < Decimal("0.0001")


def test_ex_10_a_course_still_running_is_not_due_and_a_pending_result_is_unknown(aci: Organisation) -> None:
    results = ["certified"] * 4 + ["failed", "dropped", "", "running"]
    for n, result in enumerate(results):
        due = date(2025, 9, 30) if result == "running" else date(2025, 5, 31)
        TrainingFactory(
            worker=worker(aci, f"W{n}"), title="CléA", certifying=True, certification="clea", result=result, due_on=due,
            started_on=date(2025, 1, 6),
        )  # fmt: skip
    value = measured(aci, "COM-03", SECOND_QUARTER_2025)
    assert counts(value) == (4, 6, 7)
    assert value.value == as_stored(2, 3)
    assert (value.low, value.high) == (as_stored(4, 7), as_stored(5, 7))


def test_ex_11_validated_skills_are_counted_for_years_of_pathway(aci: Organisation) -> None:
    year = Period(date(2024, 1, 1), date(2024, 12, 31))
    skills, user = [SkillFactory() for _ in range(3)], UserFactory()
    for n, (days, validated) in enumerate([(366, 3), (183, 1), (91, 0), (92, 2)]):
        who = worker(aci, f"W{n}")
        end = date.fromordinal(date(2024, 1, 1).toordinal() + days - 1)
        PathwayFactory(worker=who, started_on=date(2024, 1, 1), ended_on=end)
        for skill in skills[:validated] or skills[:1]:
            Assessment.objects.create(
                worker=who, skill=skill, level=3, assessed_on=date(2024, 3, 1), validated=bool(validated), author=user,
                evidence="Vu sur le chantier", signed_on=date(2024, 3, 1), worker_signed_on=date(2024, 3, 2),
            )  # fmt: skip
    value = measured(aci, "COM-04", year)
    assert counts(value) == (6, 732, 732)
    assert f"{value.value:.6f}" == "2.993852"
    assert (value.interval_low, value.interval_high) == (Decimal("1.0987"), Decimal("6.5164"))
    assert value.coverage == Value.Coverage.FULL


@pytest.fixture
def steps(aci: Organisation) -> Organisation:
    """EX-12: nine steps as of 30 June 2025, one declined."""
    cases = [
        (date(2025, 1, 2), date(2025, 1, 22), None),
        (date(2025, 1, 10), date(2025, 2, 24), None),
        (date(2025, 1, 15), None, None),
        (date(2025, 2, 1), date(2025, 4, 2), None),
        (date(2025, 3, 1), date(2025, 3, 31), None),
        (date(2025, 5, 20), None, None),
        (date(2025, 2, 10), None, date(2025, 5, 11)),
        (date(2025, 4, 1), date(2025, 6, 30), None),
    ]
    for n, (triggered_on, opened_on, left_on) in enumerate(cases):
        pathway = PathwayFactory(worker=worker(aci, f"R{n}"), started_on=date(2025, 1, 1), ended_on=left_on)
        RightStepFactory(
            pathway=pathway,
            state="opened" if opened_on else "requested",
            triggered_on=triggered_on,
            opened_on=opened_on,
        )
    refusing = PathwayFactory(worker=worker(aci, "R9"), started_on=date(2025, 1, 1))
    RightStepFactory(pathway=refusing, state="declined", triggered_on=date(2025, 2, 1), closed_on=date(2025, 3, 1))
    return aci


def test_ex_12_the_median_delay_counts_those_who_still_wait(steps: Organisation) -> None:
    value = measured(steps, "ACC-02", SECOND_QUARTER_2025)
    assert (value.value, value.eligible) == (60, 8)
    assert value.parts == {"events": "5", "max_follow_up": "166", "rmst": "62.5"}
    assert (value.interval_low, value.interval_high) == (20, None)
    assert survival(value) == [
        (0, Decimal(1)), (20, Decimal("0.8750")), (30, Decimal("0.7500")), (45, Decimal("0.6000")), (60, Decimal("0.4500")),
        (90, Decimal("0.3000")),
    ]  # fmt: skip


def test_ex_13_a_right_renewed_early_has_no_lapse_and_one_that_ends_today_is_not_yet_due(aci: Organisation) -> None:
    cases = [
        (date(2025, 2, 28), date(2025, 3, 1)),
        (date(2025, 3, 31), date(2025, 3, 15)),
        (date(2025, 4, 15), date(2025, 5, 20)),
        (date(2025, 6, 20), None),
        (date(2025, 6, 30), None),
    ]
    for n, (expires_on, again_on) in enumerate(cases):
        pathway = PathwayFactory(worker=worker(aci, f"R{n}"), started_on=date(2024, 1, 1))
        first = RightStepFactory(
            pathway=pathway,
            state="opened",
            triggered_on=date(2024, 3, 1),
            opened_on=date(2024, 4, 1),
            expires_on=expires_on,
        )
        if again_on:
            RightStepFactory(
                pathway=pathway, state="opened", triggered_on=date(2025, 2, 1), opened_on=again_on, renewed_from=first
            )
    no_more = PathwayFactory(worker=worker(aci, "R9"), started_on=date(2024, 1, 1))
    RightStepFactory(
        pathway=no_more, state="not_concerned", triggered_on=date(2024, 3, 1), opened_on=date(2024, 4, 1),
        expires_on=date(2025, 5, 31), closed_on=date(2025, 5, 20),
    )  # fmt: skip
    value = measured(aci, "ACC-03", HALF_2025)
    assert counts(value) == (2, 4, 4)
    assert value.parts == {"median_lapse": "22"}


def test_leaving_competes_with_lifting_a_barrier(aci: Organisation) -> None:
    """Ten barriers: three lifted, two left before, five open: 1 − KM and lifted ÷ all would both be wrong."""
    user = UserFactory()
    outcomes = [("lifted", 30), ("lifted", 60), ("lifted", 100), ("left", 20), ("left", 80)] + [("open", None)] * 5
    for n, (outcome, days) in enumerate(outcomes):
        found = date(2025, 1, 1)
        left = date.fromordinal(found.toordinal() + days) if outcome == "left" else None
        pathway = PathwayFactory(worker=worker(aci, f"B{n}"), started_on=date(2024, 12, 1), ended_on=left)
        Diagnosis.objects.create(pathway=pathway, made_on=found, themes=["mobilite"], recorded_by=user)
        barrier = Barrier.objects.create(
            pathway=pathway, theme="mobilite", identified_on=found, said_by="worker", recorded_by=user
        )
        if outcome == "lifted":
            BarrierState.objects.create(
                barrier=barrier, state="resolved", said_by="worker", recorded_by=user,
                since=date.fromordinal(found.toordinal() + days),
            )  # fmt: skip
    value = measured(aci, "PER-01", SECOND_QUARTER_2025)
    # nobody is censored before 100 days, so the incidence is 3 of 10
    assert value.value == Decimal("0.3")
    assert (value.parts["open"], value.parts["lifted"], value.parts["left"]) == ("5", "3", "2")
    [cell] = broken_down(value, ["domain"])
    assert (cell.breakdown, cell.counts.eligible) == ({"domain": "mobilite"}, 10)


def test_ex_17_the_same_rate_can_hide_half_the_hours_and_half_the_pay(aci: Organisation) -> None:
    june = Period(date(2025, 6, 1), date(2025, 6, 30))
    for n, (sex, pay) in enumerate([("F", 300), ("F", 600), ("F", 900), ("M", 600), ("M", 1200), ("M", 1800)]):
        who = WorkerFactory(organisation=aci, last_name=f"W{n}", sex=sex)
        PathwayFactory(worker=who, started_on=date(2025, 1, 1))
        row = contract(who, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31), hourly_gross="12")
        paid_pay(row, date(2025, 6, 1), Decimal(pay) / 12, pay)
    gap = measured(aci, "EQU-01", june)
    assert (gap.value, gap.parts["hours_ratio"], gap.parts["pay_ratio"]) == (1, "0.5", "0.5")
    spread = measured(aci, "EQU-02", june)
    assert spread.value == as_stored(8, 27)
    assert [f"{Decimal(spread.parts[name]):.6f}" for name in ("theil", "between_sex", "within_sex")] == [
        "0.143841", "0.056633", "0.087208",
    ]  # fmt: skip
    assert spread.coverage == Value.Coverage.FEW


def test_ex_20_months_without_hours_are_kept(aci: Organisation) -> None:
    year = Period(date(2024, 7, 1), date(2025, 6, 30))
    for n, hours in enumerate([[60] * 12, [120, 0] * 6, [30] * 6 + [90] * 6]):
        who = worker(aci, f"W{n}")
        PathwayFactory(worker=who, started_on=date(2024, 7, 1))
        row = contract(who, "FIXED_TERM_I", date(2024, 7, 1), date(2025, 12, 31))
        for m, paid_hours in enumerate(hours):
            paid(row, date(2024 + (6 + m) // 12, (6 + m) % 12 + 1, 1), paid_hours)
    value = measured(aci, "CON-03", year)
    assert value.value == Decimal("0.5")
    [cell] = broken_down(value, [])
    assert dict(cell.counts.spread("irregularity")) == {"0": 1, "1": 1, "0.5": 1}


def test_ex_24_the_yardstick_of_representation_is_the_electorate(aci: Organisation) -> None:
    Ballot.objects.create(
        organisation=aci, first_round_on=date(2025, 5, 6), headcount=100, headcount_workers=70, electors=75, electors_workers=45,
        registered=64, registered_workers=36, elected=5, elected_workers=1, seats=5, recorded_by=UserFactory(),
    )  # fmt: skip
    rolls = measured(aci, "PAR-01", YEAR_2025)
    assert (counts(rolls), rolls.value) == ((36, 45, 45), Decimal("0.8"))
    seats = measured(aci, "PAR-02", YEAR_2025)
    assert (seats.value, seats.coverage) == (as_stored(1, 3), Value.Coverage.FEW)


def test_ex_29_and_ex_18_intervals() -> None:
    assert newcombe(15, 30, 12, 40) == (Decimal("-0.0284"), Decimal("0.4064"))
    assert poisson(6, Fraction(732) / Fraction("365.25")) == (Decimal("1.0987"), Decimal("6.5164"))
    assert poisson(0, Fraction(1)) == (Decimal("0.0000"), Decimal("3.6889"))
    assert wilson(Decimal(7), Decimal(20)) == (Decimal("0.1812"), Decimal("0.5671"))


def test_ex_31_the_threshold_of_sickness_benefit_is_the_one_of_the_day(aci: Organisation) -> None:
    row = contract(worker(aci, "W"), "FIXED_TERM_I", date(2014, 6, 1), date(2015, 12, 31))
    for month, hours in (
        (date(2014, 11, 1), 50),
        (date(2014, 12, 1), 50),
        (date(2015, 1, 1), 60),
        (date(2015, 2, 1), 50),
    ):
        paid(row, month, hours)
    known_january = measured(aci, "DRO-02", Period(date(2015, 1, 1), date(2015, 1, 31)))
    february = measured(aci, "DRO-02", Period(date(2015, 2, 1), date(2015, 2, 28)))
    assert (known_january.k, february.k) == (None, 1)  # pay not known: 160 h say nothing of a right by pay
    WorkedMonthFactory._meta.model.objects.update(gross_pay=500)
    assert measured(aci, "DRO-02", Period(date(2015, 1, 1), date(2015, 1, 31))).k == 0


def test_missions_announced_three_days_before_are_in_time() -> None:
    ai: Organisation = OrganisationFactory(kind="AI")
    for n, announced in enumerate([date(2025, 5, 28), date(2025, 5, 29), date(2025, 5, 30), None]):
        row = contract(worker(ai, f"W{n}"), "FIXED_TERM_USAGE", date(2025, 6, 1), date(2025, 6, 30))
        Assignment.objects.create(
            contract=row, client_name="Mairie", started_on=date(2025, 6, 1), announced_on=announced
        )
    value = measured(ai, "TPS-04", SECOND_QUARTER_2025)
    assert counts(value) == (2, 3, 4)
    assert value.parts == {"median_notice": "3", "cancelled": "0"}


def test_the_unemployment_threshold_is_910_hours_in_two_years_or_three_from_fifty_five(aci: Organisation) -> None:
    """910 hours reached; 909 in 126 days; 909 and older with 60 more hours thirty months ago; 909 and a month not declared."""
    cases = [("A", 130, 1990, 0), ("B", "129.85", 1990, 0), ("C", "129.85", 1968, 60), ("D", "129.85", 1990, None)]
    for name, hours, born, old in cases:
        who = WorkerFactory(organisation=aci, last_name=name, birth_date=date(born, 1, 1))
        PathwayFactory(worker=who, started_on=date(2022, 1, 1))
        row = contract(who, "FIXED_TERM_I", date(2022, 1, 1), date(2026, 12, 31))
        paid(row, date(2022, 12, 1) if old else date(2023, 8, 1), old)
        for month in range(7):
            at = date(2024, 12, 1) if month == 0 else date(2025, month, 1)
            WorkedMonthFactory(contract=row, month=at, paid_hours=hours, paid_days=18)
    assert counts(measured(aci, "DRO-01", SECOND_QUARTER_2025)) == (2, 3, 4)


def test_life_tables_are_exact_where_a_float_median_is_wrong() -> None:
    steps = life_table({"3 1": 1, "33 1": 1, "75 0": 1, "1 1": 1, "13 1": 1, "46 0": 1})
    assert kaplan_meier(steps) == [(1, Fraction(5, 6)), (3, Fraction(2, 3)), (13, Fraction(1, 2)), (33, Fraction(1, 3))]
    assert median_time(steps) == 13
    assert restricted_mean([], 90) == 90
    competing = life_table({"10 1": 1, "20 2": 1, "30 1": 1, "40 0": 1})
    assert cumulative_incidence(competing, 30) == Fraction(1, 2)


def test_inequality_of_a_spread() -> None:
    spread = [(Decimal(300), 1), (Decimal(600), 2), (Decimal(900), 1), (Decimal(1200), 1), (Decimal(1800), 1)]
    assert gini(spread) == Fraction(8, 27)
    assert f"{theil(spread):.6f}" == "0.143841"
    assert gini([(Decimal(0), 3)]) is None
    assert theil_between([[(Decimal(5), 4)], [(Decimal(5), 2)]]) == 0


def test_ex_09_a_wider_scope_is_a_ratio_of_sums_and_not_a_mean_of_rates() -> None:
    small: Organisation = OrganisationFactory(kind="EI")
    large: Organisation = OrganisationFactory(kind="EI")
    for organisation, securing, others in ((small, 1, 0), (large, 1, 9)):
        for n in range(securing + others):
            kind = "PERMANENT" if n < securing else "FIXED_TERM_USAGE"
            end = None if n < securing else date(2025, 6, 30)
            paid(contract(worker(organisation, f"W{n}"), kind, date(2025, 6, 1), end), date(2025, 6, 1), 100)
    save(compute([small.pk, large.pk], [SECOND_QUARTER_2025], FAR, ["SEC-01"]))
    by_scope = {value.scope: value for value in gather(FAR, [SECOND_QUARTER_2025], ["SEC-01"])}
    assert sorted(by_scope) == ["departement:35", "kind:EI", "region:53", "region:53/kind:EI", "whole"]
    for value in by_scope.values():
        assert (value.k, value.known, value.value, value.reporting, value.members) == (2, 11, as_stored(2, 11), 2, 2)
    [women] = broken_down(by_scope["whole"], ["sex", "age"])
    assert (women.breakdown, women.counts.known) == ({"sex": "F", "age": "26-49"}, 11)
    with pytest.raises(ValueError, match="au plus deux à la fois"):
        broken_down(by_scope["whole"], ["sex", "age", "qualification"])
