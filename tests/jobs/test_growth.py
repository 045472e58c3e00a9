"""What a night reads grows with the people, not with their square. Rows are counted as PostgreSQL counts them, never timed."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from benchmarks.seed import TODAY, fill
from contracts import flags
from notifications import telling
from rights import night

pytestmark = pytest.mark.django_db
FEW, MANY = 250, 1_000


class Rows:
    """Counts what the statements that write or gather read, line by line of their plans; each still runs once."""

    def __init__(self):
        self.read = 0

    def __call__(self, execute, sql, params, many, context):
        if not many and sql.lstrip().startswith(("WITH", "INSERT", "UPDATE", "DELETE", "CREATE TEMP TABLE")):
            with transaction.atomic():
                execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params, many, context)
                [plan] = context["cursor"].fetchone()[0]
                transaction.set_rollback(True)
            self.read += rows_of(plan["Plan"])
        return execute(sql, params, many, context)


def rows_of(node):
    here = sum(node.get(name, 0) for name in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter"))
    return here * node["Actual Loops"] + sum(rows_of(part) for part in node.get("Plans", ()))


def first_and_second(refresh):
    refresh(TODAY)
    refresh(TODAY + timedelta(days=1))


def read_by(refresh, people):
    """Rows read by two nights at a network of so many people, which is then taken back."""
    rows = Rows()
    with transaction.atomic():
        fill(workers=people, structures=people // 25)
        with connection.execute_wrapper(rows):
            first_and_second(refresh)
        transaction.set_rollback(True)
    return rows.read


def tell(day):
    """Hours after the flags: PostgreSQL has counted them by then, but not the notices of this very night."""
    flags.refresh(day)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contracts_flag")
    telling.tell(day)
    telling.gather(day)


@pytest.mark.parametrize("refresh", [flags.refresh, night.refresh, tell], ids=["flags", "rights", "notices"])
def test_four_times_the_people_are_read_in_about_four_times_the_rows(refresh):
    few, many = read_by(refresh, FEW), read_by(refresh, MANY)

    assert few > 10 * FEW
    assert many < few * MANY / FEW * 2  # the square would be twice that
