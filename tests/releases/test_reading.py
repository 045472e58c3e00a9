"""What readers get: the same bytes whoever asks, figures whose margin holds, a correction without a new draw."""

import csv
import dataclasses
import io
import json
from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import User
from disclosure.audience import Audience
from disclosure.policy import policy
from indicators.periods import Period
from releases import actions, exports, margins, reading, secrets, words
from releases.models import LedgerCell, ReleasedCell, SnapshotRow
from releases.role import READABLE, ROLE, released_only
from tests.releases.world import NOW, YEAR, small_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return small_world()


def test_two_users_in_another_order_receive_identical_bytes(world):
    world.published()
    one = reading.latest(world.federation.pk)
    two = reading.edition(one.id, world.federation.pk)
    codes = ["SORTIES", "EFFECTIF", "HEURES", "DUREE"]

    for code in exports.FORMATS:
        assert exports.export(one, code, codes) == exports.export(two, code, reversed(codes)), code
        assert exports.export(one, code) == exports.export(two, code), code


def test_each_format_says_the_same_figures(world):
    world.published()
    edition = reading.latest(world.federation.pk)

    lines = list(csv.DictReader(io.StringIO(exports.export(edition, "csv").decode())))
    parquet = pq.read_table(io.BytesIO(exports.export(edition, "parquet")))
    sheet = load_workbook(io.BytesIO(exports.export(edition, "xlsx")), read_only=True)["Chiffres"]
    sdmx = list(csv.DictReader(io.StringIO(exports.export(edition, "sdmx").decode())))

    shown = [line["valeur"] for line in lines if line["valeur"]]
    assert len(lines) == parquet.num_rows == len(sdmx) == len(list(sheet.rows)) - 1
    assert len([v for v in parquet["valeur"].to_pylist() if v is not None]) == len(shown) > 100
    assert [float(line["OBS_VALUE"]) for line in sdmx if line["OBS_VALUE"]] == [float(v) for v in shown]
    assert {line["marque"] for line in lines if not line["valeur"]} <= {"np", "beyond"}
    assert {line["CONF_STATUS"] for line in sdmx if not line["OBS_VALUE"]} <= {"N", "F"}
    assert "petite erreur aléatoire" in json.loads(parquet.schema.metadata[b"parcours"])["note"][1]


def test_a_corrected_record_draws_nothing_anew_and_eleven_do(world):
    first = world.published()
    rows = list(world.rows())
    few = [(*row[:3], "-26" if n < 3 else row[3], *row[4:]) for n, row in enumerate(rows)]

    second = world.published(few)

    def figures(release):
        cells = LedgerCell.objects.filter(release=release).order_by("audience", "table", "margin", "place", "category")
        return list(cells.values_list("audience", "table", "margin", "place", "category", "base", "number", "value"))

    assert (second.revision, figures(second)) == (2, figures(first))
    with pytest.raises(ValidationError, match="déjà été publiée 2 fois"):
        actions.prepare(by=world.analyst, federation=world.federation, period=YEAR, known_at=NOW)


def test_a_base_with_many_corrections_is_drawn_again(world):
    first = world.published()
    rows = list(world.rows())
    second = world.published(rows[40:])  # a whole structure's worth of people were there by mistake

    def whole(release):
        return LedgerCell.objects.get(release=release, audience="federation", table="EFFECTIF", margin="").value

    assert whole(first) - whole(second) > 20


def test_the_margin_shown_holds_what_it_promises(world):
    """95 % of the figures are within their margin of the truth, rates and means as well as counts."""
    release = world.published()
    edition = reading.latest(world.federation.pk)
    rows = list(SnapshotRow.objects.filter(release=release))
    place_of = {int(code): place for code, place in edition.places.items()}

    def inside(code, attribute, value):
        found = []
        for margin in ([], ["region"], ["kind"], ["structure"]):
            for cell in reading.cells(reading.table(edition, code, margin)):
                if cell.value is None:
                    continue
                base = [
                    row for row in rows
                    if (attribute == "" or attribute in row.values)
                    and all(str(row.structure if name == "structure" else place_of[row.structure][name]) == label
                            for name, label in cell.coordinates.items())
                ]  # fmt: skip
                found.append(abs(float(cell.value) - value(base, cell.category)) <= float(cell.error))
        return found

    counts = inside("EFFECTIF", "", lambda base, _c: len(base))
    rates = inside("SORTIES", "exit", lambda base, c: 100 * sum(row.values["exit"] == c for row in base) / len(base))
    means = inside("HEURES", "hours", lambda base, _c: float(np.mean([row.values["hours"] for row in base])))
    assert min(np.mean(counts), np.mean(rates), np.mean(means)) >= 0.8, (counts, rates, means)
    assert np.mean([*counts, *rates, *means]) >= 0.9


