"""After an exit: calls that plan themselves, and an exit read twice."""

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from jobs import registry
from law import law_on
from law.exits import exit_class
from parcours import exits
from parcours.actions import record_exit
from parcours.models import ExitCall
from tests.factories import ExitCallFactory, ExitFactory, PathwayFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db
LAW = law_on(date(2025, 6, 1))


def test_an_exit_plans_its_calls_at_3_6_and_12_months():
    record_exit(
        by=UserFactory(), pathway=PathwayFactory(), exited_on=date(2024, 8, 31), outcome="cdi", said_by="worker"
    )
    planned = list(ExitCall.objects.values_list("months", "due_on", "answer"))
    assert planned == [(3, date(2024, 11, 30), ""), (6, date(2025, 2, 28), ""), (12, date(2025, 8, 31), "")]


def test_a_withdrawn_exit_plans_no_call():
    record_exit(by=UserFactory(), pathway=PathwayFactory(), exited_on=date(2024, 8, 31), outcome="withdrawn")
    assert ExitCall.objects.count() == 0


def test_planning_for_all_adds_only_what_is_missing():
    ExitCallFactory(exit=ExitFactory(), months=3)
    ExitFactory()
    assert (exits.plan_calls(), exits.plan_calls()) == (5, 0)


def test_the_night_plans_the_calls_of_exits_that_may_still_be_asked_and_twice_adds_none():
    """Exits written before calls were planned: one of last month, one so old that no call of it can be made."""
    recent = ExitFactory(exited_on=date(2025, 5, 31))
    ExitFactory(
        exited_on=date(2023, 5, 31), pathway=PathwayFactory(ended_on=date(2023, 5, 31), started_on=date(2023, 1, 2))
    )

    done = [registry.handler("parcours.plan_exit_calls")(day="2025-07-01") for _night in range(2)]

    assert done == [{"planned": 3}, {"planned": 0}]
    assert {call.exit for call in ExitCall.objects.all()} == {recent}
    assert "parcours.plan_exit_calls" in settings.NIGHT


def test_attempts_are_kept_and_the_call_stays_to_be_made():
    call, day = ExitCallFactory(), date(2025, 9, 2)
    exits.note_attempt(by=UserFactory(), call=call, tried_on=day, today=day)
    exits.note_attempt(by=UserFactory(), call=call, tried_on=day, today=day, channel="sms")
    assert (ExitCall.objects.get().answer, call.attempts.count()) == ("", 2)


def test_not_reached_is_an_answer_and_leaves_the_situation_unknown():
    call, day = ExitCallFactory(), date(2025, 9, 2)
    exits.answer_call(by=UserFactory(), call=call, answer="not_reached", answered_on=day, today=day)
    call.refresh_from_db()
    assert (call.answer, call.situation) == ("not_reached", "")
    with pytest.raises(ValidationError, match="reste inconnue"):
        exits.answer_call(
            by=UserFactory(), call=call, answer="not_reached", answered_on=day, situation="cdi", today=day
        )


def test_one_click_says_the_situation_and_that_the_person_said_it():
    call, day = ExitCallFactory(), date(2025, 9, 2)
    with pytest.raises(ValidationError, match="Dites la situation"):
        exits.answer_call(by=UserFactory(), call=call, answer="answered", answered_on=day, today=day)
    exits.answer_call(by=UserFactory(), call=call, answer="answered", answered_on=day, situation="cdi", today=day)
    assert (call.situation, call.said_by) == ("cdi", "worker")


def left(
    kind: str,
    outcome: str,
    months: str | None = None,
    start=date(2024, 1, 8),
    end=date(2024, 9, 7),
    hours: str | None = None,
):
    pathway = PathwayFactory(worker=WorkerFactory(organisation__kind=kind), started_on=start, ended_on=end)
    row = ExitFactory(pathway=pathway, exited_on=end, outcome=outcome, contract_months=months and Decimal(months))
    return exits.read_exit(row, kind, Decimal(hours) if hours else None, LAW)


def test_the_worked_example_of_exits_is_read_as_the_asp_reads_it():
    # EX-15 of the reference: four dynamic of six examined; bounds 4/6 and 5/6.
    readings = [
        left("ACI", "cdi"),
        left("ACI", "cdi", end=date(2024, 3, 7)),
        left("EI", "cdd_mission", "6"),
        left("EI", "cdd_mission", "4"),
        left("AI", "qualifying_training", hours="160"),
        left("AI", "cdi", hours="149.5"),
        left("AI", "unemployed", hours="400"),
        left("ACI", "withdrawn"),
        left("ETTI", "", hours="500"),
    ]
    rate = exits.dynamic_rate(readings)
    assert (rate.examined, rate.dynamic, rate.unknown) == (6, 4, 1)
    assert (rate.low, rate.high) == (Decimal(4) / 6, Decimal(5) / 6)
    assert [reading.group for reading in readings].count("durable") == 4  # two of them are not examined


def test_eighty_one_days_are_three_months_for_the_platform_and_not_for_the_rule():
    reading = left("ACI", "cdi", start=date(2024, 1, 1), end=date(2024, 3, 21))  # 81 days
    assert (reading.counted, reading.counted_by_platform) == (False, True)
    eighty = left("ACI", "cdi", start=date(2024, 1, 1), end=date(2024, 3, 20))
    assert (eighty.counted, eighty.counted_by_platform) == (False, False)


def test_unknown_hours_leave_the_examination_unknown_and_widen_the_bounds():
    readings = [left("AI", "cdi"), left("AI", "cdi", hours="200")]
    assert (readings[0].counted, readings[1].counted) == (None, True)
    rate = exits.dynamic_rate(readings)
    assert (rate.low, rate.high) == (Decimal("0.5"), Decimal(1))


def test_no_exit_gives_no_rate():
    assert (exits.dynamic_rate([]).low, exits.dynamic_rate([]).high) == (None, None)


@pytest.mark.parametrize(("inclusive", "group"), [(True, "durable"), (False, "transition")])
def test_six_months_exactly_follow_the_parameter(inclusive, group):
    class Dated:
        day = date(2025, 1, 1)

        def whole(self, key):
            return {"exit.durable_months": 6}[key]

        def __getitem__(self, key):
            return {"exit.durable_inclusive": inclusive}[key]

    assert exit_class("cdd_mission", Decimal(6), Dated()) == group
    assert exit_class("cdd_mission", Decimal("6.01"), Dated()) == "durable"
