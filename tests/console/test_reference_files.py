"""Official nomenclatures: checked, repaired, loaded once, or refused whole."""

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Commune, Departement, Region
from accounts.reference import load_communes
from skills.models import Framework, Skill

pytestmark = pytest.mark.django_db


def test_regions_and_departements_come_with_the_tables():
    assert (Region.objects.count(), Departement.objects.count()) == (26, 109)
    assert Departement.objects.get(code="2A").region.name == "Corse"


def table(path, *rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "nom", "type", "departement", "region", "codes_postaux"])
        writer.writerows(rows)
    return path


def test_a_commune_that_lost_its_zero_gets_it_back(tmp_path):
    path = table(tmp_path / "c.csv", ["1001", "L'Abergement-Clémenciat", "commune-actuelle", "1", "84", "01400"])

    assert load_communes(path, fewest=1) == 1
    assert Commune.objects.get().code == "01001"


def test_loading_twice_changes_nothing(tmp_path):
    path = table(tmp_path / "c.csv", ["35238", "Rennes", "commune-actuelle", "35", "53", "35000|35200"])
    load_communes(path, fewest=1)

    load_communes(path, fewest=1)

    assert Commune.objects.get().postal_codes == ["35000", "35200"]


def test_a_short_file_is_refused_whole(tmp_path):
    path = table(tmp_path / "c.csv", ["01001", "L'Abergement-Clémenciat", "commune-actuelle", "01", "84", "01400"])

    with pytest.raises(CommandError, match="1 communes lues, il en faut au moins 34000"):
        call_command("load_reference", "communes", str(path))
    assert Commune.objects.filter(code="01001").count() == 0


def test_a_file_without_the_right_columns_names_them(tmp_path):
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")

    with pytest.raises(CommandError, match="colonnes absentes : code, codes_postaux, departement, nom, type"):
        call_command("load_reference", "communes", str(tmp_path / "c.csv"))


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_reference", "communes", str(tmp_path / "rien.csv"))
    with pytest.raises(CommandError, match=r"unix_referentiel_code_rome_v….csv absent"):
        call_command("load_reference", "rome", str(tmp_path))


@pytest.mark.samples
def test_the_official_communes_are_all_loaded(shared_data):
    said = StringIO()
    call_command("load_reference", "communes", str(shared_data / "territoires/communes_cog2026.csv.gz"), stdout=said)

    assert said.getvalue() == "34969 communes chargées.\n"
    assert Commune.objects.get(code="2A004").name == "Ajaccio"


@pytest.mark.samples
def test_rome_is_loaded_with_its_links_and_twice_changes_nothing(shared_data):
    for _time in range(2):
        call_command("load_reference", "rome", str(shared_data / "rome"), stdout=StringIO())
        counts = {
            kind: Skill.objects.filter(kind=kind).count()
            for kind in ("occupation", "know_how", "behaviour", "knowledge")
        }
        links = Skill.occupations.through.objects.count()
        assert (counts, links) == ({"occupation": 1584, "know_how": 18301, "behaviour": 16, "knowledge": 15354}, 90556)
    assert Framework.objects.count() == 1