def test_peers_read_no_structure_and_the_federation_reads_the_same_figures(world):
    world.published()
    federation = reading.latest(world.federation.pk)
    peers = reading.latest(world.federation.pk, Audience.PEERS)

    assert peers.places == {}
    assert "structure" not in peers.labels
    assert all("structure" not in table.margin and "department" not in table.margin for table in reading.tables(peers))
    compared = 0
    for table in reading.tables(peers):
        ours = {
            (tuple(c.coordinates.items()), c.category): c
            for c in reading.cells(reading.table(federation, table.code, table.margin))
        }
        for cell in reading.cells(table):
            if cell.published:
                assert cell.value == ours[tuple(cell.coordinates.items()), cell.category].value
                compared += 1
    assert compared > 20
    assert reading.edition(peers.id, world.federation.pk) is None  # nor by its number


def test_an_evolution_has_a_point_a_year_and_says_when_it_means_something(world):
    world.published(period=Period(date(2024, 1, 1), date(2024, 12, 31)))
    world.published()

    points = reading.evolution(world.federation.pk, "EFFECTIF", {})

    assert [point.edition.label for point in points] == ["2024", "2025"]
    moved = reading.change(points[0].cell, points[1].cell)
    assert (abs(moved.difference) <= 20, moved.clear) == (True, abs(moved.difference) > moved.error)


def test_the_role_of_the_federation_reads_released_tables_and_no_other(world):
    world.published()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'")
        tables += [name for (name,) in cursor.fetchall()]
    read, written = set(), set()
    for table in tables:
        for statement, done in (
            (f'SELECT 1 FROM "{table}" LIMIT 1', read),
            (f'DELETE FROM "{table}" WHERE false', written),
        ):
            try:
                with released_only(), connection.cursor() as cursor:
                    cursor.execute(statement)
                done.add(table)
            except ProgrammingError as refused:
                assert "permission denied" in str(refused)  # noqa: PT017
    assert len(tables) > 100
    assert (read, written) == (set(READABLE), set())


