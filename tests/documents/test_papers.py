"""Papers from the record: what each says, how it is issued, kept and adapted."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.roles import Role
from documents import actions, press
from documents.models import Paper, Wording
from documents.papers import KINDS
from tests.documents.reading import text_of
from tests.factories import (
    AmendmentFactory,
    AssignmentFactory,
    ContractFactory,
    OrganisationFactory,
    PassFactory,
    WorkerFactory,
    user_with,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 1)
SUMMARY, AMENDMENT, CERTIFICATE = (KINDS[code] for code in ("contract_summary", "amendment", "work_certificate"))


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def director():
    return user_with(Role.DIRECTOR, OrganisationFactory(name="Les Jardins", siret="73282932000074"))


@pytest.fixture
def structure(director):
    return director.memberships.get().organisation


@pytest.fixture
def contract(structure):
    worker = WorkerFactory(organisation=structure, last_name="Diallo", address="1 place du Marché", city="Rennes")
    PassFactory(worker=worker, number="999991234567", started_on=date(2026, 1, 1), ended_on=date(2027, 12, 31))
    return ContractFactory(
        worker=worker, started_on=date(2026, 1, 1), planned_end_on=date(2026, 6, 30), hourly_gross="12.02"
    )


def issued(director, kind, subject, today=TODAY):
    return actions.issue(by=director, kind=kind, subject=subject, today=today)


def said(paper):
    return text_of(actions.content_of(paper))


def test_the_summary_says_terms_dates_pay_and_pass(director, contract):
    text = said(issued(director, SUMMARY, contract))

    for part in (
        "Résumé du contrat de travail",
        "Les Jardins",
        "Amina Diallo, née ou né le 12 avril 1985",
        "Nature CDD d'insertion (CDDI)",
        "Début 1er janvier 2026",
        "Fin prévue 30 juin 2026",
        "Heures par semaine 26 h",
        "Heures par mois 112,67 h",
        "Salaire horaire brut 12,02 €",
        "Salaire mensuel brut 1 354,29 €",
        "PASS IAE 99999 12 34567, valable jusqu'au 31 décembre 2027",
    ):
        assert part in text


def test_what_is_not_known_is_said_not_known(director, structure):
    bare = ContractFactory(
        worker=WorkerFactory(organisation=structure), weekly_hours=None, hourly_gross=None, signed_on=None, reference=""
    )

    text = said(issued(director, SUMMARY, bare))

    for part in ("Signé le non connu", "Heures par semaine non connu", "Salaire mensuel brut non connu"):
        assert part in text


def test_the_summary_counts_contracts_that_follow_one_another_without_a_day_between(director, contract):
    worker = contract.worker
    ContractFactory(worker=worker, started_on=date(2025, 1, 1), planned_end_on=date(2025, 6, 29))
    ContractFactory(worker=worker, started_on=date(2025, 7, 1), planned_end_on=date(2025, 12, 31))

    contract.refresh_from_db()
    facts = SUMMARY.facts(contract, TODAY)

    assert (facts.rank, facts.chain_started_on) == (2, date(2025, 7, 1))


def test_the_summary_lists_amendments_and_clients(director, contract):
    AmendmentFactory(contract=contract, effective_on=date(2026, 3, 1), weekly_hours="30.00", reason="Plus d'heures")
    AssignmentFactory(contract=contract, client_name="Mairie de Rennes", started_on=date(2026, 1, 5))

    text = said(issued(director, SUMMARY, contract))

    assert "1er mars 2026 Heures par semaine : 30 h Plus d'heures" in text
    assert "Mairie de Rennes 5 janvier 2026 en cours" in text


def test_an_amendment_says_the_terms_before_and_after(director, contract):
    amendment = AmendmentFactory(
        contract=contract, effective_on=date(2026, 3, 1), weekly_hours="30.00", former_weekly_hours="26.00",
        planned_end_on=date(2026, 9, 30), former_planned_end_on=date(2026, 6, 30),
    )  # fmt: skip

    text = said(issued(director, AMENDMENT, amendment))

    assert "Avenant n° 1 au contrat de travail" in text
    assert "À compter du 1er mars 2026" in text
    assert "Fin prévue du contrat 30 juin 2026 30 septembre 2026" in text
    assert "Heures par semaine 26 h 30 h" in text
    assert "Salaire horaire brut" not in text


def test_a_certificate_says_dates_and_jobs_and_the_cover_kept_but_not_why_it_ended(director, contract):
    contract.ended_on, contract.end_reason = date(2026, 6, 30), "misconduct"
    contract.save()

    text = said(issued(director, CERTIFICATE, contract))

    assert "du 1er janvier 2026 au 30 juin 2026 inclus." in text
    assert "au plus 6 mois, du 1er juillet 2026 au 31 décembre 2026, si :" in text
    assert "Faute" not in text


def test_a_contract_that_runs_has_no_certificate_yet(director, contract):
    with pytest.raises(ValidationError, match="enregistrez d'abord sa fin effective"):
        issued(director, CERTIFICATE, contract)
    assert Paper.objects.count() == 0


def test_the_same_facts_issued_twice_are_one_paper(director, contract):
    first = issued(director, SUMMARY, contract)

    assert issued(director, SUMMARY, contract) == first
    assert Paper.objects.count() == 1


def test_a_changed_fact_is_another_paper_and_the_first_stays_as_it_was(director, contract):
    first = issued(director, SUMMARY, contract)
    before = actions.content_of(first)
    contract.weekly_hours = Decimal("30.00")
    contract.save()

    second = issued(director, SUMMARY, contract)

    assert second != first
    assert "Heures par semaine 30 h" in said(second)
    assert actions.content_of(Paper.objects.get(pk=first.pk)) == before


def test_a_paper_remembers_who_when_and_from_what(director, contract):
    paper = issued(director, SUMMARY, contract)

    assert (paper.issued_by, paper.issued_on, paper.worker, paper.contract) == (
        director,
        TODAY,
        contract.worker,
        contract,
    )
    assert paper.press == press.fingerprint()
    assert paper.facts_sha256 == press.digest(press.canonical(paper.facts))
    assert paper.file_sha256 == press.digest(actions.content_of(paper))


def test_a_lost_or_altered_file_is_pressed_again_byte_for_byte(director, contract):
    paper = issued(director, SUMMARY, contract)
    before = actions.content_of(paper)
    with open(paper.file.path, "wb") as file:
        file.write(b"autre chose")

    assert actions.content_of(paper) == before
    paper.file.storage.delete(paper.file.name)
    assert actions.content_of(paper) == before


def test_an_issued_paper_cannot_be_changed_nor_removed(director, contract):
    paper = issued(director, SUMMARY, contract)
    for change in (lambda: Paper.objects.filter(pk=paper.pk).update(title="Autre"), lambda: paper.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Paper.objects.get(pk=paper.pk).title == "Résumé du contrat — Amina Diallo"


def test_a_preview_writes_nothing(director, contract):
    assert "APERÇU" in text_of(actions.previewed(kind=SUMMARY, subject=contract, today=TODAY))
    assert Paper.objects.count() == 0


def adapted(director, structure, version=0, kind="contract_summary", hidden=(), **texts):
    return actions.adapt(by=director, organisation=structure, kind=kind, texts=texts, hidden=hidden, version=version)


def test_a_structure_words_its_papers_and_leaves_sections_out(director, structure, contract):
    wording = adapted(
        director,
        structure,
        hidden=["pay"],
        intro="Bonjour {salarie}, bienvenue à {structure} !",
        contact="Demandez Nora.",
    )
    adapted(director, structure, kind="letterhead", address="3 rue des Lilas", signatory="Nora Le Goff")

    paper = issued(director, SUMMARY, contract)
    text = said(paper)

    assert paper.wording == wording
    assert "Bonjour Amina Diallo, bienvenue à Les Jardins !" in text
    assert "3 rue des Lilas" in text
    assert "Nora Le Goff" in text
    assert "Salaire" not in text


def test_papers_issued_before_keep_the_wording_they_had(director, structure, contract):
    paper = issued(director, SUMMARY, contract)
    adapted(director, structure, intro="Nouveau texte")

    assert "Ce résumé aide à lire" in said(Paper.objects.get(pk=paper.pk))
    assert "Nouveau texte" in said(issued(director, SUMMARY, contract))


def test_a_wording_is_text_and_never_code_nor_a_second_filling(director, structure, contract):
    contract.worker.first_name = "{structure}"
    contract.worker.save()
    adapted(director, structure, intro="#eval(1+1) {salarie} $x$")

    assert "#eval(1+1) {structure} Diallo $x$" in said(issued(director, SUMMARY, contract))


@pytest.mark.parametrize(
    ("texts", "hidden", "field", "message"),
    [
        ({"intro": "{secret}"}, (), "intro", "« {secret} » n'existe pas dans « Phrase d'introduction » : choisissez parmi {salarie}, {structure}."),
        ({"intro": "a" * 1501}, (), "intro", "« Phrase d'introduction » compte 1501 signes, au plus 1500 : raccourcissez-le."),
        ({"inconnu": "a"}, (), "inconnu", "Ce texte n'existe pas dans ce document."),
        ({}, ("le_contrat",), "hidden", "Cette rubrique ne se masque pas : le_contrat."),
    ],
)  # fmt: skip
def test_a_wording_that_cannot_be_is_refused_in_words_and_nothing_is_kept(
    director, structure, texts, hidden, field, message
):
    with pytest.raises(ValidationError) as refused:
        adapted(director, structure, hidden=hidden, **texts)
    assert refused.value.message_dict == {field: [message]}
    assert Wording.objects.count() == 0


def test_two_people_at_once_do_not_undo_each_other(director, structure):
    adapted(director, structure, intro="Le premier")
    with pytest.raises(ValidationError, match="modifié par quelqu'un d'autre"):
        adapted(director, structure, intro="Le second, qui a lu la version 0")
    assert adapted(director, structure, version=1, intro="Le second, qui a relu").version == 2


def test_a_text_left_as_it_was_follows_the_standard_one(director, structure):
    standard = KINDS["contract_summary"].texts["intro"].standard

    assert adapted(director, structure, intro=standard, contact="").texts == {}


def test_papers_are_seen_in_their_structure_only(director, contract):
    paper = issued(director, SUMMARY, contract)
    elsewhere = user_with(Role.DIRECTOR, OrganisationFactory())
    counsellor = user_with(Role.COUNSELLOR, contract.worker.organisation)

    assert list(Paper.objects.visible_to(counsellor)) == [paper]
    assert list(Paper.objects.visible_to(elsewhere)) == []
