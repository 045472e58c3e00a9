"""Renewing several contracts at once: a draft a person, what the law refuses left out with its article, once."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from contracts import decisions, renewals
from contracts.models import Contract, ContractDraft, Decision, Flag
from tests.factories import (
    ContractFactory,
    FlagFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    WorkerFactory,
    user_with,
)

TODAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 10, tzinfo=ZoneInfo("Europe/Paris"))


def ending(structure, name, started_on=date(2026, 2, 1), planned_end_on=date(2026, 7, 31), **terms):
    """An alert on a CDDI of six months that ends soon."""
    worker = WorkerFactory(organisation=structure, last_name=name)
    PathwayFactory(worker=worker, started_on=started_on)
    PassFactory(worker=worker, started_on=started_on, ended_on=date(2029, 1, 1))
    contract = ContractFactory(
        worker=worker,
        started_on=started_on,
        planned_end_on=planned_end_on,
        **{"hourly_gross": Decimal("12.50"), "rome_code": "A1203", **terms},
    )
    flag = FlagFactory(contract=contract, due_on=planned_end_on)
    return Flag.objects.select_related("worker", "contract", "organisation").get(pk=flag.pk)


def too_long(structure, name="Ancien"):
    """A CDDI of a year whose like would go beyond 24 months."""
    flag = ending(structure, name, started_on=date(2025, 9, 1), planned_end_on=date(2026, 8, 31))
    first = ContractFactory(
        worker=flag.worker, started_on=date(2024, 9, 1), planned_end_on=date(2025, 8, 31), ended_on=date(2025, 8, 31)
    )
    Contract.objects.filter(pk=flag.contract_id).update(renews=first)
    return flag


def renew(by, flags, **asked):
    given = {"reason": "Projet en cours", "notified_on": None, "at": NOW, "sent_once": uuid4(), **asked}
    return decisions.answer_together(by=by, flags=flags, kind="renew", **given)


@pytest.fixture
def structure(db):
    return OrganisationFactory(kind="ACI")


@pytest.fixture
def hr(structure):
    return user_with(Role.HR, structure)


def test_each_person_gets_a_draft_as_long_with_the_same_terms_and_a_decision(structure, hr):
    flags = [ending(structure, "Un"), ending(structure, "Deux", weekly_hours=28)]

    done = renew(hr, flags)

    assert [(d.kind, d.reason, d.due_on) for d in done.decisions] == [
        ("renew", "Projet en cours", date(2026, 7, 31))
    ] * 2
    assert sorted(
        (d.worker.last_name, d.renews_id, d.kind, d.started_on, d.planned_end_on, d.weekly_hours, d.hourly_gross, d.rome_code)
        for d in ContractDraft.objects.select_related("worker")
    ) == [
        ("Deux", flags[1].contract_id, "FIXED_TERM_I", date(2026, 8, 1), date(2027, 1, 31), 28, Decimal("12.5000"), "A1203"),
        ("Un", flags[0].contract_id, "FIXED_TERM_I", date(2026, 8, 1), date(2027, 1, 31), 26, Decimal("12.5000"), "A1203"),
    ]  # fmt: skip


def test_what_the_law_forbids_is_left_out_and_says_why_by_which_article(structure, hr):
    good, bad = ending(structure, "Bon"), too_long(structure)

    done = renew(hr, [good, bad])

    (refused,) = done.refused
    assert refused.flag == bad
    assert "24 mois finissent le 31/08/2026 ; fin prévue le 31/08/2027 (L5132-15-1 CT). " in refused.refusal
    assert refused.renewal.articles == ("L5132-15-1 CT",)
    assert [draft.worker_id for draft in done.drafts] == [good.worker_id]
    assert Decision.objects.get().worker_id == good.worker_id


def test_a_new_end_is_proposed_in_place_of_the_usual_one_and_judged_the_same(structure, hr):
    flag, other = ending(structure, "Court"), ending(structure, "Long")
    ends = {flag.pk: date(2026, 12, 15), other.pk: date(2028, 6, 30)}

    one, two = decisions.plan([flag, other], "renew", today=TODAY, ends=ends)

    assert (one.renewal.planned_end_on, one.refusal) == (date(2026, 12, 15), "")
    assert "L5132-15-1 CT" in two.refusal
    assert [draft.planned_end_on for draft in renew(hr, [flag], ends=ends).drafts] == [date(2026, 12, 15)]


def test_a_contract_already_renewed_prepared_or_broken_and_an_end_before_its_start_are_refused_in_words(structure, hr):
    prepared, renewed, broken, backwards = (ending(structure, name) for name in ("Prêt", "Suivi", "Rompu", "Envers"))
    renew(hr, [prepared])
    ContractFactory(
        worker=renewed.worker, renews=renewed.contract, started_on=date(2026, 8, 1), planned_end_on=date(2026, 12, 31)
    )
    broken.contract.ended_on, broken.contract.end_reason = date(2026, 6, 1), "resignation"
    broken.contract.save()
    contracts = [flag.contract for flag in (prepared, renewed, broken, backwards)]

    found = renewals.proposed(contracts, today=TODAY, ends={backwards.contract_id: date(2026, 7, 1)})

    assert [found[contract.pk].movable for contract in contracts] == [False, False, False, True]
    said = [found[contract.pk].refusals[0] for contract in contracts]
    assert (
        said[0] == "Un projet de renouvellement est déjà prêt, du 01/08/2026 : il reste à le signer ou à l'abandonner."
    )
    assert said[1] == "Déjà renouvelé : le contrat suivant commence le 01/08/2026."
    assert said[2].startswith("Le contrat est rompu le 01/08/2026")
    assert said[3] == "La nouvelle fin, le 01/07/2026, précède le début du renouvellement, le 01/08/2026."


def test_an_alert_that_is_no_end_of_contract_prepares_no_renewal(structure, hr):
    flag = ending(structure, "Peu d'heures")
    hours = {"weekly_hours": 16, "min_hours": 20}
    other = FlagFactory(contract=flag.contract, code="WEEKLY_HOURS_MIN", facts=hours, rung=None)

    done = renew(hr, [other])

    assert (done.decisions, done.drafts) == ([], [])
    assert done.refused[0].refusal == "Cette alerte ne dit pas une fin de contrat : répondez-y depuis sa carte."


def test_sent_twice_is_done_once(structure, hr):
    flags, key = [ending(structure, "Un"), too_long(structure)], uuid4()

    first, second = renew(hr, flags, sent_once=key), renew(hr, flags, sent_once=key)

    assert (first.decisions, first.drafts) == (second.decisions, second.drafts)
    assert (Decision.objects.count(), ContractDraft.objects.count()) == (1, 1)


def test_when_the_possible_has_changed_since_the_preview_nothing_is_written(structure, hr):
    flags = [ending(structure, "Un"), ending(structure, "Deux")]

    with pytest.raises(ValidationError, match="rien n'est enregistré"):
        renew(hr, flags, seen=2, ends={flags[1].pk: date(2029, 1, 31)})

    assert (Decision.objects.count(), ContractDraft.objects.count()) == (0, 0)


def test_a_refusal_on_the_way_undoes_all_of_it(structure, hr):
    flags = [ending(structure, "Un"), ending(structure, "Deux")]

    with pytest.raises(ValidationError):
        renew(hr, flags, notified_on=TODAY + timedelta(days=1))

    assert (Decision.objects.count(), ContractDraft.objects.count()) == (0, 0)


def test_planning_for_one_person_and_for_twenty_asks_as_much(structure):
    flags = [ending(structure, f"Nom{n}") for n in range(20)]

    def cost(chosen):
        with CaptureQueriesContext(connection) as queries:
            decisions.plan(chosen, "renew", today=TODAY)
        # what the law in force is, is asked again now and then, whatever the page
        return len([query for query in queries if "lawbook_edition" not in query["sql"]])

    few = cost(flags[:1])
    assert cost(flags) == few


@pytest.mark.django_db(transaction=True)
def test_two_people_who_renew_the_same_contracts_at_the_same_time_prepare_each_once():
    structure = OrganisationFactory(kind="ACI")
    flags = [ending(structure, f"Nom{n}") for n in range(3)]
    people = [user_with(Role.HR, structure), user_with(Role.DIRECTOR, structure)]
    together, found = Barrier(2), []

    def work(by, chosen):
        together.wait()
        try:
            found.append(renew(by, chosen))
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=(people[0], flags)), Thread(target=work, args=(people[1], flags[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted((len(done.drafts), len(done.refused)) for done in found) == [(0, 3), (3, 0)]
    assert (Decision.objects.count(), ContractDraft.objects.count()) == (3, 3)
