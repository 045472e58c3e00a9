"""Felt power to act: one answer a person, and nothing that says whose."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from participation import survey
from participation.models import SurveyAnswer, SurveyCode, SurveyWave
from tests.factories import OrganisationFactory, PathwayFactory, SurveyAnswerFactory, SurveyWaveFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 3)


def welcome(structure, count: int, sex: str = "F", ended_on: date | None = None):
    for _n in range(count):
        PathwayFactory(worker__organisation=structure, worker__sex=sex, started_on=date(2024, 1, 8), ended_on=ended_on)


def test_those_in_pathway_and_those_out_for_three_months_at_most_are_invited():
    structure = OrganisationFactory()
    welcome(structure, 2)
    welcome(structure, 1, ended_on=date(2024, 3, 3))
    welcome(structure, 1, ended_on=date(2024, 3, 2))
    welcome(OrganisationFactory(), 1)
    wave, codes = survey.open_wave(by=UserFactory(), organisation=structure, opened_on=DAY)
    assert (len(set(codes)), wave.codes.count()) == (3, 3)


def test_a_sex_of_few_people_is_not_written_on_its_codes():
    structure = OrganisationFactory()
    welcome(structure, 5)
    welcome(structure, 4, "M")
    wave, _codes = survey.open_wave(by=UserFactory(), organisation=structure, opened_on=DAY)
    assert sorted(wave.codes.values_list("sex", flat=True)) == [""] * 4 + ["F"] * 5


def test_a_code_answers_once_however_it_is_typed():
    structure = OrganisationFactory()
    welcome(structure, 1)
    _wave, [code] = survey.open_wave(by=UserFactory(), organisation=structure, opened_on=DAY)
    survey.answer(code=code.lower().replace("-", " "), values={"decided_with_me": 5, "listened_to": None})
    with pytest.raises(ValidationError, match="déjà servi"):
        survey.answer(code=code, values={"decided_with_me": 1})
    answers = dict(SurveyAnswer.objects.values_list("item", "value"))
    assert answers == {
        "decided_with_me": 5, "listened_to": None, "know_whom_to_ask": None, "can_do_alone": None, "see_what_comes_next": None
    }  # fmt: skip


def test_no_row_ties_an_answer_to_a_code_or_a_person():
    related = {f.name for model in (SurveyCode, SurveyAnswer) for f in model._meta.fields if f.related_model}
    assert related == {"wave"}
    assert not any(hasattr(model, "pgh_event_model") for model in (SurveyCode, SurveyAnswer))


def test_a_value_that_was_not_offered_keeps_the_code_and_writes_nothing():
    structure = OrganisationFactory()
    welcome(structure, 1)
    _wave, [code] = survey.open_wave(by=UserFactory(), organisation=structure, opened_on=DAY)
    for values in ({"decided_with_me": 6}, {"salary": 5}):
        with pytest.raises(ValidationError):
            survey.answer(code=code, values=values)
    assert (SurveyAnswer.objects.count(), survey.usable(code) is not None) == (0, True)


def test_a_closed_wave_takes_no_answer():
    structure = OrganisationFactory()
    welcome(structure, 1)
    wave, [code] = survey.open_wave(by=UserFactory(), organisation=structure, opened_on=DAY)
    survey.close_wave(by=UserFactory(), wave=wave, closed_on=DAY)
    assert survey.usable(code) is None


def test_one_wave_at_a_time_and_none_without_anybody():
    structure = OrganisationFactory()
    with pytest.raises(ValidationError, match="personne à inviter"):
        survey.open_wave(by=UserFactory(), organisation=structure, opened_on=DAY)
    welcome(structure, 1)
    survey.open_wave(by=UserFactory(), organisation=structure, opened_on=DAY)
    with pytest.raises(ValidationError, match="déjà ouverte"):
        survey.open_wave(by=UserFactory(), organisation=structure, opened_on=DAY)
    assert (SurveyWave.objects.count(), SurveyCode.objects.count()) == (1, 1)


def test_few_answers_are_not_shown_and_an_open_wave_shows_none():
    wave = SurveyWaveFactory(closed_on=DAY)
    for value in (1, 3, 4, 5, 5):
        SurveyAnswerFactory(wave=wave, item="decided_with_me", value=value)
    for value in (4, 4, 4, 4, None):
        SurveyAnswerFactory(wave=wave, item="listened_to", value=value)
    shown = {item.label: (item.answered, item.agreed, item.spread) for item in survey.results(wave).items}
    assert shown["Les étapes de mon parcours sont décidées avec moi."] == (5, 3, (1, 0, 1, 1, 2))
    assert shown["Ce que je dis est pris en compte."] == (4, None, None)
    wave.closed_on = None
    assert survey.results(wave).items == []
