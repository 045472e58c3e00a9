"""Small worlds built row by row, and the value they should give."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from accounts.models import Organisation
from contracts.models import Contract
from indicators.computation import compute
from indicators.measures.shape import rounded
from indicators.models import Value
from indicators.periods import Period
from parcours.models import Worker
from tests.factories import ContractFactory, PathwayFactory, WorkedMonthFactory, WorkerFactory

PARIS = ZoneInfo("Europe/Paris")
FAR = datetime(2030, 1, 1, 3, tzinfo=PARIS)  # by then everything a test wrote is known
SECOND_QUARTER_2025 = Period(date(2025, 4, 1), date(2025, 6, 30))
JUNE_2025 = Period(date(2025, 6, 1), date(2025, 6, 30))
YEAR_2024 = Period(date(2024, 1, 1), date(2024, 12, 31))


def measured(organisation: Organisation, code: str, period: Period, known_at: datetime = FAR) -> Value:
    """The one value of an indicator, computed by SQL."""
    [value] = compute([organisation.pk], [period], known_at, [code])
    return value


def as_stored(part: int, whole: int) -> Decimal:
    return rounded(Fraction(part, whole))


def counts(value: Value) -> tuple[Decimal | None, Decimal, Decimal]:
    return value.k, value.known, value.eligible


def worker(organisation: Organisation, name: str) -> Worker:
    return WorkerFactory(organisation=organisation, last_name=name)


def contract(person: Worker, kind: str, start: date, end: date | None, **fields: object) -> Contract:
    return ContractFactory(worker=person, kind=kind, started_on=start, planned_end_on=end, **fields)


def paid(row: Contract, month: date, hours: str | int | None) -> None:
    WorkedMonthFactory(contract=row, month=month, paid_hours=hours, gross_pay=None)


def pathways(people: Sequence[Worker], start: date, end: date | None = None) -> None:
    for person in people:
        PathwayFactory(worker=person, started_on=start, ended_on=end)
