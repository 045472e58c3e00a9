"""Before signing: what the typed terms would change, with the derogation that would lift a limit, and signing both at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from contracts import actions, life
from contracts.derogations import record_derogation
from contracts.facts import contract_facts, person_facts
from contracts.models import Contract
from law import what_if
from law.dates import add_months
from law.facts import Derogation as DerogationFacts
from law.nomenclature import nomenclatures
from law.what_if import Simulation
from parcours.models import Worker


def simulate(
    *,
    worker: Worker,
    terms: Mapping[str, Any],
    today: date,
    renews: Contract | None = None,
    derogation: Mapping[str, Any] | None = None,
) -> Simulation:
    """What a contract with these terms would open, break, pay and cover. Nothing is written.

    `derogation` is one that would be granted with it: its kind and both its days are read.
    """
    draft = Contract(worker=worker, renews=renews, **terms)
    person = person_facts(worker, today)
    if derogation:
        granted = DerogationFacts(derogation["kind"], derogation["started_on"], derogation["ended_on"])
        person = replace(person, derogations=(*person.derogations, granted))
    return what_if.simulate(contract_facts(draft, worker.contracts.all(), today), person, today)


@transaction.atomic
def sign(
    *,
    by: User,
    worker: Worker,
    terms: Mapping[str, Any],
    today: date,
    renews: Contract | None = None,
    derogation: Mapping[str, Any] | None = None,
) -> Contract:
    """Sign a contract, or the renewal of one, with the derogation that allows it: both are kept, or neither.

    Raises ValidationError with the articles when the law forbids it.
    """
    if derogation:
        record_derogation(by=by, worker=worker, today=today, **derogation)
    if renews is not None:
        life.allow(life.state_on(renews, terms["started_on"]), "renew", terms["started_on"])
    return actions.sign_contract(by=by, worker=worker, today=today, renews=renews, **terms)


def same_again(contract: Contract) -> dict[str, Any]:
    """The terms of a renewal as they are usually typed: from the day after, as long from date to date, same hours and pay."""
    names = ("kind", "weekly_hours", "hourly_gross", "rome_code", "sentence_adjustment")
    terms: dict[str, Any] = {name: getattr(contract, name) for name in names}
    if contract.planned_end_on:
        months, days = life.months_and_days(contract.started_on, contract.planned_end_on)
        terms["started_on"] = contract.planned_end_on + timedelta(days=1)
        terms["planned_end_on"] = add_months(terms["started_on"], months) + timedelta(days=days - 1)
    return terms


def derogations_for(worker: Worker) -> list[tuple[str, str]]:
    """The derogations a person may be granted in her kind of structure: (code, label)."""
    return [
        (entry["code"], entry["label"])
        for entry in nomenclatures()["derogation_kind"]
        if entry["scope"] == "worker"
        and worker.organisation.kind in (entry["structures"] or [worker.organisation.kind])
    ]
