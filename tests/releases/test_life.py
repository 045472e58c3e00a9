"""A release from its preparation to its withdrawal: two people, one table of transitions, steps that may be asked twice."""

from contextlib import suppress
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from disclosure.audience import Audience
from releases import actions, reading, secrets, tasks
from releases.catalogue import CatalogueError
from releases.models import Contribution, ContributorKey, Issue, LedgerCell, Release, ReleasedCell, SnapshotRow
from releases.periods import period_written
from releases.secrets import KeyRefused
from tests.factories import FederationFactory, OrganisationFactory
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
    assert whole[0].error == Decimal("4.4")
    rates = reading.cells(reading.table(edition, "SORTIES", ["region"]))
    assert {cell.category for cell in rates} == {"durable", "transition", "positive", "other"}
    assert any(cell.published for cell in rates)


def test_who_prepared_cannot_approve(world):
    release = actions.prepare(by=world.publisher, federation=world.federation, period=YEAR, known_at=NOW)
    tasks.begin(release=release.pk)
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


def test_what_a_release_was_prepared_under_is_never_changed(world):
    release = world.begun()

    for changed in ({"catalogue": "x"}, {"policy": "x"}, {"key_id": "x"}, {"places": {}}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**changed)
    assert release.events.count() == 2  # asked for, then its key named


def test_a_correction_takes_the_catalogue_of_what_it_corrects(world, monkeypatch):
    first = world.published()
    monkeypatch.setattr(actions, "CURRENT", "2031-1")

    second = actions.prepare(by=world.analyst, federation=world.federation, period=YEAR, known_at=NOW)

    assert (second.revision, second.catalogue, second.policy, second.key_id) == (
        2, first.catalogue, first.policy, first.key_id,
    )  # fmt: skip
    with pytest.raises(CatalogueError, match="2031-1 inconnu"):  # while a first release takes the one in force
        actions.prepare(by=world.analyst, federation=world.federation, period=period_written("2025-T1"), known_at=NOW)


def test_another_key_than_the_releases_own_is_refused_in_french(world, settings):
    first = world.published()
    other = "ab" * 32
    second = world.begun()
    settings.RELEASE_SECRETS = [f"2025:{other}"]

    for step in (tasks.begin, partial(tasks.take, organisations=[world.structures[0].pk])):
        with pytest.raises(KeyRefused, match=f"et non {first.key_id} sous laquelle cette publication a été") as told:
            step(release=second.pk)
        assert other not in str(told.value)


def test_no_release_is_drawn_before_its_key_is_named_nor_named_twice(world):
    release = actions.prepare(by=world.analyst, federation=world.federation, period=YEAR, known_at=NOW)

    with pytest.raises(IntegrityError, match="release_drawn_under_a_key"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(state="prepared")
    assert (tasks.begin(release=release.pk), tasks.begin(release=release.pk)) == (
        {"structures": 12},
        {"structures": 12},
    )
    assert Release.objects.get(pk=release.pk).events.count() == 2
    with pytest.raises(ProgrammingError, match="key_named_once"), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(key_id="2025-00000000")


def test_chunks_of_a_snapshot_are_written_side_by_side(world):
    release = actions.prepare(by=world.analyst, federation=world.federation, period=YEAR, known_at=NOW)

    with CaptureQueriesContext(connection) as asked:
        tasks.take(release=release.pk, organisations=[world.structures[0].pk])

    assert [query["sql"] for query in asked if "releases_release" in query["sql"] and " FOR " in query["sql"]] == []


def test_with_the_key_of_a_year_go_the_people_it_blinded_and_nothing_that_was_released(world, settings, tmp_path):
    key = settings.RELEASE_SECRETS[2]
    (tmp_path / "release-secrets").write_text(f"{key}\n", encoding="ascii")
    settings.RELEASE_SECRETS = [line for line in settings.RELEASE_SECRETS if line != key]
    world.published()
    before = world.published(period=period_written("2024"))
    Contribution.objects.create(
        organisation=world.structures[0], period_start=YEAR.start, period_end=YEAR.end, sequence=1, catalogue="2026-1",
        structures=[], people=[["00", 1, "F", "50+", "1", {}]], count=1, sha256="0", received_at=NOW,
        key=ContributorKey.objects.create(organisation=world.structures[0], public_key="x", registered_at=NOW),
    )  # fmt: skip
    figures, people = LedgerCell.objects.count(), SnapshotRow.objects.filter(release=before).count()
    under_way = actions.prepare(by=world.analyst, federation=world.federation, period=YEAR, known_at=NOW)

    with pytest.raises(ValidationError, match="est en cours : la publier ou y renoncer"):
        actions.forget(year=2025)
    assert SnapshotRow.objects.count() > people
    actions.abandon(by=world.analyst, release=under_way)
    with pytest.raises(ValidationError, match="La clé de 2024 est dans RELEASE_SECRETS"):
        actions.forget(year=2024)
    gone = actions.forget(year=2025)

    assert gone == (len(world.people), 1)
    assert SnapshotRow.objects.count() == SnapshotRow.objects.filter(release=before).count() == people
    assert not Contribution.objects.exists()
    assert LedgerCell.objects.count() == figures
    assert reading.latest(world.federation.pk).label == "2025"
    assert "2025" not in (tmp_path / "release-secrets").read_text(encoding="ascii")
    with pytest.raises(ValidationError, match="ni clé ni relevé pour 2025"):
        actions.forget(year=2025)


def test_people_stay_when_the_key_cannot_be_destroyed(world, settings, tmp_path, monkeypatch):
    key = settings.RELEASE_SECRETS[2]
    (tmp_path / "release-secrets").write_text(f"{key}\n", encoding="ascii")
    settings.RELEASE_SECRETS = [line for line in settings.RELEASE_SECRETS if line != key]
    world.published()
    people = SnapshotRow.objects.count()

    def refused(year):
        raise PermissionError

    monkeypatch.setattr(secrets, "forget", refused)
    with pytest.raises(PermissionError):
        actions.forget(year=2025)
    assert SnapshotRow.objects.count() == people


def test_a_structure_is_of_its_own_federation_or_of_its_groups(world):
    group = OrganisationFactory(nature="group", kind="", federation=world.federation)
    through = OrganisationFactory(group=group)
    own = OrganisationFactory(group=group, federation=FederationFactory())

    release = actions.prepare(by=world.analyst, federation=world.federation, period=YEAR, known_at=NOW)

    assert (through.affiliated_to, own.affiliated_to) == (world.federation.pk, own.federation_id)
    assert set(release.places) == {str(one.pk) for one in [*world.structures, through]}


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

    for period, words in ((Period(date(2026, 1, 1), date(2026, 12, 31)), "n'est pas terminée"),
                          (Period(date(2025, 1, 1), date(2025, 5, 31)), "une année civile ou un trimestre")):  # fmt: skip
        with pytest.raises(ValidationError, match=words):
            actions.prepare(by=world.analyst, federation=world.federation, period=period, known_at=NOW)
    with pytest.raises(ValidationError, match="écrire 2025 ou 2025-T3"):
        period_written("2025-13")
