"""Cases computed by hand from the articles: dates, ceilings, counters."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import law_on
from law.dates import add_months, last_day, lasts_at_least, working_days_after
from law.durations import cddi_ceiling, cddi_minimum, contract_end
from law.exits import exit_class, exit_counted, exit_counted_by_platform
from law.facts import ContractFacts, MonthFacts, PersonFacts
from law.findings import Severity, night_rules, rules, rung_on
from law.formalities import trial_last_day
from law.nomenclature import choices, contract_kinds, nomenclatures
from law.pass_iae import pass_last_day, prolongation_remaining, suspension_last_day
from law.private_hours import ai_480_hours, counted_hours

TODAY = date(2026, 6, 15)
LAW = law_on(TODAY)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2024, 3, 1), date(2026, 2, 28)),
        (date(2024, 2, 1), date(2026, 1, 30)),
        (date(2022, 9, 1), date(2024, 8, 30)),
        (date(2026, 1, 1), date(2027, 12, 31)),
    ],
)
def test_a_pass_lasts_730_days_both_ends_included(start, end):
    assert pass_last_day(start, LAW) == end


def test_a_minimum_of_four_months_is_counted_from_date_to_date():
    assert last_day(date(2024, 8, 31), 4) == date(2024, 12, 30)
    assert lasts_at_least(date(2024, 8, 31), date(2024, 12, 30), 4)
    assert not lasts_at_least(date(2024, 8, 31), date(2024, 12, 29), 4)


def test_the_ceiling_of_24_months_from_the_31st_of_january():
    assert last_day(date(2025, 1, 31), 24) == date(2027, 1, 30)


def test_six_months_exactly_are_six_months():
    assert lasts_at_least(date(2025, 1, 15), date(2025, 7, 14), 6)
    assert not lasts_at_least(date(2025, 1, 15), date(2025, 7, 13), 6)


def test_the_trial_of_26_weeks_is_capped_at_two_weeks():
    start = date(2025, 1, 6)
    assert trial_last_day(start, start + timedelta(weeks=26, days=-1), LAW) == start + timedelta(days=13)


def test_the_trial_of_twelve_months_is_capped_at_one_month():
    assert trial_last_day(date(2025, 1, 6), date(2026, 1, 5), LAW) == date(2025, 2, 5)


def test_a_suspension_may_run_36_months_on_the_platform():
    assert suspension_last_day(date(2025, 3, 15), LAW) == date(2028, 3, 14)


def test_prolongations_of_every_reason_eat_the_same_cap():
    assert prolongation_remaining("rqth", 200, LAW) == 895
    assert prolongation_remaining("rqth", 2000, LAW) == 0


def month(year, number, kind, hours):
    return MonthFacts(date(year, number, 1), kind, Decimal(hours))


def test_only_hours_with_private_users_count_towards_480():
    months = [month(2026, 1, "entreprise", 300), month(2026, 2, "particulier", 400), month(2026, 3, "association", 100)]

    assert counted_hours(months, TODAY, LAW) == (date(2026, 1, 1), date(2027, 12, 31), Decimal(300))
    assert ai_480_hours(PersonFacts(months=tuple(months)), TODAY, LAW) is None


@pytest.mark.parametrize(
    ("hours", "rung", "severity"),
    [
        (400, 400, Severity.WARNING),
        (450, 450, Severity.URGENT),
        (480, 480, Severity.OVERDUE),
        (600, 480, Severity.OVERDUE),
    ],
)
def test_the_480_hour_counter_speaks_at_400_450_and_480(hours, rung, severity):
    finding = ai_480_hours(PersonFacts(months=(month(2026, 1, "entreprise", hours),)), TODAY, LAW)

    assert (finding.rung, finding.severity) == (rung, severity)


def test_399_hours_say_nothing():
    assert ai_480_hours(PersonFacts(months=(month(2026, 1, "entreprise", 399),)), TODAY, LAW) is None


def test_a_new_window_opens_after_24_months():
    months = [month(2023, 1, "entreprise", 470), month(2025, 1, "entreprise", 100)]

    assert counted_hours(months, TODAY, LAW) == (date(2025, 1, 1), date(2026, 12, 31), Decimal(100))


@pytest.mark.parametrize(("hours", "counted"), [("149", False), ("149.5", False), ("150", True)])
def test_an_exit_of_an_association_counts_from_150_hours(hours, counted):
    assert exit_counted("AI", date(2025, 1, 1), date(2025, 2, 1), Decimal(hours), LAW) is counted


@pytest.mark.parametrize(("days", "counted"), [(80, False), (81, True)])
def test_the_states_three_months_are_81_days(days, counted):
    assert exit_counted_by_platform("ACI", days, Decimal(1), LAW) is counted


def test_three_calendar_months_are_from_date_to_date():
    assert exit_counted("ACI", date(2025, 1, 15), date(2025, 4, 14), Decimal(0), LAW)
    assert not exit_counted("ACI", date(2025, 1, 15), date(2025, 4, 13), Decimal(0), LAW)


@pytest.mark.parametrize(
    ("outcome", "months", "expected"),
    [
        ("cdi", None, "durable"),
        ("cdd_mission", Decimal(6), "durable"),
        ("cdd_mission", Decimal("5.99"), "transition"),
        ("cdd_mission", None, None),
        ("aided_contract", Decimal(12), "transition"),
        ("qualifying_training", None, "positive"),
        ("unemployed", None, "other"),
        ("withdrawn", None, "withdrawn"),
        ("", None, None),
    ],
)
def test_exits_are_classed_and_exactly_six_months_is_durable(outcome, months, expected):
    assert exit_class(outcome, months, LAW) == expected


@pytest.mark.parametrize(
    ("days", "rung", "severity"),
    [
        (90, 90, Severity.INFO),
        (61, 90, Severity.INFO),
        (60, 60, Severity.WATCH),
        (30, 30, Severity.WARNING),
        (15, 15, Severity.URGENT),
        (0, 15, Severity.URGENT),
        (-1, 0, Severity.OVERDUE),
    ],
)
def test_the_ladder_tightens_as_the_day_comes(days, rung, severity):
    assert rung_on(TODAY + timedelta(days=days), TODAY) == (rung, severity)


def test_91_days_ahead_nothing_is_said():
    assert rung_on(TODAY + timedelta(days=91), TODAY) is None


CDDI = ContractFacts("FIXED_TERM_I", date(2026, 1, 15), date(2026, 7, 14), signed_on=date(2026, 1, 10))


def test_a_contract_end_followed_by_a_renewal_asks_for_nothing():
    renewal = ContractFacts("FIXED_TERM_I", date(2026, 7, 15), date(2027, 1, 14), renews=True)

    assert contract_end(CDDI, [], TODAY, LAW).due_on == date(2026, 7, 14)
    assert contract_end(CDDI, [renewal], TODAY, LAW) is None


def test_a_short_mission_ends_by_nature():
    mission = ContractFacts("TEMPORARY", date(2026, 6, 1), date(2026, 6, 30))

    assert contract_end(mission, [], TODAY, LAW) is None


def test_a_first_cddi_under_four_months_breaks_the_minimum_and_its_renewal_does_not():
    short = ContractFacts("FIXED_TERM_I", date(2026, 5, 1), date(2026, 8, 30))
    renewal = ContractFacts("FIXED_TERM_I", date(2026, 5, 1), date(2026, 8, 30), renews=True)
    adjusted = ContractFacts("FIXED_TERM_I", date(2026, 5, 1), date(2026, 8, 30), sentence_adjustment=True)

    assert cddi_minimum(short, LAW, TODAY).facts["earliest_end_on"] == "2026-08-31"
    assert cddi_minimum(renewal, LAW, TODAY) is None
    assert cddi_minimum(adjusted, LAW, TODAY) is None


def test_a_cddi_planned_beyond_24_months_is_over_the_ceiling():
    first = ContractFacts("FIXED_TERM_I", date(2024, 9, 1), date(2025, 8, 31))
    second = ContractFacts("FIXED_TERM_I", date(2025, 9, 1), date(2026, 9, 1), renews=True)

    concerned, finding = cddi_ceiling(PersonFacts(contracts=(first, second)), TODAY, LAW)
    assert (concerned, finding.due_on, finding.severity) == (second, date(2026, 8, 31), Severity.OVERDUE)


def test_every_nomenclature_has_distinct_codes_and_labels():
    for name in nomenclatures():
        pairs = choices(name)
        assert len({code for code, _label in pairs}) == len({text for _code, text in pairs}) == len(pairs)


def test_an_open_ended_contract_secures_most_and_every_rule_has_an_article():
    assert {kind.securing for kind in contract_kinds() if kind.open_ended} == {2}
    assert [rule.code for rule in rules().values() if not rule.articles] == []
    assert [rule.code for rule in night_rules().values() if not rule.decisions] == []


days = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@given(days, st.integers(0, 120))
def test_adding_months_keeps_the_day_or_takes_the_last_of_the_month(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(days, st.integers(1, 60))
def test_a_span_of_n_months_lasts_n_months_and_a_day_less_does_not(day, months):
    end = last_day(day, months)
    assert lasts_at_least(day, end, months)
    assert not lasts_at_least(day, end - timedelta(days=1), months)


@given(days, st.integers(1, 10))
def test_working_days_never_fall_on_a_sunday(day, count):
    assert working_days_after(day, count).isoweekday() < 7
