"""The Observatoire of a year: what it says, what it cannot say, one command and one button."""

import pytest
from django.core.management import CommandError, call_command

from releases import observatoire, reading, words
from tests.web.test_pages import client_for

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="package")
def facts(world):
    return observatoire.facts(world.federation.pk, world.federation.name, 2025)


def test_the_sixteen_tables_are_there_or_said_impossible(facts):
    chapters = {one["code"]: one for one in facts["chapters"]}

    assert list(chapters) == [f"T{n}" for n in range(1, 17)]
    assert {code for code, _title, _why in facts["missing"]} == {"T14", "T15"}
    assert all(why for _code, _title, why in facts["missing"])
    assert all(one["tables"] for code, one in chapters.items() if code not in {"T14", "T15"})


def test_its_figures_are_the_released_ones(world, facts):
    edition = reading.latest(world.federation.pk, year=True)
    exits = next(one for one in facts["chapters"] if one["code"] == "T6")
    printed = next(one for one in exits["tables"] if one["title"] == "Sorties par catégorie")
    cells = {c.category: c for c in reading.cells(reading.table(edition, "SORTIES"))}

    wanted = [
        f"{words.figure(cells[code], 'percent')} {words.margin(cells[code], 'percent')}".strip()
        for code in ("durable", "transition", "positive", "other")
    ]
    assert printed["rows"][0][2:] == wanted


def test_structures_are_counted_by_kind_and_region(world, facts):
    table = facts["chapters"][0]["tables"][0]

    assert table["rows"][-1][-1] == str(len(world.structures))
    assert [sum(int(row[n]) for row in table["rows"][:-1]) for n in range(1, len(table["header"]))] == [
        int(n) for n in table["rows"][-1][1:]
    ]


def test_pictures_say_in_words_what_they_draw(facts):
    drawn = [picture for one in facts["chapters"] for picture in one["pictures"]]

    assert len(drawn) >= 8
    assert all(picture["svg"].startswith("<svg ") and " : " in picture["alt"] for picture in drawn)


def test_one_command_and_one_button_give_the_same_bytes(world, tmp_path):
    out = tmp_path / "rapport.pdf"
    call_command("observatoire", year=2025, out=out, federation=world.federation.pk)
    answer = client_for(world.analyst).get("/federation/observatoire/2025/")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content == out.read_bytes()
    assert answer.content.startswith(b"%PDF")


def test_a_year_that_is_not_published_says_so(world):
    with pytest.raises(CommandError, match="Aucune publication de l'année 2023"):
        call_command("observatoire", year=2023, federation=world.federation.pk)
    assert client_for(world.analyst).get("/federation/observatoire/2023/").status_code == 404
