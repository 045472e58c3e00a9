"""Each right of the catalogue: what opens it, when to have acted, until when it lasts, when to renew it."""

from datetime import date

import pytest

from contracts.models import Suspension
from parcours.models import Pathway
from rights import night
from rights.actions import move_step
from rights.catalogue import CatalogueError, Span, _read, rights
from rights.models import Circumstance, RightStep
from tests.factories import ContractFactory, OrganisationFactory, PathwayFactory, UserFactory, WorkedMonthFactory

pytestmark = pytest.mark.django_db

D = date.fromisoformat


# The person enters an ACI on 8 January 2024, born on 12 April 1985. One fact is added to that; None adds none.
def told(kind, since="2024-03-04", until=None):
    def add(pathway: Pathway) -> None:
        Circumstance.objects.create(worker=pathway.worker, kind=kind, since=D(since), until=until and D(until))

    return add


def hired(start="2024-01-10", end="2024-09-09", **fields):
    def add(pathway: Pathway) -> None:
        ContractFactory(worker=pathway.worker, started_on=D(start), planned_end_on=end and D(end), **fields)

    return add


def both(*facts):
    def add(pathway: Pathway) -> None:
        for fact in facts:
            fact(pathway)

    return add


def known(**fields):
    def add(pathway: Pathway) -> None:
        type(pathway.worker).objects.filter(pk=pathway.worker_id).update(**fields)

    return add


def paid(month):
    def add(pathway: Pathway) -> None:
        WorkedMonthFactory(contract=ContractFactory(worker=pathway.worker), month=D(month))

    return add


def away(reason, start, end):
    def add(pathway: Pathway) -> None:
        contract = ContractFactory(worker=pathway.worker, started_on=D("2024-01-10"), planned_end_on=D("2024-12-31"))
        Suspension.objects.create(contract=contract, started_on=D(start), ended_on=D(end), reason=reason)

    return add


