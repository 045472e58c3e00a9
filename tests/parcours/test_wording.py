"""Help with words: suggested, never imposed."""

from parcours.wording import Suggestion, suggestions


def test_a_listed_word_is_found_with_its_accents_and_case_as_typed():
    assert suggestions("Absence INJUSTIFIÉE lundi") == [Suggestion("INJUSTIFIÉE", "absence sans nouvelle")]


def test_a_word_within_another_is_not_a_listed_word():
    assert suggestions("Les assistantes sociales et l'assistance ; il est assis") == []


def test_each_word_is_suggested_once_in_the_order_of_the_text():
    said = [found.said for found in suggestions("Un SDF, puis un alcoolique, puis un sdf")]
    assert said == ["SDF", "alcoolique"]


def test_a_neutral_text_has_no_suggestion():
    assert suggestions("Sans logement depuis mars, elle cherche un hébergement près du chantier.") == []
    assert suggestions("") == []
