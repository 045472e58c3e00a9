"""The list of contracts: found by name, narrowed, sorted, paged by key, as a file; the drafts that wait."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from contracts.models import Contract, ContractDraft, Derogation
from documents.models import Export
from tests.factories import ContractFactory, GroupFactory, OrganisationFactory, UserFactory, WorkerFactory, user_with
from tests.web.test_pages import signed_in

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def running(structure, name="Diallo", ends=60, worker=None, **terms):
    worker = worker or WorkerFactory(organisation=structure, last_name=name)
    dates = {"started_on": TODAY - timedelta(days=100), "planned_end_on": TODAY + timedelta(days=ends)}
    return ContractFactory(worker=worker, **{**dates, **terms})


def names(html):
    """The last names of the lines, in the order of the page."""
    return [part.split(">", 1)[1].split(" ")[0] for part in html.split('<a href="/salaries/')[1:]]


def shown(client, **asked):
    return names(client.get("/contrats/", asked).content.decode())


def test_contracts_running_today_are_listed_the_nearest_end_first_and_those_without_term_last():
    structure = OrganisationFactory()
    running(structure, "Tard", ends=80)
    running(structure, "Jamais", kind="PERMANENT_I", planned_end_on=None)
    running(structure, "Tôt", ends=5)
    running(structure, "Passé", started_on=TODAY - timedelta(days=200), planned_end_on=TODAY - timedelta(days=20))
    running(OrganisationFactory(), "Ailleurs")

    assert shown(signed_in(Role.HR, structure)) == ["Tôt", "Tard", "Jamais"]


def test_each_filter_narrows_and_a_filter_that_means_nothing_is_ignored():
    group = GroupFactory()
    one, two = OrganisationFactory(group=group), OrganisationFactory(group=group)
    counsellor = UserFactory()
    followed = WorkerFactory(organisation=one, last_name="Suivie", counsellor=counsellor)
    running(one, worker=followed, ends=30, kind="FIXED_TERM_USAGE")
    running(two, "Muet", ends=60, signed_on=None)
    lifted = running(two, "Levée", ends=90)
    Derogation.objects.create(
        organisation=two, worker=lifted.worker, kind="difficulties", decided_by="prescriber", decided_on=TODAY,
        started_on=TODAY, ended_on=TODAY + timedelta(days=300),
    )  # fmt: skip
    running(one, "Rompu", ended_on=TODAY - timedelta(days=2), end_reason="resignation")
    running(one, "Venir", started_on=TODAY + timedelta(days=3), planned_end_on=TODAY + timedelta(days=200))
    client = signed_in(Role.HR, group)

    assert shown(client) == ["Suivie", "Muet", "Levée"]
    assert shown(client, nature="FIXED_TERM_USAGE") == ["Suivie"]
    assert shown(client, conseiller=counsellor.pk) == ["Suivie"]
    assert shown(client, structure=two.pk) == ["Muet", "Levée"]
    assert shown(client, signature="sans") == ["Muet"]
    assert shown(client, derogation="oui") == ["Levée"]
    assert shown(client, du=TODAY + timedelta(days=60), au=TODAY + timedelta(days=90)) == ["Muet", "Levée"]
    assert shown(client, etat="rompus") == ["Rompu"]
    assert shown(client, etat="a-venir") == ["Venir"]
    assert len(shown(client, etat="tous")) == 5
    nonsense = {
        "nature": "X",
        "conseiller": "-1",
        "structure": "y",
        "du": "2026-13-45",
        "etat": "z",
        "tri": "?",
        "apres": "é",
    }
    assert shown(client, **nonsense) == ["Suivie", "Muet", "Levée"]


def test_contracts_that_end_from_a_day_on_leave_out_those_without_term():
    structure = OrganisationFactory()
    running(structure, "Fini", ends=40)
    running(structure, "Jamais", kind="PERMANENT_I", planned_end_on=None)

    assert shown(signed_in(Role.HR, structure), du=TODAY) == ["Fini"]


def test_a_name_is_found_without_accents_and_a_slip_finds_those_that_resemble():
    structure = OrganisationFactory()
    running(structure, "Éloïse")
    running(structure, "Diallo")
    client = signed_in(Role.HR, structure)

    assert shown(client, q="eloise amina") == ["Éloïse"]
    page = client.get("/contrats/", {"q": "dialo"}).content.decode()
    assert names(page) == ["Diallo"]
    assert "voici ceux qui y ressemblent" in page
    nothing = client.get("/contrats/", {"q": "zzz"}).content.decode()
    assert (names(nothing), "Aucun contrat ne répond à ces choix" in nothing) == ([], True)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("fin", ("planned_end_on", "id")),
        ("debut", ("-started_on", "-id")),
        ("nom", ("worker__name_key", "-started_on", "-id")),
    ],
)
def test_page_after_page_every_contract_comes_once_in_the_order_asked(sort, order):
    structure = OrganisationFactory()
    for n in range(90):
        running(structure, f"Nom{n * 7 % 90}", ends=n * 11 % 90 + 1, started_on=TODAY - timedelta(days=n % 13 + 1))
    client = signed_in(Role.DIRECTOR, structure)
    seen, after = [], ""
    for _page in range(3):
        html = client.get("/contrats/", {"tri": sort, "apres": after}).content.decode()
        seen += names(html)
        after = html.split("apres=")[1].split('"')[0] if 'rel="next"' in html else ""

    assert after == ""
    assert seen == list(Contract.objects.order_by(*order).values_list("worker__last_name", flat=True))


def test_the_list_costs_the_same_for_one_contract_and_for_forty():
    structure = OrganisationFactory(group=GroupFactory())
    OrganisationFactory(group=structure.group)
    running(structure)
    client = signed_in(Role.HR, structure.group)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/contrats/", {"q": "dialo", "derogation": "", "tri": "nom"})
        # what the law in force is, is asked again now and then, whatever the page
        return len([query for query in queries if "lawbook_edition" not in query["sql"]])

    few = cost()
    for n in range(40):
        running(structure, f"Diallo{n}", worker=WorkerFactory(organisation=structure, counsellor=UserFactory()))

    assert cost() == few <= 12


def test_the_same_list_leaves_as_a_file_with_its_filters_and_is_on_record():
    structure = OrganisationFactory()
    running(structure, "Muet", signed_on=None)
    running(structure, "Parafé")

    answer = signed_in(Role.HR, structure).get("/contrats/", {"signature": "sans", "format": "csv"})

    content = b"".join(answer.streaming_content).decode()
    assert ("Muet" in content, "Parafé" in content) == (True, False)
    assert (Export.objects.get().listing, Export.objects.get().filters) == ("contracts", {"signature": "sans"})


def test_an_empty_list_says_where_contracts_come_from():
    page = signed_in(Role.HR, OrganisationFactory()).get("/contrats/").content.decode()

    assert "Aucun contrat en cours" in page
    assert "importez un fichier" in page


def test_drafts_wait_on_their_page_and_leave_it_once_signed_or_abandoned():
    structure = OrganisationFactory()
    author = user_with(Role.HR, structure)
    for name in ("Attend", "Abandonné"):
        contract = running(structure, name)
        ContractDraft.objects.create(
            worker=contract.worker, renews=contract, kind="FIXED_TERM_I", started_on=contract.planned_end_on + timedelta(days=1),
            planned_end_on=contract.planned_end_on + timedelta(days=150), prepared_by=author, prepared_on=TODAY,
        )  # fmt: skip
    ContractDraft.objects.filter(worker__last_name="Abandonné").update(abandoned_on=TODAY)
    client = signed_in(Role.HR, structure)

    assert "1 projet attend une signature" in client.get("/contrats/").content.decode()
    page = client.get("/contrats/projets/").content.decode()
    draft = ContractDraft.objects.get(abandoned_on=None)
    assert ("Attend" in page, "Abandonné" in page, f"/actes/signer-projet/{draft.pk}/" in page) == (True, False, True)
    reading = signed_in(Role.COUNSELLOR, structure).get("/contrats/projets/").content.decode()
    assert f"/actes/signer-projet/{draft.pk}/" not in reading