LONG = hired(end=None, kind="PERMANENT")
# right, the fact, triggered on, to do before; opened on, last day of the right, renewal from, renewal before
TABLE = [
    ("D01", told("no_social_number"), "2024-03-04", "2024-04-03", "2024-03-20", None, None, None),
    ("D02", None, "2024-01-08", "2024-02-07", "2024-03-01", "2025-02-28", "2024-10-28", "2024-12-28"),
    ("D03", told("income_rise"), "2024-03-04", "2024-04-03", "2024-03-20", None, None, None),
    ("D04", hired(), "2024-01-10", "2024-01-25", "2024-01-20", None, None, None),
    ("D05", hired(), "2024-01-10", "2024-01-25", "2024-01-20", None, None, None),
    ("D06", hired(end="2024-04-09"), "2024-01-10", "2024-02-09", "2024-01-20", None, None, None),
    ("D07", hired(), "2024-09-09", "2024-09-09", "2024-09-09", "2025-05-09", None, None),
    ("D08", told("household_change"), "2024-01-08", "2024-02-07", "2024-02-01", "2024-04-30", "2024-03-31", "2024-04-30"),
    ("D09", paid("2024-02-01"), "2024-02-29", "2024-03-30", "2024-03-01", "2024-05-31", "2024-05-01", "2024-05-31"),
    ("D10", told("lease"), "2024-03-04", "2024-04-03", "2024-03-20", None, None, None),
    ("D11", told("health_limits"), "2024-03-04", "2024-04-03", None, "2026-06-30", "2025-10-30", "2026-02-28"),
    ("D12", told("incapacity"), "2024-03-04", "2024-04-03", None, "2026-06-30", "2025-10-30", "2026-02-28"),
    ("D13", told("incapacity"), "2024-03-04", "2024-04-03", "2024-03-20", None, None, None),
    ("D14", told("residence_permit", until="2025-12-31"), "2024-03-04", None, "held", "2025-12-31", "2025-09-02", "2025-11-01"),
    ("D15", told("bank_refusal"), "2024-03-04", "2024-03-19", "2024-03-20", None, None, None),
    ("D16", told("debts"), "2024-03-04", "2024-04-03", "2024-03-20", None, None, None),
    ("D17", hired(), "2024-01-10", "2024-02-10", "2024-01-20", None, None, None),
    ("D18", told("training_project"), "2024-03-04", "2024-04-03", "2024-03-20", None, None, None),
    ("D19", LONG, "2026-01-10", "2026-04-10", "2026-02-01", None, None, None),
    ("D20", hired(), "2024-01-10", "2024-04-10", "2024-02-15", "2029-02-14", "2028-11-14", "2029-02-14"),
    ("D21", away("illness", "2024-03-01", "2024-04-29"), "2024-04-30", "2024-05-08", "2024-05-02", None, None, None),
    ("D22", both(hired(), known(birth_date=D("1979-12-24"))), "2024-01-10", "2025-01-10", "2024-05-02", None, None, None),
    ("D23", told("mobility_need"), "2024-03-04", "2024-04-03", "2024-03-20", None, None, None),
    ("D24", hired(), "2024-01-10", "2024-02-09", "2024-01-31", None, None, None),
    ("D25", told("far_job"), "2024-03-04", "2024-03-11", "2024-03-20", None, None, None),
    ("D26", told("housing_need"), "2024-03-04", "2024-05-03", "2024-04-01", "2025-03-31", "2025-01-31", "2025-03-31"),
    ("D27", told("unfit_housing"), "2024-03-04", "2024-04-03", "2024-03-20", None, None, None),
    ("D28", told("rent_debt"), "2024-03-04", "2024-03-19", "2024-03-20", None, None, None),
    ("D29", told("lease"), "2024-03-04", "2024-05-04", "2024-03-20", None, None, None),
    ("D30", told("work_move"), "2024-03-04", "2024-09-04", "2024-03-20", None, None, None),
    ("D31", told("child", "2023-05-20"), "2024-01-08", "2024-02-07", "2024-03-01", "2024-08-31", "2024-06-30", "2024-08-31"),
    ("D32", both(told("lone_parent", "2020-01-01"), hired()), "2024-01-10", "2024-03-10", "2024-02-01", "2025-01-31", None, None),
    ("D33", hired(kind="TEMPORARY"), "2024-01-10", "2024-02-09", "2024-01-31", None, None, None),
    ("D34", told("energy_bills"), "2024-03-04", "2024-04-03", "2024-05-01", "2025-04-30", "2025-02-28", "2025-04-30"),
    ("D35", hired(), "2024-01-10", "2025-01-10", "2024-12-02", "2028-12-01", "2028-09-01", "2028-12-01"),
    ("D36", told("legal_dispute"), "2024-03-04", "2024-03-19", "2024-03-20", None, None, None),
    ("D37", told("leisure"), "2024-03-04", "2024-05-03", "2024-03-20", None, None, None),
    ("D38", told("no_address"), "2024-03-04", "2024-03-19", "2024-04-01", "2025-03-31", "2025-01-31", "2025-03-31"),
    ("D39", hired(), "2025-01-01", "2025-07-01", "2025-02-01", None, None, None),
    ("E01", hired(), "2024-01-10", "2024-01-12", "2024-01-12", None, None, None),
    ("E02", hired(), "2024-01-10", "2024-04-10", "2024-04-05", None, None, None),
    ("E03", hired(), "2024-01-10", "2024-02-10", "2024-01-20", None, None, None),
    ("H01", hired(), "2024-04-10", "2024-05-10", "2024-04-20", None, None, None),
    ("H02", LONG, "2025-01-10", "2025-02-10", "2025-01-20", None, None, None),
    ("H03", known(birth_date=D("1960-02-29")), "2025-01-08", "2025-04-08", "2025-02-01", None, None, None),
    ("H04", hired(), "2024-09-09", "2024-09-16", "2024-09-12", None, None, None),
]  # fmt: skip


def test_the_table_below_holds_every_right():
    assert [row[0] for row in TABLE] == sorted(rights())


