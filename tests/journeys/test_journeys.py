"""The three people at work in a real browser, and no barrier on any page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from accounts.roles import Role
from contracts.flags import refresh
from contracts.models import Contract
from law.dates import add_months
from notifications.letters import unsubscribe_token
from tests.factories import (
    ContractFactory,
    FederationFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    WorkerFactory,
)
from tests.journeys.browser import SIZES, chromium
from tests.journeys.conftest import PASSWORD
from tests.web.figures import a_year_of_figures
from tests.web.objects import Objects
from tests.web.test_pages import OBJECTS, PAGES, addresses_of, life

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium() is None, reason="NOT RUN: no Chromium on this machine (set CHROMIUM or install it)"),
]


def test_a_counsellor_logs_a_follow_up_in_four_gestures(visit):
    worker = life()
    page = visit(Role.COUNSELLOR, worker.organisation, "phone")
    page.get_by_role("link", name="Toute la structure").click()

    page.get_by_role("link", name=f"Noter un suivi — {worker}").click()
    page.get_by_text("Échange téléphonique").click()
    page.get_by_text("15", exact=True).click()
    page.get_by_role("button", name="Enregistrer").dblclick()

    expect(page.get_by_role("status")).to_contain_text("Suivi noté : Échange téléphonique")
    assert worker.pathways.get().follow_ups.filter(kind="telephone", minutes=15).count() == 1
    page.get_by_role("link", name="Voir la page").click()
    expect(page.get_by_role("list").filter(has_text="Échange téléphonique")).to_be_visible()


def test_a_follow_up_can_be_logged_without_a_mouse(visit):
    worker = life()
    page = visit(Role.COUNSELLOR, worker.organisation)
    page.goto(page.url.split("/a-suivre/")[0] + f"/salaries/{worker.pk}/suivi/")

    page.get_by_label("Entretien individuel").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    for _time in range(40):
        if page.evaluate("document.activeElement.textContent.trim()").startswith("Enregistrer"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")

    assert worker.pathways.get().follow_ups.count() == 2


def test_hr_decides_from_the_board(visit):
    worker = life()
    page = visit(Role.HR, worker.organisation)

    page.get_by_role("link", name="Décider").first.click()
    page.get_by_label("Motif").fill("Projet en bonne voie")
    page.get_by_label("Salarié informé le").fill(worker.contracts.get().started_on.isoformat())
    page.get_by_role("button", name="Enregistrer la décision").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Renouveler le contrat")
    assert worker.contracts.get().decisions.get().reason == "Projet en bonne voie"


def test_hr_drops_a_file_and_sees_what_to_mend(visit, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    page = visit(Role.HR, OrganisationFactory())
    path = tmp_path / "personnes.csv"
    path.write_text("Matricule;Nom;Prénom;Date de naissance\nA1;Le Goff;Éloïse;31/12/1990\nA2;Petit;Zoé;31/13/1990\n")

    page.get_by_role("link", name="Imports").click()
    page.get_by_label("Fichier").set_input_files(path)
    page.get_by_role("button", name="Examiner le fichier").click()
    expect(page.get_by_role("row", name="3")).to_contain_text("Écrivez la date ainsi : 31/12/2024.")
    page.get_by_role("button", name="Importer les bonnes lignes").click()

    expect(page.get_by_text("Le même fichier déposé une seconde fois ne change rien.")).to_be_visible()


def test_a_draft_survives_a_lost_page(visit):
    worker = life()
    page = visit(Role.COUNSELLOR, worker.organisation)
    address = page.url.split("/a-suivre/")[0] + f"/salaries/{worker.pk}/suivi/"
    page.goto(address)
    page.get_by_label("Note (facultatif)").fill("Projet de cuisine")

    page.goto(address)

    expect(page.get_by_label("Note (facultatif)")).to_have_value("Projet de cuisine")


@pytest.mark.parametrize("size", list(SIZES))
def test_from_an_empty_page_a_follow_up_takes_four_gestures(visit, size):
    worker = life()
    page = visit(Role.COUNSELLOR, worker.organisation, size)
    worker.counsellor_id = page.evaluate("Number(document.body.dataset.user)")
    worker.save()
    page.goto(page.url.split("/a-suivre/")[0] + "/suivi/")

    page.get_by_text(str(worker), exact=True).click()
    page.get_by_text("Échange téléphonique").click()
    page.get_by_text("15", exact=True).click()
    page.get_by_role("button", name="Enregistrer").click()

    expect(page.get_by_text("Suivi noté : Échange téléphonique")).to_be_visible()
    assert worker.pathways.get().follow_ups.filter(kind="telephone", minutes=15).count() == 1
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def noted(worker, words):
    """How many follow-ups of someone say these words and no more."""
    return [follow_up.note for follow_up in worker.pathways.get().follow_ups.all()].count(words)


def test_without_network_what_is_written_waits_and_goes_once(visit):
    worker = life()
    page = visit(Role.COUNSELLOR, worker.organisation, "phone")
    page.goto(page.url.split("/a-suivre/")[0] + f"/salaries/{worker.pk}/suivi/")
    page.get_by_label("Note (facultatif)").fill("Vu sur le chantier")

    page.context.set_offline(True)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Pas de connexion : votre saisie est gardée")).to_be_visible()
    assert noted(worker, "Vu sur le chantier") == 0
    page.context.set_offline(False)

    expect(page.get_by_text("Suivi noté")).to_be_visible()
    assert noted(worker, "Vu sur le chantier") == 1


def test_an_answer_lost_on_the_way_doubles_nothing(visit):
    worker = life()
    page = visit(Role.COUNSELLOR, worker.organisation)
    page.goto(page.url.split("/a-suivre/")[0] + f"/salaries/{worker.pk}/suivi/")
    page.get_by_label("Note (facultatif)").fill("Une seule fois")
    lost = []

    def lose_the_first(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())  # received and written by the server, never told to the page
            route.abort()
        else:
            route.continue_()

    page.route("**/suivi/", lose_the_first)
    page.get_by_role("button", name="Enregistrer").click()

    expect(page.get_by_text("Suivi noté")).to_be_visible(timeout=15_000)
    assert [answer.status for answer in lost] == [200]
    assert noted(worker, "Une seule fois") == 1


def test_after_a_lost_session_the_draft_is_there_and_signing_out_erases_it(visit):
    worker = life()
    page = visit(Role.COUNSELLOR, worker.organisation)
    root = page.url.split("/a-suivre/")[0]
    page.goto(root + f"/salaries/{worker.pk}/suivi/")
    page.get_by_text("Échange téléphonique").click()
    page.get_by_label("Note (facultatif)").fill("Ne pas perdre")
    email = worker.organisation.memberships.get().user.email

    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()

    expect(page.get_by_label("Note (facultatif)")).to_have_value("Ne pas perdre")
    expect(page.get_by_label("Échange téléphonique")).to_be_checked()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/compte/login/**")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('parcours:'))") == []


def test_names_are_found_and_chosen_from_the_keyboard(visit):
    worker = life(first_name="Éloïse", last_name="Le Goff")
    page = visit(Role.COUNSELLOR, worker.organisation)
    page.goto(page.url.split("/a-suivre/")[0] + "/suivi/")

    page.get_by_role("searchbox").focus()
    page.keyboard.type("elouise")
    expect(page.get_by_label("Éloïse Le Goff", exact=True)).to_be_attached()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Éloïse Le Goff", exact=True)).to_be_checked()
    for _time in range(60):
        if page.evaluate("document.activeElement.textContent.trim()").startswith("Enregistrer"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Suivi noté")).to_be_visible()
    assert worker.pathways.get().follow_ups.count() == 2


def seen(page, address, found):
    """Opens a page and notes what keeps somebody out of it: axe's violations, and what is wider than the screen."""
    page.goto(address)
    result = Axe().run(page)
    wrong = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in result.response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        wrong.append("wider than the screen: " + page.evaluate(WIDE))
    if wrong:
        found[address.split("/", 3)[3]] = wrong


