"""A release from its preparation to its withdrawal: two people, one table of transitions, steps that may be asked twice."""

from contextlib import suppress

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction

from disclosure.audience import Audience
from releases import actions, reading, tasks
from releases.models import Issue, LedgerCell, Release, ReleasedCell, SnapshotRow
from tests.releases.world import NOW, YEAR, small_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return small_world()


def test_a_release_goes_from_its_preparation_to_its_readers(world):
    release = world.published()

    edition = reading.latest(world.federation.pk)
    assert (edition.release, edition.label, edition.revision) == (release.pk, "2025", 1)
    whole = reading.cells(reading.table(edition, "EFFECTIF"))
    assert abs(whole[0].value - len(world.people)) <= 10
    assert whole[0].error == 4
    rates = reading.cells(reading.table(edition, "SORTIES", ["region"]))
    assert {cell.category for cell in rates} == {"durable", "transition", "positive", "other"}
    assert any(cell.published for cell in rates)


def test_who_prepared_cannot_approve(world):
    release = actions.prepare(by=world.publisher, federation=world.federation, period=YEAR, known_at=NOW)
    Release.objects.filter(pk=release.pk).update(state="prepared")
    Release.objects.filter(pk=release.pk).update(state="protected")
    Release.objects.filter(pk=release.pk).update(state="audited")

    with pytest.raises(ValidationError, match="deux personnes"):
        actions.approve(by=world.publisher, release=release, at=NOW)
    with pytest.raises(IntegrityError, match="release_approved_by_another"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(state="approved", approved_by=world.publisher, approved_at=NOW)
    with pytest.raises(ProgrammingError), transaction.atomic():  # nor by changing who prepared it
        Release.objects.filter(pk=release.pk).update(prepared_by=world.analyst)


def test_an_analyst_prepares_and_does_not_approve(world):
    release = world.prepared()

    with pytest.raises(PermissionDenied):
        actions.approve(by=world.analyst, release=release, at=NOW)


def test_nothing_is_published_before_it_is_approved_whoever_asks(world):
    release = world.prepared()

    with pytest.raises(ValidationError, match="ne peut pas devenir « Publiée »"):
        actions.publish(by=world.publisher, release=release, at=NOW)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(state="published")
    assert reading.editions(world.federation.pk) == []


def test_each_step_asked_twice_does_what_it_does_once(world):
    release = world.published()
    counts = (
        SnapshotRow.objects.count(),
        LedgerCell.objects.count(),
        ReleasedCell.objects.count(),
        Issue.objects.count(),
    )

    again = [step(release=release.pk) for step in (tasks.freeze, tasks.protect, tasks.audit)]
    actions.publish(by=world.publisher, release=release, at=NOW)

    assert [next(iter(done.values())) for done in again] == [0, 0, 0]
    assert counts == (
        SnapshotRow.objects.count(), LedgerCell.objects.count(), ReleasedCell.objects.count(), Issue.objects.count(),
    )  # fmt: skip


def test_preparing_again_while_one_is_under_way_gives_that_one(world):
    first = actions.prepare(by=world.analyst, federation=world.federation, period=YEAR, known_at=NOW)

    assert actions.prepare(by=world.publisher, federation=world.federation, period=YEAR, known_at=NOW) == first


def test_a_withdrawn_release_is_read_no_more_and_stays_in_the_ledger(world):
    release = world.published()
    figures = LedgerCell.objects.count()

    with pytest.raises(ValidationError, match="Dites pourquoi"):
        actions.withdraw(by=world.publisher, release=release, reason=" ", at=NOW)
    actions.withdraw(by=world.publisher, release=release, reason="Une structure comptée deux fois", at=NOW)

    assert reading.editions(world.federation.pk) == reading.editions(world.federation.pk, Audience.PEERS) == []
    assert [taken[3] for taken in reading.withdrawn(world.federation.pk)] == ["Une structure comptée deux fois"]
    assert LedgerCell.objects.count() == figures


def test_what_was_drawn_or_published_is_never_changed(world):
    release = world.published()
    tables = ("releases_ledgercell", "released_cell", "released_table", "released_issue", "releases_audit")

    done = []
    for statement in [
        f"{what} {table}{rest}" for table in tables for what, rest in (("UPDATE", " SET id = id"), ("DELETE FROM", ""))
    ]:
        with suppress(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            done.append(statement)
    assert done == []
    with pytest.raises(ProgrammingError), transaction.atomic():
        SnapshotRow.objects.filter(release=release).update(sex="F")


def test_a_period_that_is_not_over_or_no_period_is_refused_in_french(world):
    from datetime import date

    from indicators.periods import Period
    from releases.periods import period_written

    for period, words in ((Period(date(2026, 1, 1), date(2026, 12, 31)), "n'est pas terminée"),
                          (Period(date(2025, 1, 1), date(2025, 5, 31)), "une année civile ou un trimestre")):  # fmt: skip
        with pytest.raises(ValidationError, match=words):
            actions.prepare(by=world.analyst, federation=world.federation, period=period, known_at=NOW)
    with pytest.raises(ValidationError, match="écrire 2025 ou 2025-T3"):
        period_written("2025-13")
