"""The SQL says what the slow way says, on structures nobody thought of."""

import random
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.computation import compute
from indicators.periods import Period
from tests.indicators.invented import Inventor, K
from tests.reference.indicators import compare

PERIODS = [
    Period(date(2025, 4, 1), date(2025, 6, 30)),
    Period(date(2024, 10, 1), date(2024, 12, 31)),
    Period(date(2024, 7, 1), date(2025, 6, 30)),
    Period(date(2024, 1, 1), date(2024, 12, 31)),
]


@pytest.mark.django_db
@settings(
    max_examples=15,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 2**32), st.sampled_from(PERIODS))
def test_sql_and_the_slow_way_agree_on_invented_structures_and_values_lie_within_their_bounds(
    seed: int, period: Period
) -> None:
    with transaction.atomic():
        organisation = Inventor(random.Random(seed)).world()
        assert compare(organisation, [period], K) == []
        values = compute([organisation.pk], [period], K)
        bounded = [v for v in values if None not in (v.value, v.low, v.high)]
        assert [v.indicator for v in bounded if not v.low <= v.value <= v.high] == []
        transaction.set_rollback(True)