def test_the_page_of_the_api_draws_itself_under_the_policy_of_the_others(visit):
    page = visit(Role.DIRECTOR, OrganisationFactory())
    refused = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)

    page.goto(page.url.split("/a-suivre/")[0] + "/api/v1/docs/")

    expect(page.locator(".opblock").first).to_be_visible()
    assert refused == []


# The innermost elements that pass the right edge of the screen.
WIDE = """[...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1
    && !e.closest('.grid-scroll')).slice(-2).map((e) => e.outerHTML.slice(0, 120)).join(' | ')"""
# What only the federation sees; the director opens all the others.
ELSEWHERE = ("/federation/", "/federation/preparer/")


@pytest.mark.parametrize("size", list(SIZES))
def test_no_page_puts_a_barrier(visit, size, settings, tmp_path):
    """axe-core on every page of the site, signed in as a role that opens it, and nothing wider than the screen."""
    settings.MEDIA_ROOT = tmp_path
    worker = life(first_name="Marie-Thérèse Anne-Sophie", last_name="de La Tour d'Auvergne-Blanchard-Delacroix")
    page = visit(Role.DIRECTOR, worker.organisation, size)
    root = page.url.split("/a-suivre/")[0]
    user = worker.organisation.memberships.get().user
    objects = Objects(worker, user)
    about = [
        address for name, address in addresses_of(worker, objects=objects).items() if Role.DIRECTOR in OBJECTS[name]
    ]
    pages = [path for path, roles in PAGES.items() if Role.DIRECTOR in roles]
    assert len(about) == len(OBJECTS)
    assert {*PAGES} - {*pages} == {*ELSEWHERE}
    found = {}
    for address in [
        *pages,
        *about,
        "/a-suivre/?qui=tous",
        "/composants/",
        "/compte/password/change/",
        "/compte/email/",
    ]:
        seen(page, root + address, found)
    page.context.clear_cookies()
    unsubscribe = f"notifications/desinscription/{unsubscribe_token(user)}/"
    for address in (
        "compte/login/",
        "compte/password/reset/",
        "mon-avis/",
        f"badges/{objects['award_uuid']}/",
        unsubscribe,
    ):
        seen(page, f"{root}/{address}", found)
    page = visit(Role.ANALYST, FederationFactory(), size)
    for address in ELSEWHERE:
        seen(page, root + address, found)
    assert found == {}


