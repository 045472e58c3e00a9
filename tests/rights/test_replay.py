"""Three years lived day by day, or caught up in one night: the same steps."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.models import Contract, Suspension
from parcours.models import Pathway
from rights import night
from rights.actions import trigger_right
from rights.models import Circumstance, RightStep
from tests.factories import (
    ContractFactory,
    OrganisationFactory,
    PathwayFactory,
    UserFactory,
    WorkedMonthFactory,
    WorkerFactory,
)

pytestmark = pytest.mark.django_db

ENTRY = date(2022, 1, 10)
LAST = date(2024, 12, 31)
days = st.integers(0, 900).map(lambda n: ENTRY + timedelta(days=n))


def steps():
    """What the steps say, whatever their ids."""
    return sorted(
        (
            s.right,
            s.triggered_on,
            s.state,
            s.due_on,
            s.opened_on,
            s.expires_on,
            s.closed_on,
            s.trigger,
            s.held_before,
            s.renewed_from and s.renewed_from.expires_on,
        )
        for s in RightStep.objects.select_related("renewed_from")
    )


@st.composite
def lives(draw):
    """Facts with the day each becomes known, in a person's three years."""
    facts = []
    start = ENTRY + timedelta(days=draw(st.integers(0, 30)))
    for _n in range(draw(st.integers(0, 3))):
        length = draw(st.sampled_from([20, 60, 91, 92, 182, 400]))
        end = start + timedelta(days=length)
        broken = end - timedelta(days=10) if draw(st.booleans()) else None
        kind = draw(st.sampled_from(["FIXED_TERM_I", "FIXED_TERM_USAGE", "TEMPORARY"]))
        facts.append((start, "contract", {"kind": kind, "started_on": start, "planned_end_on": end}))
        if broken:
            facts.append((broken, "broken", {"started_on": start, "ended_on": broken}))
        if draw(st.booleans()):
            facts.append((start + timedelta(days=40), "paid", {"started_on": start}))
        start = (broken or end) + timedelta(days=draw(st.sampled_from([1, 2, 31, 32, 60])))
    for kind in draw(
        st.lists(st.sampled_from(["child", "lease", "c2s", "residence_permit", "debts", "lone_parent"]), max_size=4)
    ):
        since = draw(days)
        until = draw(st.none() | st.integers(1, 500).map(lambda n, since=since: since + timedelta(days=n)))
        facts.append((since, "circumstance", {"kind": kind, "since": since, "until": until, "label": str(len(facts))}))
    if draw(st.booleans()):
        facts.append((draw(days), "rsa", {}))
    if draw(st.booleans()):
        opened = draw(days)
        facts.append((opened, "by hand", {"opened_on": opened, "expires_on": opened + timedelta(days=200)}))
    if draw(st.integers(0, 3)) == 0:
        facts.append((LAST - timedelta(days=draw(st.integers(1, 200))), "exit", {}))
    return sorted(facts, key=lambda fact: fact[0])


def happen(pathway, on, what, values):
    worker = pathway.worker
    if what == "contract":
        ContractFactory(worker=worker, **values)
    elif what == "broken":
        Contract.objects.filter(worker=worker, started_on=values["started_on"]).update(ended_on=values["ended_on"])
    elif what == "paid":
        contract = Contract.objects.get(worker=worker, started_on=values["started_on"])
        WorkedMonthFactory(contract=contract, month=contract.started_on.replace(day=1))
    elif what == "circumstance":
        Circumstance.objects.create(worker=worker, **values)
    elif what == "rsa":
        type(worker).objects.filter(pk=worker.pk).update(rsa=True)
    elif what == "by hand":
        RightStep.objects.create(
            pathway=pathway, right="D26", state="opened", triggered_on=on, updated_by=UserFactory(), **values
        )
    elif what == "exit":
        Pathway.objects.filter(pk=pathway.pk).update(ended_on=on)


def person():
    worker = WorkerFactory(organisation=OrganisationFactory(kind="ACI"), birth_date=date(1978, 5, 2))
    return PathwayFactory(worker=worker, started_on=ENTRY)


def lived(facts, nights):
    """The steps after the given nights, each fact being learnt on its day; everything is undone."""
    with transaction.atomic():
        pathway, left = person(), list(facts)
        for day in nights:
            while left and left[0][0] <= day:
                happen(pathway, *left.pop(0))
            night.refresh(day)
        found = steps()
        transaction.set_rollback(True)
    return found


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives(), st.data())
def test_any_nights_one_after_the_other_give_what_one_night_gives(facts, data):
    some = sorted(data.draw(st.lists(days, max_size=25)))
    assert lived(facts, [*some, LAST]) == lived(facts, [LAST])


