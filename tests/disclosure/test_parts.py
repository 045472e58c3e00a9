"""The parts of the protection, one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disclosure import export
from disclosure.catalogue import Measure, Sensitivity, Statistic, faults
from disclosure.keys import Secret, record_keys, summed, uniforms
from disclosure.policy import PolicyError, policy
from disclosure.population import Column, Population, grouped
from disclosure.protection import Former, protect
from disclosure.ptable import computed, ptable

SECRET = Secret("2026", b"0123456789abcdef0123456789abcdef")


def people(structures, attribute=None, wage=None, sex=None):
    """A row a person: her structure (0…), whether she has the attribute, her wage."""
    count = len(structures)
    codes = np.array(structures, dtype=np.int64)
    labels = tuple(f"S{n}" for n in range(int(codes.max()) + 1))
    same = np.zeros(count, dtype=np.int64)
    return Population(
        np.arange(1, count + 1),
        {
            "structure": Column(codes, labels),
            "department": Column(same, ("D1",)),
            "region": Column(same, ("R1",)),
            "kind": Column(same, ("AI",)),
            "sex": Column(np.array(sex or [0] * count, dtype=np.int64), ("F", "H")),
        },
        {} if attribute is None else {"exit": Column(np.array(attribute, dtype=np.int64), ("non", "oui"))},
        {} if wage is None else {"wage": np.array(wage, dtype=float)},
    )


COUNT = Statistic("COUNT", Measure.COUNT, ((), ("structure",)), Sensitivity.NONE)
SHARE = Statistic("SHARE", Measure.SHARE, ((), ("structure",)), Sensitivity.B, "exit", ("oui",))


# The table ---------------------------------------------------------------------------------------------------------


def test_the_kept_table_is_the_one_the_method_computes():
    kept, fresh = ptable(10, 5), computed(10, 5)

    assert kept.written() == fresh.written()
    assert np.allclose(kept.rows, fresh.rows, atol=1e-12)


@pytest.mark.parametrize("count", range(1, 12))
def test_noise_has_no_bias_the_stated_variance_and_never_makes_a_count_negative(count):
    row, values = ptable(10, 5).rows[count], np.arange(-10, 11)

    assert row.sum() == pytest.approx(1, abs=1e-12)
    assert row @ values == pytest.approx(0, abs=1e-9)
    assert row @ values**2 == pytest.approx(5, abs=1e-8)
    assert row[values < -count].sum() == 0
    if count > 1:  # a true 1 has little room below: its table rises again at the far end, whence the backstop
        assert (np.diff(row[int(np.argmax(row)) :]) <= 0).all()


def test_nobody_stays_nobody():
    assert ptable(10, 5).noise(np.zeros(50, dtype=np.int64), np.linspace(0, 0.999, 50)).tolist() == [0] * 50


# Keys --------------------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(range(30)))
def test_a_base_has_one_fingerprint_whatever_the_order_of_its_people(order):
    keys = record_keys(SECRET.of_issue("2025", 1), range(30))

    assert (
        summed(np.zeros(30, dtype=np.int64), keys[list(order)], 1) == summed(np.zeros(30, dtype=np.int64), keys, 1)
    ).all()


def test_another_period_revision_or_secret_draws_other_numbers():
    def drawn(secret, period, revision):
        key = secret.of_issue(period, revision)
        return float(uniforms(key, "N", summed(np.zeros(3, dtype=np.int64), record_keys(key, (1, 2, 3)), 1))[0])

    other = Secret("2027", b"fedcba9876543210fedcba9876543210")
    assert (
        len({drawn(SECRET, "2025", 1), drawn(SECRET, "2026", 1), drawn(SECRET, "2025", 2), drawn(other, "2025", 1)})
        == 4
    )
    assert drawn(SECRET, "2025", 1) == drawn(SECRET, "2025", 1)


def test_a_secret_is_long_and_never_printed():
    with pytest.raises(ValueError, match="32 bytes"):
        Secret("2026", b"short")
    assert repr(SECRET) == "Secret(2026)"


# The policy and the catalogue --------------------------------------------------------------------------------------


def test_an_unknown_policy_is_refused():
    with pytest.raises(PolicyError, match="unknown policy 1999-1"):
        policy("1999-1")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"margins": (("structure", "region"),)}, "SHARE: structure already says region"),
        ({"margins": (("department", "region"),)}, "SHARE: department already says region"),
        ({"margins": (("exit",),)}, "SHARE: exit is what is measured, it cannot be a dimension too"),
        ({"margins": (("structure", "sex", "age"),)}, "SHARE: 2 dimensions at structure level, at most 1"),
        ({"margins": ((), ())}, "SHARE: a margin stands twice"),
        ({"categories": ()}, "SHARE: it publishes no category"),
        ({"attribute": ""}, "SHARE: it measures no attribute"),
        (
            {"sensitivity": Sensitivity.A, "margins": (("structure", "sex"),)},
            "SHARE: nothing is crossed at structure level for health, justice, housing and barriers",
        ),
        (
            {
                "margins": tuple(
                    (place, *rest) for place in ("region", "department", "kind") for rest in ((), ("sex",), ("age",))
                )
            },
            "exit: 9 cells hold one person over all its statistics, at most 8",
        ),
    ],
)
def test_the_linter_refuses_an_unsafe_table_and_says_why(changed, why):
    assert faults([replace(SHARE, **changed)], policy(), period_is_year=True) == [why]


def test_health_is_released_by_the_year_only():
    health = replace(SHARE, sensitivity=Sensitivity.A)

    assert faults([health], policy(), period_is_year=True) == []
    assert faults([health], policy(), period_is_year=False) == [
        "SHARE: health, justice, housing and barriers are released by the year only"
    ]


# What is published -------------------------------------------------------------------------------------------------


def test_two_names_of_the_same_people_read_the_same_figure():
    issue = protect(people([0] * 40), [COUNT], policy=policy(), secret=SECRET, period="2025")

    assert issue.block("COUNT", ()).base[0] == issue.block("COUNT", ("structure",)).base[0]


def test_four_people_are_never_shown_even_when_noise_would_lift_them():
    for number in range(60):
        issue = protect(people([0] * 4), [COUNT], policy=policy(), secret=SECRET, period=str(number))
        assert np.isnan(issue.block("COUNT", ()).base[0])


def test_all_and_none_are_never_shown():
    for number in range(60):
        for attribute in ([1] * 60, [0] * 60):
            issue = protect(people([0] * 60, attribute), [SHARE], policy=policy(), secret=SECRET, period=str(number))
            assert np.isnan(issue.block("SHARE", ()).values).all()


def test_a_rate_is_about_those_for_whom_it_is_known():
    known = protect(
        people([0] * 60, [1] * 20 + [0] * 20 + [-1] * 20), [SHARE], policy=policy(), secret=SECRET, period="2025"
    ).block("SHARE", ())

    assert abs(known.base[0] - 40) <= 10
    assert abs(known.values[0, 0] - 20) <= 10


def test_few_corrections_keep_the_old_figure_and_many_draw_anew():
    before = people([0] * 60 + [1] * 60, [1] * 30 + [0] * 30 + [1] * 30 + [0] * 30)
    first = protect(before, [SHARE], policy=policy(), secret=SECRET, period="2025")

    def corrected(count):
        codes = before.attributes["exit"].codes.copy()
        codes[:count] = 1 - codes[:count]
        after = replace(before, attributes={"exit": replace(before.attributes["exit"], codes=codes)})
        return protect(
            after, [SHARE], policy=policy(), secret=SECRET, period="2025", revision=2, former=Former(before, first)
        ).block("SHARE", ("structure",))

    old = first.block("SHARE", ("structure",))
    assert corrected(10).values.tolist() == old.values.tolist()
    assert corrected(25).values[0] != old.values[0]
    assert corrected(25).values[1] == old.values[1]


def test_somebody_who_leaves_a_base_of_few_changes_nothing():
    before = people([0] * 60 + [1] * 60)
    first = protect(before, [COUNT], policy=policy(), secret=SECRET, period="2025")
    after = before.rows(np.arange(1, 120))

    again = protect(
        after, [COUNT], policy=policy(), secret=SECRET, period="2025", revision=2, former=Former(before, first)
    )

    assert export.as_csv(again) == export.as_csv(first)


def test_a_third_issue_of_a_period_is_refused():
    with pytest.raises(ValueError, match="at most 2 times"):
        protect(people([0] * 40), [COUNT], policy=policy(), secret=SECRET, period="2025", revision=3)


# Amounts -----------------------------------------------------------------------------------------------------------

WAGES = Statistic("WAGES", Measure.MEAN, ((),), Sensitivity.B, "wage", low=400, high=2600, centre=1100)


def test_one_extreme_wage_moves_a_mean_no_more_than_the_clipping_allows():
    def mean(top):
        rows = people([0] * 200, wage=[1000.0] * 199 + [top])
        return protect(rows, [WAGES], policy=policy(), secret=SECRET, period="2025").block("WAGES", ()).values[0, 0]

    assert mean(2600) == mean(1_000_000)
    assert abs(mean(1000) - 1000) <= 60


def test_a_mean_of_few_is_not_published():
    rows = people([0] * 9, wage=[1000.0] * 9)

    assert np.isnan(
        protect(rows, [WAGES], policy=policy(), secret=SECRET, period="2025").block("WAGES", ()).values
    ).all()


def test_a_median_is_on_its_grid_and_near_the_true_one():
    draw = np.random.default_rng(4)
    wages = np.round(draw.normal(1500, 200, 400), 2)
    statistic = Statistic("MEDIAN", Measure.QUANTILES, ((),), Sensitivity.B, "wage", low=400, high=3000, grid=50.0)
    found = protect(people([0] * 400, wage=wages.tolist()), [statistic], policy=policy(), secret=SECRET, period="2025")

    low, middle, high = found.block("MEDIAN", ()).values[0]
    assert [value % 50 for value in (low, middle, high)] == [0, 0, 0]
    assert abs(middle - np.median(wages)) <= 75
    assert low < middle < high


def test_a_survival_median_is_found_and_one_not_reached_says_beyond():
    statistic = Statistic(
        "LENGTH", Measure.SURVIVAL, ((),), Sensitivity.B, "wage", steps=(3, 6, 9, 12, 18, 24), grid=1.0
    )

    def median(durations):
        rows = people([0] * len(durations), wage=durations)
        return (
            protect(rows, [statistic], policy=policy(), secret=SECRET, period="2025").block("LENGTH", ()).values[0, 0]
        )

    assert abs(median([2.0] * 100 + [5.0] * 100 + [8.0] * 100 + [11.0] * 100) - 6) <= 1
    assert np.isinf(median([5.0] * 60 + [-30.0] * 340))
    assert np.isnan(median([5.0] * 5 + [-30.0] * 300))


# Bytes -------------------------------------------------------------------------------------------------------------


def test_nobody_and_too_few_look_alike_in_the_file():
    rows = people([0] * 40 + [1] * 3, sex=[0] * 43)
    statistic = replace(COUNT, margins=(("structure", "sex"),))
    text = export.as_csv(protect(rows, [statistic], policy=policy(), secret=SECRET, period="2025")).decode()

    lines = dict(line.rsplit(",", 1) for line in text.splitlines()[1:])
    assert lines["COUNT,structure×sex,S1×F,"] == "np"  # three women
    assert lines["COUNT,structure×sex,S1×H,"] == "np"  # no man
    assert len(lines) == 4


def test_a_snapshot_with_somebody_twice_or_nowhere_is_refused():
    rows = people([0, 0])
    with pytest.raises(ValueError, match="stands once"):
        replace(rows, persons=np.array([1, 1]))
    with pytest.raises(ValueError, match="structure is unknown for somebody"):
        replace(rows, dimensions={"structure": Column(np.array([0, -1]), ("S0",))})


def test_a_margin_lists_every_combination():
    groups = grouped(people([0, 1, 1], sex=[0, 1, 1]), ("structure", "sex"))

    assert groups.coordinates.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert groups.count().tolist() == [1, 0, 0, 2]
