"""Experiments: registered before they start, joined with consent, told to the end whether they succeed or not (EXP-01)."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Organisation
from contracts.models import Contract
from indicators.actions import end_experiment, join_experiment, publish_evaluation, register_experiment
from indicators.models import Experiment
from indicators.periods import Period
from tests.factories import OrganisationFactory, UserFactory
from tests.indicators.worlds import SECOND_QUARTER_2025, contract, counts, measured, paid, worker

pytestmark = pytest.mark.django_db


def registered(organisation: Organisation, **fields: object) -> Experiment:
    return register_experiment(
        by=UserFactory(),
        organisation=organisation,
        **{
            "title": "Semaine de quatre jours",
            "subject": "organisation",
            "hypothesis": "Moins d'absences à heures égales",
            "outcome": "Part des heures payées sur les heures prévues",
            "comparison": "Les équipes qui gardent cinq jours",
            "registered_on": date(2025, 1, 15),
            "started_on": date(2025, 2, 1),
            **fields,
        },
    )


def hired(organisation: Organisation, name: str) -> Contract:
    row = contract(worker(organisation, name), "FIXED_TERM_I", date(2025, 1, 1), date(2025, 12, 31))
    paid(row, date(2025, 6, 1), 100)
    return row


def test_an_experiment_is_registered_before_it_starts() -> None:
    with pytest.raises(ValidationError, match="s'inscrit avant de commencer"):
        registered(OrganisationFactory(), registered_on=date(2025, 2, 2))


def test_who_agreed_is_covered_who_was_not_asked_is_unknown_and_another_contract_does_not_count() -> None:
    aci, user = OrganisationFactory(kind="ACI"), UserFactory()
    experiment = registered(aci)
    agreed, silent, _other = (hired(aci, name) for name in "ABC")
    join_experiment(
        by=user, experiment=experiment, worker=agreed.worker, contract=agreed, joined_on=date(2025, 2, 1),
        consented_on=date(2025, 1, 31),
    )  # fmt: skip
    join_experiment(by=user, experiment=experiment, worker=silent.worker, joined_on=date(2025, 2, 1), consented_on=None)
    value = measured(aci, "EXP-01", SECOND_QUARTER_2025)
    assert counts(value) == (1, 2, 3)
    with pytest.raises(ValidationError, match="celui d'une autre personne"):
        join_experiment(
            by=user, experiment=experiment, worker=agreed.worker, contract=silent, joined_on=date(2025, 3, 1),
            consented_on=None,
        )  # fmt: skip


def test_an_experiment_that_failed_stays_in_the_account_of_evaluations() -> None:
    aci, user = OrganisationFactory(kind="ACI"), UserFactory()
    hired(aci, "A")
    told, silent = registered(aci), registered(aci, title="Tutorat entre pairs")
    for experiment in (told, silent):
        end_experiment(by=user, experiment=experiment, ended_on=date(2025, 6, 30))
    publish_evaluation(by=user, experiment=told, result="Aucun effet constaté.", published_on=date(2025, 9, 1))
    value = measured(aci, "EXP-01", Period(date(2025, 10, 1), date(2025, 12, 31)))
    assert (value.parts["ended"], value.parts["evaluated"], value.parts["evaluated_rate"]) == ("2", "1", "0.5")
    with pytest.raises(ValidationError, match="porte un résultat"):
        publish_evaluation(by=user, experiment=silent, result="", published_on=date(2025, 9, 1))