@pytest.mark.parametrize("size", list(SIZES))
def test_a_contract_end_is_found_simulated_refused_lifted_signed_and_its_alert_closes(visit, size):
    """A CDDI two months before its end: from the board to the signed renewal, its alert, the timeline and the paper."""
    today = timezone.localdate()
    end = today + timedelta(days=60)
    worker = WorkerFactory(organisation=OrganisationFactory(kind="ACI"), first_name="Awa", last_name="Sow")
    PathwayFactory(worker=worker, started_on=add_months(end, -23))
    PassFactory(worker=worker, started_on=add_months(end, -23), ended_on=today + timedelta(days=1200))
    first = ContractFactory(
        worker=worker, started_on=add_months(end, -23), planned_end_on=today - timedelta(days=100),
        ended_on=today - timedelta(days=100), hourly_gross="13",
    )  # fmt: skip
    contract = ContractFactory(
        worker=worker, renews=first, started_on=today - timedelta(days=99), planned_end_on=end, hourly_gross="13"
    )
    refresh(today)
    page = visit(Role.HR, worker.organisation, size)

    card = page.get_by_role("article").filter(has_text="Fin de contrat à décider")
    card.get_by_role("link", name="Simuler un renouvellement").click()
    page.get_by_label("Fin prévue").fill((end + timedelta(days=200)).isoformat())
    expect(page.get_by_role("region", name="La loi l’interdit")).to_contain_text("L5132-15-1 CT")
    expect(page.get_by_role("button", name="Signature impossible")).to_be_disabled()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert Axe().run(page).violations_count == 0

    page.get_by_text("Une dérogation a été accordée").click()
    page.get_by_label("Dérogation", exact=True).select_option("difficulties")
    page.get_by_label("Accordée par").select_option("prescriber")
    page.get_by_label("Décision du").fill(today.isoformat())
    page.get_by_label("Dérogation à partir du").fill((end + timedelta(days=1)).isoformat())
    page.get_by_label("Dérogation jusqu'au").fill((end + timedelta(days=300)).isoformat())
    page.get_by_label("Signé le").fill(today.isoformat())
    expect(page.get_by_role("button", name="Enregistrer le renouvellement")).to_be_enabled()
    page.get_by_role("button", name="Enregistrer le renouvellement").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("CDD d'insertion (CDDI)")
    renewal = Contract.objects.get(renews=contract)
    assert (renewal.signed_on, worker.derogations.get().decided_by) == (today, "prescriber")

    paper = page.get_by_role("region", name="Documents").get_by_role("link", name="Aperçu").first.get_attribute("href")
    opened = page.request.get(page.url.split("/contrats/")[0] + paper)
    assert (opened.status, opened.body()[:4]) == (200, b"%PDF")

    page.goto(page.url.split("/contrats/")[0] + "/echeances/")
    expect(page.get_by_role("article").filter(has_text="Fin de contrat à décider")).to_have_count(0)
    page.goto(page.url.split("/echeances/")[0] + f"/salaries/{worker.pk}/")
    expect(page.get_by_role("list").filter(has_text=f"{renewal.planned_end_on:%d/%m/%Y}").first).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("size", list(SIZES))
