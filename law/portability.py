"""Health and provident cover kept for free after a contract (L911-8 CSS)."""

from collections.abc import Sequence
from datetime import date

from law.dates import last_day
from law.parameters_at import Law


def months_rounded_up(start: date, end: date) -> int:
    """Months of a span, both days included, counted from date to date and rounded up: 15/01 to 14/02 is one month,
    15/01 to 15/02 two. Raises ValueError when the span ends before it starts."""
    if end < start:
        raise ValueError("La fin précède le début.")
    months = (end.year - start.year) * 12 + end.month - start.month
    while last_day(start, months) < end:
        months += 1
    return months


def portability_months(spans: Sequence[tuple[date, date]], law: Law) -> int:
    """How many months the cover is kept after the last of the given contracts (first day, last day), in order of time.

    The length counts the last contract and those before it that follow one another without a day between, in months
    rounded up, at most `health_cover.portability_max_months`. Raises ValueError without contract.
    """
    if not spans:
        raise ValueError("Aucun contrat.")
    start, end = spans[-1]
    for earlier_start, earlier_end in reversed(spans[:-1]):
        if (start - earlier_end).days > 1:
            break
        start = min(start, earlier_start)
    return min(months_rounded_up(start, end), law.whole("health_cover.portability_max_months"))
