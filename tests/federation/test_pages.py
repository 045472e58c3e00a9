"""What the federation reads, what it may do to a release, and what structures read of the others."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from accounts.roles import Role
from disclosure.audience import Audience
from jobs.actions import MAX_ATTEMPTS, perform
from jobs.models import Job
from releases import actions, reading, snapshot, tasks
from releases.models import Release
from releases.secrets import KeyRefused
from tests.factories import FederationFactory, OrganisationFactory, user_with
from tests.releases.world import NOW, YEAR
from tests.web.test_pages import OF_A_RELEASE, client_for, signed_in

pytestmark = pytest.mark.django_db


def html(client, address, **data):
    answer = client.get(address, data)
    assert answer.status_code == 200, address
    return answer.content.decode()


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ")


@pytest.fixture
def edition(world):
    return reading.latest(world.federation.pk)


@pytest.fixture
def analyst(world):
    return client_for(world.analyst)


@pytest.fixture
def publisher(world):
    return client_for(world.publisher)


def test_the_home_lists_releases_by_state_and_leads_to_what_may_be_read(world, analyst, edition):
    page = html(analyst, "/federation/")

    assert f"/federation/editions/{edition.id}/" in page
    assert "Publiées" in page
    assert "En cours" not in page
    assert page.count('aria-current="step"') == 2
    assert "Préparer une publication" in page


def test_an_edition_tells_each_figure_with_its_margin_in_nine_dimensions(analyst, edition):
    page = text_of(html(analyst, f"/federation/editions/{edition.id}/"))

    for dimension in ("Contrats sécurisants", "Continuité", "Droits", "Rémunération", "Compétences", "Freins", "Parole",
                      "Accompagnement", "Sorties"):  # fmt: skip
        assert dimension in page
    cell = reading.cells(reading.table(edition, "SEC-01"))[0]
    said = f"{cell.value:.1f}".replace(".", ",")
    assert re.search(rf"Sous contrat sécurisant|Personnes sous contrat sécurisant.*{said} %\s+± ", page)
    assert "Tous les chiffres portent une petite erreur aléatoire" in page


def test_a_table_says_np_and_why_on_the_spot(analyst, edition):
    page = html(analyst, f"/federation/editions/{edition.id}/tableaux/SEC-01/", par="kind")

    assert '<abbr title="« np », non publié : trop peu de personnes' in page
    assert "trop peu de personnes, ou un résultat qui en dirait trop" in text_of(page)


def test_the_map_leads_to_each_territory_and_the_table_says_the_same(analyst, edition):
    page = html(analyst, f"/federation/editions/{edition.id}/tableaux/SEC-01/", par="region")
    svg = page[page.index('class="drawing tiles"') : page.index("</svg>", page.index('class="drawing tiles"'))]
    links = re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', svg)

    assert len(links) == len(edition.labels["region"])
    for address, words in links:
        name, said = words.replace("\xa0", " ").split(" : ")
        assert name in edition.labels["region"].values()
        assert said in text_of(page)
        below = text_of(html(analyst, address.split("#")[0].replace("&amp;", "&")))
        assert f"Département — {name}" in below
    departments = reading.cells(reading.table(edition, "SEC-01", ["department"]))
    code = next(iter(edition.labels["region"]))
    here = {at["department"] for at in edition.places.values() if at["region"] == code}
    shown = html(analyst, f"/federation/editions/{edition.id}/tableaux/SEC-01/", par="department", region=code)
    assert shown.count('id="case-') == len([c for c in departments if c.coordinates["department"] in here])


def test_an_evolution_within_its_margin_is_not_to_be_read(analyst, edition, world):
    page = text_of(html(analyst, f"/federation/editions/{edition.id}/tableaux/EFFECTIF/"))

    assert "N’interprétez pas une évolution de moins de 7 personnes" in page
    before, now = (point.cell for point in reading.evolution(world.federation.pk, "EFFECTIF", {}))
    within = not reading.change(before, now).clear
    assert ("dans la marge : ne s’interprète pas" in page) == within


def test_categories_come_in_the_order_of_the_catalogue_and_ages_in_theirs(analyst, edition):
    page = text_of(html(analyst, f"/federation/editions/{edition.id}/tableaux/SORTIES/", par="age"))

    table = page[page.index("Base") :]
    places = [
        table.index(words) for words in ("Emploi durable", "Emploi de transition", "Sortie positive", "Autre situation")
    ]
    assert places == sorted(places)
    ages = [table.index(words) for words in ("Moins de 26 ans", "26 à 49 ans", "50 ans et plus")]
    assert ages == sorted(ages)


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet", "sdmx", "metadata"])
def test_an_edition_and_a_table_are_taken_away_the_same_bytes_whoever_asks(world, analyst, publisher, edition, format):
    address = f"/federation/editions/{edition.id}/fichiers/{format}/"
    whole, again = analyst.get(address), publisher.get(address)
    one = analyst.get(address, {"tableau": "SEC-01"})

    assert whole.status_code == 200
    assert whole.content == again.content
    assert 0 < len(one.content) < len(whole.content)
    assert "attachment" in whole["Content-Disposition"]
    assert analyst.get(address, {"tableau": "INCONNU"}).status_code == 404
    assert address in html(analyst, f"/federation/editions/{edition.id}/")


def test_the_plan_gives_the_national_figure_of_what_is_released(analyst, edition):
    page = text_of(html(analyst, f"/federation/editions/{edition.id}/plan/"))

    whole = reading.cells(reading.table(edition, "COM-02"))[0]
    assert f"{whole.value:.1f}".replace(".", ",").removesuffix(",0") in page
    assert "Non publié :" in page


def test_who_prepared_sees_no_button_to_approve_and_is_told_why(world):
    release = actions.prepare(
        by=world.publisher,
        federation=world.federation,
        period=type(YEAR)(YEAR.start.replace(month=10), YEAR.end),
        known_at=NOW,
    )
    tasks.begin(release=release.pk)
    for state in ("prepared", "protected", "audited"):
        Release.objects.filter(pk=release.pk).update(state=state)
    address, approve = f"/federation/publications/{release.pk}/", f"/federation/publications/{release.pk}/approuver/"
    own = client_for(world.publisher)

    page = html(own, address)
    assert approve not in page
    assert "Vous avez préparé cette publication" in page
    assert "deux personnes" in own.post(approve, follow=True).content.decode()
    analyst = client_for(world.analyst)
    assert "revient à un responsable des publications" in html(analyst, address)
    assert analyst.post(approve).status_code == 404
    other = client_for(user_with(Role.PUBLISHER, world.federation))
    assert approve in html(other, address)
    other.post(approve)
    other.post(f"/federation/publications/{release.pk}/publier/")
    release.refresh_from_db()
    assert release.state == "published"


def test_a_release_asked_from_the_page_shows_its_progress_from_its_jobs(world, analyst):
    page = analyst.post("/federation/preparer/", {"period": "2025-T4"}, follow=True).content.decode()

    assert "0 travaux faits sur 1 demandés" in text_of(page)
    assert f'hx-get="/federation/publications/{Release.objects.first().pk}/avancement/"' in page


def test_the_site_prepares_approves_publishes_and_serves_without_any_key(world, settings, analyst, publisher):
    keys, settings.RELEASE_SECRETS = settings.RELEASE_SECRETS, []
    analyst.post("/federation/preparer/", {"period": "2025-T4"})
    release = Release.objects.first()

    assert (release.state, release.key_id) == ("preparing", "")
    settings.RELEASE_SECRETS = keys  # in the job, and there only
    tasks.begin(release=release.pk)
    snapshot.write(release, world.rows())
    Job.objects.filter(batch=release.batch).update(done_at=NOW)
    for step in (tasks.freeze, tasks.protect, tasks.audit):
        step(release=release.pk)
    settings.RELEASE_SECRETS = []
    address = f"/federation/publications/{release.pk}/"
    publisher.post(f"{address}approuver/")
    publisher.post(f"{address}publier/")

    release.refresh_from_db()
    assert (release.state, release.key_id[:5]) == ("published", "2025-")
    edition = reading.editions(world.federation.pk)[0]
    assert (edition.release, edition.label) == (release.pk, "T4 2025")
    assert "± " in text_of(html(analyst, f"/federation/editions/{edition.id}/"))


def test_a_key_that_is_missing_is_told_on_the_page_and_the_work_goes_on_once_it_is_there(world, settings, analyst):
    keys, settings.RELEASE_SECRETS = settings.RELEASE_SECRETS, []
    analyst.post("/federation/preparer/", {"period": "2025-T4"})
    release = Release.objects.first()
    first = Job.objects.get(batch=release.batch)
    address = f"/federation/publications/{release.pk}/"

    with pytest.raises(KeyRefused):
        perform(first.pk)
    page = text_of(html(analyst, address))
    assert "Aucune clé de publication pour 2025" in page
    assert "le travail reprend de lui-même" in page
    Job.objects.filter(pk=first.pk).update(attempts=MAX_ATTEMPTS - 1)
    with pytest.raises(KeyRefused):
        perform(first.pk)
    assert "abandonnez cette publication et préparez-la de nouveau" in text_of(html(analyst, address))
    analyst.post(f"{address}abandonner/")
    settings.RELEASE_SECRETS = keys
    analyst.post("/federation/preparer/", {"period": "2025-T4"})
    again = Release.objects.exclude(pk=release.pk).get(period_start=release.period_start, period_end=release.period_end)
    perform(Job.objects.get(batch=again.batch).pk)
    again.refresh_from_db()
    assert again.key_id.startswith("2025-")
    assert "Aucune clé" not in html(analyst, f"/federation/publications/{again.pk}/")


def test_a_withdrawal_asks_a_reason_which_readers_see(world, publisher, edition):
    address = f"/federation/publications/{world.release.pk}/"

    assert "obligatoire" in publisher.post(f"{address}retirer/", {"reason": ""}).content.decode()
    page = publisher.post(f"{address}retirer/", {"reason": "Une structure comptée deux fois"}, follow=True)
    assert "Une structure comptée deux fois" in page.content.decode()
    assert client_for(world.analyst).get(f"/federation/editions/{edition.id}/").status_code == 404


def test_structures_read_their_kind_under_the_structure_rule_and_nobody_by_name(world):
    structure = next(one for one in world.structures if one.kind == "ACI")
    page = html(signed_in(Role.DIRECTOR, structure), "/reperes/")

    peers = reading.latest(world.federation.pk, Audience.PEERS)
    cell = next(
        c for c in reading.cells(reading.table(peers, "SEC-01", ["kind"])) if c.coordinates["kind"] == "ACI"
    )  # fmt: skip
    assert ("np" if cell.value is None else f"{cell.value:.1f}".replace(".", ",").removesuffix(",0")) in text_of(page)
    assert "au moins trois structures" in page
    others = [one.name for one in world.structures if one != structure]
    assert [name for name in others if re.search(rf"\b{re.escape(name)}\b", page)] == []


def test_a_structure_affiliated_through_its_group_reads_them_too(world):
    group = OrganisationFactory(nature="group", kind="", federation=world.federation)
    structure = OrganisationFactory(group=group, kind="ACI")

    page = text_of(html(signed_in(Role.DIRECTOR, structure), "/reperes/"))

    assert "au moins trois structures" in page
    peers = reading.latest(world.federation.pk, Audience.PEERS)
    assert peers.label in page


def test_the_home_costs_the_same_however_many_releases_there_are(world):
    client = client_for(world.analyst)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/federation/")
        return len(queries)

    before = cost()
    for n in range(1, 4):
        other = user_with(Role.PUBLISHER, world.federation)
        Release.objects.create(
            federation=world.federation, period_start=YEAR.start.replace(year=2020 + n), period_end=YEAR.end.replace(year=2020 + n),
            revision=1, known_at=NOW, catalogue="2026-1", policy="2026-1", key_id="x", state="published",
            prepared_by=user_with(Role.ANALYST, world.federation), prepared_at=NOW, approved_by=other, approved_at=NOW,
            published_by=other, published_at=NOW,
        )  # fmt: skip
    assert cost() == before


def test_another_federation_reads_nothing_of_this_one(world, edition):
    stranger = signed_in(Role.ANALYST, FederationFactory())
    for address in (f"editions/{edition.id}/", f"editions/{edition.id}/plan/", f"editions/{edition.id}/tableaux/SEC-01/",
                    f"publications/{world.release.pk}/", "observatoire/2025/"):  # fmt: skip
        assert stranger.get(f"/federation/{address}").status_code == 404
    assert Client().get(f"/federation/editions/{edition.id}/").status_code == 302


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_is_its_own_and_nothing_else_exists(world, edition, role):
    """The pages about a release, whose names tests/web/test_pages.py lists as tried here."""
    read, publish = {Role.ANALYST, Role.PUBLISHER}, {Role.PUBLISHER}
    pages = {
        f"publications/{world.release.pk}/": read,
        f"publications/{world.release.pk}/avancement/": read,
        f"publications/{world.release.pk}/retirer/": publish,
        f"editions/{edition.id}/": read,
        f"editions/{edition.id}/plan/": read,
        f"editions/{edition.id}/tableaux/SEC-01/": read,
        "observatoire/2025/": read,
        f"editions/{edition.id}/fichiers/csv/": read,
    }
    client = client_for(user_with(role, world.federation if role in read else world.structures[0]))

    opened = {page: client.get(f"/federation/{page}").status_code for page in pages}
    assert opened == {page: 200 if role in roles else 404 for page, roles in pages.items()}
    assert {resolve(f"/federation/{page}").url_name for page in pages} == OF_A_RELEASE - {"figures-of"} | {
        "release-progress",
        "edition-file",
    }


def test_anyone_reads_the_edition_made_for_all_and_no_other(world, edition):
    for_all = reading.latest(world.federation.pk, Audience.PEERS)
    stranger = Client()
    page, latest = html(stranger, f"/chiffres/{for_all.id}/"), html(stranger, "/chiffres/")
    file = stranger.get(f"/chiffres/{for_all.id}/csv/")

    assert for_all.label in page
    assert text_of(page) == text_of(latest)
    assert "± " in text_of(page)
    assert file.status_code == 200
    said = page + file.content.decode("utf-8-sig")
    assert [one.name for one in world.structures if one.name in said or str(one.siret) in said] == []
    for address in (f"/chiffres/{edition.id}/", f"/chiffres/{edition.id}/csv/", f"/chiffres/{for_all.id}/exe/"):
        assert stranger.get(address).status_code == 404, address


def test_a_withdrawn_edition_is_read_by_nobody(world):
    for_all = reading.latest(world.federation.pk, Audience.PEERS)
    actions.withdraw(by=world.publisher, release=Release.objects.get(pk=for_all.release), reason="Erreur", at=NOW)

    assert Client().get(f"/chiffres/{for_all.id}/").status_code == 404
    assert Client().get(f"/chiffres/{for_all.id}/csv/").status_code == 404


# What each page may read: the released tables and who reads; what happens to a release, on the pages that say it.
READERS = {"accounts_user", "accounts_membership", "accounts_organisation", "django_session", "accounts_apitoken",
           "released_issue", "released_table", "released_cell", "released_withdrawal"}  # fmt: skip
LIVES = READERS | {"releases_release", "releases_audit", "jobs_job"}


def tables_read(client, address):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code == 200, address
    return {name for query in queries for name in re.findall(r'(?:FROM|JOIN|INTO|UPDATE) "(\w+)"', query["sql"])}


def test_no_page_of_the_federation_touches_anything_but_what_is_released(world, edition):
    client = client_for(world.publisher)
    pages = [
        "",
        "plan/",
        "tableaux/SEC-01/",
        "tableaux/SORTIES/?par=structure",
        "tableaux/EFFECTIF/?par=region×kind&region=AZ",
    ]
    found = {page: tables_read(client, f"/federation/editions/{edition.id}/{page}") - READERS for page in pages}
    found["observatoire"] = tables_read(client, "/federation/observatoire/2025/") - READERS
    director = signed_in(Role.DIRECTOR, world.structures[0])
    found["reperes"] = tables_read(director, "/reperes/") - READERS
    found["chiffres"] = tables_read(Client(), "/chiffres/") - READERS
    found["home"] = tables_read(client, "/federation/") - LIVES
    found["release"] = tables_read(client, f"/federation/publications/{world.release.pk}/") - LIVES
    found["prepare"] = tables_read(client, "/federation/preparer/") - LIVES

    assert {page: tables for page, tables in found.items() if tables} == {}


def test_a_page_costs_the_same_whatever_is_released(world, edition):
    client = client_for(world.analyst)
    cost = {}
    for code in ("SEC-01", "SORTIES"):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/federation/editions/{edition.id}/tableaux/{code}/?par=structure")
        cost[code] = len([q for q in queries if "ROLE" not in q["sql"] and "SAVEPOINT" not in q["sql"]])
    assert cost["SEC-01"] == cost["SORTIES"] <= 16
