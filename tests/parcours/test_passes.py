"""The life of a PASS IAE: no day is lost, a hire ends a suspension, prolongations keep to their caps."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import actions
from parcours import passes
from parcours.models import PassProlongation, PassSuspension
from tests.factories import ContractFactory, OrganisationFactory, PassFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db
START = date(2024, 3, 1)
END = date(2026, 2, 28)  # 730 days


def a_pass(kind="ACI", **person):
    structure = OrganisationFactory(kind=kind)
    return PassFactory(worker=WorkerFactory(organisation=structure, **person), started_on=START, ended_on=END)


def said(call) -> str:
    with pytest.raises(ValidationError) as refusal:
        call()
    return " ".join(refusal.value.messages)


def suspended(pass_iae, start, end=None, today=None, reason="contract_ended"):
    return passes.suspend_pass(
        by=UserFactory(), pass_iae=pass_iae, started_on=start, ended_on=end, today=today or start, reason=reason
    )


def days_to_live(pass_iae) -> int:
    """The slow way: one day after another, those of the PASS that no suspension holds."""
    stopped = {one.started_on + timedelta(days=n) for one in pass_iae.suspensions.all() for n in range(one.days)}
    span = (pass_iae.ended_on - pass_iae.started_on).days + 1
    return sum(pass_iae.started_on + timedelta(days=n) not in stopped for n in range(span))


moves = st.lists(
    st.tuples(st.sampled_from(["suspend", "move", "cancel", "hire"]), st.integers(0, 900), st.integers(0, 400)),
    max_size=8,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves)
def test_no_sequence_of_suspensions_loses_or_gains_a_day(moves):
    with transaction.atomic():
        pass_iae = a_pass()
        for verb, offset, length in moves:
            day = START + timedelta(days=offset)
            row = pass_iae.suspensions.order_by("pk").last()
            try:
                if verb == "suspend":
                    suspended(pass_iae, day, day + timedelta(days=length))
                elif verb == "hire":
                    passes.resume_at_hire(worker=pass_iae.worker, started_on=day)
                elif row is not None and verb == "move":
                    passes.move_suspension_end(
                        by=UserFactory(), suspension=row, ended_on=row.started_on + timedelta(days=length)
                    )
                elif row is not None:
                    passes.cancel_suspension(by=UserFactory(), suspension=row)
            except ValidationError:
                pass
            pass_iae.refresh_from_db()
            rows = list(pass_iae.suspensions.all())
            assert days_to_live(pass_iae) == 730
            assert pass_iae.ended_on == END + timedelta(days=sum(one.days for one in rows))
            assert passes.remaining_days(pass_iae, rows, START) == 730
        transaction.set_rollback(True)


def test_a_suspension_without_end_lasts_36_months_and_a_hire_ends_it_on_its_eve():
    pass_iae = a_pass()
    row = suspended(pass_iae, date(2025, 3, 15))
    assert row.ended_on == date(2028, 3, 14)

    actions.sign_contract(
        by=UserFactory(), worker=pass_iae.worker, today=date(2025, 6, 2), kind="FIXED_TERM_I", signed_on=date(2025, 6, 2),
        started_on=date(2025, 6, 2), planned_end_on=date(2025, 12, 1), weekly_hours=26,
    )  # fmt: skip

    row.refresh_from_db()
    pass_iae.refresh_from_db()
    assert (row.ended_on, pass_iae.ended_on) == (date(2025, 6, 1), END + timedelta(days=79))
    assert passes.remaining_days(pass_iae, [row], date(2025, 6, 2)) == 730 - (date(2025, 3, 15) - START).days


def test_a_hire_outside_insertion_does_not_end_a_suspension():
    pass_iae = a_pass()
    row = suspended(pass_iae, date(2025, 3, 15))

    actions.sign_contract(
        by=UserFactory(), worker=pass_iae.worker, today=date(2025, 6, 2), kind="PERMANENT", signed_on=date(2025, 6, 2),
        started_on=date(2025, 6, 2), weekly_hours=35,
    )  # fmt: skip

    row.refresh_from_db()
    assert row.ended_on == date(2028, 3, 14)


@pytest.mark.parametrize(
    ("start", "end", "today", "reason", "words"),
    [
        (date(2025, 3, 15), None, date(2025, 3, 14), "contract_ended", "pas à l'avance"),
        (
            date(2025, 3, 15),
            None,
            date(2026, 3, 16),
            "contract_ended",
            "on ne remonte pas avant le 16/03/2025 (R5132-1-3 CT)",
        ),
        (date(2024, 2, 29), None, date(2024, 3, 10), "contract_ended", "il ne se suspend qu'entre son début et sa fin"),
        (date(2025, 3, 15), date(2028, 3, 15), date(2025, 3, 15), "contract_ended", "14/03/2028"),
        (date(2025, 3, 15), None, date(2025, 3, 15), "maternity", "n'est plus accepté"),
        (date(2025, 3, 15), date(2025, 3, 14), date(2025, 3, 15), "contract_ended", "elle ne contient aucun jour"),
    ],
)
def test_a_suspension_that_may_not_be_is_refused_and_moves_nothing(start, end, today, reason, words):
    pass_iae = a_pass()

    assert words in said(lambda: suspended(pass_iae, start, end, today, reason))
    pass_iae.refresh_from_db()
    assert (pass_iae.ended_on, PassSuspension.objects.count()) == (END, 0)


def test_a_suspension_never_starts_before_the_last_hire():
    pass_iae = a_pass()
    ContractFactory(worker=pass_iae.worker, started_on=date(2025, 2, 1), planned_end_on=date(2025, 7, 31))

    assert "01/02/2025" in said(lambda: suspended(pass_iae, date(2025, 1, 31), today=date(2025, 3, 1)))


def asked(pass_iae, reason, days, today=date(2026, 1, 15), report="Bilan."):
    return passes.request_prolongation(
        by=UserFactory(), pass_iae=pass_iae, reason=reason, days=days, today=today, report=report
    )


def test_the_end_of_a_training_is_granted_at_once_and_rqth_waits_for_a_prescriber():
    pass_iae = a_pass(disabled_worker=True)
    training = asked(pass_iae, "complete_training", 200, report="")
    request = asked(pass_iae, "rqth", 365, today=date(2026, 3, 1))
    pass_iae.refresh_from_db()
    assert (training.state, request.state, pass_iae.ended_on) == ("accepted", "requested", END + timedelta(days=200))
    assert "attend déjà une réponse" in said(lambda: asked(pass_iae, "rqth", 10, today=date(2026, 3, 1)))

    passes.accept_prolongation(
        by=UserFactory(), prolongation=request, decided_on=date(2026, 3, 20), prescriber="Cap emploi"
    )

    pass_iae.refresh_from_db()
    assert pass_iae.ended_on == END + timedelta(days=565)
    assert "a déjà sa réponse" in said(
        lambda: passes.accept_prolongation(by=UserFactory(), prolongation=request, decided_on=date(2026, 3, 21))
    )


def test_a_refusal_is_reasoned_and_moves_nothing():
    pass_iae = a_pass(birth_date=date(1970, 1, 1))
    request = asked(pass_iae, "senior", 300)
    answer = {"by": UserFactory(), "prolongation": request, "decided_on": date(2026, 2, 1)}

    assert "Un refus est motivé" in said(lambda: passes.refuse_prolongation(**answer, refusal_reason=""))
    passes.refuse_prolongation(**answer, refusal_reason="duration", refusal_note="Six mois suffisent.")

    pass_iae.refresh_from_db()
    assert (PassProlongation.objects.get().state, pass_iae.ended_on) == ("refused", END)


def test_after_200_days_of_training_895_remain_for_rqth_and_a_request_stays_within_365():
    pass_iae = a_pass(disabled_worker=True)
    asked(pass_iae, "complete_training", 200)
    pass_iae.refresh_from_db()
    for days, day in ((365, date(2026, 6, 1)), (365, date(2027, 6, 1))):
        assert "365" in said(lambda day=day: asked(pass_iae, "rqth", 366, today=day))
        request = asked(pass_iae, "rqth", days, today=day)
        passes.accept_prolongation(by=UserFactory(), prolongation=request, decided_on=day, prescriber="Cap emploi")
        pass_iae.refresh_from_db()

    assert "il en reste 165" in said(lambda: asked(pass_iae, "rqth", 166, today=date(2028, 6, 1)))
    assert asked(pass_iae, "rqth", 165, today=date(2028, 6, 1)).days == 165


@pytest.mark.parametrize(
    ("kind", "person", "reason", "today", "words"),
    [
        (
            "EI",
            {},
            "particular_difficulties",
            date(2026, 1, 15),
            "est réservé aux AI, ACI (R5132-1-8 2° c CT)",
        ),
        ("ACI", {}, "complete_training", date(2025, 2, 27), "du 28/02/2025 au 28/08/2026"),
        ("ACI", {}, "complete_training", date(2026, 8, 29), "du 28/02/2025 au 28/08/2026"),
        ("ACI", {"birth_date": date(1976, 3, 1)}, "senior", date(2026, 1, 15), "Ce motif demande : 50 ans ou plus"),
        ("ACI", {"disabled_worker": False}, "rqth", date(2026, 1, 15), "Ce motif demande : la RQTH"),
        ("ACI", {}, "senior_cdi", date(2026, 1, 15), "Ce motif demande : un CDI inclusion en cours"),
        ("ACI", {}, "health_context", date(2026, 1, 15), "n'est plus accepté pour prolonger"),
    ],
)
def test_a_prolongation_the_law_does_not_open_is_refused_with_its_article(kind, person, reason, today, words):
    pass_iae = a_pass(kind, **person)

    assert words in said(lambda: asked(pass_iae, reason, 100, today))
    assert PassProlongation.objects.count() == 0


def test_a_suspended_pass_is_not_prolonged():
    pass_iae = a_pass()
    suspended(pass_iae, date(2026, 1, 10))

    assert "est suspendu : il ne se prolonge pas" in said(lambda: asked(pass_iae, "complete_training", 30))
