"""One theme, five official lists."""

import csv
import json

from law.crosswalk import crosswalk, situation_label, theme_of_topic
from law.nomenclature import choices


def test_every_theme_of_ours_is_in_the_crosswalk_once():
    assert list(crosswalk()) == [code for code, _label in choices("theme")]


def test_every_topic_of_data_inclusion_has_a_theme(shared_data):
    with (shared_data / "data-inclusion/seeds/thematiques_v1.csv").open(encoding="utf-8") as file:
        topics = [row["value"] for row in csv.DictReader(file)]
    assert (len(topics), [topic for topic in topics if theme_of_topic(topic) is None]) == (69, [])


def test_a_sub_theme_of_its_own_wins_over_its_theme():
    head = "difficultes-administratives-ou-juridiques"
    assert theme_of_topic(f"{head}--accompagnement-aux-demarches-administratives") == "administratif"
    assert theme_of_topic(f"{head}--prendre-en-compte-une-problematique-judiciaire") == "justice"
    assert theme_of_topic("jardinage--tondre") is None


def test_every_column_of_the_asp_table_comes_from_one_theme(shared_data):
    official = set()
    for name, column in (("acc_freins_libelle", "type_frein"), ("acc_pro_libelle", "type_acc_pro")):
        with (shared_data / f"iae/{name}.csv").open(encoding="utf-8") as file:
            official |= {row[column] for row in csv.DictReader(file)}
    ours = [row.asp for row in crosswalk().values() if row.asp]
    assert (set(ours), len(ours)) == (official, 10)


def test_every_situation_of_france_travail_belongs_to_one_theme(shared_data):
    with (shared_data / "ft/contraintes_diagnostic_argumente.csv").open(encoding="utf-8") as file:
        official = {(row["contrainte_code"], row["situation_code"]) for row in csv.DictReader(file)}
    ours = [(row.ft, code) for row in crosswalk().values() for code in row.situations]
    assert (set(ours), len(ours)) == (official, 36)


def test_the_codes_of_carnet_de_bord_are_its_themes_and_two_that_came_after_this_file(shared_data):
    text = json.dumps(json.loads((shared_data / "ft/carnet_de_bord_referentiel_freins.json").read_text("utf-8")))
    assert [row.cdb for row in crosswalk().values() if f'"{row.cdb}"' not in text] == ["numerique", "choisir_un_metier"]


def test_a_situation_says_its_label_or_its_code():
    assert (situation_label("6"), situation_label("999")) == ("Aucun moyen de transport", "999")
