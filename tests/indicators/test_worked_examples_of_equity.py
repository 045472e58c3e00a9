"""Worked examples of case mix and equity, through the real tables: EX-19, EX-29, the gaps of EQU-01 at equal jobs.

Not printed in the reference, and so without data to test: EX-05, EX-14, EX-16, EX-21, EX-25, EX-27, and the sets of EX-30.
What their sheets ask is tested on our own data: EX-05, EX-14 in test_worked_examples_more; EX-16, EX-21, EX-25, EX-27 in
test_worked_sheets; EX-30 in test_life_tables on as many random sets. EX-22 (a composite) and EX-23 (turnovers) are no
indicator of ours, on purpose (§2.5, §2.4): there is no table for them to go through.
"""

from datetime import date
from fractions import Fraction

import pytest

from accounts.models import Organisation
from audit.history import because
from contracts.models import Contract, WorkedMonth
from indicators.computation import compute, save
from indicators.gathering import gather
from indicators.measures.equ import standardised, weighted_median
from indicators.models import Value
from indicators.standard import beside, directly_standardised, observed_over_expected
from parcours.models import Exit, Pathway, Worker
from skills.models import Training, TrainingSession
from tests.factories import OrganisationFactory
from tests.indicators.worlds import FAR, SECOND_QUARTER_2025, YEAR_2024, as_stored, measured
from tests.reference.indicators import compare

pytestmark = pytest.mark.django_db


def people(organisation: Organisation, count: int, **file: object) -> list[Worker]:
    with because("exemple"):
        return Worker.objects.bulk_create(
            Worker(organisation=organisation, first_name="A", last_name=f"W{n}", **file) for n in range(count)
        )


def leaving(organisation: Organisation, rsa: bool, dynamic: int, count: int) -> None:
    rows = people(organisation, count, rsa=rsa)
    pathways = Pathway.objects.bulk_create(
        Pathway(worker=row, started_on=date(2024, 9, 1), ended_on=date(2025, 5, 15), phase="sortie") for row in rows
    )
    Exit.objects.bulk_create(
        Exit(pathway=row, exited_on=date(2025, 5, 15), outcome="cdi" if n < dynamic else "unemployed")
        for n, row in enumerate(pathways)
    )


def test_ex_19_who_welcomes_more_people_on_rsa_does_better_at_equal_case_mix() -> None:
    """Crude, B beats A; with the people of both, A beats B: Simpson's paradox."""
    a, b = OrganisationFactory(kind="ACI"), OrganisationFactory(kind="ACI")
    leaving(a, True, 32, 80)
    leaving(a, False, 12, 20)
    leaving(b, True, 7, 20)
    leaving(b, False, 44, 80)
    save(compute([a.pk, b.pk], [SECOND_QUARTER_2025], FAR, ["SOR-01"]))
    [kind] = [v for v in gather(FAR, [SECOND_QUARTER_2025], ["SOR-01"]) if v.scope == "kind:ACI"]
    first, second = (beside(Value.objects.get(organisation=one), kind, ["minima"]) for one in (a, b))
    assert (first.crude, second.crude) == (Fraction(11, 25), Fraction(51, 100))
    assert (first.standardised, second.standardised) == (Fraction(1, 2), Fraction(9, 20))
    assert [f"{float(one.observed_over_expected or 0):.6f}" for one in (first, second)] == ["1.037736", "0.969582"]


def test_a_stratum_nobody_is_in_compares_nothing() -> None:
    assert directly_standardised({("a",): (Fraction(1), Fraction(2))}, {("b",): Fraction(10)}) is None
    assert observed_over_expected({("a",): (Fraction(1), Fraction(2))}, {("a",): (Fraction(0), Fraction(0))}) is None
    with pytest.raises(ValueError, match="même indicateur"):
        beside(Value(indicator="SEC-01"), Value(indicator="SOR-01"), [])


def test_ex_29_the_worst_served_group_and_a_gap_that_is_not_established() -> None:
    """12 of 40 below CAP, 15 of 30 at CAP, 9 of 15 above were trained seven hours in the year."""
    aci: Organisation = OrganisationFactory(kind="ACI")
    for level, trained, count in (("60", 12, 40), ("50", 15, 30), ("40", 9, 15)):
        rows = people(aci, count, education_level=level)
        Pathway.objects.bulk_create(
            Pathway(worker=row, started_on=date(2024, 1, 1), phase="accompagnement") for row in rows
        )
        contracts = Contract.objects.bulk_create(
            Contract(worker=row, kind="FIXED_TERM_I", started_on=date(2024, 1, 1), planned_end_on=date(2025, 12, 31))
            for row in rows
        )
        WorkedMonth.objects.bulk_create(
            WorkedMonth(contract=row, month=date(2024, 12, 1), paid_hours=100) for row in contracts
        )
        courses = Training.objects.bulk_create(
            Training(worker=row, title="SST", started_on=date(2024, 3, 4)) for row in rows[:trained]
        )
        TrainingSession.objects.bulk_create(
            TrainingSession(training=row, held_on=date(2024, 3, 4), attended_hours=7) for row in courses
        )
    value = measured(aci, "EQU-03", YEAR_2024)
    told = value.parts["parents"]["COM-02"]
    assert told | {"ratio": None} == {
        "by": "qualification", "group": told["group"], "rate": "0.3", "overall": str(as_stored(36, 85)),
        "gap_low": "-0.0284", "gap_high": "0.4064", "established": "no", "ratio": None,
    }  # fmt: skip
    assert told["ratio"] == str(as_stored(17, 24))
    assert compare(aci, [YEAR_2024], FAR) == []


def test_the_gap_of_pay_at_equal_jobs_is_not_the_gap_of_jobs() -> None:
    """Women clean at 12 €, men build at 14 €, and one of each does the other's job for the same pay: no gap at equal jobs."""
    aci: Organisation = OrganisationFactory(kind="ACI")
    for sex, job, rate, count in (
        ("F", "K2204", 12, 4),
        ("M", "F1703", 14, 4),
        ("F", "F1703", 14, 1),
        ("M", "K2204", 12, 1),
    ):
        rows = people(aci, count, sex=sex)
        contracts = Contract.objects.bulk_create(
            Contract(worker=row, kind="PERMANENT", started_on=date(2025, 1, 1), rome_code=job, hourly_gross=rate)
            for row in rows
        )
        WorkedMonth.objects.bulk_create(
            WorkedMonth(contract=row, month=date(2025, 6, 1), paid_hours=100, gross_pay=rate * 100, closed=True)
            for row in contracts
        )
    value = measured(aci, "EQU-01", SECOND_QUARTER_2025)
    assert value.value == as_stored(12, 14)
    assert {name: value.parts[f"{name}_standardised"] for name in ("rate", "hours", "pay")} == dict.fromkeys(
        ("rate", "hours", "pay"), "1"
    )


def test_a_family_of_one_sex_or_unknown_compares_nothing() -> None:
    from decimal import Decimal

    women = {"ACI/K": [(Decimal(12), 2)], "ACI/?": [(Decimal(9), 5)]}
    assert standardised(women, {"ACI/F": [(Decimal(14), 2)], "ACI/?": [(Decimal(20), 5)]}) is None
    assert weighted_median([([(Decimal(1), 1)], Fraction(3)), ([(Decimal(5), 3)], Fraction(1))]) == 3
