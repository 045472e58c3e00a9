"""Who votes at the CSE and who may be elected, day by day (L1111-2, L2314-18 to -20 CT)."""

from datetime import date
from decimal import Decimal

import pytest

from law import law_on
from law.representation import Employee, Post, Span, headcount, is_elector, is_eligible, seniority_start

VOTE = date(2024, 6, 6)
LAW = law_on(VOTE)
ADULT = date(1985, 4, 12)


def hired(*days: str, born: date | None = ADULT, missions: bool = False) -> Employee:
    spans = tuple(
        Span(date.fromisoformat(a), date.fromisoformat(b) if b else None) for a, b in (d.split("/") for d in days)
    )
    return Employee(born, spans, by_missions=missions)


@pytest.mark.parametrize(
    ("hired_on", "votes"), [("2024-03-05", True), ("2024-03-06", True), ("2024-03-07", False), ("2024-06-06", False)]
)
def test_three_months_are_counted_from_date_to_date(hired_on, votes):
    assert is_elector(hired(f"{hired_on}/"), VOTE, LAW) is votes


@pytest.mark.parametrize(
    ("born", "votes", "elected"),
    [
        (date(2008, 6, 6), True, False),
        (date(2008, 6, 7), False, False),
        (date(2006, 6, 6), True, True),
        (None, None, None),
    ],
)
def test_sixteen_to_vote_eighteen_to_be_elected_and_unknown_without_a_birth_date(born, votes, elected):
    someone = hired("2020-01-01/", born=born)
    assert (is_elector(someone, VOTE, LAW), is_eligible(someone, VOTE, LAW)) == (votes, elected)


def test_a_year_is_needed_to_be_elected():
    assert is_eligible(hired("2023-06-06/"), VOTE, LAW) is True
    assert is_eligible(hired("2023-06-07/"), VOTE, LAW) is False


def test_contracts_that_follow_one_another_are_one_seniority_and_a_break_starts_it_anew():
    assert is_elector(hired("2024-01-08/2024-03-31", "2024-04-01/"), VOTE, LAW) is True
    assert is_elector(hired("2024-01-08/2024-03-31", "2024-04-02/"), VOTE, LAW) is False
    assert seniority_start([Span(date(2024, 1, 1), date(2024, 5, 1))], VOTE, 1) is None


def test_a_long_contract_is_not_broken_by_a_short_one_within_it():
    assert seniority_start([Span(date(2024, 1, 1)), Span(date(2024, 2, 1), date(2024, 2, 2))], VOTE, 1) == date(
        2024, 1, 1
    )


def test_who_left_before_the_vote_does_not_vote():
    assert is_elector(hired("2020-01-01/2024-06-05"), VOTE, LAW) is False
    assert is_elector(hired("2020-01-01/2024-06-06"), VOTE, LAW) is True


def test_missions_of_temporary_staff_add_up_within_twelve_months():
    ninety = hired("2023-06-07/2023-06-30", "2024-04-02/", missions=True)  # 24 + 66 days
    short = hired("2023-06-07/2023-06-29", "2024-04-02/", missions=True)  # 23 + 66 days
    assert (is_elector(ninety, VOTE, LAW), is_elector(short, VOTE, LAW)) == (True, False)


def test_two_missions_on_one_day_are_one_day():
    twice = hired("2024-04-20/2024-06-06", "2024-04-20/2024-06-06", missions=True)
    assert is_elector(twice, VOTE, LAW) is False


def test_six_months_of_missions_in_eighteen_make_eligible():
    assert is_eligible(hired("2023-01-01/2023-03-31", "2024-03-09/", missions=True), VOTE, LAW) is True
    assert is_eligible(hired("2022-01-01/2022-03-31", "2024-03-09/", missions=True), VOTE, LAW) is False


def test_civic_rights_and_kinship_are_arguments_and_never_presumed_against_the_person():
    plain = hired("2020-01-01/")
    assert (is_elector(plain, VOTE, LAW), is_eligible(plain, VOTE, LAW)) == (True, True)
    assert is_elector(Employee(ADULT, plain.spans, civic_rights=False), VOTE, LAW) is False
    kin = Employee(ADULT, plain.spans, kin_of_employer=True)
    assert (is_elector(kin, VOTE, LAW), is_eligible(kin, VOTE, LAW)) == (True, False)


def test_headcount_weighs_part_time_and_presence_and_leaves_out_what_the_law_leaves_out():
    year = Span(date(2023, 6, 7), date(2024, 6, 6))
    posts = [
        Post("PERMANENT", True, Span(date(2020, 1, 1)), Decimal(35)),
        Post("PERMANENT", True, Span(date(2020, 1, 1)), Decimal("17.5")),
        Post("FIXED_TERM_I", False, year, Decimal(35)),
        Post("FIXED_TERM_I", False, Span(date(2023, 12, 7), date(2024, 6, 6)), Decimal(35)),  # 183 of 366 days
        Post("APPRENTICESHIP", False, year, Decimal(35)),
        Post("FIXED_TERM", False, year, Decimal(35), replaces_absent=True),
        Post("FIXED_TERM_I", False, year, None),
    ]
    assert headcount(posts, VOTE) == (Decimal("3.0"), 1)
