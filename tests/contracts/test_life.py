"""The life of a contract: states, drafts, versions, chains, breaks, and what each state refuses."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from contracts import actions, derogations, flags, life
from contracts.life import PAGE, State
from contracts.models import Contract, ContractDraft, Derogation, Flag
from tests.factories import ContractFactory, OrganisationFactory, PathwayFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def said(call) -> str:
    with pytest.raises(ValidationError) as refusal:
        call()
    return " ".join(refusal.value.messages)


LIVES = {
    "not begun": ({"started_on": date(2026, 3, 3), "planned_end_on": date(2026, 9, 2)}, State.SIGNED),
    "first day": ({"started_on": date(2026, 3, 2), "planned_end_on": date(2026, 9, 1)}, State.RUNNING),
    "last planned day": ({"started_on": date(2025, 9, 3), "planned_end_on": date(2026, 3, 2)}, State.RUNNING),
    "term passed, end not typed": ({"started_on": date(2025, 9, 2), "planned_end_on": date(2026, 3, 1)}, State.ENDED),
    "ended at term": (
        {"started_on": date(2025, 9, 2), "planned_end_on": date(2026, 3, 1), "ended_on": date(2026, 3, 1), "end_reason": "term"},
        State.ENDED,
    ),
    "stopped before term": (
        {"started_on": date(2025, 9, 2), "planned_end_on": date(2026, 6, 1), "ended_on": date(2026, 3, 1), "end_reason": "resignation"},
        State.BROKEN,
    ),
    "will stop today": (
        {"started_on": date(2025, 9, 2), "planned_end_on": date(2026, 6, 1), "ended_on": date(2026, 3, 2), "end_reason": "resignation"},
        State.RUNNING,
    ),
    "replaced by a CDI": (
        {"started_on": date(2025, 9, 2), "planned_end_on": date(2026, 6, 1), "ended_on": date(2026, 2, 1), "end_reason": "renewed"},
        State.ENDED,
    ),
    "without term": ({"kind": "PERMANENT", "started_on": date(2020, 1, 1), "planned_end_on": None}, State.RUNNING),
    "without term, left": (
        {"kind": "PERMANENT", "started_on": date(2020, 1, 1), "planned_end_on": None, "ended_on": date(2026, 1, 31), "end_reason": "resignation"},
        State.BROKEN,
    ),
    "imported, signature unknown": ({"signed_on": None, "started_on": date(2026, 1, 1), "planned_end_on": date(2026, 6, 30)}, State.RUNNING),
}  # fmt: skip


@pytest.mark.parametrize("name", LIVES)
def test_the_state_follows_from_dates_the_same_in_python_and_in_sql(name):
    fields, expected = LIVES[name]
    contract = ContractFactory(**fields)

    found = [state for state in State if Contract.objects.filter(life.in_state(state, TODAY), pk=contract.pk).exists()]

    assert (life.state_on(contract, TODAY), found) == (expected, [expected])


def test_every_state_has_its_moves_and_every_refusal_its_words():
    refusable = {verb for moves in life.TRANSITIONS.values() for verb in moves} - {
        "start",
        "term",
        "break",
        "correct_end",
    }

    assert set(life.TRANSITIONS) == set(State)
    assert set(life.REFUSALS) == refusable


def test_the_diagram_of_the_documentation_is_the_table():
    assert PAGE.read_text(encoding="utf-8") == life.document()


def test_a_draft_counts_nowhere_until_it_is_signed_and_then_once():
    person = WorkerFactory()
    ContractFactory(worker=person, started_on=date(2026, 1, 1), planned_end_on=date(2026, 6, 30))
    terms = {
        "kind": "FIXED_TERM_I",
        "started_on": date(2026, 3, 1),
        "planned_end_on": date(2026, 8, 31),
        "weekly_hours": Decimal(26),
    }
    by = UserFactory()

    overlapping = actions.prepare_contract(by=by, worker=person, today=TODAY, **terms)
    another = actions.prepare_contract(
        by=by,
        worker=person,
        today=TODAY,
        **{**terms, "started_on": date(2026, 7, 1), "planned_end_on": date(2026, 12, 31)},
    )

    assert (Contract.objects.count(), ContractDraft.objects.count()) == (1, 2)
    assert "a déjà un contrat" in said(
        lambda: actions.sign_draft(by=by, draft=overlapping, signed_on=TODAY, today=TODAY)
    )
    signed = actions.sign_draft(by=by, draft=another, signed_on=TODAY, today=TODAY)
    another.refresh_from_db()
    assert (signed.signed_on, signed.weekly_hours, another.contract) == (TODAY, Decimal(26), signed)
    assert said(lambda: actions.sign_draft(by=by, draft=another, signed_on=TODAY, today=TODAY)) == (
        "Ce projet ne peut plus être signé : il est déjà à venir."
    )


def test_an_abandoned_draft_is_kept_and_cannot_be_signed():
    by = UserFactory()
    draft = actions.prepare_contract(by=by, worker=WorkerFactory(), today=TODAY, kind="FIXED_TERM_I", started_on=TODAY)

    actions.abandon_draft(by=by, draft=draft, today=TODAY, reason="A trouvé un CDI.")

    assert ContractDraft.objects.get().abandon_reason == "A trouvé un CDI."
    assert "projet abandonné" in said(lambda: actions.sign_draft(by=by, draft=draft, signed_on=TODAY, today=TODAY))
    assert Contract.objects.count() == 0


def amended(contract, effective_on, **terms):
    return actions.amend_contract(
        by=UserFactory(), contract=contract, signed_on=effective_on - timedelta(days=5), effective_on=effective_on,
        today=TODAY, **terms,
    )  # fmt: skip


def test_the_terms_of_any_day_can_be_told():
    contract = ContractFactory(
        started_on=date(2025, 9, 1), planned_end_on=date(2026, 2, 28), weekly_hours=20, hourly_gross=Decimal("11.88")
    )
    amended(contract, date(2025, 11, 1), weekly_hours=Decimal(26))
    amended(contract, date(2026, 1, 1), hourly_gross=Decimal("12.02"), planned_end_on=date(2026, 8, 31))
    amended(contract, date(2026, 4, 1), weekly_hours=Decimal(30))
    contract.refresh_from_db()
    rows = contract.amendments.all()

    def told(day):
        terms = life.terms_on(contract, rows, day)
        return terms.since, terms.weekly_hours, terms.hourly_gross, terms.planned_end_on

    first_end, new_end = date(2026, 2, 28), date(2026, 8, 31)
    assert told(date(2025, 10, 31)) == (date(2025, 9, 1), 20, Decimal("11.88"), first_end)
    assert told(date(2025, 11, 1)) == (date(2025, 11, 1), 26, Decimal("11.88"), first_end)
    assert told(date(2026, 3, 31)) == (date(2026, 1, 1), 26, Decimal("12.02"), new_end)
    assert told(date(2026, 4, 1)) == (date(2026, 4, 1), 30, Decimal("12.02"), new_end)


def test_amendments_follow_one_another_and_change_something():
    contract = ContractFactory(
        started_on=date(2025, 9, 1), planned_end_on=date(2026, 8, 31), hourly_gross=Decimal("12.5")
    )
    amended(contract, date(2026, 4, 1), weekly_hours=Decimal(30))

    assert "prend effet le 01/04/2026" in said(lambda: amended(contract, date(2026, 3, 1), weekly_hours=Decimal(28)))
    assert "ne change rien" in said(lambda: amended(contract, date(2026, 5, 1)))
    assert "un avenant ne le modifie plus" in said(
        lambda: amended(contract, date(2026, 9, 1), weekly_hours=Decimal(28))
    )


def test_a_chain_is_shown_whole_with_its_length_from_date_to_date():
    first = ContractFactory(
        started_on=date(2024, 8, 31), planned_end_on=date(2024, 12, 30), hourly_gross=Decimal("12.5")
    )
    by = UserFactory()
    second = actions.renew_contract(
        by=by, contract=first, planned_end_on=date(2025, 8, 30), signed_on=None, today=TODAY
    )
    third = actions.renew_contract(
        by=by, contract=second, planned_end_on=date(2026, 2, 14), signed_on=None, today=TODAY
    )

    chain = life.chain_of(second, list(Contract.objects.all()))

    assert chain.contracts == (first, second, third)
    assert (life.chain_of(first, [first]).length, chain.length) == ((4, 0), (17, 15))


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        (date(2026, 1, 1), date(2026, 2, 15), (1, 15)),
        (date(2025, 1, 31), date(2027, 1, 30), (24, 0)),
        (date(2024, 2, 29), date(2025, 2, 28), (12, 1)),
        (date(2026, 3, 2), date(2026, 3, 2), (0, 1)),
    ],
)
def test_lengths_are_counted_from_date_to_date(start, end, length):
    assert life.months_and_days(start, end) == length


def test_a_broken_contract_is_not_renewed_and_a_suspended_one_returns():
    by = UserFactory()
    contract = ContractFactory(
        started_on=date(2025, 9, 1), planned_end_on=date(2026, 8, 31), hourly_gross=Decimal("12.5")
    )
    suspension = actions.suspend_contract(
        by=by, contract=contract, started_on=date(2026, 1, 5), reason="illness", today=TODAY
    )
    actions.resume_contract(by=by, suspension=suspension, returned_on=date(2026, 2, 1), today=TODAY)
    actions.end_contract(by=by, contract=contract, ended_on=date(2026, 2, 20), reason="resignation", today=TODAY)

    renewal = {"by": by, "contract": contract, "planned_end_on": date(2026, 12, 31), "signed_on": None, "today": TODAY}
    assert suspension.ended_on == date(2026, 1, 31)
    assert "ne se renouvelle pas" in said(lambda: actions.renew_contract(**renewal))
    late = {"by": by, "contract": contract, "started_on": date(2026, 3, 1), "reason": "illness", "today": TODAY}
    assert "rompu le 01/03/2026" in said(lambda: actions.suspend_contract(**late))


def test_a_cdi_follows_without_a_day_between():
    contract = ContractFactory(
        started_on=date(2025, 9, 1), planned_end_on=date(2026, 8, 31), hourly_gross=Decimal("12.5"), weekly_hours=26
    )
    by = UserFactory()
    terms = {"by": by, "contract": contract, "started_on": date(2026, 4, 1), "signed_on": TODAY, "today": TODAY}

    assert "sans terme" in said(lambda: actions.convert_to_cdi(kind="FIXED_TERM_I", **terms))
    cdi = actions.convert_to_cdi(kind="PERMANENT", **terms)

    contract.refresh_from_db()
    assert (contract.ended_on, contract.end_reason, cdi.renews, cdi.weekly_hours) == (
        date(2026, 3, 31),
        "renewed",
        contract,
        26,
    )
    assert life.state_on(contract, date(2026, 4, 1)) == State.ENDED


def test_a_break_is_announced_before_the_last_day():
    contract = ContractFactory(
        started_on=date(2025, 9, 1), planned_end_on=date(2026, 8, 31), hourly_gross=Decimal("12.5")
    )
    end = {
        "by": UserFactory(),
        "contract": contract,
        "ended_on": date(2026, 3, 1),
        "reason": "resignation",
        "today": TODAY,
    }

    assert "au plus tard le dernier jour" in said(lambda: actions.end_contract(**end, notified_on=date(2026, 3, 2)))
    assert actions.end_contract(**end, notified_on=date(2026, 2, 20)).end_notified_on == date(2026, 2, 20)


def test_a_renewal_closes_the_alert_of_the_end_at_once():
    contract = ContractFactory(
        started_on=date(2025, 9, 1), planned_end_on=date(2026, 4, 1), hourly_gross=Decimal("12.5")
    )
    by = UserFactory()
    flags.refresh(TODAY, worker_id=contract.worker_id)
    before = set(Flag.objects.open().values_list("code", flat=True))
    actions.renew_contract(by=by, contract=contract, planned_end_on=date(2026, 10, 1), signed_on=TODAY, today=TODAY)

    assert "CONTRACT_END" in before
    assert "CONTRACT_END" not in set(Flag.objects.open().values_list("code", flat=True))


GRANTED = {"decided_by": "prefect", "decided_on": date(2026, 2, 1), "today": TODAY}


@pytest.mark.parametrize(
    ("kind", "structure", "end", "words"),
    [
        ("hours_individual", "ACI", date(2027, 2, 28), ""),
        ("hours_individual", "ACI", date(2027, 3, 1), "au plus 12 mois"),
        ("hours_individual", "EI", date(2026, 6, 1), "n'est pas ouverte à une structure EI (D5132-43-5"),
        ("hours_cumulation", "EI", date(2026, 9, 30), "6 mois"),
        ("difficulties", "EI", date(2026, 9, 30), "L5132-11-1, L5132-15-1 CT"),
        ("training", "EI", date(2027, 9, 30), ""),
    ],
)
def test_a_derogation_is_open_to_some_structures_and_bounded(kind, structure, end, words):
    person = WorkerFactory(organisation=OrganisationFactory(kind=structure))
    record = {"by": UserFactory(), "worker": person, "kind": kind, "started_on": date(2026, 3, 1), "ended_on": end}

    if words:
        assert words in said(lambda: derogations.record_derogation(**record, **GRANTED))
    else:
        assert derogations.record_derogation(**record, **GRANTED).organisation == person.organisation


def test_two_jobs_at_once_wait_for_the_fourth_month_of_the_pathway():
    person = PathwayFactory(worker__organisation__kind="EI", started_on=date(2025, 12, 1)).worker
    record = {"by": UserFactory(), "worker": person, "kind": "hours_cumulation", **GRANTED}

    assert "Possible à partir du 01/04/2026" in said(
        lambda: derogations.record_derogation(**record, started_on=date(2026, 3, 31), ended_on=date(2026, 5, 1))
    )
    assert derogations.record_derogation(**record, started_on=date(2026, 4, 1), ended_on=date(2026, 5, 1)).pk


def test_a_collective_derogation_names_nobody_and_covers_everyone():
    structure = OrganisationFactory(kind="ACI")
    person = WorkerFactory(organisation=structure)
    record = {
        "by": UserFactory(),
        "kind": "hours_collective",
        "started_on": date(2026, 3, 1),
        "ended_on": date(2026, 8, 31),
    }

    assert "n'en nomme aucune" in said(lambda: derogations.record_derogation(**record, worker=person, **GRANTED))
    row = derogations.record_derogation(**record, organisation=structure, **GRANTED)

    assert list(derogations.in_force(person, date(2026, 5, 1), lifts="weekly_hours")) == [row]
    assert list(derogations.in_force(WorkerFactory(), date(2026, 5, 1), lifts="weekly_hours")) == []
    assert Derogation.objects.count() == 1
