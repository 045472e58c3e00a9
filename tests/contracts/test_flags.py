"""The night's flags: opened once, tightened, closed when no longer true, and equal to the law one person at a time."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.actions import amend_contract
from contracts.flags import describe, refresh
from contracts.models import Contract, Decision, Derogation, Flag
from law.nomenclature import codes
from parcours.passes import request_prolongation
from tests.factories import (
    AssignmentFactory,
    ContractFactory,
    DecisionFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    RightStepFactory,
    UserFactory,
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


def test_the_trial_of_a_first_contract_is_told_a_week_before_its_end_and_an_answer_closes_it():
    contract = ContractFactory(
        worker=worker_with_pass(), started_on=date(2026, 5, 20), planned_end_on=date(2027, 5, 19), weekly_hours=26
    )
    renewal = ContractFactory(worker=ending(-1).worker, started_on=date(2026, 6, 15), planned_end_on=date(2026, 7, 31))
    refresh(DAY)
    flag = Flag.objects.get(code="TRIAL_END")
    assert (flag.contract, flag.due_on, flag.severity) == (contract, date(2026, 6, 19), 3)
    assert not Flag.objects.filter(contract=renewal, code="TRIAL_END").exists()

    DecisionFactory(contract=contract, rule="TRIAL_END", due_on=flag.due_on, kind="keep", notified_on=DAY)
    refresh(DAY)
    assert not Flag.objects.open().filter(code="TRIAL_END").exists()


@pytest.mark.parametrize(("kind", "due"), [("AI", date(2026, 6, 9)), ("ACI", date(2026, 8, 9))])
def test_the_medical_visit_is_due_after_one_month_in_an_ai_and_three_elsewhere(kind, due):
    worker = worker_with_pass(organisation=OrganisationFactory(kind=kind))
    ContractFactory(worker=worker, started_on=date(2026, 5, 10), planned_end_on=date(2027, 5, 9))

    refresh(due - timedelta(days=31))
    assert not Flag.objects.open().filter(code="MEDICAL_VISIT", due_on=due).exists() or kind == "AI"
    refresh(due - timedelta(days=10))
    assert Flag.objects.open().get(code="MEDICAL_VISIT").due_on == due

    RightStepFactory(pathway=worker.pathways.get(), right="D20", state="opened", opened_on=due - timedelta(days=9))
    refresh(due - timedelta(days=9))
    assert not Flag.objects.open().filter(code="MEDICAL_VISIT").exists()


def test_missions_renewed_beyond_24_months_and_a_mission_of_a_cdi_inclusion_beyond_36_are_told():
    agency = OrganisationFactory(kind="ETTI")
    worker = worker_with_pass(organisation=agency)
    first = ContractFactory(
        worker=worker, kind="TEMPORARY", started_on=date(2024, 9, 1), planned_end_on=date(2025, 8, 31)
    )
    second = ContractFactory(
        worker=worker, kind="TEMPORARY", renews=first, started_on=date(2025, 9, 1), planned_end_on=date(2026, 10, 31)
    )
    lent = ContractFactory(
        worker=worker_with_pass(organisation=agency),
        kind="PERMANENT_I",
        started_on=date(2023, 1, 1),
        planned_end_on=None,
    )
    AssignmentFactory(contract=lent, started_on=date(2023, 8, 1))

    refresh(DAY)

    assert {(f.contract, f.due_on, f.severity) for f in Flag.objects.filter(code="MISSION_MAX")} == {
        (second, date(2026, 8, 31), 5),
        (lent, date(2026, 7, 31), 2),
    }


def test_a_cdi_inclusion_within_reach_is_told_to_who_is_57_and_a_year_in_the_pathway():
    worker = worker_with_pass(birth_date=date(1969, 1, 2))
    ContractFactory(worker=worker, started_on=date(2026, 1, 12), planned_end_on=date(2027, 1, 11))

    refresh(date(2026, 8, 31))
    assert not Flag.objects.filter(code="CDI_I_OPEN").exists()
    refresh(date(2026, 9, 1))
    assert Flag.objects.get(code="CDI_I_OPEN").due_on == date(2026, 9, 1)


def test_the_window_of_a_prolongation_opens_for_who_may_ask_and_closes_with_a_request():
    worker = worker_with_pass(disabled_worker=True)
    other = worker_with_pass()
    PassFactory._meta.model.objects.update(ended_on=date(2027, 6, 15))

    refresh(DAY)

    flag = Flag.objects.get(code="PROLONGATION_OPEN")
    assert (flag.worker, flag.due_on) == (worker, date(2027, 12, 15))
    assert not Flag.objects.filter(worker=other).exists()
    request_prolongation(
        by=UserFactory(), pass_iae=worker.passes.get(), reason="rqth", days=365, today=DAY, report="Bilan"
    )
    refresh(DAY)
    assert not Flag.objects.open().filter(code="PROLONGATION_OPEN").exists()


def test_a_pass_suspended_for_a_year_is_told():
    worker = worker_with_pass()
    worker.passes.get().suspensions.create(
        started_on=date(2025, 10, 1), ended_on=date(2028, 9, 30), reason="contract_ended"
    )

    refresh(date(2026, 9, 30))
    assert not Flag.objects.filter(code="PASS_SUSPENDED").exists()
    refresh(date(2026, 10, 1))
    assert Flag.objects.get(code="PASS_SUSPENDED").facts == {
        "number": worker.passes.get().number,
        "suspended_on": "2025-10-01",
        "months": 12,
    }


def test_an_immersion_is_told_when_it_ends_without_result_and_when_it_goes_beyond_its_limits():
    worker = worker_with_pass()
    host = {"host_name": "Boulangerie", "object": "discover"}
    worker.immersions.create(started_on=date(2026, 5, 1), ended_on=date(2026, 5, 31), **host, result="confirmed")
    worker.immersions.create(started_on=date(2026, 6, 1), ended_on=date(2026, 6, 30), **host)
    worker.immersions.create(
        started_on=date(2026, 6, 1), ended_on=date(2026, 6, 20), host_name="Scierie", object="confirm"
    )

    refresh(DAY)

    assert {(f.code, f.due_on, f.facts["host"]) for f in Flag.objects.all()} == {
        ("IMMERSION_LIMIT", date(2026, 6, 29), "Boulangerie"),
        ("IMMERSION_END", date(2026, 6, 20), "Scierie"),
    }


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


spans = st.tuples(months_around, st.integers(0, 500))
DRAWN = {
    "kind": st.sampled_from(["AI", "ACI", "ETTI", "GEIQ"]),
    "born": st.one_of(
        st.none(), st.sampled_from([date(1966, 5, 3), date(1968, 2, 29), date(1975, 1, 1), date(1995, 1, 1)])
    ),
    "disabled": st.sampled_from([None, True, False]),
    "lives": st.lists(contract_lives, max_size=5),
    "passes": st.lists(st.tuples(months_around, st.integers(30, 900)), max_size=2),
    "hours": st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["entreprise", "particulier", ""]), st.integers(0, 200)),
        max_size=8,
    ),
    "pathway": st.one_of(st.none(), st.integers(100, 800).map(lambda days: DAY - timedelta(days=days))),
    "derogations": st.lists(st.tuples(st.sampled_from(codes("derogation_kind")), spans), max_size=3),
    "suspensions": st.lists(spans, max_size=3),
    "prolongations": st.lists(st.tuples(st.integers(1, 700), st.sampled_from(["accepted", "requested"])), max_size=2),
    "amendments": st.lists(st.tuples(st.integers(1, 200), st.integers(-90, 200)), max_size=3),
    "immersions": st.lists(
        st.tuples(st.integers(-60, 30), st.integers(0, 35), st.sampled_from(["A", "B "]), st.booleans(), st.booleans()),
        max_size=5,
    ),
    "visited": st.booleans(),
    "answers": st.sets(st.sampled_from(["TRIAL_END", "CDI_I_OPEN", "PROLONGATION_OPEN", "PASS_SUSPENDED"])),
}


def kept(write, *args, **fields):
    """Write a row, or nothing when a constraint of the database refuses it."""
    try:
        with transaction.atomic():
            return write(*args, **fields)
    except IntegrityError:
        return None


def drawn_person(draw):
    """A worker with everything the rules read, as drawn; what the database forbids is left out."""
    worker = WorkerFactory(
        organisation=OrganisationFactory(kind=draw["kind"]), birth_date=draw["born"], disabled_worker=draw["disabled"]
    )
    pathway = PathwayFactory(worker=worker, started_on=draw["pathway"]) if draw["pathway"] else None
    if pathway and draw["visited"]:
        RightStepFactory(pathway=pathway, right="D20", state="opened", opened_on=DAY)
    for start, length in draw["passes"]:
        kept(PassFactory, worker=worker, started_on=start, ended_on=start + timedelta(days=length))
    for iae in worker.passes.all():
        for start, length in draw["suspensions"]:
            kept(
                iae.suspensions.create,
                started_on=start,
                ended_on=start + timedelta(days=length),
                reason="contract_ended",
            )
        for days, state in draw["prolongations"]:
            kept(
                iae.prolongations.create,
                reason="rqth",
                from_on=iae.ended_on,
                days=days,
                state=state,
                requested_on=DAY,
                requested_by=UserFactory(),
                decided_on=DAY if state == "accepted" else None,
            )
    for code, start, length, end, adjusted, weekly, signed in draw["lives"]:
        contract = kept(
            ContractFactory,
            worker=worker,
            kind=code,
            started_on=start,
            planned_end_on=None if length is None else start + timedelta(days=length),
            ended_on=None if end is None else start + timedelta(days=end),
            sentence_adjustment=adjusted,
            weekly_hours=weekly,
            signed_on=start if signed else None,
        )
        if contract:
            drawn_work(contract, draw)
    contracts = list(worker.contracts.order_by("started_on", "id"))
    for start, length, host, told, of_contract in draw["immersions"]:
        worker.immersions.create(
            host_name=host,
            object="discover",
            started_on=DAY + timedelta(days=start),
            ended_on=DAY + timedelta(days=start + length),
            result="confirmed" if told else "",
            contract=contracts[0] if contracts and of_contract else None,
        )
    for code, (start, length) in draw["derogations"]:
        structure_wide = code in codes("derogation_kind", scope="structure")
        kept(
            Derogation.objects.create,
            organisation=worker.organisation,
            worker=None if structure_wide else worker,
            kind=code,
            decided_by="prefect",
            decided_on=start,
            started_on=start,
            ended_on=start + timedelta(days=length),
        )
    return worker


def drawn_work(contract, draw):
    """The amendments of a contract, as signed by the verb, its renewal of the one before, its clients and their months."""
    for after, days in draw["amendments"]:
        effect = contract.started_on + timedelta(days=after)
        try:
            with transaction.atomic():
                amend_contract(
                    by=UserFactory(),
                    contract=contract,
                    signed_on=effect,
                    effective_on=effect,
                    planned_end_on=contract.planned_end_on and contract.planned_end_on + timedelta(days=days),
                    weekly_hours=Decimal(18),
                    today=DAY,
                )
        except (ValidationError, IntegrityError):
            pass
    contract.refresh_from_db()
    former = contract.worker.contracts.filter(kind=contract.kind, started_on__lt=contract.started_on).first()
    if former and contract.kind == "TEMPORARY":
        kept(Contract.objects.filter(pk=contract.pk).update, renews=former)
    for back, client, count in draw["hours"]:
        month = (DAY.replace(day=1) - timedelta(days=30 * back)).replace(day=1)
        assignment, _new = contract.assignments.get_or_create(
            client_name=client or "?", defaults={"client_kind": client, "started_on": contract.started_on}
        )
        contract.worked_months.get_or_create(month=month, assignment=assignment, defaults={"paid_hours": count})


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(draw=st.fixed_dictionaries(DRAWN))
def test_the_set_based_night_equals_the_law_one_person_at_a_time(draw):
    """Whatever the contracts, amendments, derogations, suspensions, immersions and answers, the one statement says what
    the pure functions say, before and after somebody answers."""
    Flag.objects.all().delete()
    worker = drawn_person(draw)

    refresh(DAY)

    assert actual(worker.organisation) == expected(DAY, worker.organisation)
    to_answer = Flag.objects.open().filter(worker=worker, code__in=draw["answers"])
    answered = set(to_answer.values_list("code", "due_on"))
    for flag in to_answer:
        DecisionFactory(
            worker=worker, contract=flag.contract, rule=flag.code, due_on=flag.due_on, kind="keep", notified_on=DAY
        )
    refresh(DAY)
    assert actual(worker.organisation) == expected(DAY, worker.organisation)
    # What was answered is told no more; another day of the same rule may still be.
    assert answered.isdisjoint(Flag.objects.open().filter(worker=worker).values_list("code", "due_on"))
