"""Months of cover kept after a contract (L911-8 CSS)."""

from datetime import date

import pytest

from law import law_on
from law.portability import months_rounded_up, portability_months

LAW = law_on(date(2026, 6, 30))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2026, 1, 15), date(2026, 2, 14), 1),
        (date(2026, 1, 15), date(2026, 2, 15), 2),
        (date(2026, 1, 1), date(2026, 1, 1), 1),
        (date(2026, 1, 1), date(2026, 6, 30), 6),
        (date(2026, 1, 1), date(2026, 7, 1), 7),
        (date(2024, 2, 29), date(2025, 2, 27), 12),
        (date(2024, 2, 29), date(2025, 2, 28), 13),
        (date(2025, 1, 31), date(2025, 2, 27), 1),
        (date(2025, 8, 31), date(2025, 12, 30), 4),
        (date(2025, 12, 1), date(2026, 1, 31), 2),
    ],
)
def test_a_started_month_counts_as_one(start, end, months):
    assert months_rounded_up(start, end) == months


def test_a_span_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="précède"):
        months_rounded_up(date(2026, 2, 1), date(2026, 1, 31))


@pytest.mark.parametrize(
    ("spans", "months"),
    [
        ([(date(2026, 1, 1), date(2026, 4, 30))], 4),
        ([(date(2025, 1, 1), date(2026, 4, 30))], 12),  # sixteen months of work, twelve at most
        ([(date(2025, 12, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 4, 30))], 5),  # no day between
        ([(date(2025, 12, 1), date(2025, 12, 30)), (date(2026, 1, 1), date(2026, 4, 30))], 4),  # one day between
        ([(date(2026, 4, 30), date(2026, 4, 30))], 1),
        ([(date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 2, 1), date(2026, 4, 30))], 4),  # missions that overlap
    ],
)
def test_the_cover_lasts_as_long_as_the_last_contracts_without_a_day_between_at_most_twelve_months(spans, months):
    assert portability_months(spans, LAW) == months


def test_without_contract_there_is_nothing_to_keep():
    with pytest.raises(ValueError, match="Aucun contrat"):
        portability_months([], LAW)
