"""Verbs on contracts. Each is one transaction, keyword-only, and says who acts."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import saved
from contracts.models import Amendment, Contract, Suspension, WorkedMonth
from parcours.models import Worker


def sign_contract(*, by: User, worker: Worker, **terms: object) -> Contract:
    """Keep a signed contract. Raises ValidationError when the law forbids it (overlap, hours, dates)."""
    return saved(Contract(worker=worker, **terms))


@transaction.atomic
def renew_contract(
    *, by: User, contract: Contract, planned_end_on: date, signed_on: date | None, started_on: date | None = None
) -> Contract:
    """Continue a contract by a new one, from the day after its planned end unless told otherwise.

    The new contract keeps kind, hours and pay. Raises ValidationError when the contract has no planned end.
    """
    if contract.planned_end_on is None:
        raise ValidationError(_("Un contrat sans terme ne se renouvelle pas."))
    start = started_on or date.fromordinal(contract.planned_end_on.toordinal() + 1)
    return saved(
        Contract(
            worker=contract.worker,
            kind=contract.kind,
            renews=contract,
            signed_on=signed_on,
            started_on=start,
            planned_end_on=planned_end_on,
            weekly_hours=contract.weekly_hours,
            hourly_gross=contract.hourly_gross,
            rome_code=contract.rome_code,
        )
    )


@transaction.atomic
def amend_contract(
    *,
    by: User,
    contract: Contract,
    signed_on: date,
    effective_on: date,
    planned_end_on: date | None = None,
    weekly_hours: Decimal | None = None,
    hourly_gross: Decimal | None = None,
    reason: str = "",
) -> Amendment:
    """Sign a change of terms; the contract then shows the terms in force, its history the former ones."""
    amendment = saved(
        Amendment(
            contract=contract,
            signed_on=signed_on,
            effective_on=effective_on,
            planned_end_on=planned_end_on,
            weekly_hours=weekly_hours,
            hourly_gross=hourly_gross,
            reason=reason,
        )
    )
    contract.planned_end_on = planned_end_on or contract.planned_end_on
    contract.weekly_hours = weekly_hours or contract.weekly_hours
    contract.hourly_gross = hourly_gross or contract.hourly_gross
    saved(contract)
    return amendment


def end_contract(*, by: User, contract: Contract, ended_on: date, reason: str) -> Contract:
    """Record the effective end of a contract and why."""
    contract.ended_on = ended_on
    contract.end_reason = reason
    return saved(contract)


def suspend_contract(
    *, by: User, contract: Contract, started_on: date, reason: str, ended_on: date | None = None
) -> Suspension:
    """Suspend a contract, without end when the return is not known yet."""
    return saved(Suspension(contract=contract, started_on=started_on, ended_on=ended_on, reason=reason))


def record_month(
    *, by: User, contract: Contract, month: date, paid_hours: Decimal | None, gross_pay: Decimal | None, closed: bool
) -> WorkedMonth:
    """Keep what was paid for a month, or correct it while the month is not closed."""
    row = WorkedMonth.objects.filter(contract=contract, assignment=None, month=month).first()
    if row is None:
        row = WorkedMonth(contract=contract, month=month)
    elif row.closed:
        raise ValidationError(_("Ce mois est clos : il se corrige par une régularisation."))
    row.paid_hours, row.gross_pay, row.closed = paid_hours, gross_pay, closed
    return saved(row)
