"""A step moves by one table; what it moves from and to is said, and a right goes on or lapses by its dates."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from law.nomenclature import choices
from rights import night
from rights.actions import diagnose_rights, move_step, tell_circumstance, trigger_right
from rights.models import RightStep
from rights.transitions import TRANSITIONS
from tests.factories import ContractFactory, PathwayFactory, RightStepFactory, UserFactory

pytestmark = pytest.mark.django_db

ON = date(2024, 6, 3)
DATES = {"opened_on": date(2024, 2, 1), "requested_on": date(2024, 1, 20)}


def test_the_table_knows_every_state():
    assert set(TRANSITIONS) == {"", *(code for code, _label in choices("right_state"))}


ALL = ["", *(code for code, _label in choices("right_state"))]


@pytest.mark.parametrize("after", ALL[1:])
@pytest.mark.parametrize("before", ALL)
def test_only_the_moves_of_the_table_are_possible(before, after):
    step = RightStepFactory(state=before, **DATES)
    if after in TRANSITIONS[before]:
        assert move_step(by=UserFactory(), step=step, state=after, on=ON).state == after
    else:
        with pytest.raises(ValidationError, match="une démarche ne passe pas à"):
            move_step(by=UserFactory(), step=step, state=after, on=ON)
        assert RightStep.objects.get().state == before


def moved(step, *moves):
    for state, on in moves:
        step = move_step(by=UserFactory(), step=step, state=state, on=on)
    return step


def test_a_refusal_and_its_appeal_leave_their_dates():
    step = moved(
        RightStepFactory(),
        ("requested", date(2024, 2, 1)),
        ("refused", date(2024, 4, 1)),
        ("appealed", date(2024, 4, 20)),
        ("opened", date(2024, 7, 1)),
    )
    assert (step.requested_on, step.refused_on, step.appealed_on, step.opened_on, step.closed_on) == (
        date(2024, 2, 1), date(2024, 4, 1), date(2024, 4, 20), date(2024, 7, 1), None,
    )  # fmt: skip


def test_an_informed_refusal_is_dated_and_signed():
    step = move_step(by=UserFactory(), step=RightStepFactory(), state="declined", on=ON, waiver_signed=True)
    assert (step.closed_on, step.waiver_signed_on) == (ON, ON)


def test_a_right_renewed_in_time_goes_on_in_its_renewal():
    step = moved(RightStepFactory(right="D02"), ("opened", date(2024, 3, 1)))
    night.refresh(date(2024, 12, 1))
    renewal = moved(
        RightStep.objects.get(renewed_from=step), ("requested", date(2024, 12, 5)), ("opened", date(2025, 3, 1))
    )
    night.refresh(date(2025, 6, 1))

    step.refresh_from_db()
    assert (step.state, step.expires_on, step.closed_on) == ("renewed", date(2025, 2, 28), date(2025, 3, 1))
    assert (renewal.state, renewal.expires_on) == ("opened", date(2026, 2, 28))


def test_a_right_renewed_a_day_late_has_lapsed():
    step = moved(RightStepFactory(right="D02"), ("opened", date(2024, 3, 1)))
    night.refresh(date(2025, 3, 1))
    step.refresh_from_db()
    assert (step.state, step.closed_on) == ("lapsed", date(2025, 3, 1))

    moved(RightStep.objects.get(renewed_from=step), ("opened", date(2025, 3, 2)))
    night.refresh(date(2025, 3, 2))

    step.refresh_from_db()
    assert (step.state, step.closed_on) == ("lapsed", date(2025, 3, 1))


def test_the_health_cover_and_its_waiver_exclude_each_other():
    pathway = PathwayFactory()
    ContractFactory(worker=pathway.worker)
    night.refresh(ON)
    moved(RightStep.objects.get(right="D05"), ("opened", ON))
    other = RightStep.objects.get(right="D04")
    assert (other.state, other.closed_on) == ("not_concerned", ON)


def test_a_right_already_followed_is_not_opened_twice_by_hand():
    step = RightStepFactory(right="D16", state="requested")
    with pytest.raises(ValidationError, match="déjà suivie depuis le 08/01/2024"):
        trigger_right(by=UserFactory(), pathway=step.pathway, right="D16", triggered_on=ON)


def test_a_circumstance_opens_its_steps_at_once():
    pathway = PathwayFactory()
    tell_circumstance(by=UserFactory(), worker=pathway.worker, kind="bank_refusal", since=ON, today=ON)
    assert list(RightStep.objects.filter(right="D15").values_list("triggered_on", "due_on")) == [
        (ON, date(2024, 6, 18))
    ]


def test_rights_are_not_gone_through_before_the_person_came():
    pathway = PathwayFactory()
    with pytest.raises(ValidationError, match="Le parcours a commencé le 08/01/2024"):
        diagnose_rights(by=UserFactory(), pathway=pathway, on=date(2024, 1, 7))
    assert diagnose_rights(by=UserFactory(), pathway=pathway, on=ON).rights_diagnosed_on == ON
