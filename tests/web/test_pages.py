"""Pages: who opens what, what they say, what they cost."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from accounts.models import ApiToken
from accounts.roles import Role
from contracts.models import Contract, Decision, ImportedFile
from parcours.models import FollowUp, Worker
from tests.factories import (
    ContractFactory,
    FederationFactory,
    FlagFactory,
    FollowUpFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    RightStepFactory,
    UserFactory,
    WorkedMonthFactory,
    WorkerFactory,
    user_with,
)
from tests.web.objects import Objects
from web import urls as web_urls
from web.views.contracts import VERBS
from web.views.plan import WRITINGS

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def client_for(user) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def signed_in(role, organisation) -> Client:
    return client_for(user_with(role, organisation))


def life(organisation=None, **fields):
    worker = WorkerFactory(organisation=organisation or OrganisationFactory(), **fields)
    pathway = PathwayFactory(worker=worker, started_on=TODAY - timedelta(days=200))
    contract = ContractFactory(
        worker=worker, started_on=TODAY - timedelta(days=100), planned_end_on=TODAY + timedelta(days=20)
    )
    FlagFactory(contract=contract, due_on=contract.planned_end_on)
    FollowUpFactory(pathway=pathway, held_on=TODAY - timedelta(days=60))
    RightStepFactory(pathway=pathway, due_on=TODAY - timedelta(days=5))
    PassFactory(worker=worker)
    WorkedMonthFactory(contract=contract)
    return worker


SEE = {Role.COUNSELLOR, Role.HR, Role.DIRECTOR}
WRITE = {Role.COUNSELLOR, Role.DIRECTOR}
DECIDE = {Role.HR, Role.DIRECTOR}
STEER = {Role.DIRECTOR}
PROTECT = {Role.DIRECTOR, Role.PROTECTION}
FEDERATION = {Role.ANALYST, Role.PUBLISHER}
MANAGE = {Role.DIRECTOR, Role.ADMINISTRATOR}
PAGES = {
    "/a-suivre/": WRITE,
    "/agenda/": WRITE,
    "/agenda/?vue=mois": WRITE,
    "/suivi/": WRITE,
    "/suivis/": SEE,
    "/suivis/modeles/": WRITE,
    "/suivis/modeles/nouveau/": WRITE,
    "/salaries/": SEE,
    "/salaries/nouveau/": WRITE,
    "/contrats/": SEE,
    "/contrats/projets/": SEE,
    "/echeances/": SEE,
    "/echeances/mois/": SEE,
    "/mois/": DECIDE,
    "/sorties/": SEE,
    "/participation/": SEE,
    "/participation/seances/": WRITE,
    "/participation/elections/": SEE,
    "/participation/instances/": WRITE,
    "/competences/": WRITE,
    "/competences/nouveau/": WRITE,
    "/competences/badges/nouveau/": WRITE,
    "/partenaires/": SEE,
    "/partenaires/nouveau/": WRITE,
    "/partenaires/besoins/": SEE,
    "/partenaires/repertoire/": DECIDE,
    "/indicateurs/": SEE,
    "/indicateurs/SEC-01/": SEE,
    "/indicateurs/SEC-01/inconnus/": SEE,
    "/indicateurs/plan/": SEE,
    "/indicateurs/plan/SEC-01/": STEER,
    "/experimentations/": SEE,
    "/experimentations/nouvelle/": STEER,
    "/imports/": DECIDE,
    "/exports/": SEE,
    "/donnees/": DECIDE,
    "/donnees/registre/": set(Role),
    "/donnees/consultations/": PROTECT,
    "/donnees/acces/": PROTECT,
    "/donnees/demandes/": WRITE | PROTECT,
    "/organisation/": MANAGE,
    "/loi/": SEE | {Role.ADMINISTRATOR},
    "/loi/smic.hourly/": SEE | {Role.ADMINISTRATOR},
    "/organisation/membres/inviter/": MANAGE,
    "/travaux/": MANAGE,
    "/mes-acces/": set(Role),
    "/documents/modeles/": MANAGE,
    "/documents/modeles/contract_summary/": MANAGE,
    "/notifications/": set(Role),
    "/notifications/preferences/": set(Role),
    "/reperes/": SEE,
    "/federation/": FEDERATION,
    "/federation/preparer/": FEDERATION,
}
OBJECTS = {
    "/a-suivre/{w}/{fact}/": WRITE,
    "/agenda/rendez-vous/{appointment}/": WRITE,
    "/agenda/rendez-vous/{appointment}/annuler/": WRITE,
    "/salaries/{w}/": SEE,
    "/salaries/{w}/donnees/": PROTECT,
    "/salaries/{w}/corriger/": WRITE,
    "/salaries/{w}/accords/": SEE,
    "/salaries/{w}/accords/photo/": WRITE,
    "/donnees/demandes/{request}/": WRITE | PROTECT,
    "/salaries/{w}/plan/": SEE,
    **{f"/salaries/{{w}}/plan/{what}/": WRITE for what in WRITINGS},
    "/salaries/{w}/suivi/": WRITE,
    "/salaries/{w}/rendez-vous/": WRITE,
    "/salaries/{w}/droits/": SEE,
    "/salaries/{w}/droits/liste/": SEE,
    "/salaries/{w}/situation/": WRITE,
    "/salaries/{w}/competences/": SEE,
    "/salaries/{w}/competences/evaluer/": WRITE,
    "/salaries/{w}/competences/evaluer/?competence={common}": WRITE,
    "/salaries/{w}/competences/badge/": WRITE,
    "/salaries/{w}/competences/formation/": WRITE,
    "/salaries/{w}/competences/certificat/": WRITE,
    "/salaries/{w}/competences/niveau/": WRITE,
    "/formations/{training}/": WRITE,
    "/formations/{training}/jours/": WRITE,
    "/certificats/{certificate}/": WRITE,
    "/competences/{framework}/": WRITE,
    "/competences/{framework}/ajouter/": WRITE,
    "/competences/{framework}/fichier/": WRITE,
    "/competences/entrees/{skill}/": WRITE,
    "/competences/badges/{badge}/": WRITE,
    "/competences/badges/remis/{award}/retirer/": WRITE,
    "/suivis/{f}/": SEE,
    "/suivis/{f}/piece/": WRITE,
    "/suivis/{own}/corriger/": WRITE,
    "/suivis/{own}/annuler/": WRITE,
    "/suivis/modeles/{template}/": WRITE,
    "/pieces/{piece}/retirer/": WRITE,
    "/salaries/{w}/sortie/": WRITE,
    "/sorties/appels/{call}/": WRITE,
    "/participation/seances/{session}/": WRITE,
    "/participation/seances/{session}/proposition/": WRITE,
    "/participation/propositions/{proposal}/": WRITE,
    "/participation/instances/{body}/sieges/": WRITE,
    "/participation/instances/{body}/reunions/": WRITE,
    "/participation/sieges/{seat}/fin/": WRITE,
    "/partenaires/{partner}/": SEE,
    "/partenaires/{partner}/convention/": WRITE,
    "/partenaires/{partner}/orienter/?personne={w}": WRITE,
    "/salaries/{w}/contrat/": DECIDE,
    "/contrats/{c}/": SEE,
    "/contrats/{c}/decision/": DECIDE,
    "/contrats/{c}/renouveler/": DECIDE,
    "/contrats/{c}/mise-a-disposition/": DECIDE,
    **{f"/contrats/{{c}}/{verb}/": DECIDE for verb in VERBS},
    "/echeances/{flag}/decision/": DECIDE,
    "/actes/signer-projet/{draft}/": DECIDE,
    "/actes/abandonner-projet/{draft}/": DECIDE,
    "/actes/retour/{suspension}/": DECIDE,
    "/actes/completer-mission/{assignment}/": DECIDE,
    "/actes/annuler-mission/{assignment}/": DECIDE,
    "/actes/regulariser/{month}/": DECIDE,
    "/actes/derogation/{w}/": DECIDE,
    "/actes/garder-dossier/{w}/": DECIDE,
    "/actes/ne-plus-garder/{keeping}/": DECIDE,
    "/actes/effacer/{w}/": STEER,
    "/actes/demande/{w}/": WRITE,
    "/actes/identite/{request}/": PROTECT,
    "/actes/prolonger-demande/{request}/": PROTECT,
    "/actes/repondre/{request}/": PROTECT,
    "/actes/demande-faite/{request}/": WRITE,
    "/actes/retirer-accord/{consent}/": WRITE,
    "/actes/immersion/{w}/": WRITE,
    "/actes/bilan-immersion/{immersion}/": WRITE,
    "/actes/annuler-immersion/{immersion}/": WRITE,
    "/actes/suspendre-pass/{a_pass}/": WRITE,
    "/actes/finir-suspension/{pass_suspension}/": WRITE,
    "/actes/retirer-suspension/{pass_suspension}/": WRITE,
    "/actes/prolonger-pass/{a_pass}/": WRITE,
    "/actes/accepter-prolongation/{prolongation}/": WRITE,
    "/actes/refuser-prolongation/{prolongation}/": WRITE,
    "/experimentations/{experiment}/": SEE,
    **{f"/experimentations/{{experiment}}/{act}/": STEER for act in ("participation", "fin", "evaluation")},
    **{f"/experimentations/participants/{{participant}}/{act}/": STEER for act in ("accord", "fin")},
    "/imports/{file}/": DECIDE,
    "/droits/{r}/": WRITE,
    "/organisation/membres/{membership}/depart/": MANAGE,
    "/compte/email/{address}/": set(Role),
}
# Pages that ask for no sign-in, and addresses that show no page: a click that writes, a part of a page, a file.
PUBLIC = ("/mon-avis/", "/chiffres/", "/badges/{award_uuid}/", "/notifications/desinscription/{token}/")
NO_PAGE = {
    "indicators-pdf",
    "subject-access", "request-letter", "consent-form", "home", "health", "ready", "metrics", "session-close", "sessions-close", "own-token-revoke", "own-feed-revoke", "invitation",
    "wake", "feed-open", "feed-close", "feed", "follow-up-people", "follow-up-template-drop", "piece",
    "plan-objective", "plan-action", "plan-barrier", "plan-engagement", "orientation", "unmet-need", "words", "wave-open",
    "wave-close", "unmet-needs-csv", "rights-diagnosed", "skill-remove", "badge-close", "key-renew", "decide-together",
    "month-close", "import-faults", "badge-document", "badge-key", "badge-status", "badge-issuer", "badge-model",
    "token-revoke", "target-withdraw", "notification-count", "notifications-read", "notification", "paper", "paper-preview", "paper-issue",
    "export", "components", "opening-close", "law-withdraw", "release-progress", "release-move", "edition-file", "figures-file",
}  # fmt: skip
# Pages of the platform's team, tried in tests/trust/test_openings.py.
OF_THE_TEAM = {"openings", "opening-create"}
# Opened after the password once more: tests/trust/test_identities.py.
PROVED = {"account_email"}
# Pages about a release: every role tries them in tests/federation, which has one published.
OF_A_RELEASE = {"release", "release-withdraw", "edition", "edition-plan", "edition-table", "observatoire", "figures-of"}


def address_of(page, worker, user=None):
    """The address of a page in this person's file, for this reader (some pages are open to an author alone)."""
    return page.format_map(Objects(worker, user))


