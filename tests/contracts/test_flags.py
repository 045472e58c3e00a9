"""The night's flags: opened once, tightened, closed when no longer true, and equal to the law one person at a time."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.flags import describe, refresh
from contracts.models import Contract, Decision, Flag
from law.nomenclature import codes
from tests.factories import (
    AssignmentFactory,
    ContractFactory,
    DecisionFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    WorkedMonthFactory,
    WorkerFactory,
)
from tests.reference.flags import actual, expected

pytestmark = pytest.mark.django_db

DAY = date(2026, 6, 15)


def worker_with_pass(**fields):
    worker = WorkerFactory(**fields)
    PathwayFactory(worker=worker, started_on=date(2025, 9, 1))
    PassFactory(worker=worker, started_on=date(2025, 9, 1), ended_on=date(2027, 8, 31))
    return worker


def ending(days, **fields):
    """A CDDI that ends `days` after DAY."""
    return ContractFactory(
        worker=worker_with_pass(),
        started_on=date(2026, 1, 12),
        planned_end_on=DAY + timedelta(days=days),
        **fields,
    )


def open_flags():
    return [(f.code, f.rung, f.severity) for f in Flag.objects.open()]


@pytest.mark.parametrize(("days", "rung", "severity"), [(90, 90, 1), (60, 60, 2), (30, 30, 3), (15, 15, 4), (-1, 0, 5)])
def test_a_contract_end_climbs_the_ladder(days, rung, severity):
    contract = ending(days)

    refresh(DAY)

    assert open_flags() == [("CONTRACT_END", rung, severity)]
    assert Flag.objects.get().due_on == contract.planned_end_on


def test_a_second_night_changes_no_row():
    ending(40)
    refresh(DAY)
    before = Flag.pgh_event_model.objects.count()

    assert refresh(DAY).totals() == {"opened": 0, "changed": 0, "closed": 0}
    assert Flag.pgh_event_model.objects.count() == before == 1


def test_a_flag_tightens_in_place_and_is_never_doubled():
    ending(70)
    refresh(DAY)
    assert refresh(DAY + timedelta(days=20)).totals() == {"opened": 0, "changed": 1, "closed": 0}

    assert open_flags() == [("CONTRACT_END", 60, 2)]
    assert Flag.objects.count() == 1


def test_a_missed_night_is_caught_up_with_the_same_rows():
    ending(70)
    for day in range(21):
        refresh(DAY + timedelta(days=day))
    every_night = actual()
    Flag.objects.all().delete()

    refresh(DAY)
    refresh(DAY + timedelta(days=20))

    assert actual() == every_night


def test_a_renewal_closes_the_flag():
    contract = ending(20)
    refresh(DAY)
    ContractFactory(
        worker=contract.worker,
        renews=contract,
        started_on=contract.planned_end_on + timedelta(days=1),
        planned_end_on=contract.planned_end_on + timedelta(days=120),
    )

    assert refresh(DAY).totals() == {"opened": 0, "changed": 0, "closed": 1}
    assert Flag.objects.get().closed_on == DAY


def test_an_end_told_to_the_person_closes_it_and_an_untold_one_or_a_renewal_still_to_sign_does_not():
    contract = ending(20)
    DecisionFactory(contract=contract, kind="end_with_exit_plan", notified_on=None)
    DecisionFactory(contract=contract, kind="renew", notified_on=DAY)
    refresh(DAY)
    assert open_flags() == [("CONTRACT_END", 30, 3)]

    Decision.objects.update(notified_on=DAY)
    refresh(DAY)
    assert open_flags() == []


def test_what_becomes_true_again_is_opened_again_not_doubled():
    contract = ending(20)
    refresh(DAY)
    Contract.objects.filter(pk=contract.pk).update(ended_on=DAY)
    refresh(DAY)
    Contract.objects.filter(pk=contract.pk).update(ended_on=None)

    assert refresh(DAY).totals() == {"opened": 0, "changed": 1, "closed": 0}
    assert Flag.objects.get().closed_on is None


def test_a_contract_that_ended_a_month_ago_without_decision_is_no_longer_shown():
    ending(-31)
    refresh(DAY)
    assert open_flags() == []


def test_a_cddi_beyond_24_months_and_one_too_short_are_told():
    worker = worker_with_pass()
    PassFactory._meta.model.objects.all().update(ended_on=date(2029, 1, 1))
    first = ContractFactory(worker=worker, started_on=date(2024, 9, 1), planned_end_on=date(2025, 8, 31))
    ContractFactory(worker=worker, renews=first, started_on=date(2025, 9, 1), planned_end_on=date(2026, 12, 31))
    short = ContractFactory(worker=worker_with_pass(), started_on=date(2026, 6, 1), planned_end_on=date(2026, 9, 29))

    refresh(DAY)

    assert [(f.code, f.due_on) for f in Flag.objects.filter(worker=worker)] == [("CDDI_MAX", date(2026, 8, 31))]
    assert [(f.code, f.facts["earliest_end_on"]) for f in Flag.objects.filter(contract=short)] == [
        ("CDDI_MIN", "2026-09-30")
    ]


def test_the_480_hours_count_private_users_only():
    association = OrganisationFactory(kind="AI")
    worker = worker_with_pass(organisation=association)
    contract = ContractFactory(
        worker=worker, kind="FIXED_TERM_USAGE", started_on=date(2026, 1, 5), planned_end_on=date(2026, 12, 31)
    )
    company = AssignmentFactory(contract=contract, client_kind="entreprise")
    home = AssignmentFactory(contract=contract, client_kind="particulier")
    for number in range(1, 5):
        WorkedMonthFactory(contract=contract, assignment=company, month=date(2026, number, 1), paid_hours=110)
        WorkedMonthFactory(contract=contract, assignment=home, month=date(2026, number, 1), paid_hours=100)

    refresh(DAY)

    flag = Flag.objects.get(code="AI_480")
    assert (flag.rung, flag.due_on, flag.facts["hours"]) == (400, date(2027, 12, 31), 440.0)
    assert describe(flag).why == (
        "440 h de mise à disposition auprès d'employeurs privés depuis le 01/01/2026 ; "
        "le plafond est de 480 h jusqu'au 31/12/2027."
    )


def test_an_insertion_contract_without_pass_is_urgent_and_one_beyond_it_is_told():
    bare = ContractFactory(started_on=date(2026, 1, 12), planned_end_on=date(2027, 1, 11))
    worker = worker_with_pass()
    beyond = ContractFactory(worker=worker, started_on=date(2026, 1, 12), planned_end_on=date(2027, 9, 30))

    refresh(DAY)

    assert [f.code for f in Flag.objects.filter(contract=bare)] == ["MISSING_PASS"]
    assert [f.code for f in Flag.objects.filter(contract=beyond)] == ["PASS_EXCEEDED"]


def test_a_refresh_of_one_person_leaves_the_others_alone():
    mine, other = ending(20), ending(25)
    refresh(DAY)
    Contract.objects.update(ended_on=DAY)

    refresh(DAY, worker_id=mine.worker_id)

    assert [f.contract for f in Flag.objects.open()] == [other]


def test_every_flag_can_be_said_in_words():
    worker = worker_with_pass()
    ContractFactory(worker=worker, started_on=date(2026, 5, 1), planned_end_on=DAY, signed_on=None, weekly_hours=15)
    refresh(DAY)

    assert sorted(f.code for f in Flag.objects.all()) == [
        "CDDI_MIN",
        "CONTRACT_END",
        "CONTRACT_UNSIGNED",
        "WEEKLY_HOURS_MIN",
    ]
    assert [f.code for f in Flag.objects.all() if "{" in describe(f).why or not describe(f).articles] == []


months_around = st.integers(-800, 250).map(lambda days: DAY + timedelta(days=days))
contract_lives = st.tuples(
    st.sampled_from(codes("contract_kind") + ["FIXED_TERM_I"] * 12 + ["FIXED_TERM_USAGE", "TEMPORARY"]),
    months_around,
    st.one_of(st.none(), st.integers(0, 500)),
    st.one_of(st.none(), st.none(), st.integers(0, 300)),
    st.booleans(),
    st.sampled_from([None, Decimal(15), Decimal(20), Decimal(26)]),
    st.booleans(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["AI", "ACI", "ETTI", "GEIQ"]),
    lives=st.lists(contract_lives, max_size=5),
    passes=st.lists(st.tuples(months_around, st.integers(30, 900)), max_size=2),
    hours=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["entreprise", "particulier", ""]), st.integers(0, 200)),
        max_size=8,
    ),
    pathway=st.booleans(),
)
def test_the_set_based_night_equals_the_law_one_person_at_a_time(kind, lives, passes, hours, pathway):
    """Whatever the lives of contracts, the one SQL statement says what the pure functions say."""
    from django.db import IntegrityError, transaction

    Flag.objects.all().delete()
    worker = WorkerFactory(organisation=OrganisationFactory(kind=kind))
    if pathway:
        PathwayFactory(worker=worker, started_on=date(2024, 1, 1))
    for start, length in passes:
        try:
            with transaction.atomic():
                PassFactory(worker=worker, started_on=start, ended_on=start + timedelta(days=length))
        except IntegrityError:
            pass
    for code, start, length, end, adjusted, weekly, signed in lives:
        try:
            with transaction.atomic():
                contract = ContractFactory(
                    worker=worker,
                    kind=code,
                    started_on=start,
                    planned_end_on=None if length is None else start + timedelta(days=length),
                    ended_on=None if end is None else start + timedelta(days=end),
                    sentence_adjustment=adjusted,
                    weekly_hours=weekly,
                    signed_on=start if signed else None,
                )
                for back, client, count in hours:
                    month = (DAY.replace(day=1) - timedelta(days=30 * back)).replace(day=1)
                    assignment, _new = contract.assignments.get_or_create(
                        client_name=client or "?", defaults={"client_kind": client, "started_on": start}
                    )
                    contract.worked_months.get_or_create(
                        month=month, assignment=assignment, defaults={"paid_hours": count}
                    )
        except IntegrityError:
            pass

    refresh(DAY)

    assert actual(worker.organisation) == expected(DAY, worker.organisation)
