"""Work for clients: mises à disposition of an AI, missions of an ETTI, the hours planned for them, the 480 hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.saving import saved
from contracts import life
from contracts.derogations import in_force
from contracts.models import Assignment, Contract, PlannedMonth, WorkedMonth
from law import law_on
from law.dates import add_months, last_day
from law.facts import MonthFacts
from law.nomenclature import codes
from law.private_hours import counted_hours
from parcours.models import Worker

# What the contract with the client must say (R5132-20 CT), field by field; names and dates are always there.
MENTIONS = ("tasks", "place", "ended_on", "client_pay", "protective_equipment")


@transaction.atomic
def assign(*, by: User, contract: Contract, monthly_hours: Decimal | None = None, **fields: object) -> Assignment:
    """Send a person to a client, with the hours planned for each month.

    Raises ValidationError when the contract does not run from the first to the last day, or when the planned hours go
    beyond the 480 hours an AI may do for private employers (L5132-9, R5132-18 CT).
    """
    assignment = Assignment(contract=contract, **fields)
    _within(assignment)
    months = _months(assignment)
    if monthly_hours is not None:
        _within_480_hours(assignment, monthly_hours * len(months))
    saved(assignment)
    if monthly_hours is not None:
        for month in months:
            saved(PlannedMonth(assignment=assignment, month=month, hours=monthly_hours))
    return assignment


@transaction.atomic
def change_assignment(*, by: User, assignment: Assignment, **fields: object) -> Assignment:
    """Announce, complete or move an assignment: only the named fields change."""
    for name, term in fields.items():
        setattr(assignment, name, term)
    _within(assignment)
    return saved(assignment)


def cancel_assignment(*, by: User, assignment: Assignment, cancelled_on: date) -> Assignment:
    """Call an assignment off; it is kept, and says when."""
    assignment.cancelled_on = cancelled_on
    return saved(assignment)


@transaction.atomic
def plan_month(*, by: User, assignment: Assignment, month: date, hours: Decimal) -> PlannedMonth:
    """Keep the hours planned for a month, or change them."""
    row = PlannedMonth.objects.filter(assignment=assignment, month=month).first()
    row = row or PlannedMonth(assignment=assignment, month=month)
    others = assignment.planned_months.exclude(month=month).values_list("hours", flat=True)
    _within_480_hours(assignment, sum(others, Decimal(0)) + hours)
    row.hours = hours
    return saved(row)


def missing_mentions(assignment: Assignment) -> list[str]:
    """The mentions of R5132-20 CT that the contract with the client still lacks, in French."""
    fields = {field.name: field for field in Assignment._meta.concrete_fields}
    return [str(fields[name].verbose_name) for name in MENTIONS if getattr(assignment, name) in (None, "")]


@dataclass(frozen=True)
class HoursCounter:
    """The 480 hours of a person in an AI, on a day. `lifted`: a derogation of the prefect is in force."""

    first: date
    last: date
    hours: Decimal
    cap: int
    lifted: bool

    @property
    def left(self) -> Decimal:
        return max(Decimal(0), self.cap - self.hours)

    @property
    def share(self) -> Decimal:
        return min(Decimal(1), self.hours / self.cap)


def hours_counter(worker: Worker, day: date) -> HoursCounter | None:
    """The counter of a person on a day; None outside an AI. Nothing counted yet: a window that would open that day."""
    if worker.organisation.kind != "AI":
        return None
    law = law_on(day)
    opened = counted_hours(_counted(worker), day, law)
    first, last, hours = opened or (day, last_day(day, law.whole("ai.private_hours_window_months")), Decimal(0))
    lifted = bool(in_force(worker, day, lifts="private_hours"))
    return HoursCounter(first, last, hours, law.whole("ai.private_hours_cap"), lifted)


def _counted(worker: Worker) -> Sequence[MonthFacts]:
    rows = WorkedMonth.objects.filter(
        contract__worker=worker, assignment__client_kind__in=codes("client_kind", counted=True)
    ).values_list("month", "assignment__client_kind", "paid_hours")
    return [MonthFacts(*row) for row in rows]


def _within(assignment: Assignment) -> None:
    contract, start = assignment.contract, assignment.started_on
    life.allow(life.state_on(contract, start), "assign", start)
    end, last = assignment.ended_on, contract.ended_on or contract.planned_end_on
    if end is not None and last is not None and end > last:
        raise ValidationError(
            {
                "ended_on": _("Le contrat de travail finit le %(day)s, avant la mise à disposition.")
                % {"day": f"{last:%d/%m/%Y}"}
            }
        )


def _within_480_hours(assignment: Assignment, planned: Decimal) -> None:
    if assignment.client_kind not in codes("client_kind", counted=True):
        return
    counter = hours_counter(assignment.contract.worker, assignment.started_on)
    if counter is None or counter.lifted or planned <= counter.left:
        return
    raise ValidationError(
        _(
            "%(hours)s h sont déjà faites chez des employeurs privés depuis le %(day)s et %(planned)s h sont prévues : "
            "le plafond est de %(cap)s h sur 24 mois (L5132-9, R5132-18 CT), sauf dérogation du préfet."
        )
        % {
            "hours": f"{counter.hours:g}",
            "day": f"{counter.first:%d/%m/%Y}",
            "planned": f"{planned:g}",
            "cap": counter.cap,
        }
    )


def _months(assignment: Assignment) -> list[date]:
    """First days of the months the assignment touches; its first month only when its end is unknown."""
    month, found = assignment.started_on.replace(day=1), []
    while month <= (assignment.ended_on or assignment.started_on):
        found.append(month)
        month = add_months(month, 1)
    return found