def addresses_of(worker, user=None, objects=None):
    """Every page about an object, with its address; each object is made once."""
    objects = objects or Objects(worker, user)
    return {page: page.format_map(objects) for page in OBJECTS}


def test_every_address_is_among_the_pages_or_shows_none():
    tried = {resolve(address.split("?")[0]).url_name for address in [*PAGES, *addresses_of(life()).values()]}
    tried |= {"voice", "figures", "badge-verify", "unsubscribe"} | OF_A_RELEASE | OF_THE_TEAM | PROVED
    every = {pattern.name for pattern in web_urls.urlpatterns}

    assert (every - tried - NO_PAGE, NO_PAGE - every, NO_PAGE & tried) == (set(), set(), set())


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_pages_and_no_other_exists_for_it(role):
    structure, federation = OrganisationFactory(), FederationFactory()
    worker = life(structure)
    user = user_with(role, federation if role in {Role.ANALYST, Role.PUBLISHER} else structure)
    client = client_for(user)

    opened = {page for page in PAGES if client.get(page).status_code == 200}
    opened |= {page for page, address in addresses_of(worker, user).items() if client.get(address).status_code == 200}

    assert opened == {page for page, roles in {**PAGES, **OBJECTS}.items() if role in roles}


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.HR, Role.DIRECTOR])
def test_the_same_role_elsewhere_finds_nothing(role):
    worker = life(last_name="Introuvable")
    client = signed_in(role, life().organisation)

    statuses = {page: client.get(address).status_code for page, address in addresses_of(worker).items()}
    assert {page: status for page, status in statuses.items() if status != 404} == {}
    lists = [page for page, roles in PAGES.items() if role in roles]
    assert [page for page in lists if "Introuvable" in client.get(page).content.decode()] == []


