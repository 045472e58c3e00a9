"""Verbs on people and pathways. Each is one transaction, keyword-only, and says who acts."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from accounts.models import Organisation, User
from audit.saving import saved
from parcours.exits import plan_calls
from parcours.models import Exit, PassIAE, Pathway, Worker


@transaction.atomic
def welcome_worker(*, by: User, organisation: Organisation, started_on: date, **fields: object) -> Pathway:
    """Create a person and open her pathway. Raises ValidationError."""
    worker = saved(Worker(organisation=organisation, **fields))
    return saved(Pathway(worker=worker, started_on=started_on))


def correct_worker(*, by: User, worker: Worker, **fields: object) -> Worker:
    """Say who a person is and how to reach her, as it should have been; what it was stays in the history. Raises
    ValidationError."""
    for name, said in fields.items():
        setattr(worker, name, said)
    return saved(worker)


def move_to_phase(*, by: User, pathway: Pathway, phase: str) -> Pathway:
    """Say where the pathway stands."""
    pathway.phase = phase
    return saved(pathway)


@transaction.atomic
def record_exit(
    *,
    by: User,
    pathway: Pathway,
    exited_on: date,
    outcome: str = "",
    contract_months: Decimal | None = None,
    education_level: str = "",
    said_by: str = "",
) -> Exit:
    """Close a pathway, say what came after, and plan the calls at 3, 6 and 12 months. Raises ValidationError.

    An empty outcome is unknown, not "no job"; `said_by` is who told it; `education_level` is the one reached (COM-05).
    """
    pathway.ended_on = exited_on
    pathway.phase = "sortie"
    saved(pathway)
    left = saved(
        Exit(
            pathway=pathway,
            exited_on=exited_on,
            outcome=outcome,
            contract_months=contract_months,
            education_level=education_level,
            said_by=said_by,
            recorded_by=by,
        )
    )
    plan_calls(left)
    return left


def record_pass(*, by: User, worker: Worker, number: str, started_on: date, ended_on: date) -> PassIAE:
    """Keep a PASS IAE. Raises ValidationError when another one is valid on the same days."""
    return saved(PassIAE(worker=worker, number=number.replace(" ", ""), started_on=started_on, ended_on=ended_on))
