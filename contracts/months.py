"""Worked months: typed in a grid, one by one or by the API; closed; then corrected by regularisations.

A grid is read in three queries and saved in a constant number, whatever its rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from audit.saving import saved
from contracts.models import Assignment, Contract, Regularisation, WorkedMonth
from law.dates import last_day

Key = tuple[int, int | None, date]  # contract, assignment or None, first day of the month


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


@dataclass(frozen=True)
class Line:
    """A line of the grid: a contract, and the client when the work is for one. `rows` by month, absent when not typed."""

    contract: Contract
    assignment: Assignment | None
    rows: dict[date, WorkedMonth]

    def key(self, month: date) -> Key:
        return self.contract.pk, self.assignment.pk if self.assignment else None, month

    def runs_in(self, month: date) -> bool:
        """Whether contract and assignment have a day in the month."""
        spans: list[Contract | Assignment] = [self.contract, *([self.assignment] if self.assignment else [])]
        return all(_touches(one, month, last_day(month, 1)) for one in spans)


def _touches(one: Contract | Assignment, first: date, last: date) -> bool:
    end = one.ended_on or (one.planned_end_on if isinstance(one, Contract) else None)
    return one.started_on <= last and (end is None or end >= first)


def grid(organisation: Organisation, months: Sequence[date]) -> list[Line]:
    """The lines of a structure for some consecutive months: its contracts that run in them. Three queries."""
    first, last = months[0], last_day(months[-1], 1)
    contracts = list(
        Contract.objects.filter(worker__organisation=organisation, started_on__lte=last)
        .annotate(last=Coalesce("ended_on", "planned_end_on"))
        .filter(Q(last__isnull=True) | Q(last__gte=first))
        .select_related("worker")
        .order_by("worker__name_key", "worker_id", "started_on", "id")
    )
    clients: dict[int, list[Assignment]] = {}
    for assignment in Assignment.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gte=first), contract__in=contracts, started_on__lte=last
    ):
        clients.setdefault(assignment.contract_id, []).append(assignment)
    rows: dict[tuple[int, int | None], dict[date, WorkedMonth]] = {}
    for row in WorkedMonth.objects.filter(contract__in=contracts, month__in=months):
        rows.setdefault((row.contract_id, row.assignment_id), {})[row.month] = row
    lines = []
    for contract in contracts:
        mine = clients.get(contract.pk, [])
        if not mine or (contract.pk, None) in rows:
            lines.append(Line(contract, None, rows.get((contract.pk, None), {})))
        lines += [Line(contract, one, rows.get((contract.pk, one.pk), {})) for one in mine]
    return lines


@dataclass(frozen=True)
class Cell:
    """What was typed for a month. `pay_typed` false: the grid shows no pay, which then stays as it is."""

    key: Key
    paid_hours: Decimal | None
    gross_pay: Decimal | None = None
    pay_typed: bool = True


@transaction.atomic
def record_cells(
    *, by: User, lines: Iterable[Line], cells: Iterable[Cell], seen_at: datetime | None = None
) -> dict[Key, list[str]]:
    """Save many cells at once: all of them, or none when one is refused. Returns what is wrong, by cell.

    A cell left as it was is not written. `seen_at`: when the grid was shown; what someone else changed since is refused
    rather than overwritten. Closed months are refused: they are corrected by a regularisation.
    """
    by_line = {(line.contract.pk, line.assignment.pk if line.assignment else None): line for line in lines}
    errors: dict[Key, list[str]] = {}
    new: list[WorkedMonth] = []
    changed: dict[int, WorkedMonth] = {}
    typed: dict[int, Key] = {}
    for cell in cells:
        line = by_line.get(cell.key[:2])
        if line is None or not line.runs_in(cell.key[2]):
            errors[cell.key] = [_("Le contrat ne court pas ce mois-là.")]
            continue
        row = line.rows.get(cell.key[2])
        before = (row.paid_hours, row.gross_pay) if row else (None, None)
        after = (cell.paid_hours, cell.gross_pay if cell.pay_typed else before[1])
        if after == before:
            continue
        if row is not None and row.closed:
            errors[cell.key] = [_("Ce mois est clos : il se corrige par une régularisation.")]
            continue
        if row is None:
            row = WorkedMonth(contract=line.contract, assignment=line.assignment, month=cell.key[2])
            new.append(row)
        else:
            changed[row.pk], typed[row.pk] = row, cell.key
        row.paid_hours, row.gross_pay = after
        try:
            row.clean_fields(exclude=["contract", "assignment"])
        except ValidationError as refusal:
            errors[cell.key] = refusal.messages
    if seen_at is not None and changed:
        events = WorkedMonth.pgh_event_model.objects  # type: ignore[attr-defined]
        for pk in events.filter(pgh_obj_id__in=changed, pgh_created_at__gt=seen_at).values_list(
            "pgh_obj_id", flat=True
        ):
            errors[typed[pk]] = [_("Quelqu'un a changé cette case entre-temps : vérifiez, puis enregistrez à nouveau.")]
    if not errors:
        WorkedMonth.objects.bulk_create(new)
        WorkedMonth.objects.bulk_update(changed.values(), ["paid_hours", "gross_pay"])
    return errors


@dataclass(frozen=True)
class Closing:
    """What closing a month did: rows closed, and the lines whose hours are not known yet."""

    closed: int
    missing: list[Line]


@transaction.atomic
def close_month(*, by: User, organisation: Organisation, month: date, today: date) -> Closing:
    """Close a month of a structure: its known hours become final. What is not typed stays open and is named.

    Raises ValidationError for a month that is not over.
    """
    if last_day(month, 1) >= today:
        raise ValidationError(
            _("Un mois se clôt une fois passé : celui-ci finit le %(day)s.") % {"day": f"{last_day(month, 1):%d/%m/%Y}"}
        )
    missing = [
        line
        for line in grid(organisation, [month])
        if line.runs_in(month) and (month not in line.rows or line.rows[month].paid_hours is None)
    ]
    closed = WorkedMonth.objects.filter(
        contract__worker__organisation=organisation, month=month, closed=False, paid_hours__isnull=False
    ).update(closed=True)
    return Closing(closed, missing)


@transaction.atomic
def regularise(
    *,
    by: User,
    worked_month: WorkedMonth,
    paid_hours: Decimal | None,
    gross_pay: Decimal | None,
    reason: str,
    today: date,
) -> Regularisation:
    """Correct a closed month. Raises ValidationError when it is open (it is simply typed again) or nothing changes."""
    row = WorkedMonth.objects.select_for_update(of=("self",)).get(pk=worked_month.pk)
    if not row.closed:
        raise ValidationError(_("Ce mois n'est pas clos : corrigez-le dans la grille."))
    if (row.paid_hours, row.gross_pay) == (paid_hours, gross_pay):
        raise ValidationError(_("Rien ne change : donnez les heures ou le brut corrigés."))
    regularisation = Regularisation(
        worked_month=row,
        hours_before=row.paid_hours,
        hours_after=paid_hours,
        pay_before=row.gross_pay,
        pay_after=gross_pay,
        reason=reason,
        recorded_on=today,
        recorded_by=by,
    )
    row.paid_hours, row.gross_pay = paid_hours, gross_pay
    saved(row)
    return saved(regularisation)