def test_the_door_leads_each_role_to_its_work():
    structure = OrganisationFactory()
    landed = {role: signed_in(role, structure).get("/").url for role in (Role.COUNSELLOR, Role.HR, Role.ADMINISTRATOR)}

    assert landed == {
        Role.COUNSELLOR: "/a-suivre/",
        Role.HR: "/echeances/",
        Role.ADMINISTRATOR: "/organisation/",
    }
    assert "n’a encore aucun rôle" in client_for(UserFactory()).get("/").content.decode()


def test_signing_in_is_by_email_and_password():
    user = user_with(Role.COUNSELLOR, OrganisationFactory())
    user.set_password("une phrase assez longue")
    user.save()
    client = Client()

    wrong = client.post("/compte/login/", {"login": user.email, "password": "autre"})
    right = client.post("/compte/login/", {"login": user.email, "password": "une phrase assez longue"})

    assert (wrong.status_code, right.status_code, right.url) == (200, 302, "/")
    assert "alert-danger" in wrong.content.decode()


def test_nobody_opens_an_account_alone():
    assert "Les comptes sont ouverts par" in Client().get("/compte/signup/").content.decode()


def test_a_follow_up_is_logged_in_one_post_and_shown():
    worker = life()
    client = signed_in(Role.COUNSELLOR, worker.organisation)
    sent = {
        "kind": "telephone", "minutes": "15", "outcome": "present", "held_on": TODAY.isoformat(),
        "note": "Va mieux.", "sent_once": "5f844eff-2dbb-450e-8f8b-6ec99f216c31",
    }  # fmt: skip

    first = client.post(f"/salaries/{worker.pk}/suivi/", sent)
    second = client.post(f"/salaries/{worker.pk}/suivi/", sent)

    assert (first.status_code, second.status_code) == (302, 302)
    assert FollowUp.objects.filter(kind="telephone").count() == 1
    assert "Va mieux." in client.get(f"/salaries/{worker.pk}/").content.decode()


