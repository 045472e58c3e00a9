"""Verbs on people and pathways. Each is one transaction, keyword-only, and says who acts."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.saving import saved
from parcours.models import Exit, FollowUp, PassIAE, Pathway, Worker


@transaction.atomic
def welcome_worker(*, by: User, organisation: Organisation, started_on: date, **fields: object) -> Pathway:
    """Create a person and open her pathway. Raises ValidationError."""
    worker = saved(Worker(organisation=organisation, **fields))
    return saved(Pathway(worker=worker, started_on=started_on))


def record_follow_up(
    *,
    by: User,
    pathway: Pathway,
    kind: str,
    held_on: date,
    minutes: int,
    today: date,
    outcome: str = "present",
    themes: Sequence[str] = (),
    note: str = "",
    next_step: str = "",
    next_due_on: date | None = None,
    sent_once: UUID | None = None,
) -> FollowUp:
    """Log a follow-up. The same `sent_once` key twice gives the first row back: a form sent again doubles nothing.

    Raises ValidationError when the date is in the future or outside the pathway.
    """
    if sent_once is not None:
        already = FollowUp.objects.filter(sent_once=sent_once, author=by, pathway=pathway).first()
        if already:
            return already
    if held_on > today:
        raise ValidationError({"held_on": _("Cette date est dans l'avenir.")})
    if held_on < pathway.started_on:
        raise ValidationError(
            {"held_on": _("Le parcours a commencé le %(day)s.") % {"day": f"{pathway.started_on:%d/%m/%Y}"}}
        )
    return saved(
        FollowUp(
            pathway=pathway,
            author=by,
            kind=kind,
            outcome=outcome,
            held_on=held_on,
            minutes=minutes,
            themes=list(themes),
            note=note,
            next_step=next_step,
            next_due_on=next_due_on,
            sent_once=sent_once,
        )
    )


def move_to_phase(*, by: User, pathway: Pathway, phase: str) -> Pathway:
    """Say where the pathway stands."""
    pathway.phase = phase
    return saved(pathway)


@transaction.atomic
def record_exit(
    *, by: User, pathway: Pathway, exited_on: date, outcome: str = "", contract_months: Decimal | None = None
) -> Exit:
    """Close a pathway and say what came after; an empty outcome is unknown, not "no job". Raises ValidationError."""
    pathway.ended_on = exited_on
    pathway.phase = "sortie"
    saved(pathway)
    return saved(
        Exit(
            pathway=pathway,
            exited_on=exited_on,
            outcome=outcome,
            contract_months=contract_months,
            recorded_by=by,
        )
    )


def record_pass(*, by: User, worker: Worker, number: str, started_on: date, ended_on: date) -> PassIAE:
    """Keep a PASS IAE. Raises ValidationError when another one is valid on the same days."""
    return saved(PassIAE(worker=worker, number=number.replace(" ", ""), started_on=started_on, ended_on=ended_on))
