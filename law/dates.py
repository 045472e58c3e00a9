"""Counting as French law counts: from date to date, the last day being the day before.

Source: the oracles of the domain reference; article 641 of the code of civil procedure for month ends.
"""

import calendar
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month when it has no such day (31 August + 4 = 31 December)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def last_day(start: date, months: int) -> date:
    """Last day of a span of `months` that starts on `start`: the day before the same date.

    31/08/2024 and 4 months give 30/12/2024; 31/01/2025 and 24 months give 30/01/2027.
    """
    return add_months(start, months) - timedelta(days=1)


def lasts_at_least(start: date, end: date, months: int) -> bool:
    """Whether a span, both days included, lasts at least so many months from date to date."""
    return end + timedelta(days=1) >= add_months(start, months)


def working_days_after(day: date, count: int) -> date:
    """The `count`-th Monday-to-Saturday day after `day` (jours ouvrables); public holidays are not known here, so it never
    comes too late."""
    while count > 0:
        day += timedelta(days=1)
        if day.isoweekday() < 7:
            count -= 1
    return day