def test_a_follow_up_in_the_future_says_so_at_its_field():
    worker = life()
    client = signed_in(Role.COUNSELLOR, worker.organisation)
    tomorrow = TODAY + timedelta(days=1)
    sent = {
        "kind": "telephone", "minutes": "15", "outcome": "present", "held_on": tomorrow.isoformat(),
        "sent_once": "5f844eff-2dbb-450e-8f8b-6ec99f216c31",
    }  # fmt: skip

    page = client.post(f"/salaries/{worker.pk}/suivi/", sent).content.decode()

    assert 'id="id_held_on-error"' in page
    assert "Cette date est dans l&#x27;avenir." in page


def test_an_end_told_to_the_person_closes_the_card():
    worker = life()
    contract = worker.contracts.get()
    client = signed_in(Role.HR, worker.organisation)
    assert "Fin de contrat à décider" in client.get("/echeances/").content.decode()

    sent = {"kind": "end_with_exit_plan", "reason": "Projet en bonne voie", "notified_on": TODAY.isoformat()}
    answer = client.post(f"/contrats/{contract.pk}/decision/", sent)

    assert (answer.status_code, Decision.objects.get().reason) == (302, "Projet en bonne voie")
    assert str(worker) not in [str(f.worker) for f in worker.flags.open().filter(code="CONTRACT_END")]


def test_a_contract_the_law_forbids_is_refused_with_its_reason():
    worker = life()
    client = signed_in(Role.HR, worker.organisation)
    sent = {
        "kind": "FIXED_TERM_I",
        "started_on": TODAY.isoformat(),
        "planned_end_on": (TODAY + timedelta(days=200)).isoformat(),
        "faire": "signer",
    }

    page = client.post(f"/salaries/{worker.pk}/contrat/", sent).content.decode()

    assert "La personne a déjà un contrat de travail de ce genre" in page
    assert Contract.objects.count() == 1


def test_a_person_is_welcomed_and_unknown_stays_unknown():
    structure = OrganisationFactory()
    client = signed_in(Role.COUNSELLOR, structure)
    sent = {
        "organisation": structure.pk,
        "first_name": "Zoé",
        "last_name": "Petit",
        "started_on": "2026-01-05",
        "disabled_worker": "unknown",
        "rsa": "unknown",
    }

    answer = client.post("/salaries/nouveau/", sent)

    worker = Worker.objects.get()
    assert (answer.url, worker.disabled_worker, worker.rsa) == (f"/salaries/{worker.pk}/", None, None)
    assert "inconnu" in client.get(answer.url).content.decode()


def test_people_are_found_whatever_the_accents():
    structure = OrganisationFactory()
    WorkerFactory(organisation=structure, first_name="Éloïse", last_name="Le Goff")
    client = signed_in(Role.COUNSELLOR, structure)

    assert "Le Goff Éloïse" in client.get("/salaries/?etat=tous&q=goff+elo").content.decode()
    assert "Personne ne répond à" in client.get("/salaries/?etat=tous&q=zzz").content.decode()


