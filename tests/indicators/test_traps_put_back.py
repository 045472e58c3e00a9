"""Each of the sixteen traps of the State's code, put back on purpose: its test must then fail.

A mutant changes the SQL or the function in which the trap would live; the check is the trap's own test, run as it is, then
with the mutant. A mutant whose words are no longer found in the code fails too: it would prove nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from django.db import transaction

from indicators import computation, facts, gathering
from indicators.measures import MEASURES, shape
from indicators.measures.shape import Counts, Cube, Figure, merge
from indicators.periods import Period
from tests.factories import OrganisationFactory
from tests.indicators import test_traps as first
from tests.indicators import test_traps_of_breakdowns as others

pytestmark = pytest.mark.django_db
Mutant = Callable[[pytest.MonkeyPatch], None]


def aci() -> object:
    return OrganisationFactory(kind="ACI")


def in_facts(*changes: tuple[str, str]) -> Mutant:
    """Other words in the statements that lay the facts."""

    def put_back(patch: pytest.MonkeyPatch) -> None:
        for old, new in changes:
            assert any(old in sql for sql, _table in facts.STATEMENTS), old
            patch.setattr(facts, "STATEMENTS", tuple((sql.replace(old, new), table) for sql, table in facts.STATEMENTS))

    return put_back


def in_units(code: str, *changes: tuple[str, str]) -> Mutant:
    """Other words in the units of an indicator."""

    def put_back(patch: pytest.MonkeyPatch) -> None:
        for old, new in changes:
            assert old in MEASURES[code].units, old
            patch.setitem(MEASURES, code, replace(MEASURES[code], units=MEASURES[code].units.replace(old, new)))

    return put_back


def told(name: str, sql: str) -> Mutant:
    """Another way to tell people apart."""
    return lambda patch: patch.setitem(computation.TOLD, name, sql)


def undefined_is_zero(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shape, "ratio", lambda part, whole: Fraction(part or 0) / Fraction(whole) if whole else Fraction(0))


def nobody_concerned_is_zero(patch: pytest.MonkeyPatch) -> None:
    measure = MEASURES["PER-02"]

    def finish(counts: Counts, period: Period) -> Figure:
        figure = measure.finish(counts, period)
        return replace(figure, value=figure.value or Fraction(0))

    patch.setitem(MEASURES, "PER-02", replace(measure, finish=finish))


def the_same_name_is_one_person(patch: pytest.MonkeyPatch) -> None:
    def merge_once(into: Cube, cube: Cube) -> None:
        if not into:
            merge(into, cube)

    patch.setattr(gathering, "merge", merge_once)


def one_value_a_figure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(computation, "content", lambda _value: ())


PLANNED = "CASE WHEN k.open_ended THEN NULL ELSE r.planned_end_on END"
ALIVE = "l.left_on + 1 >= l.started_on + make_interval(months => p.exit_months::int)"

TRAPS: list[tuple[str, Mutant, Callable[[], None]]] = [
    ("1 undefined → 0", undefined_is_zero, lambda: first.test_trap_1_undefined_is_null_and_not_zero(aci())),
    (
        "2 nobody concerned → 0", nobody_concerned_is_zero,
        lambda: others.test_trap_2_nobody_with_a_barrier_is_no_ratio_at_all(aci()),
    ),
    (
        "3 missing counts → 0", in_facts(("bool_or(m.paid_hours IS NULL) AS missing", "false AS missing")),
        lambda: first.test_trap_3_unknown_hours_are_unknown_and_not_zero(aci()),
    ),
    (
        "4 denominator raised to the numerator",
        in_units("PAR-03", ("CASE WHEN fresh THEN seats ELSE", "CASE WHEN fresh THEN greatest(seats, workers) ELSE"),
                 ("fresh AND workers <= seats", "fresh")),
        lambda: others.test_trap_4_a_numerator_above_its_denominator_is_an_error_to_mend_and_not_a_full_house(aci()),
    ),
    (
        "5 the alphabetical maximum as the motive",
        in_facts(("l.worker_id, l.left_on DESC, l.pathway_id DESC", "l.worker_id, l.outcome DESC")),
        others.test_trap_5_the_outcome_is_that_of_the_last_exit_and_not_the_last_word_of_the_alphabet,
    ),
    (
        "6 planned end in place of the end",
        in_facts((f"COALESCE(r.ended_on, {PLANNED}, 'infinity')", f"COALESCE({PLANNED}, r.ended_on, CURRENT_DATE)")),
        lambda: first.test_trap_6_an_ongoing_contract_runs_to_the_cut_and_a_broken_one_to_its_effective_end(aci()),
    ),
    (
        "7 delay of the finished only",
        in_units("ACC-02", ("AS event) t", "AS event) t WHERE t.event")),
        lambda: others.test_trap_7_a_delay_counts_those_who_still_wait(aci()),
    ),
    (
        "8 150 hours a contract",
        in_facts(("sum(m.hours) AS hours,\n        bool_or(m.missing) AS missing\n    FROM leaving",
                  "max(m.hours) AS hours,\n        bool_or(m.missing) AS missing\n    FROM leaving")),
        first.test_trap_8_hours_of_many_short_contracts_add_up_over_the_pathway,
    ),
    (
        "9 exits joined without the contract",
        in_units("SOR-01", ("FROM fact_leaver WHERE",
                            "FROM (SELECT l.* FROM fact_leaver l JOIN fact_contract z ON z.worker_id = l.worker_id) l WHERE")),
        lambda: others.test_trap_9_an_exit_is_one_however_many_contracts_there_were("ACI"),
    ),
    (
        "10 a key of structure taken for a person", the_same_name_is_one_person,
        others.test_trap_10_a_total_counts_workers_of_structures_and_says_so,
    ),
    (
        "11 else 'M'", told("sex", "CASE d.sex WHEN 'F' THEN 'F' ELSE 'M' END"),
        lambda: others.test_trap_11_an_unknown_sex_is_not_a_man(aci()),
    ),
    (
        "12 RSA missing → no", told("minima", "CASE d.rsa WHEN true THEN 'yes' ELSE 'no' END"),
        lambda: others.test_trap_12_a_missing_rsa_is_not_a_no(aci()),
    ),
    (
        "13 difference of years",
        told("age", "CASE WHEN d.birth_date IS NULL THEN '?'"
             " WHEN extract(year FROM p.p1) - extract(year FROM d.birth_date) < 26 THEN '-26'"
             " WHEN extract(year FROM p.p1) - extract(year FROM d.birth_date) < 50 THEN '26-49' ELSE '50+' END"),
        lambda: others.test_trap_13_an_age_is_a_full_birth_date_at_the_cut(aci()),
    ),
    (
        "14 months of 30.4 days", in_facts((ALIVE, "(l.left_on - l.started_on + 1) * 0.0328767 > 2.65")),
        lambda: first.test_trap_14_three_months_are_counted_from_date_to_date(aci(), date(2025, 2, 10), date(2025, 5, 1), 0),
    ),
    (
        "15 the tables as they are today", in_facts(("%(known_at)s", "'infinity'::timestamptz")),
        lambda: others.test_traps_15_and_16_a_figure_keeps_its_method_its_coverage_and_all_its_vintages(aci()),
    ),
    (
        "16 one value a figure, without vintage", one_value_a_figure,
        lambda: others.test_traps_15_and_16_a_figure_keeps_its_method_its_coverage_and_all_its_vintages(aci()),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("mutant", "check"), [trap[1:] for trap in TRAPS], ids=[trap[0] for trap in TRAPS])
def test_a_trap_put_back_is_caught(mutant: Mutant, check: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        check()
        transaction.set_rollback(True)
    mutant(monkeypatch)
    with transaction.atomic():
        with pytest.raises(AssertionError):
            check()
        transaction.set_rollback(True)


def test_all_sixteen_traps_are_put_back() -> None:
    assert [int(name.split()[0]) for name, _mutant, _check in TRAPS] == list(range(1, 17))


def test_a_mutant_that_finds_nothing_to_change_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="no such words"):
        in_units("SEC-01", ("no such words", ""))(monkeypatch)