def test_three_years_day_by_day_give_what_one_catch_up_night_gives():
    facts = [
        (ENTRY, "contract", {"kind": "FIXED_TERM_I", "started_on": ENTRY, "planned_end_on": date(2022, 7, 9)}),
        (date(2022, 3, 1), "paid", {"started_on": ENTRY}),
        (date(2022, 3, 5), "circumstance", {"kind": "residence_permit", "since": date(2021, 9, 1), "until": date(2022, 8, 31)}),
        (date(2022, 4, 2), "circumstance", {"kind": "child", "since": date(2022, 4, 2), "label": "cadet"}),
        (date(2022, 7, 10), "contract", {"kind": "FIXED_TERM_I", "started_on": date(2022, 7, 10), "planned_end_on": date(2023, 7, 9)}),
        (date(2022, 8, 20), "circumstance", {"kind": "residence_permit", "since": date(2022, 9, 1), "until": date(2024, 8, 31)}),
        (date(2023, 2, 1), "by hand", {"opened_on": date(2023, 2, 1), "expires_on": date(2024, 1, 31)}),
        (date(2023, 5, 2), "rsa", {}),
        (date(2024, 11, 30), "exit", {}),
    ]  # fmt: skip
    every_day = [ENTRY + timedelta(days=n) for n in range((LAST - ENTRY).days + 1)]

    day_by_day = lived(facts, every_day)

    assert day_by_day == lived(facts, [LAST])
    assert [(right, on, state) for right, on, state, *_rest in day_by_day if right in {"D14", "D26", "D08", "D31"}] == [
        ("D08", date(2022, 1, 10), "opened"),
        ("D14", date(2022, 1, 10), "renewed"),
        ("D14", date(2022, 9, 1), "lapsed"),
        ("D14", date(2024, 5, 3), "to_study"),
        ("D26", date(2023, 2, 1), "lapsed"),
        ("D26", date(2023, 11, 30), "to_study"),
        ("D31", date(2022, 4, 2), "to_study"),
    ]


def test_twice_in_a_night_changes_no_row():
    pathway = person()
    ContractFactory(worker=pathway.worker, started_on=ENTRY, planned_end_on=LAST)
    night.refresh(LAST)
    events = RightStep.pgh_event_model.objects.count()

    assert night.refresh(LAST) == dict.fromkeys(night.WHAT, 0)
    assert RightStep.pgh_event_model.objects.count() == events


def test_a_fact_taken_back_withdraws_the_step_nobody_touched_and_keeps_the_one_that_moved():
    touched, untouched = person(), person()
    for pathway in (touched, untouched):
        Circumstance.objects.create(worker=pathway.worker, kind="debts", since=ENTRY)
    night.refresh(ENTRY)
    RightStep.objects.filter(pathway=touched, right="D16").update(state="requested", updated_by=UserFactory())
    Circumstance.objects.all().delete()

    night.refresh(ENTRY)

    assert list(RightStep.objects.filter(right="D16").values_list("pathway", "state")) == [(touched.pk, "requested")]


def test_a_step_opened_by_hand_is_not_opened_again_by_the_night():
    pathway = person()
    trigger_right(by=UserFactory(), pathway=pathway, right="D16", triggered_on=ENTRY)
    Circumstance.objects.create(worker=pathway.worker, kind="debts", since=ENTRY)

    night.refresh(ENTRY)

    assert RightStep.objects.filter(right="D16").count() == 1


def test_a_care_contract_of_one_child_does_not_renew_that_of_another():
    pathway = person()
    for birth in (ENTRY, ENTRY + timedelta(days=1)):
        Circumstance.objects.create(worker=pathway.worker, kind="child", since=birth)
    night.refresh(ENTRY + timedelta(days=1))
    elder, younger = RightStep.objects.filter(right="D31").order_by("triggered_on")
    by = UserFactory()
    RightStep.objects.filter(pk=elder.pk).update(
        state="opened", opened_on=date(2022, 3, 1), expires_on=date(2022, 8, 31), updated_by=by
    )
    RightStep.objects.filter(pk=younger.pk).update(
        state="opened", opened_on=date(2022, 5, 1), expires_on=date(2022, 10, 31), updated_by=by
    )

    night.refresh(date(2022, 9, 1))

    assert list(RightStep.objects.filter(right="D31", state="lapsed").values_list("pk", "closed_on")) == [
        (elder.pk, date(2022, 9, 1))
    ]


def test_leaving_before_the_last_day_is_no_lapse():
    pathway = person()
    Circumstance.objects.create(worker=pathway.worker, kind="c2s", since=ENTRY, until=date(2022, 12, 31))
    Pathway.objects.filter(pk=pathway.pk).update(ended_on=date(2022, 12, 31))

    night.refresh(LAST)

    assert RightStep.objects.get(right="D02", renewed_from=None).state == "opened"


def test_a_visit_follows_sixty_days_of_illness_and_one_suspension_opens_one_step():
    pathway = person()
    contract = ContractFactory(worker=pathway.worker, started_on=ENTRY, planned_end_on=LAST)
    Suspension.objects.create(
        contract=contract, started_on=date(2023, 1, 1), ended_on=date(2023, 3, 1), reason="illness"
    )
    for day in (date(2023, 3, 2), date(2023, 3, 3), LAST):
        night.refresh(day)
    assert list(RightStep.objects.filter(right="D21").values_list("triggered_on", flat=True)) == [date(2023, 3, 2)]
