"""From the facts of people to a snapshot: what is kept of whom, blinded, and done by jobs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.roles import Role
from jobs.models import Job
from law.dates import add_months
from releases import actions, tasks
from releases.models import Audit, Release, SnapshotRow
from releases.snapshot import forget_people
from tests.factories import (
    ContractFactory,
    ExitFactory,
    FederationFactory,
    OrganisationFactory,
    PathwayFactory,
    WorkedMonthFactory,
    WorkerFactory,
    user_with,
)
from tests.releases.world import YEAR

pytestmark = pytest.mark.django_db


@pytest.fixture
def federation():
    return FederationFactory()


def prepared(federation):
    now = datetime.now(UTC)
    return actions.prepare(by=user_with(Role.ANALYST, federation), federation=federation, period=YEAR, known_at=now)


def life(structure, started_on=date(2025, 2, 3), **worker):
    person = WorkerFactory(organisation=structure, education_level="50", **worker)
    pathway = PathwayFactory(worker=person, started_on=started_on)
    contract = ContractFactory(worker=person, started_on=started_on, planned_end_on=date(2026, 2, 2))
    for month in range(started_on.month if started_on.year == 2025 else 1, 13):
        WorkedMonthFactory(
            contract=contract, month=date(2025, month, 1), paid_hours=Decimal(100), gross_pay=Decimal(1200)
        )
    return person, pathway


def test_a_snapshot_keeps_those_in_a_pathway_with_what_is_known_of_them(federation):
    structure = OrganisationFactory(federation=federation)
    life(structure, rsa=True, disabled_worker=None)
    gone = WorkerFactory(organisation=structure, sex="M", birth_date=None)
    ExitFactory(
        pathway=PathwayFactory(worker=gone, started_on=date(2024, 1, 8), ended_on=date(2025, 5, 31)), outcome="cdi"
    )
    PathwayFactory(worker=WorkerFactory(organisation=structure), started_on=date(2026, 1, 5))  # after the year
    life(OrganisationFactory())  # of no federation

    release = tasks.run(prepared(federation))

    rows = {row.sex: row for row in SnapshotRow.objects.filter(release=release)}
    assert (release.people, len(rows)) == (2, 2)
    here, left = rows["F"], rows["M"]
    assert (here.age, here.level, left.age, left.level) == ("26-49", "2", "?", "?")
    assert {name: here.values.get(name) for name in ("present", "entered", "rsa", "rqth", "exit", "SEC-01", "hours")} == {
        "present": "oui", "entered": "oui", "rsa": "oui", "rqth": None, "exit": None, "SEC-01": "oui", "hours": 1100.0,
    }  # fmt: skip
    assert {name: left.values.get(name) for name in ("present", "entered", "exit", "employer")} == {
        "present": "non", "entered": "non", "exit": "durable", "employer": "cdi",
    }  # fmt: skip
    assert here.values["length"] < 0 < left.values["length"]


def test_a_secure_contract_is_judged_at_the_last_month_it_is_known(federation):
    """Half a year of assignments, then a long contract: secure at last, whatever came before; and the other way round."""
    structure = OrganisationFactory(federation=federation)

    def worked(sex, *contracts):
        person = WorkerFactory(organisation=structure, sex=sex)
        PathwayFactory(worker=person, started_on=date(2025, 1, 6))
        for form, first, last in contracts:
            ends = add_months(date(2025, last, 1), 1) - timedelta(days=1)
            contract = ContractFactory(
                worker=person, kind=form, started_on=date(2025, first, 1), planned_end_on=ends
            )  # fmt: skip
            for month in range(first, last + 1):
                WorkedMonthFactory(contract=contract, month=date(2025, month, 1), paid_hours=Decimal(100))

    worked("F", ("FIXED_TERM_USAGE", 1, 6), ("FIXED_TERM_I", 7, 12))
    worked("M", ("FIXED_TERM_I", 1, 7), ("FIXED_TERM_USAGE", 8, 12))

    release = tasks.run(prepared(federation))

    rows = SnapshotRow.objects.filter(release=release).values_list("sex", "values__SEC-01")
    assert dict(rows) == {"F": "oui", "M": "non"}


def test_the_keys_of_people_say_nothing_and_stay_from_one_revision_to_the_next(federation):
    structure = OrganisationFactory(federation=federation)
    people = [life(structure)[0].pk for _n in range(2)]
    first = tasks.run(prepared(federation))
    keys = set(SnapshotRow.objects.filter(release=first).values_list("record", flat=True))
    Release.objects.filter(pk=first.pk).exclude(state="refused").update(state="abandoned")

    second = tasks.run(prepared(federation))

    assert second != first
    assert set(SnapshotRow.objects.filter(release=second).values_list("record", flat=True)) == keys
    assert keys.isdisjoint(people)


def test_too_few_people_are_released_as_nothing_at_all(federation):
    life(OrganisationFactory(federation=federation))

    release = tasks.run(prepared(federation))

    assert release.state == Release.State.REFUSED  # nothing could be shown
    report = {entry["check"]: entry for entry in Audit.objects.get(release=release).report}
    assert (report["display"]["held"], report["display"]["figures"]["bases shown"]) == (False, 0)


def test_a_chunk_that_was_killed_is_taken_up_again_and_the_snapshot_waits_for_it(federation):
    structures = [OrganisationFactory(federation=federation) for _n in range(27)]
    life(structures[0])
    life(structures[26])
    release = prepared(federation)
    tasks.begin(release=release.pk)
    _begin, first, last = Job.objects.filter(batch=release.batch).order_by("id")

    from jobs.actions import perform

    perform(first.pk)
    waiting = tasks.freeze(release=release.pk)
    perform(last.pk)
    perform(first.pk)  # told twice

    assert waiting == {"frozen": 0}
    assert SnapshotRow.objects.filter(release=release).count() == 2
    assert tasks.freeze(release=release.pk)["people"] == 2


def test_people_erased_leave_the_snapshots_once_these_are_drawn_from(federation):
    structure = OrganisationFactory(federation=federation)
    gone, kept = (life(structure)[0].pk for _n in range(2))
    release = prepared(federation)
    with pytest.raises(ValidationError, match="compte sa structure"):
        forget_people(structure.pk, [gone])
    release = tasks.run(release)
    keys = set(SnapshotRow.objects.filter(release=release).values_list("record", flat=True))

    assert (forget_people(structure.pk, [gone]), forget_people(structure.pk, [gone])) == (1, 0)

    left = set(SnapshotRow.objects.filter(release=release).values_list("record", flat=True))
    assert (len(left), left < keys) == (1, True)
    assert forget_people(structure.pk, [kept]) == 1
