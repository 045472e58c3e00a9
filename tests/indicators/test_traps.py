"""The traps of the State's code and of the calendar: each test fails if one comes back."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from accounts.models import Organisation
from audit.history import recorded_at
from contracts.actions import amend_contract
from indicators.computation import compute, unknowns
from indicators.measures.intervals import wilson
from indicators.measures.shape import plain, rounded
from indicators.models import Value
from indicators.periods import Period
from tests.factories import (
    DecisionFactory,
    ExitFactory,
    OrganisationFactory,
    PathwayFactory,
    RightStepFactory,
    TrainingFactory,
    TrainingSessionFactory,
    UserFactory,
)
from tests.indicators.worlds import (
    JUNE_2025,
    PARIS,
    SECOND_QUARTER_2025,
    contract,
    counts,
    measured,
    paid,
    pathways,
    worker,
)

pytestmark = pytest.mark.django_db
JUNE = date(2025, 6, 1)


@pytest.fixture
def aci() -> Organisation:
    organisation: Organisation = OrganisationFactory(kind="ACI")
    return organisation


def cddi(organisation: Organisation, name: str, start: date, end: date | None, **fields: object):
    return contract(worker(organisation, name), "FIXED_TERM_I", start, end, **fields)


def test_trap_1_undefined_is_null_and_not_zero(aci: Organisation) -> None:
    values = compute([aci.pk], [SECOND_QUARTER_2025], datetime(2030, 1, 1, tzinfo=PARIS))
    assert len(values) == 45  # DRO-03 is measured over civil years
    assert {(v.value, v.low, v.high, v.coverage) for v in values} == {(None, None, None, "empty")}


def test_trap_3_unknown_hours_are_unknown_and_not_zero(aci: Organisation) -> None:
    paid(cddi(aci, "known", date(2025, 1, 1), date(2025, 12, 31)), JUNE, 100)
    paid(cddi(aci, "unknown", date(2025, 1, 1), date(2025, 12, 31)), JUNE, None)
    paid(cddi(aci, "zero", date(2025, 1, 1), date(2025, 12, 31)), JUNE, 0)
    value = measured(aci, "SEC-01", SECOND_QUARTER_2025)
    assert (counts(value), value.low, value.high) == ((1, 1, 2), Decimal("0.5"), 1)
    hours = measured(aci, "SEC-02", SECOND_QUARTER_2025)
    assert (counts(hours), hours.parts["months_to_declare"], hours.coverage) == ((0, 100, 100), "1", "insufficient")


def test_a_month_the_structure_has_not_declared_yet_is_unknown_and_not_empty(aci: Organisation) -> None:
    row = cddi(aci, "W", date(2025, 1, 1), date(2025, 12, 31))
    paid(row, date(2025, 5, 1), 100)
    value = measured(aci, "SEC-01", SECOND_QUARTER_2025)
    assert (counts(value), value.coverage) == ((None, 0, 1), "insufficient")
    paid(row, JUNE, 100)
    assert counts(measured(aci, "SEC-01", SECOND_QUARTER_2025)) == (1, 1, 1)


def test_a_contract_without_a_line_in_a_declared_month_was_not_paid(aci: Organisation) -> None:
    paid(cddi(aci, "paid", date(2025, 1, 1), date(2025, 12, 31)), JUNE, 100)
    cddi(aci, "not paid", date(2025, 1, 1), date(2025, 12, 31))
    assert counts(measured(aci, "SEC-01", SECOND_QUARTER_2025)) == (1, 1, 1)


def test_trap_6_an_ongoing_contract_runs_to_the_cut_and_a_broken_one_to_its_effective_end(aci: Organisation) -> None:
    ongoing = cddi(aci, "ongoing", date(2025, 6, 21), date(2026, 6, 20))
    broken = cddi(aci, "broken", date(2025, 6, 1), date(2026, 6, 20), ended_on=date(2025, 6, 5))
    pathways([ongoing.worker], date(2025, 6, 21))
    pathways([broken.worker], date(2025, 6, 1), date(2025, 6, 5))
    value = measured(aci, "CON-01", JUNE_2025)
    assert (value.k, value.parts["exposure"], value.parts["density"]) == (15, "15", "1")


def test_trap_8_hours_of_many_short_contracts_add_up_over_the_pathway() -> None:
    """Three contracts of 60 hours are 180: more than the 150 that make an exit, though none reaches them alone."""
    ai = OrganisationFactory(kind="AI")
    person = worker(ai, "W")
    for month in (date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)):
        paid(contract(person, "FIXED_TERM_USAGE", month, month.replace(day=20)), month, 60)
    pathway = PathwayFactory(worker=person, started_on=date(2025, 2, 1), ended_on=date(2025, 4, 20))
    ExitFactory(pathway=pathway, exited_on=date(2025, 4, 20), outcome="cdi")
    assert counts(measured(ai, "SOR-01", SECOND_QUARTER_2025)) == (1, 1, 1)


def test_an_exit_whose_hours_are_all_unknown_is_unknown_and_not_out_of_scope() -> None:
    ai = OrganisationFactory(kind="AI")
    person = worker(ai, "W")
    contract(person, "FIXED_TERM_USAGE", date(2025, 2, 1), date(2025, 4, 20))
    pathway = PathwayFactory(worker=person, started_on=date(2025, 2, 1), ended_on=date(2025, 4, 20))
    ExitFactory(pathway=pathway, exited_on=date(2025, 4, 20), outcome="cdi")
    value = measured(ai, "SOR-01", SECOND_QUARTER_2025)
    assert (counts(value), value.low, value.high, value.coverage) == ((None, 0, 1), 0, 1, "insufficient")


@pytest.mark.parametrize(
    ("started_on", "left_on", "counted"),
    [
        (date(2025, 2, 1), date(2025, 4, 30), 1),
        (date(2025, 2, 1), date(2025, 4, 29), 0),
        (date(2025, 1, 31), date(2025, 4, 29), 1),  # three months of a 31st end on the last day of April less one
        (date(2025, 2, 10), date(2025, 5, 1), 0),  # 81 days: three months for the State's code, not from date to date
    ],
)
def test_trap_14_three_months_are_counted_from_date_to_date(
    aci: Organisation, started_on: date, left_on: date, counted: int
) -> None:
    pathway = PathwayFactory(worker=worker(aci, "W"), started_on=started_on, ended_on=left_on)
    ExitFactory(pathway=pathway, exited_on=left_on, outcome="unemployed")
    assert measured(aci, "SOR-01", SECOND_QUARTER_2025).eligible == counted


def test_a_return_within_31_days_cancels_the_exit_and_the_last_exit_of_a_person_counts(aci: Organisation) -> None:
    back = worker(aci, "back")
    early = PathwayFactory(worker=back, started_on=date(2024, 6, 1), ended_on=date(2025, 4, 10))
    ExitFactory(pathway=early, exited_on=date(2025, 4, 10), outcome="cdi")
    PathwayFactory(worker=back, started_on=date(2025, 5, 11))
    gone = worker(aci, "gone")
    first = PathwayFactory(worker=gone, started_on=date(2024, 6, 1), ended_on=date(2025, 4, 10))
    ExitFactory(pathway=first, exited_on=date(2025, 4, 10), outcome="cdi")
    PathwayFactory(worker=gone, started_on=date(2025, 5, 12))
    value = measured(aci, "SOR-01", SECOND_QUARTER_2025)
    assert counts(value) == (1, 1, 1)


def test_a_pathway_that_ended_without_an_exit_form_is_an_unknown_exit(aci: Organisation) -> None:
    PathwayFactory(worker=worker(aci, "W"), started_on=date(2024, 6, 1), ended_on=date(2025, 5, 10))
    value = measured(aci, "SOR-01", SECOND_QUARTER_2025)
    assert (counts(value), value.parts["unknown"]) == ((None, 0, 1), "1")


def test_a_job_of_unknown_length_is_dynamic_though_nobody_knows_if_it_is_durable(aci: Organisation) -> None:
    pathway = PathwayFactory(worker=worker(aci, "W"), started_on=date(2024, 6, 1), ended_on=date(2025, 5, 10))
    ExitFactory(pathway=pathway, exited_on=date(2025, 5, 10), outcome="cdd_mission")
    value = measured(aci, "SOR-01", SECOND_QUARTER_2025)
    assert (counts(value), value.parts["durable"], value.parts["job_of_unknown_length"]) == ((1, 1, 1), "0", "1")


def test_a_renewal_signed_after_the_cut_never_improves_the_past_whatever_k(aci: Organisation) -> None:
    first = cddi(aci, "W", date(2025, 5, 1), date(2025, 8, 31))
    paid(first, JUNE, 100)
    following = contract(
        first.worker, "FIXED_TERM_I", date(2025, 9, 1), date(2025, 12, 31), renews=first, signed_on=date(2025, 7, 1)
    )
    assert counts(measured(aci, "SEC-01", SECOND_QUARTER_2025)) == (0, 1, 1)
    following.signed_on = date(2025, 6, 30)
    following.save()
    assert counts(measured(aci, "SEC-01", SECOND_QUARTER_2025)) == (1, 1, 1)
    following.signed_on = None
    following.save()
    value = measured(aci, "SEC-01", SECOND_QUARTER_2025)
    assert (counts(value), value.low, value.high) == ((None, 0, 1), 0, 1)


def test_an_amendment_signed_after_the_cut_never_improves_the_past_either(aci: Organisation) -> None:
    with recorded_at(datetime(2025, 5, 1, tzinfo=PARIS)):
        row = cddi(aci, "W", date(2025, 5, 1), date(2025, 8, 31))
        paid(row, JUNE, 100)
    with recorded_at(datetime(2025, 7, 10, tzinfo=PARIS)):
        amend_contract(
            by=UserFactory(),
            contract=row,
            signed_on=date(2025, 7, 10),
            effective_on=date(2025, 9, 1),
            today=date(2025, 7, 10),
            planned_end_on=date(2025, 12, 31),
            hourly_gross=Decimal("15"),
        )
    assert counts(measured(aci, "SEC-01", SECOND_QUARTER_2025)) == (0, 1, 1)
    assert measured(aci, "REM-02", SECOND_QUARTER_2025).parts["median_hourly"] == "11.65"
    paid(row, date(2025, 9, 1), 100)
    third = Period(date(2025, 7, 1), date(2025, 9, 30))
    assert counts(measured(aci, "SEC-01", third)) == (1, 1, 1)
    assert measured(aci, "REM-02", third).parts["median_hourly"] == "15"


def test_a_broken_long_contract_does_not_lend_its_planned_end_to_the_short_one_that_follows(aci: Organisation) -> None:
    broken = cddi(aci, "W", date(2025, 4, 1), date(2026, 3, 31), ended_on=date(2025, 5, 31))
    paid(contract(broken.worker, "FIXED_TERM_I", JUNE, date(2025, 7, 31)), JUNE, 100)
    assert counts(measured(aci, "SEC-01", SECOND_QUARTER_2025)) == (0, 1, 1)


@pytest.mark.parametrize(("start", "securing"), [(date(2025, 8, 1), 1), (date(2025, 8, 2), 0)])
def test_contracts_that_follow_within_a_day_are_one_chain(aci: Organisation, start: date, securing: int) -> None:
    first = cddi(aci, "W", date(2025, 5, 1), date(2025, 7, 31))
    paid(first, JUNE, 100)
    contract(first.worker, "FIXED_TERM_I", start, date(2025, 10, 31), signed_on=date(2025, 6, 1))
    assert measured(aci, "SEC-01", SECOND_QUARTER_2025).k == securing


def test_a_permanent_contract_is_never_short_and_an_endless_chain_is_not_subtracted(aci: Organisation) -> None:
    first = cddi(aci, "W", date(2025, 6, 1), date(2025, 6, 15))
    paid(first, JUNE, 60)
    paid(contract(first.worker, "PERMANENT", date(2025, 6, 16), None), JUNE, 40)
    assert counts(measured(aci, "SEC-02", SECOND_QUARTER_2025)) == (0, 100, 100)


@pytest.mark.parametrize(("end", "short"), [(date(2025, 6, 30), 60), (date(2025, 7, 1), 0)])
def test_a_fixed_term_contract_is_short_under_31_days_both_ends_included(
    aci: Organisation, end: date, short: int
) -> None:
    paid(cddi(aci, "W", date(2025, 6, 1), end), JUNE, 60)
    assert measured(aci, "SEC-02", SECOND_QUARTER_2025).k == short


def test_planned_training_hours_never_stand_for_attended_ones_and_safety_is_apart(aci: Organisation) -> None:
    for name in ("attended", "planned only", "safety", "no session"):
        person = worker(aci, name)
        paid(contract(person, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31)), JUNE, 100)
        training = TrainingFactory(worker=person, started_on=date(2025, 6, 2), mandatory_safety=name == "safety")
        if name != "no session":
            hours = None if name == "planned only" else 7
            TrainingSessionFactory(training=training, planned_hours=7, attended_hours=hours)
    value = measured(aci, "COM-01", SECOND_QUARTER_2025)
    assert (counts(value), value.value) == ((7, 4, 4), Decimal("1.75"))
    assert (value.low, value.high) == (Decimal("1.75"), None)
    assert [value.parts[name] for name in ("safety_hours", "training_days_unknown", "trainings_without_days")] == [
        "7",
        "1",
        "1",
    ]
    assert value.coverage == Value.Coverage.INSUFFICIENT


def test_someone_whose_training_hours_are_unknown_stays_among_the_people_and_widens_the_bounds(
    aci: Organisation,
) -> None:
    for hours in ([7, None], []):
        person = worker(aci, "W")
        paid(contract(person, "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31)), JUNE, 100)
        training = TrainingFactory(worker=person, started_on=date(2025, 6, 2)) if hours else None
        for day, attended in enumerate(hours):
            TrainingSessionFactory(training=training, held_on=date(2025, 6, 2 + day), attended_hours=attended)
    value = measured(aci, "COM-01", SECOND_QUARTER_2025)
    assert (counts(value), value.value, value.low, value.high) == (
        (7, 2, 2),
        Decimal("3.5"),
        Decimal("3.5"),
        Decimal("9.5"),
    )
    assert value.coverage == Value.Coverage.INSUFFICIENT  # one day of training in two is known


def test_the_full_time_norm_is_the_one_of_the_month_worked() -> None:
    """An ETTI counted 1607 hours a year in December 2013, 1600 in January 2014."""
    etti = OrganisationFactory(kind="ETTI")
    row = contract(worker(etti, "W"), "TEMPORARY", date(2013, 12, 1), date(2014, 1, 31))
    paid(row, date(2013, 12, 1), "160.7")
    paid(row, date(2014, 1, 1), 160)
    value = measured(etti, "COM-01", Period(date(2013, 12, 1), date(2014, 1, 31)))
    assert value.parts["fte"] == "0.2"


def test_rights_are_uncovered_when_workers_are_not_diagnosed_even_if_every_known_step_is_open(
    aci: Organisation,
) -> None:
    done = PathwayFactory(worker=worker(aci, "A"), started_on=date(2025, 1, 1), rights_diagnosed_on=date(2025, 2, 1))
    PathwayFactory(worker=worker(aci, "B"), started_on=date(2025, 1, 1))
    RightStepFactory(pathway=done, state="opened", triggered_on=date(2025, 2, 1), opened_on=date(2025, 3, 1))
    value = measured(aci, "ACC-01", SECOND_QUARTER_2025)
    assert (counts(value), value.value, value.coverage) == ((1, 1, 1), 1, "insufficient")
    assert (value.parts["diagnosed"], value.parts["in_pathway"]) == ("1", "2")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "opened", "opened_on": date(2025, 6, 30)}, (1, 1, 1)),
        ({"state": "opened", "opened_on": date(2025, 7, 1)}, (0, 1, 1)),
        ({"state": "opened", "opened_on": date(2025, 3, 1), "expires_on": date(2025, 6, 29)}, (0, 1, 1)),
        ({"state": "opened", "opened_on": date(2025, 3, 1), "expires_on": date(2025, 6, 30)}, (1, 1, 1)),
        ({"state": ""}, (None, 0, 1)),
        ({"state": "declined", "closed_on": date(2025, 6, 30)}, (None, 0, 0)),
        ({"state": "declined", "closed_on": date(2025, 7, 1)}, (0, 1, 1)),
        ({"state": "declined"}, (None, 0, 1)),
        ({"state": "requested", "requested_on": date(2025, 3, 1)}, (0, 1, 1)),
    ],
)
def test_a_step_counts_by_what_its_dates_say_at_the_cut(
    aci: Organisation, fields: dict[str, object], expected: tuple[object, ...]
) -> None:
    pathway = PathwayFactory(worker=worker(aci, "A"), started_on=date(2025, 1, 1), rights_diagnosed_on=date(2025, 2, 1))
    RightStepFactory(pathway=pathway, triggered_on=date(2025, 2, 1), **fields)
    assert counts(measured(aci, "ACC-01", SECOND_QUARTER_2025)) == expected


def test_who_is_unknown_and_why_is_named_for_each_indicator(aci: Organisation) -> None:
    late = datetime(2030, 1, 1, tzinfo=PARIS)
    no_kind = contract(worker(aci, "A"), "", date(2025, 1, 1), date(2025, 5, 31), hourly_gross=None)
    paid(no_kind, JUNE, 100)
    told = cddi(aci, "B", date(2025, 1, 1), date(2025, 6, 15))
    paid(told, JUNE, 100)
    DecisionFactory(contract=told, recorded_at=datetime(2025, 4, 1, tzinfo=PARIS), notified_on=None)
    left = PathwayFactory(worker=told.worker, started_on=date(2024, 1, 1), ended_on=date(2025, 6, 20))
    ExitFactory(pathway=left, exited_on=date(2025, 6, 20), outcome="")
    PathwayFactory(worker=no_kind.worker, started_on=date(2025, 1, 1))

    def unknown(code: str) -> list[tuple[int, str]]:
        return unknowns(aci.pk, code, SECOND_QUARTER_2025, late)

    kind = "La nature du contrat n'est pas connue ou n'est pas classée."
    assert unknown("SEC-01") == [(no_kind.worker_id, kind)]
    assert unknown("REM-02") == [(no_kind.worker_id, "Le salaire horaire du contrat n'est pas connu.")]
    assert unknown("ACC-01") == [(no_kind.worker_id, "Le diagnostic des droits n'est pas fait.")]
    assert unknown("SOR-01") == [(told.worker_id, "La situation à la sortie n'est pas connue.")]
    assert unknown("CON-04") == [
        (no_kind.worker_id, kind),
        (told.worker_id, "La décision est prise, mais on ne sait pas quand le salarié a été informé."),
    ]


def test_structures_are_measured_apart(aci: Organisation) -> None:
    other = OrganisationFactory(kind="EI")
    paid(cddi(aci, "here", date(2025, 1, 1), date(2025, 12, 31)), JUNE, 100)
    paid(contract(worker(other, "there"), "FIXED_TERM_USAGE", JUNE, date(2025, 6, 30)), JUNE, 100)
    at = datetime(2030, 1, 1, tzinfo=PARIS)
    values = compute([other.pk, aci.pk], [SECOND_QUARTER_2025], at, ["SEC-01"])
    assert [(v.organisation_id, v.k, v.known) for v in values] == [(aci.pk, 1, 1), (other.pk, 0, 1)]


@pytest.mark.parametrize(
    ("k", "n", "interval"),
    [(7, 20, ["0.1812", "0.5671"]), (0, 12, ["0", "0.2425"]), (12, 12, ["0.7575", "1"]), (3, 5, ["0.2307", "0.8824"]),
     (60, 100, ["0.5020", "0.6906"])],
)  # fmt: skip
def test_ex_18_wilson_intervals(k: int, n: int, interval: list[str]) -> None:
    assert wilson(Decimal(k), Decimal(n)) == tuple(Decimal(end) for end in interval)


def test_rounding_is_half_up_and_text_has_no_exponent() -> None:
    from fractions import Fraction

    assert [rounded(Fraction(1, 8), 2), rounded(Fraction(3, 8), 2), rounded(Fraction(-1, 8), 2)] == [
        Decimal("0.13"),
        Decimal("0.38"),
        Decimal("-0.13"),
    ]
    assert [plain(Decimal("1E+3")), plain(Decimal("110.50")), plain(Decimal(0))] == ["1000", "110.5", "0"]
