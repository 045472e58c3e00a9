"""One definition serves computation, pages, API and documentation."""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from indicators import catalogue
from indicators.catalogue import DIMENSIONS, FAMILIES, CatalogueError, definitions
from indicators.catalogue.document import PAGE, markdown
from indicators.measures import MEASURES
from indicators.models import Value
from indicators.report import Reading, lines, shown
from tests.factories import OrganisationFactory
from tests.indicators.worlds import PARIS


def test_every_definition_has_its_measure_and_the_reverse() -> None:
    assert len(definitions()) == 46
    assert sorted(MEASURES) == sorted(definitions())


def test_the_catalogue_is_the_reference_with_its_labels_and_clauses(shared_data: Path) -> None:
    """Every sheet of the reference is there, under its own label, quoting the clauses it quotes, in its order."""
    reference = (shared_data.parent / "reference" / "indicators.md").read_text(encoding="utf-8")
    sheets = re.findall(r"\*\*([A-Z]{3}-\d\d) — (.+?)\*\*.*?\n- Clause: (.+?)\n", reference, re.DOTALL)
    expected = [(code, label, re.findall(r"(\S+) « (.+?) »", clauses)) for code, label, clauses in sheets]
    assert [(d.code, d.label, [(c.number, c.text) for c in d.clauses]) for d in definitions().values()] == expected


def test_nine_dimensions_hold_every_indicator_but_the_quality_of_data_once() -> None:
    families = [family for dimension in DIMENSIONS for family in dimension.families]
    assert sorted(families) == sorted(set(FAMILIES) - {"QUA"})
    assert [d.lead for d in DIMENSIONS if d.lead[:3] not in d.families] == []


def test_the_documentation_is_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown()


def test_every_companion_exists() -> None:
    assert {code for d in definitions().values() for code in d.companions} <= set(definitions())


def test_clauses_are_quoted_from_the_plan_word_for_word(shared_data: Path) -> None:
    plan = (shared_data.parent / "reference" / "plan-2012-17.md").read_text(encoding="utf-8").replace("’", "'")
    plan = " ".join(plan.split())
    absent = [c.text for d in definitions().values() for c in d.clauses if c.text not in plan]
    assert absent == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": ""}, "SEC-01.yaml : label est vide"),
        (
            {"unit": "euros"},
            "SEC-01.yaml : unit vaut euros, attendu"
            " ['days', 'hours', 'per_month', 'per_year', 'percent', 'quarters', 'ratio']",
        ),
        ({"breakdowns": ["colour"]}, "SEC-01.yaml : ventilations inconnues ['colour']"),
        ({"colour": "red"}, "SEC-01.yaml : champs absents ou inconnus ['colour']"),
        ({"parameters": ["no.such"]}, "SEC-01.yaml : inconnus du droit ['no.such']"),
        ({"code": "SEC-99"}, "SEC-01.yaml : le fichier porte le code de l'indicateur, SEC-99"),
        ({"review_on": "bientôt"}, "SEC-01.yaml : method est un entier et review_on une date"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_file_and_field(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    entry = yaml.safe_load((catalogue.FOLDER / "SEC-01.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "SEC-01.yaml"
    path.write_text(yaml.safe_dump({**entry, **change}), encoding="utf-8")
    with pytest.raises(CatalogueError) as refusal:
        catalogue._read(path)
    assert str(refusal.value) == message


def value(**fields: object) -> Value:
    defaults: dict[str, object] = {
        "indicator": "SEC-01",
        "method": 1,
        "period_start": date(2024, 7, 1),
        "period_end": date(2025, 6, 30),
        "known_at": datetime(2025, 7, 1, tzinfo=PARIS),
        "k": Decimal(3),
        "known": Decimal(6),
        "eligible": Decimal(7),
        "value": Decimal("0.5"),
        "low": Decimal("0.4285714286"),
        "high": Decimal("0.5714285714"),
        "coverage": "partial",
        "status": "provisional",
        "reporting": 1,
        "members": 1,
        "parameters": "p",
        "inputs": "i",
    }
    if "organisation" in fields:
        defaults["scope"] = f"structure:{fields['organisation'].pk}"
    return Value(**{**defaults, **fields})


def test_a_share_of_few_people_is_shown_as_a_count_and_a_poorly_covered_one_as_bounds() -> None:
    reading = Reading(definitions()["SEC-01"], value())
    assert (reading.headline, reading.bounds, reading.covered) == (
        "3 sur 6",
        "entre 3 et 4 sur 7",
        Decimal("0.8571428571"),
    )
    many = replace(reading, value=value(k=Decimal(30), known=Decimal(60), eligible=Decimal(70)))
    assert many.headline == "50,0 %"
    poor = replace(reading, value=value(coverage="insufficient"))
    assert (poor.published, poor.headline) == (False, "entre 3 et 4 sur 7")
    empty = replace(reading, value=value(coverage="empty", value=None, low=None, high=None))
    assert (empty.headline, empty.bounds) == ("Personne n'est concerné", "")


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (Decimal("0.4925"), "percent", "49,3 %"),
        (Decimal("83.45"), "days", "83,5 jours"),
        (Decimal("21"), "hours", "21,0 h"),
        (Decimal("1.0269360269"), "ratio", "1,027"),
        (None, "percent", "inconnu"),
    ],
)
def test_figures_are_written_in_french_rounded_half_up(number: Decimal | None, unit: str, text: str) -> None:
    assert shown(number, unit) == text


@pytest.mark.django_db
def test_the_table_gives_the_last_year_of_the_whole_network_as_its_sheets_do() -> None:
    small = OrganisationFactory()
    whole = {
        "scope": "whole",
        "known": Decimal(90),
        "eligible": Decimal(100),
        "coverage": "full",
        "reporting": 2,
        "members": 2,
    }
    Value.objects.bulk_create([
        value(organisation=small, k=Decimal(9), known=Decimal(10), eligible=Decimal(10), value=Decimal("0.9")),
        value(**whole, k=Decimal(17), value=Decimal("0.19")),
        value(**whole, k=Decimal(80), value=Decimal("0.88"), known_at=datetime(2025, 6, 1, tzinfo=PARIS)),  # known before
        value(**whole, k=Decimal(80), value=Decimal("0.88"), period_start=date(2024, 1, 1), period_end=date(2024, 12, 31)),
        value(**whole, k=Decimal(80), value=Decimal("0.88"), period_start=date(2025, 4, 1)),  # a quarter
        value(**whole, indicator="ENG-01", k=Decimal(90), value=Decimal("0.93")),  # per month, of days counted
        value(**{**whole, "coverage": "insufficient"}, indicator="REM-02", k=None, value=Decimal("1.02"), low=Decimal(1),
              high=Decimal("1.1")),
    ])  # fmt: skip
    table = lines()
    found = {line.split()[0]: line.split() for line in table}
    assert found["Indicateur"] == ["Indicateur", "Valeur", "Couverture", "Structures"]
    assert found["SEC-01"][-5:] == ["19,0", "%", "90,0", "%", "2"]
    assert found["ENG-01"][-6:] == ["0,93", "par", "mois", "90,0", "%", "2"]
    assert found["REM-02"][-7:] == ["entre", "1,000", "et", "1,100", "90,0", "%", "2"]
    assert found["TPS-01"][-3:] == ["—", "—", "0"]
    assert len(table) == 47
    assert len({len(line) for line in table}) == 1