def test_a_director_reads_a_figure_opens_it_and_votes_a_target(visit, size):
    """From the dashboard to the sheet, its table, the plan and the vote; every page with figures through axe."""
    structure = OrganisationFactory(kind="ACI")
    periods = a_year_of_figures(structure, timezone.localdate())
    page = visit(Role.DIRECTOR, structure, size)
    root = page.url.split("/a-suivre/")[0]
    found = {}

    def looked_at(name):
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        result = Axe().run(page)
        if result.violations_count:
            found[name] = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in result.response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.setdefault(name, []).append("wider than the screen")

    page.goto(root + "/indicateurs/")
    looked_at("dashboard")
    page.get_by_role("link", name="Part des salariés sous contrat sécurisant").click()
    expect(page.get_by_text("Ce qu’on en savait, date après date")).to_be_visible()
    looked_at("sheet")
    page.get_by_label("Croisé avec").select_option("age")
    page.locator("#ventilation").get_by_role("button", name="Voir").click()
    expect(page.get_by_text("Femmes · Inconnu")).to_be_visible()
    for code in ("SEC-03", "SEC-04"):
        page.goto(f"{root}/indicateurs/{code}/")
        looked_at(code)
    year = periods[-1].end.year
    page.goto(f"{root}/indicateurs/plan/?annee={year}")
    looked_at("plan")
    page.get_by_label("Voter une cible pour SEC-01").first.click()
    page.get_by_label("Cible (en %)").fill("50")
    page.get_by_label("Votée par").select_option(label="Conseil d'administration")
    page.get_by_role("button", name="Enregistrer le vote").click()
    expect(page.get_by_text("cible 50,0 %, Conseil d'administration").first).to_be_visible()
    assert structure.targets.get().value == Decimal("0.5")
    page.get_by_role("link", name="Expérimentations").click()
    looked_at("experiments")
    assert found == {}
