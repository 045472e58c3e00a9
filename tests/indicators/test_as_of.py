"""A figure is a function of its arguments: nothing learnt after K, no clock, no order, no second run changes it."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from audit.history import recorded_at
from indicators.catalogue import definitions
from indicators.computation import compute, save
from indicators.gathering import gather
from indicators.models import Value
from indicators.periods import Period, local_day, periods_on, quarters, rolling_year
from indicators.report import dashboard, mean_absolute_revision, revisions, sheet, values_as_of
from indicators.tasks import compute_night, compute_structures, then_gather
from jobs.actions import perform
from jobs.models import Job
from tests.factories import (
    AgreementFactory,
    CommuneFactory,
    ExitFactory,
    GroupFactory,
    OrganisationFactory,
    OrientationFactory,
    PartnerFactory,
    PathwayFactory,
)
from tests.indicators.invented import Inventor, K
from tests.indicators.worlds import PARIS, SECOND_QUARTER_2025, as_stored, contract, counts, measured, paid, worker

pytestmark = pytest.mark.django_db
DAY = date(2025, 7, 20)


def as_bytes(values: list[Value]) -> bytes:
    """Every column of every value but its id, as text."""
    names = [field.attname for field in Value._meta.concrete_fields if field.name != "id"]
    return json.dumps([[str(getattr(value, name)) for name in names] for value in values], sort_keys=True).encode()


def stored() -> list[tuple[Any, ...]]:
    names = [field.attname for field in Value._meta.concrete_fields if field.name != "id"]
    return list(Value.objects.order_by("scope", "indicator", "period_start", "period_end").values_list(*names))


def figures(structures: int) -> int:
    """Rows of a first night: quarterly indicators over eight quarters and a year, yearly ones and ACC-04 over three years,
    DRO-03 over two civil years; for each structure, and for each wider scope (here all structures are in one place, and the two
    or three kinds are counted by the test)."""
    own = [d for d in definitions().values() if d.span != "civil_year"]
    yearly = [d for d in own if d.rhythm == "yearly" or d.span == "year"]
    quarterly = [d for d in own if d not in yearly]
    return structures * (len(quarterly) * 9 + len(yearly) * 3 + 2)


def compute_all(known_at: datetime, organisations: list[int]) -> int:
    """A night at K in one go: these structures, then every wider scope. How many rows it wrote."""
    periods = periods_on(local_day(known_at))
    written = save(compute(organisations, periods, known_at, nightly=True))
    return written + sum(save(gather(known_at, periods, [code])) for code in definitions())


@pytest.fixture
def three_structures() -> list[int]:
    return [Inventor(random.Random(seed), grouped=False).world().pk for seed in (3, 5, 8)]


@pytest.fixture
def structures_of_groups() -> list[int]:
    """Structures some of which belong to a group, with the others of their groups."""
    for seed in (3, 5, 8, 13):
        Inventor(random.Random(seed)).world()
    assert Organisation.objects.filter(group__isnull=False).count() > 2
    return list(Organisation.objects.structures().order_by("pk").values_list("pk", flat=True))


def test_what_a_partner_turns_out_to_be_after_k_changes_nothing_before() -> None:
    organisation, partner = OrganisationFactory(kind="ACI"), PartnerFactory(kind="")
    with recorded_at(K - timedelta(days=30)):
        pathway = PathwayFactory(worker=worker(organisation, "W"), started_on=date(2025, 1, 1))
        AgreementFactory(organisation=organisation, partner=partner, signed_on=date(2025, 1, 10))
        OrientationFactory(pathway=pathway, partner=partner, sent_on=date(2025, 5, 5))
    then = as_bytes(compute([organisation.pk], [SECOND_QUARTER_2025], K, ["TER-01"]))
    with recorded_at(K + timedelta(days=10)):
        partner.kind = "firm"
        partner.save()
    assert as_bytes(compute([organisation.pk], [SECOND_QUARTER_2025], K, ["TER-01"])) == then
    known = [
        counts(measured(organisation, "TER-01", SECOND_QUARTER_2025, K + timedelta(days=days))) for days in (0, 10)
    ]
    assert known == [(None, 0, 1), (1, 1, 1)]


def test_what_a_structure_becomes_after_k_changes_nothing_before() -> None:
    """Its kind, its place, its group: SOR-01 counts hours in an AI, months elsewhere; wider scopes are told by them."""
    group, commune = GroupFactory(), CommuneFactory()
    with recorded_at(K - timedelta(days=30)):
        organisation = OrganisationFactory(kind="ACI")
        pathway = PathwayFactory(
            worker=worker(organisation, "W"), started_on=date(2025, 1, 1), ended_on=date(2025, 6, 20)
        )
        ExitFactory(pathway=pathway, exited_on=date(2025, 6, 20), outcome="cdi")

    def known() -> bytes:
        own = compute([organisation.pk], [SECOND_QUARTER_2025], K, ["SOR-01"])
        save(own)
        return as_bytes([*own, *gather(K, [SECOND_QUARTER_2025], ["SOR-01"])])

    then = known()
    with recorded_at(K + timedelta(days=10)):
        organisation.kind, organisation.group, organisation.commune = "AI", group, commune
        organisation.closed_on = date(2024, 1, 1)
        organisation.save()
    assert known() == then
    assert counts(measured(organisation, "SOR-01", SECOND_QUARTER_2025, K)) == (1, 1, 1)
    assert counts(measured(organisation, "SOR-01", SECOND_QUARTER_2025, K + timedelta(days=10))) == (None, 0, 0)


def test_facts_recorded_after_k_change_nothing_and_appear_at_a_later_k() -> None:
    organisation = OrganisationFactory(kind="ACI")
    with recorded_at(K - timedelta(days=30)):
        row = contract(worker(organisation, "W"), "FIXED_TERM_I", date(2025, 5, 1), date(2025, 8, 31))
        paid(row, date(2025, 6, 1), 100)
    before = compute([organisation.pk], periods_on(DAY), K)
    sec_01 = {v.period_start: counts(v) for v in before if (v.indicator, v.period_end) == ("SEC-01", date(2025, 6, 30))}
    assert sec_01[SECOND_QUARTER_2025.start] == (0, 1, 1)
    assert sec_01[date(2024, 7, 1)] == (
        0,
        as_stored(1, 12).quantize(Decimal("0.0001")),
        as_stored(1, 12).quantize(Decimal("0.0001")),
    )

    with recorded_at(K + timedelta(seconds=1)):
        row.kind = "PERMANENT"
        row.save()
        late = worker(organisation, "late")
        paid(contract(late, "PERMANENT", date(2025, 1, 1), None), date(2025, 6, 1), 100)
    assert as_bytes(compute([organisation.pk], periods_on(DAY), K)) == as_bytes(before)
    assert counts(measured(organisation, "SEC-01", SECOND_QUARTER_2025, K + timedelta(seconds=1))) == (2, 2, 2)


def test_a_correction_recorded_later_appears_only_in_the_later_vintage() -> None:
    organisation = OrganisationFactory(kind="ACI")
    with recorded_at(K - timedelta(days=30)):
        row = contract(worker(organisation, "W"), "FIXED_TERM_I", date(2025, 5, 1), date(2025, 8, 31))
        paid(row, date(2025, 6, 1), 100)
    save(compute([organisation.pk], [SECOND_QUARTER_2025], K, ["SEC-01"]))
    with recorded_at(K + timedelta(hours=1)):
        row.kind = "PERMANENT"
        row.save()
    later = K + timedelta(days=1)
    save(compute([organisation.pk], [SECOND_QUARTER_2025], later, ["SEC-01"]))
    triangle = revisions(f"structure:{organisation.pk}", "SEC-01")
    assert [(v.known_at, v.value, v.change) for v in triangle[SECOND_QUARTER_2025]] == [(K, 0, None), (later, 1, 1)]
    assert mean_absolute_revision(triangle) == 1


def test_a_row_deleted_after_k_is_still_known_at_k() -> None:
    organisation = OrganisationFactory(kind="ACI")
    with recorded_at(K - timedelta(days=30)):
        row = contract(worker(organisation, "W"), "PERMANENT", date(2025, 5, 1), None)
        paid(row, date(2025, 6, 1), 100)
    with recorded_at(K + timedelta(days=1)):
        row.worked_months.all().delete()
        row.delete()
    assert counts(measured(organisation, "SEC-01", SECOND_QUARTER_2025, K)) == (1, 1, 1)
    assert counts(measured(organisation, "SEC-01", SECOND_QUARTER_2025, K + timedelta(days=2))) == (None, 0, 0)


def test_two_runs_two_orders_two_chunkings_and_a_moved_clock_give_the_same_bytes(
    structures_of_groups: list[int],
) -> None:
    periods = periods_on(DAY)
    once = as_bytes(compute(structures_of_groups, periods, K))
    again = as_bytes(compute(list(reversed(structures_of_groups)), periods, K))
    apart = as_bytes([v for pk in structures_of_groups for v in compute([pk], list(reversed(periods)), K)])
    with time_machine.travel(datetime(2041, 3, 1, tzinfo=PARIS)):
        elsewhere = as_bytes(compute(structures_of_groups, periods, K))
    assert once == again == apart == elsewhere


def test_a_second_night_at_the_same_k_writes_nothing(three_structures: list[int]) -> None:
    written = compute_all(K, three_structures)
    assert written == figures(3) + figures(
        Value.objects.exclude(scope__startswith="structure:").values("scope").distinct().count()
    )
    rows = stored()
    assert compute_all(K, list(reversed(three_structures))) == 0
    assert stored() == rows


def test_a_later_night_writes_only_what_changed_and_the_past_reads_as_it_was() -> None:
    organisation = OrganisationFactory(kind="ACI")
    with recorded_at(K - timedelta(days=30)):
        row = contract(worker(organisation, "W"), "FIXED_TERM_I", date(2025, 5, 1), date(2025, 8, 31))
        paid(row, date(2025, 6, 1), 100)
    compute_all(K, [organisation.pk])
    with recorded_at(K + timedelta(hours=1)):
        row.kind = "PERMANENT"
        row.save()
    later = K + timedelta(days=1)
    compute_all(later, [organisation.pk])

    new = Value.objects.filter(known_at=later)
    assert {v.period_end for v in new} == {date(2025, 6, 30)}
    assert {"SEC-01", "SEC-02"} <= {v.indicator for v in new}
    assert {"REM-02", "QUA-01", "CON-01", "ACC-01"} & {v.indicator for v in new} == set()
    assert {v.scope for v in new if v.indicator == "SEC-01"} == {
        f"structure:{organisation.pk}",
        "departement:35",
        "kind:ACI",
        "region:53",
        "region:53/kind:ACI",
        "whole",
    }
    at_k = {(v.indicator, v.period_start): v.k for v in values_as_of(organisation, K)}
    now = {(v.indicator, v.period_start): v.k for v in values_as_of(organisation, later)}
    assert (at_k["SEC-01", date(2025, 4, 1)], now["SEC-01", date(2025, 4, 1)]) == (0, 1)


def test_a_value_becomes_semi_final_then_final_as_new_rows() -> None:
    organisation = OrganisationFactory()
    quarter = [Period(date(2025, 1, 1), date(2025, 3, 31))]
    states = []
    for days in (0, 119, 120, 399, 400, 500):
        at = datetime(2025, 3, 31, 12, tzinfo=PARIS) + timedelta(days=days)
        states.append((days, save(compute([organisation.pk], quarter, at, ["SEC-01"]))))
    assert states == [(0, 1), (119, 0), (120, 1), (399, 0), (400, 1), (500, 0)]
    assert list(Value.objects.order_by("known_at").values_list("status", flat=True)) == [
        "provisional",
        "semi_final",
        "final",
    ]


@pytest.mark.parametrize("sql", ["UPDATE indicators_value SET k = 1", "DELETE FROM indicators_value"])
def test_the_database_refuses_to_change_a_value(sql: str) -> None:
    compute_all(K, [OrganisationFactory().pk])
    refusal = pytest.raises(ProgrammingError, match="Cannot update or delete rows from indicators_value")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_night_asks_one_job_a_chunk_and_doing_them_twice_in_any_order_changes_nothing(
    three_structures: list[int],
) -> None:
    known_at = K.isoformat()
    assert compute_night(day="2025-07-20", known_at=known_at) == {"jobs": 1}
    assert compute_night(day="2025-07-20", known_at=known_at) == {"jobs": 1}
    [job] = Job.objects.all()
    assert (job.name, job.arguments) == (
        "indicators.compute_structures",
        {
            "organisations": three_structures,
            "day": "2025-07-20",
            "known_at": known_at,
            "batch": "indicators.compute:2025-07-20",
        },
    )
    assert perform(job.pk) is True
    rows = stored()
    assert len(rows) == figures(3)
    assert perform(job.pk) is False
    assert compute_structures(list(reversed(three_structures)), "2025-07-20", known_at) == {
        "structures": 3,
        "values": figures(3),
        "written": 0,
    }
    assert stored() == rows


def test_wider_scopes_are_asked_for_once_by_the_last_chunk_to_finish(three_structures: list[int]) -> None:
    known_at = K.isoformat()
    compute_night(day="2025-07-20", known_at=known_at)
    batch = "indicators.compute:2025-07-20"
    assert then_gather(day="2025-07-20", known_at=known_at, batch=batch) == {"jobs": 0}
    for job in Job.objects.filter(name="indicators.compute_structures"):
        perform(job.pk)
    then = Job.objects.get(name="indicators.then_gather")
    assert perform(then.pk) is True
    assert Job.objects.filter(name="indicators.gather").count() == len(definitions())
    assert (
        then_gather(day="2025-07-20", known_at=known_at, batch=batch)["jobs"] == Job.objects.filter(batch=batch).count()
    )
    before = Value.objects.count()
    for job in Job.objects.filter(name="indicators.gather", arguments__code="SEC-01"):
        perform(job.pk)
    assert Value.objects.count() > before


def test_a_night_measures_eight_quarters_and_the_year_that_ends_with_the_last_complete_month() -> None:
    assert rolling_year(date(2025, 7, 1)) == Period(date(2024, 7, 1), date(2025, 6, 30))
    assert rolling_year(date(2025, 7, 31)) == Period(date(2024, 7, 1), date(2025, 6, 30))
    assert rolling_year(date(2025, 6, 30)) == Period(date(2024, 6, 1), date(2025, 5, 31))
    found = quarters(date(2025, 6, 30))
    assert (len(found), found[0], found[-1]) == (
        8,
        Period(date(2023, 4, 1), date(2023, 6, 30)),
        Period(date(2025, 1, 1), date(2025, 3, 31)),
    )
    assert [found[-1].label, rolling_year(date(2025, 7, 1)).label] == ["T1 2025", "07/2024 – 06/2025"]


def test_a_dashboard_costs_one_query_whatever_it_holds(three_structures: list[int]) -> None:
    compute_all(K, three_structures)
    compute_all(K + timedelta(days=120), three_structures)
    organisation = Value.objects.filter(scope__startswith="structure:").first().organisation
    with CaptureQueriesContext(
        connection,
    ) as queries:
        sheets = dashboard(organisation, K + timedelta(days=300))
    assert len(queries) == 1
    assert [s.definition.code for s in sheets] == list(definitions())
    assert {len(s.quarters) for s in sheets if s.definition.rhythm == "quarterly" and s.definition.span == "any"} == {8}
    assert sheets[0].current.period == Period(date(2025, 7, 1), date(2025, 9, 30))
    assert sheets[0].same_quarter_last_year.period == Period(date(2024, 7, 1), date(2024, 9, 30))
    with CaptureQueriesContext(connection) as queries:
        alone = sheet(organisation, "SEC-01", K + timedelta(days=300))
    assert len(queries) == 1
    assert [(q.period, q.value.pk) for q in alone.quarters] == [(q.period, q.value.pk) for q in sheets[0].quarters]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_what_one_would() -> None:
    organisation_ids = [Inventor(random.Random(seed), grouped=False).world().pk for seed in (3, 5)]

    def night(ids: list[int]) -> int:
        try:
            return compute_all(K, ids)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(night, [organisation_ids, organisation_ids[::-1]]))
    wide = Value.objects.exclude(scope__startswith="structure:").values("scope").distinct().count()
    assert sum(written) == figures(2) + figures(wide)
    rows = stored()
    assert compute_all(K, organisation_ids) == 0
    assert stored() == rows
