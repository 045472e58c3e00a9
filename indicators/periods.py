"""Which spans of time a night measures: the last complete month's rolling year, quarters, and civil years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from law.dates import add_months

QUARTERS = 8
YEARS = 2


@dataclass(frozen=True, order=True)
class Period:
    """Both days included; it ends with a month. `end` is the cut T: what is true after it does not count."""

    start: date
    end: date

    @property
    def month(self) -> date:
        """First day of the period's last month, the reference month of stocks."""
        return self.end.replace(day=1)

    @property
    def is_quarter(self) -> bool:
        return self.start.month % 3 == 1 and add_months(self.start, 3) == self.end + timedelta(days=1)

    @property
    def is_civil_year(self) -> bool:
        return self.start == date(self.end.year, 1, 1) and self.end == date(self.end.year, 12, 31)

    @property
    def is_year(self) -> bool:
        """Whether it lasts twelve months, civil year or not: stocks are then means of twelve months (rule A)."""
        return add_months(self.start, 12) == self.end + timedelta(days=1)

    @property
    def label(self) -> str:
        """« T2 2025 » for a quarter, « 2025 » for a civil year, « 07/2024 – 06/2025 » otherwise."""
        if self.is_quarter:
            return f"T{(self.start.month + 2) // 3} {self.start.year}"
        return str(self.start.year) if self.is_civil_year else f"{self.start:%m/%Y} – {self.end:%m/%Y}"


def local_day(at: datetime) -> date:
    """The day it is in France at an instant. `at` must know its time zone: ValueError otherwise."""
    if at.tzinfo is None:
        raise ValueError("a knowledge date knows its time zone")
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def end_of(day: date) -> datetime:
    """The last instant of a day in France: what is known « au » that day."""
    return datetime.combine(day, time.max, ZoneInfo(settings.TIME_ZONE))


def rolling_year(day: date) -> Period:
    """The twelve months that end with the last month complete on a day."""
    after = day.replace(day=1)
    return Period(add_months(after, -12), after - timedelta(days=1))


def quarters(day: date, count: int = QUARTERS) -> list[Period]:
    """The last quarters complete on a day, oldest first."""
    after = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    starts = [add_months(after, -3 * back) for back in range(count, 0, -1)]
    return [Period(start, add_months(start, 3) - timedelta(days=1)) for start in starts]


def civil_years(day: date, count: int = YEARS) -> list[Period]:
    """The last civil years complete on a day, oldest first."""
    return [Period(date(year, 1, 1), date(year, 12, 31)) for year in range(day.year - count, day.year)]


def periods_on(day: date) -> list[Period]:
    """All the periods a night measures, without double: quarters and civil years, oldest first, then the rolling year."""
    found = [*quarters(day), *civil_years(day), rolling_year(day)]
    return list(dict.fromkeys(found))


def measured(rhythm: str, span: str, periods: Sequence[Period], nightly: bool = False) -> list[Period]:
    """Among periods, those an indicator is measured over: DRO-03 has a sense over civil years only.

    A night measures a yearly indicator over years, as well as ACC-04, whose entries are judged ninety days after; and a
    quarterly one over quarters and the rolling year. Asked for another period by name, it answers.
    """
    found = [period for period in periods if span != "civil_year" or period.is_civil_year]
    if not nightly:
        return found
    rolling = max(periods, key=lambda p: (not p.is_quarter, p.end)) if periods else None
    if rhythm == "yearly" or span == "year":
        return [period for period in found if not period.is_quarter]
    return [period for period in found if period.is_quarter or period == rolling]
