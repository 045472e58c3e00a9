"""The life of a PASS IAE: no day lost, caps, windows (R5132-1-2 to R5132-1-8 CT)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from law import law_on
from law.facts import PassFacts, PersonFacts, Prolongation, Span, StructureFacts
from law.pass_iae import (
    State,
    hired,
    last_valid_day,
    may_be_ended,
    prolongation_findings,
    prolonged,
    remaining_days,
    state_on,
    suspended,
    suspension_findings,
    waiting_until,
)

LAW = law_on(date(2026, 6, 15))
START = date(2024, 3, 1)
PASS = PassFacts("999990000001", START)
END = date(2026, 2, 28)


def codes(findings):
    return [finding.code for finding in findings]


# Suspensions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("started_on", "ended_on", "end"),
    [
        (date(2025, 1, 1), date(2025, 1, 1), date(2026, 3, 1)),  # one day
        (date(2025, 1, 1), date(2025, 1, 31), date(2026, 3, 31)),
        (date(2024, 3, 1), date(2024, 3, 31), date(2026, 3, 31)),  # from the first day
        (date(2026, 2, 28), date(2026, 3, 29), date(2026, 3, 30)),  # from the last one
        (date(2024, 12, 15), date(2025, 2, 14), date(2026, 5, 1)),  # over a year's end
    ],
)
def test_a_suspension_pushes_the_end_by_all_its_days(started_on, ended_on, end):
    assert last_valid_day(suspended(PASS, started_on, ended_on), LAW) == end


def test_a_hire_on_2_june_ends_an_open_suspension_on_the_eve():
    resumed = hired(suspended(PASS, date(2025, 4, 1)), date(2025, 6, 2), LAW)

    assert resumed.suspensions == (Span(date(2025, 4, 1), date(2025, 6, 1)),)
    assert last_valid_day(resumed, LAW) == END + timedelta(days=62)


def test_a_hire_on_the_first_suspended_day_takes_the_suspension_back():
    assert hired(suspended(PASS, date(2025, 6, 2)), date(2025, 6, 2), LAW).suspensions == ()


def test_a_hire_after_a_suspension_changes_nothing():
    over = suspended(PASS, date(2025, 4, 1), date(2025, 5, 1))

    assert hired(over, date(2025, 6, 2), LAW) == over


@pytest.mark.parametrize(
    ("day", "ended"), [(date(2026, 3, 14), False), (date(2026, 3, 15), True), (date(2027, 1, 1), True)]
)
def test_after_twelve_months_of_suspension_the_pathway_may_be_ended(day, ended):
    assert may_be_ended(Span(date(2025, 3, 15)), day, LAW) is ended


@pytest.mark.parametrize(
    ("started_on", "ended_on", "declared_on", "expected"),
    [
        (date(2025, 3, 15), date(2028, 3, 14), date(2025, 3, 15), []),
        (date(2025, 3, 15), date(2028, 3, 15), date(2025, 3, 15), ["SUSPENSION_TOO_LONG"]),
        (date(2025, 3, 15), date(2025, 3, 14), date(2025, 3, 15), ["SUSPENSION_EMPTY"]),
        (date(2025, 3, 16), None, date(2025, 3, 15), ["SUSPENSION_FUTURE"]),
        (date(2025, 3, 15), None, date(2026, 3, 15), []),
        (date(2025, 3, 14), None, date(2026, 3, 15), ["SUSPENSION_LATE"]),
        (date(2024, 2, 29), date(2024, 3, 5), date(2024, 3, 5), ["SUSPENSION_OUTSIDE_PASS"]),
        (date(2026, 3, 1), None, date(2026, 3, 1), ["SUSPENSION_OUTSIDE_PASS"]),
    ],
)
def test_a_suspension_is_refused_for_what_is_wrong_with_it(started_on, ended_on, declared_on, expected):
    found = suspension_findings(PASS, started_on, ended_on, "contract_ended", declared_on, LAW)

    assert codes(found) == expected
    assert all(finding.why and finding.next and finding.articles for finding in found)


def test_a_suspension_over_another_before_the_hire_or_for_a_short_stop_is_refused():
    over = suspended(PASS, date(2025, 4, 1), date(2025, 5, 1))
    day = date(2025, 5, 1)

    assert codes(suspension_findings(over, day, None, "contract_ended", day, LAW)) == ["SUSPENSION_OVERLAP"]
    assert codes(suspension_findings(PASS, day, None, "contract_ended", day, LAW, last_hired_on=date(2025, 5, 2))) == [
        "SUSPENSION_BEFORE_HIRE"
    ]
    for days, expected in ((15, ["SUSPENSION_SHORT"]), (16, [])):
        found = suspension_findings(PASS, day, None, "contract_suspended", day, LAW, contract_suspended_days=days)
        assert codes(found) == expected


# Prolongations -----------------------------------------------------------------------------------------------------


def asked(reason, days, used=(), on=date(2026, 1, 15), kind="ACI", birth=None, rqth=None, facts=PASS, pending=False):
    for one in used:
        facts = prolonged(facts, *one)
    person = PersonFacts(StructureFacts(kind), birth_date=birth, disabled_worker=rqth)
    facts = replace(facts, pending=pending)
    return codes(prolongation_findings(facts, reason, days, on, person, LAW))


BORN_50 = date(1970, 1, 1)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (asked("complete_training", 365), []),
        (asked("complete_training", 366), ["PROLONGATION_REQUEST"]),
        (asked("complete_training", 0), ["PROLONGATION_REQUEST"]),
        (asked("complete_training", 365, [("complete_training", 365)] * 4, on=date(2030, 1, 1)), []),
        (asked("rqth", 365, rqth=True), []),
        (asked("rqth", 365, rqth=False), ["PROLONGATION_PERSON"]),
        (asked("rqth", 365, rqth=None), ["PROLONGATION_PERSON"]),
        (
            asked(
                "rqth", 365, [("complete_training", 365), ("complete_training", 365)], on=date(2028, 1, 1), rqth=True
            ),
            [],
        ),
        (
            asked(
                "rqth",
                366 - 200,
                [("complete_training", 365), ("complete_training", 365), ("rqth", 200)],
                on=date(2028, 1, 1),
                rqth=True,
            ),
            ["PROLONGATION_CUMULATIVE"],
        ),
        (asked("senior", 365, birth=BORN_50), []),
        (asked("senior", 365, birth=date(1976, 3, 1)), ["PROLONGATION_PERSON"]),  # 49 on the last day
        (asked("senior", 365, birth=date(1976, 2, 28)), []),  # 50 that very day
        (asked("particular_difficulties", 365), []),
        (asked("particular_difficulties", 365, kind="AI"), []),
        (asked("particular_difficulties", 365, kind="EI"), ["PROLONGATION_STRUCTURE"]),
        (asked("particular_difficulties", 365, kind="ETTI"), ["PROLONGATION_STRUCTURE"]),
        (asked("health_context", 100), ["PROLONGATION_REASON"]),
        (asked("complete_training", 100, on=date(2025, 2, 27)), ["PROLONGATION_WINDOW"]),
        (asked("complete_training", 100, on=date(2025, 2, 28)), []),
        (asked("complete_training", 100, on=date(2026, 8, 28)), []),
        (asked("complete_training", 100, on=date(2026, 8, 29)), ["PROLONGATION_WINDOW"]),
        (asked("complete_training", 100, pending=True), ["PROLONGATION_PENDING"]),
        (
            asked("complete_training", 100, facts=suspended(PASS, date(2026, 1, 1))),
            ["PROLONGATION_WINDOW", "PROLONGATION_SUSPENDED"],
        ),
    ],
)
def test_a_prolongation_is_asked_within_its_caps_and_its_window(case, expected):
    assert case == expected


def test_waiting_lasts_two_years_from_the_end_or_from_a_suspension_that_ended_the_pathway():
    assert waiting_until(PASS, LAW) == date(2028, 2, 28)
    stopped = suspended(PASS, date(2025, 3, 15))
    assert waiting_until(stopped, LAW, ended_early_on=date(2026, 6, 1)) == date(2027, 3, 15)
    assert waiting_until(stopped, LAW, ended_early_on=date(2025, 9, 1)) == date(2027, 9, 1)


# Whatever the sequence ---------------------------------------------------------------------------------------------

gaps = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 120)), max_size=8)


@given(gaps)
def test_no_sequence_of_suspensions_loses_a_day(sequence):
    """The days on which the person may work are 730 whatever is suspended in between."""
    facts, day = PASS, START
    for gap, length in sequence:
        day += timedelta(days=gap)
        if state_on(facts, day, LAW) is not State.VALID:
            break
        facts = suspended(facts, day, day + timedelta(days=length - 1))
        day += timedelta(days=length)

    end = last_valid_day(facts, LAW)
    open_days = sum(
        state_on(facts, START + timedelta(days=n), LAW) is State.VALID for n in range((end - START).days + 1)
    )
    assert open_days == 730
    assert remaining_days(facts, START, LAW) == 730


@given(gaps)
def test_the_end_counted_one_suspension_at_a_time_is_the_end_counted_at_once(sequence):
    facts, end, day, spans = PASS, last_valid_day(PASS, LAW), START, []
    for gap, length in sequence:
        day += timedelta(days=gap)
        spans.append(Span(day, day + timedelta(days=length - 1)))
        facts = suspended(facts, spans[-1].started_on, spans[-1].ended_on)
        end += timedelta(days=length)
        day += timedelta(days=length)

    assert last_valid_day(facts, LAW) == end
    assert last_valid_day(PassFacts(PASS.number, START, suspensions=tuple(spans)), LAW) == end


@given(st.lists(st.integers(1, 365), max_size=6), st.permutations(range(6)))
def test_prolongations_add_up_in_any_order(days, order):
    shuffled = [days[n] for n in order if n < len(days)]
    one = PassFacts(PASS.number, START, prolongations=tuple(Prolongation("rqth", d) for d in days))
    two = PassFacts(PASS.number, START, prolongations=tuple(Prolongation("rqth", d) for d in shuffled))

    assert last_valid_day(one, LAW) == last_valid_day(two, LAW) == END + timedelta(days=sum(days))