def test_the_catalogue_numbers_its_rights_without_a_hole():
    assert [code for code in sorted(rights()) if code[0] == "D"] == [f"D{n:02d}" for n in range(1, 40)]


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_a_fact_opens_the_step_and_its_end_opens_the_renewal(row):
    code, fact, triggered_on, due_on, opened_on, expires_on, renewal_on, renewal_due_on = row
    pathway = PathwayFactory()
    if fact:
        fact(pathway)

    night.refresh(D(triggered_on) - date.resolution)
    before = RightStep.objects.filter(right=code).count()
    night.refresh(D("2026-05-01"))
    step = RightStep.objects.filter(right=code, renewed_from=None).order_by("triggered_on")[0]

    assert before == 0
    assert (step.triggered_on, step.due_on) == (D(triggered_on), due_on and D(due_on))
    assert step.trigger != ""

    if opened_on != "held":
        asked = None if opened_on else D(expires_on)
        step = move_step(by=UserFactory(), step=step, state="opened", on=D(opened_on or "2024-07-01"), expires_on=asked)
    assert step.expires_on == (expires_on and D(expires_on))
    if renewal_on is None:
        night.refresh(D("2029-12-31"))
        assert RightStep.objects.filter(renewed_from=step).count() == 0
    else:
        night.refresh(D(renewal_on) - date.resolution)
        assert RightStep.objects.filter(renewed_from=step).count() == 0
        night.refresh(D(renewal_on))
        renewal = RightStep.objects.get(renewed_from=step)
        assert (renewal.right, renewal.triggered_on, renewal.due_on) == (code, D(renewal_on), D(renewal_due_on))


# What the same event does not open, one day, one hour or one year short of the rule.
@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("D06", hired(end="2024-04-10")),
        ("D07", both(hired(end="2024-09-09"), hired("2024-09-25", "2025-03-25"))),
        ("D08", known(birth_date=D("2003-01-01"))),
        ("D21", away("illness", "2024-03-01", "2024-04-28")),
        ("D21", away("accident", "2024-03-01", "2024-03-29")),
        ("D22", both(hired(), known(birth_date=D("1978-12-31")))),
        ("D31", told("child", "2021-01-08")),
        ("D32", told("lone_parent")),
        ("H01", hired(end="2024-04-09")),
        ("H03", known(birth_date=D("1985-04-12"))),
    ],
)
def test_short_of_the_rule_nothing_opens(code, fact):
    pathway = PathwayFactory(ended_on=D("2024-12-31"))
    fact(pathway)

    night.refresh(D("2024-12-31"))

    assert RightStep.objects.filter(right=code).count() == 0


def test_a_year_without_a_job_asks_for_no_career_statement():
    PathwayFactory()
    night.refresh(D("2025-12-31"))
    assert RightStep.objects.filter(right="D39").count() == 0


def test_fifteen_hours_a_week_open_the_health_payment_whatever_the_length():
    pathway = PathwayFactory()
    hired(weekly_hours=15)(pathway)
    night.refresh(D("2024-01-10"))
    assert RightStep.objects.filter(right="D06").count() == 1


def test_an_association_has_one_month_for_the_first_visit():
    pathway = PathwayFactory(worker__organisation=OrganisationFactory(kind="AI"))
    hired(kind="FIXED_TERM_USAGE")(pathway)
    night.refresh(D("2024-01-10"))
    assert RightStep.objects.get(right="D20").due_on == D("2024-02-10")


def test_a_disabled_worker_is_seen_again_after_three_years():
    pathway = PathwayFactory(worker__disabled_worker=True)
    hired()(pathway)
    night.refresh(D("2024-02-01"))
    step = move_step(by=UserFactory(), step=RightStep.objects.get(right="D20"), state="opened", on=D("2024-02-15"))
    assert step.expires_on == D("2027-02-14")


def test_what_the_person_has_already_is_filled_in():
    pathway = PathwayFactory(worker__rsa=True, worker__disabled_worker=True)
    told("c2s", "2023-06-01", "2024-05-31")(pathway)

    night.refresh(D("2024-01-08"))

    held = RightStep.objects.filter(pathway=pathway, held_before=True).order_by("right")
    assert [(s.right, s.state, s.opened_on, s.expires_on, s.due_on) for s in held] == [
        ("D02", "opened", D("2023-06-01"), D("2024-05-31"), None),
        ("D08", "opened", D("2024-01-08"), None, None),
        ("D11", "opened", D("2024-01-08"), None, None),
    ]
    assert RightStep.objects.filter(right="D02", held_before=False).count() == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"due": "un mois"}, "« un mois » n'est pas une durée"),
        ({"triggers": ["birthday"]}, "événements inconnus birthday"),
        ({"group": "other"}, "groupe inconnu « other »"),
        ({"status": "sure"}, "statut inconnu « sure »"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(wrong, said):
    entry = {
        "code": "X",
        "label": "x",
        "group": "work",
        "triggers": ["hire"],
        "due": "1 day",
        "proof": "p",
        "source": "s",
    }
    assert _read(dict(entry)).due == Span(days=1)
    with pytest.raises(CatalogueError, match=said):
        _read({**entry, **wrong})
