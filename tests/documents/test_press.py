"""The press: the same facts give the same bytes, and what a record says is never more than text."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from documents import press
from documents.papers import KINDS, letterhead
from tests.documents.reading import reader, text_of

HEAD = dict.fromkeys(letterhead.TEXTS, "") | {"name": "Les Jardins", "kind": "ACI", "siret": "", "place": "Rennes"}


def certificate(name="Amina Diallo", **letterhead):
    kind = KINDS["work_certificate"]
    return {
        "title": f"Certificat de travail — {name}",
        "issued_on": "2026-07-01",
        "letterhead": HEAD | letterhead,
        "texts": {key: text.standard for key, text in kind.texts.items()},
        "hidden": [],
        "paper": {
            "person": {"name": name, "birth_date": "1985-04-12", "address": "1 place du Marché\n35000 Rennes"},
            "entered_on": "2025-07-01",
            "left_on": "2026-06-30",
            "periods": [{"kind": "CDDI", "job": "", "started_on": "2025-07-01", "ended_on": "2026-06-30"}],
            "cover_months": 12,
            "cover_from": "2026-07-01",
            "cover_until": "2027-06-30",
        },
    }


def test_the_same_facts_give_the_same_bytes():
    assert press.pressed("work_certificate", certificate()) == press.pressed("work_certificate", certificate())


def test_one_fact_more_gives_other_bytes():
    changed = certificate() | {"issued_on": "2026-07-02"}

    assert press.pressed("work_certificate", certificate()) != press.pressed("work_certificate", changed)


def test_a_paper_says_its_title_its_language_and_its_pages_and_is_tagged_for_screen_readers():
    pdf = reader(press.pressed("work_certificate", certificate()))

    assert pdf.metadata.title == "Certificat de travail — Amina Diallo"
    assert pdf.metadata.author == "Les Jardins"
    assert pdf.trailer["/Root"]["/Lang"] == "fr-FR"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"] == True  # noqa: E712
    marks = str(pdf.xmp_metadata.stream.get_data())
    assert ("pdfuaid:part" in marks, "pdfaid:part" in marks) == (True, True)
    assert "page 1 / 1" in text_of(press.pressed("work_certificate", certificate()))


@pytest.mark.parametrize(
    "name",
    [
        '#eval("1 + 1")',
        "#panic(1)",
        '#read("/etc/passwd")',
        "*gras* _penché_ `code` $x^2$",
        "@renvoi <étiquette> #let x = 1",
        "\\ barre \\u{41} \\",
        '"; } ] ) { ( [ //',
        "/* commentaire */ // fin",
        "= Titre",
        "- liste + liste / terme: sens",
        "O'Neil d'Été",
        "{salarie} {structure}",
        "<script>alert(1)</script>",
        "Ngô Bảo Châu Łukasz Αθηνά Дмитрий",
    ],
)
def test_a_name_is_printed_letter_by_letter_and_never_run(name):
    said = text_of(press.pressed("work_certificate", certificate(name)))

    assert f"certifie avoir employé : {name}, née ou né le 12 avril 1985" in said


def test_a_name_from_right_to_left_is_printed():
    content = press.pressed("work_certificate", certificate("ليلى بن علي"))

    assert {"ليلى", "بن", "علي"} <= set(text_of(content).replace(",", " ").split())


def test_a_very_long_name_stays_on_the_page():
    name = "Marie-Clémentine " * 30

    content = press.pressed("work_certificate", certificate(name.strip()))

    assert text_of(content).count("Marie-Clémentine") >= 30
    assert press.pressed("work_certificate", certificate("A" * 200))


def test_a_letter_no_font_draws_is_refused_by_name_rather_than_printed_as_a_hole():
    with pytest.raises(ValidationError, match="« 王 » ne s'imprime avec aucune police du document"):
        press.pressed("work_certificate", certificate("王小明"))


def test_pictures_and_control_signs_are_left_out_of_what_is_printed():
    assert press.printable({"a": ["Bravo 🙂\u200d!\x07", None, True, 3]}) == {"a": ["Bravo !", None, True, 3]}


def test_days_and_amounts_travel_as_text():
    assert press.printable({"on": date(2026, 3, 1), "pay": Decimal("12.0200")}) == {
        "on": "2026-03-01",
        "pay": "12.0200",
    }


def test_french_dates_and_cover_are_said_in_full():
    said = text_of(press.pressed("work_certificate", certificate()))

    assert "du 1er juillet 2025 au 30 juin 2026 inclus." in said
    assert "pendant au plus 12 mois, du 1er juillet 2026 au 30 juin 2027, si :" in said


def test_an_optional_line_of_the_letterhead_shows_only_when_written():
    assert "Organisme assureur" not in text_of(press.pressed("work_certificate", certificate()))
    assert "Organisme assureur : Mutuelle Exemple." in text_of(
        press.pressed("work_certificate", certificate(insurer="Mutuelle Exemple"))
    )


def test_a_preview_is_marked():
    assert "APERÇU" in text_of(press.pressed("work_certificate", certificate(), preview=True))
    assert "APERÇU" not in text_of(press.pressed("work_certificate", certificate()))