def test_a_file_is_previewed_before_it_is_imported(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    structure = OrganisationFactory()
    client = signed_in(Role.HR, structure)
    path = tmp_path / "personnes.csv"
    path.write_text("Matricule;Nom;Prénom;Date de naissance\nA1;Le Goff;Éloïse;31/12/1990\nA2;Petit;Zoé;31/13/1990\n")

    with path.open("rb") as file:
        preview = client.post("/imports/", {"organisation": structure.pk, "file": file}, follow=True)
    assert "1 bonne ligne, 1 en erreur" in preview.content.decode()
    assert "Date incomprise" in preview.content.decode()
    assert Worker.objects.count() == 0

    row = ImportedFile.objects.get()
    done = client.post(f"/imports/{row.pk}/", follow=True)
    assert "Importé le" in done.content.decode()
    assert Worker.objects.get().last_name == "Le Goff"
    assert "A2" not in client.get(f"/imports/{row.pk}/erreurs.csv").content.decode()
    assert "31/13/1990" in client.get(f"/imports/{row.pk}/erreurs.csv").content.decode()


def test_an_empty_file_is_refused_in_words(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    structure = OrganisationFactory()
    (tmp_path / "vide.csv").write_text("")

    with (tmp_path / "vide.csv").open("rb") as file:
        page = signed_in(Role.HR, structure).post(
            "/imports/", {"organisation": structure.pk, "file": file}, follow=True
        )

    assert "Le fichier est vide." in page.content.decode()


def test_a_token_is_shown_once_and_revoked():
    structure = OrganisationFactory()
    client = signed_in(Role.DIRECTOR, structure)

    page = client.post("/organisation/", {"organisation": structure.pk, "name": "Paie", "role": "hr"}).content.decode()
    assert "prc_" in page
    token = ApiToken.objects.get()
    assert "il ne sera plus jamais montré" not in client.get("/organisation/").content.decode()
    client.post(f"/organisation/jetons/{token.pk}/revoquer/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_formula_in_a_faulty_cell_is_not_run_by_a_spreadsheet(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    structure = OrganisationFactory()
    client = signed_in(Role.HR, structure)
    (tmp_path / "f.csv").write_text("Matricule;Nom;Prénom;Date de naissance\nA1;Le Goff;Éloïse;=1+1\n")
    with (tmp_path / "f.csv").open("rb") as file:
        client.post("/imports/", {"organisation": structure.pk, "file": file})

    exported = client.get(f"/imports/{ImportedFile.objects.get().pk}/erreurs.csv").content.decode()

    assert ";'=1+1;" in exported


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_faults_are_taken_away_as_texts_whatever_their_first_sign(sign, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    structure = OrganisationFactory()
    client = signed_in(Role.HR, structure)
    (tmp_path / "f.csv").write_text("Matricule;Nom;Prénom;Date de naissance\nA1;Le Goff;Éloïse;31/13/1990\n")
    with (tmp_path / "f.csv").open("rb") as file:
        client.post("/imports/", {"organisation": structure.pk, "file": file})
    file = ImportedFile.objects.get()
    file.faults.update(value=f"{sign}1+1")

    assert f"'{sign}1+1" in client.get(f"/imports/{file.pk}/erreurs.csv").content.decode()


@pytest.mark.parametrize("page", ["/a-suivre/?qui=tous", "/salaries/", "/echeances/"])
def test_a_list_costs_the_same_with_one_person_and_with_twelve(page):
    structure = OrganisationFactory()
    life(structure)
    client = signed_in(Role.DIRECTOR, structure)
    client.get(page)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    one = cost()
    for _time in range(11):
        life(structure)
    assert cost() == one <= 12


def test_a_persons_page_costs_the_same_however_long_her_story():
    worker = life()
    client = signed_in(Role.COUNSELLOR, worker.organisation)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/salaries/{worker.pk}/").status_code == 200
        return len(queries)

    one = cost()
    pathway = worker.pathways.get()
    for day in range(1, 12):
        FollowUpFactory(pathway=pathway, held_on=TODAY - timedelta(days=day))
        RightStepFactory(pathway=pathway, triggered_on=date(2024, 2, day), right="D04")
    assert cost() == one <= 32


def test_the_health_page_says_the_database_answers():
    assert Client().get("/sante/").json() == {"database": True}


def test_no_page_holds_inline_script_or_style():
    worker = life()
    user = user_with(Role.DIRECTOR, worker.organisation)
    client = client_for(user)
    guilty = []
    for page in [*PAGES, *addresses_of(worker, user).values()]:
        html = client.get(page).content.decode()
        if " style=" in html or "<style" in html or "<script>" in html or " onclick=" in html:
            guilty.append(page)
    assert guilty == []