def test_of_a_withdrawn_release_the_role_reads_that_it_was_taken_back_and_no_figure(world):
    release = world.published(period=Period(date(2024, 1, 1), date(2024, 12, 31)))
    stays = world.published()

    def read():
        with released_only(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT i.release_id, count(DISTINCT t.id), count(c.id) FROM released_issue i"
                " LEFT JOIN released_table t ON t.issue_id = i.id LEFT JOIN released_cell c ON c.table_id = t.id GROUP BY 1"
            )
            return {row[0]: row[1:] for row in cursor.fetchall()}

    before = read()
    actions.withdraw(by=world.publisher, release=release, reason="Une structure comptée deux fois", at=NOW)

    assert before[release.pk] == before[stays.pk] > (100, 1000)
    assert read() == {release.pk: (0, 0), stays.pk: before[stays.pk]}
    with released_only(), connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM released_withdrawal")
        assert cursor.fetchall() == [("Une structure comptée deux fois",)]
    for asked in ("withdrawn_by", "*"):  # never who decided
        with pytest.raises(ProgrammingError, match="permission denied"), released_only(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {asked} FROM released_withdrawal")
    assert ReleasedCell.objects.filter(table__issue__release=release).exists()  # kept, for who keeps the database


def test_a_question_within_a_question_leaves_the_role_on(world):
    def asked():
        with released_only():
            with released_only():
                pass
            User.objects.count()

    with pytest.raises(ProgrammingError, match="permission denied"):
        asked()
    assert User.objects.count() == 2


def test_the_role_cannot_be_put_off_by_reading_and_is_put_off_after(world):
    with released_only(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (ROLE,)
    assert User.objects.count() == 2


def test_the_keys_are_in_no_file_no_table_and_no_message(world, settings, caplog, capsys):
    release = world.published()
    keys = [line.split(":")[1] for line in settings.RELEASE_SECRETS]
    edition = reading.latest(world.federation.pk)
    said = b"".join(exports.export(edition, code) for code in ("csv", "sdmx", "metadata"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(r::text, '') FROM releases_release r UNION ALL SELECT string_agg(l::text, '')"
            " FROM releases_ledgercell l UNION ALL SELECT string_agg(a::text, '') FROM releases_audit a"
            " UNION ALL SELECT string_agg(e::text, '') FROM releases_releaseevent e UNION ALL SELECT string_agg(j::text, '') FROM jobs_job j"
        )
        said += "".join(row or "" for (row,) in cursor.fetchall()).encode()
    said += caplog.text.encode() + capsys.readouterr().out.encode() + repr(secrets.secret_of(2025)).encode()

    assert release.key_id.encode() in said
    assert [key for key in keys if key.encode() in said] == []


def test_a_change_of_six_people_is_not_read_and_one_of_seven_is_on_every_page_alike(world):
    edition = reading.edition(world.published().issues.get(audience="federation").pk, world.federation.pk)
    cell = reading.cells(reading.table(edition, "EFFECTIF"))[0]

    def moved(by):
        return reading.change(cell, dataclasses.replace(cell, value=cell.value + by))

    assert [moved(by).clear for by in (6, 7, -6, -7)] == [False, True, False, True]
    assert (cell.error, words.margin(cell, "personnes"), words.least_change(edition)) == (Decimal("4.4"), "±\xa04,4", 7)
    assert "de moins de 5 personnes" in edition.note
    assert "évolution de moins de 7 personnes" in edition.note
    louder = dataclasses.replace(policy(), noise_variance=20.0, noise_spread=20)
    assert (margins.count_error(louder), margins.least_change(louder)) == (9.0, 13)
    line = next(csv.DictReader(io.StringIO(exports.export(edition, "csv", ["EFFECTIF"]).decode())))
    assert line["marge_95"] in {"", "4.4"}


def test_a_file_asks_the_same_few_questions_whatever_its_tables(world):
    world.published()
    edition = reading.latest(world.federation.pk)
    asked = []
    for codes in (["EFFECTIF"], None):
        with CaptureQueriesContext(connection) as queries:
            exports.export(edition, "csv", codes)
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 12


def test_two_keys_for_one_year_are_refused_whichever_comes_first(settings, tmp_path):
    (tmp_path / "release-secrets").write_text(f"2025:{'ab' * 32}\n", encoding="ascii")

    with pytest.raises(secrets.KeyRefused, match="Plusieurs clés de publication pour 2025"):
        secrets.secret_of(2025)
    assert secrets.secret_of(2024).key_id.startswith("2024-")


def test_a_wrong_or_missing_key_is_said_in_french_without_the_key(settings):
    settings.RELEASE_SECRETS = ["2025:abc"]
    with pytest.raises(secrets.KeyRefused, match="illisible") as told:
        secrets.secret_of(2025)
    assert "abc" not in str(told.value)
    settings.RELEASE_SECRETS = []
    with pytest.raises(secrets.KeyRefused, match="Aucune clé de publication pour 2025"):
        secrets.secret_of(2025)


def test_a_file_of_keys_that_cannot_be_read_is_said_in_french(settings, tmp_path):
    settings.RELEASE_SECRETS = []
    (tmp_path / "release-secrets").write_bytes(b"2025:\xff\n")
    with pytest.raises(secrets.KeyRefused, match="illisible"):
        secrets.secret_of(2025)
    settings.RELEASE_SECRETS_FILE = str(tmp_path / ("trop-long" * 50))  # the system refuses it, to root too
    with pytest.raises(secrets.KeyRefused, match="ne se lit pas"):
        secrets.secret_of(2025)


def test_a_key_is_made_once_readable_by_its_owner_and_destroyed(settings, tmp_path):
    settings.RELEASE_SECRETS = []

    first = secrets.create(2031)

    assert secrets.create(2031) == first == secrets.secret_of(2031).key_id
    assert (tmp_path / "release-secrets").stat().st_mode & 0o777 == 0o600
    assert (secrets.forget(2031), secrets.forget(2031)) == (True, False)
    with pytest.raises(secrets.KeyRefused):
        secrets.secret_of(2031)
