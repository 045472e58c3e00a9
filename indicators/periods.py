"""Which spans of time a night measures: the last complete month's rolling year, and the last complete quarters."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from law.dates import add_months

QUARTERS = 8


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
    def label(self) -> str:
        """« T2 2025 » for a quarter, « 07/2024 – 06/2025 » otherwise."""
        if self.is_quarter:
            return f"T{(self.start.month + 2) // 3} {self.start.year}"
        return f"{self.start:%m/%Y} – {self.end:%m/%Y}"


def local_day(at: datetime) -> date:
    """The day it is in France at an instant. `at` must know its time zone: ValueError otherwise."""
    if at.tzinfo is None:
        raise ValueError("a knowledge date knows its time zone")
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def rolling_year(day: date) -> Period:
    """The twelve months that end with the last month complete on a day."""
    after = day.replace(day=1)
    return Period(add_months(after, -12), after - timedelta(days=1))


def quarters(day: date, count: int = QUARTERS) -> list[Period]:
    """The last quarters complete on a day, oldest first."""
    after = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    starts = [add_months(after, -3 * back) for back in range(count, 0, -1)]
    return [Period(start, add_months(start, 3) - timedelta(days=1)) for start in starts]


def periods_on(day: date) -> list[Period]:
    """All the periods a night measures: quarters, oldest first, then the rolling year."""
    return [*quarters(day), rolling_year(day)]
