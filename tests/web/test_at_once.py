"""Several lists in one question: the same rows, in the same order, with the same values as asked one by one."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Value

from parcours.models import FollowUp, Worker
from tests.factories import ContractFactory, FollowUpFactory, WorkerFactory
from web.at_once import at_once

pytestmark = pytest.mark.django_db


def values(rows):
    return [{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} for row in rows]


def test_rows_are_those_one_would_have_read_one_list_at_a_time(django_assert_num_queries):
    worker = WorkerFactory(birth_date=date(1990, 2, 3), disabled_worker=None)
    for month in (3, 1, 2):
        ContractFactory(
            worker=worker,
            started_on=date(2025, month, 1),
            planned_end_on=date(2025, month, 28),
            hourly_gross=Decimal("12.0200"),
        )
    FollowUpFactory(pathway__worker=worker, themes=["logement", "mobilite"], note='« Été » "2" — 50 %\n→ ligne')
    asked = {
        "contracts": worker.contracts.order_by("started_on")[:2],
        "follow_ups": FollowUp.objects.filter(pathway__worker=worker),
        "workers": Worker.objects.filter(pk=worker.pk),
        "nobody": Worker.objects.none(),
    }

    with django_assert_num_queries(1):
        found = at_once(asked)

    assert {name: values(rows) for name, rows in found.items()} == {name: values(rows) for name, rows in asked.items()}
    assert [row.started_on.month for row in found["contracts"]] == [1, 2]
    assert found["contracts"][0].hourly_gross == Decimal("12.0200")


def test_what_is_annotated_is_read_with_its_rows():
    worker = WorkerFactory()
    rows = Worker.objects.annotate(seen=Value(True), since=Value(date(2025, 1, 6)))

    [found] = at_once({"workers": rows})["workers"]

    assert (found, found.seen, found.since) == (worker, True, date(2025, 1, 6))


def test_what_would_be_lost_is_refused():
    with pytest.raises(ValueError, match="à lire à part"):
        at_once({"workers": Worker.objects.select_related("organisation")})
