"""Accesses of the platform's team to a structure's files: opened with a motive, told at once, short, noted; nothing is written."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import openings
from accounts.access import organisations, permissions
from accounts.models import Membership, Opening, Organisation
from accounts.roles import Permission, Role
from accounts.sealing import unseal
from contracts.models import Amendment, Decision, Suspension
from parcours.models import PassProlongation, PassSuspension, PrivateNote, Worker
from privacy.copies import packed
from privacy.models import Consultation, OpenedList
from tests.factories import (
    ContractFactory,
    FederationFactory,
    FlagFactory,
    FollowUpFactory,
    GroupFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    RightStepFactory,
    UserFactory,
    WorkerFactory,
    user_with,
)
from tests.trust.test_sign_in import signed_in, with_password
from tests.trust.world import bearer, client_of

pytestmark = pytest.mark.django_db
MOTIVE = "Un contrat importé hier reste introuvable"
TODAY = timezone.localdate()


@pytest.fixture
def structure():
    """A structure of a group, with its director, one person, her contract and two follow-ups, one about health."""
    organisation = OrganisationFactory(name="Atelier du Port", group=GroupFactory())
    user_with(Role.DIRECTOR, organisation, email="directrice@port.fr")
    return organisation


@pytest.fixture
def worker(structure):
    counsellor = user_with(Role.COUNSELLOR, structure, email="conseillere@port.fr")
    pathway = PathwayFactory(worker=WorkerFactory(organisation=structure, last_name="Portuaire", counsellor=counsellor))
    FollowUpFactory(pathway=pathway, author=counsellor, themes=["logement"], note="Une visite de studio")
    kept = FollowUpFactory(pathway=pathway, author=counsellor, themes=["sante"], note="Une opération en mars")
    RightStepFactory(pathway=pathway, right="D15", due_on=TODAY)
    PrivateNote.objects.create(follow_up=kept, text="Ne pas le dire")
    ContractFactory(worker=pathway.worker)
    return pathway.worker


@pytest.fixture
def technician():
    return UserFactory(email="technique@parcours.fr", is_staff=True)


def opened(by, structure, *, ago=0, **said):
    said = {"kind": "defect", "motive": MOTIVE, "minutes": 60, "at": timezone.now() - timedelta(minutes=ago)} | said
    return openings.open_access(by=by, organisation=structure, **said)


def text(answer):
    return answer.content.decode()


# Opening --------------------------------------------------------------------------------------------------------------


def test_the_structure_is_told_at_once_who_why_and_until_when(structure, technician):
    user_with(Role.PROTECTION, structure, email="referent@port.fr")
    user_with(Role.DIRECTOR, structure.group, email="groupe@port.fr")
    user_with(Role.HR, structure, email="rh@port.fr")
    user_with(Role.DIRECTOR, OrganisationFactory(), email="ailleurs@example.org")

    opening = opened(technician, structure, reference="T-17")

    assert {message.to[0] for message in mail.outbox} == {"directrice@port.fr", "referent@port.fr", "groupe@port.fr"}
    said = mail.outbox[0].body
    end = f"{timezone.localtime(opening.until):%H:%M}"
    for words in (
        "technique@parcours.fr",
        "Atelier du Port",
        end,
        "Anomalie à comprendre",
        MOTIVE,
        "T-17",
        "/donnees/acces/",
    ):
        assert words in said


def test_nothing_opens_when_the_structure_cannot_be_told(structure, technician, monkeypatch):
    def refuses(message):
        raise OSError("no mail today")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuses)
    with transaction.atomic(), pytest.raises(OSError, match="no mail"):
        opened(technician, structure)
    assert not Opening.objects.exists()

    with pytest.raises(ValidationError, match="Personne ne peut être prévenu"):
        opened(technician, OrganisationFactory())
    mine = OrganisationFactory()
    Membership.objects.create(user=technician, organisation=mine, role=Role.DIRECTOR, started_on=TODAY)
    with pytest.raises(ValidationError, match="Personne ne peut être prévenu"):
        opened(technician, mine)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"motive": "pour voir"}, "vingt lettres"),
        ({"motive": "x" + " " * 40 + "y"}, "vingt lettres"),
        ({"kind": "curiosity"}, "n’est pas un choix valide"),
        ({"minutes": 240}, "durée dans la liste"),
    ],
)
def test_a_motive_a_kind_and_a_short_time_are_compulsory(structure, technician, changes, refusal):
    with pytest.raises(ValidationError, match=refusal):
        opened(technician, structure, **changes)
    assert mail.outbox == []


def test_it_is_opened_by_the_team_alone_on_a_structure_alone_and_once(structure, technician):
    for who in (user_with(Role.ADMINISTRATOR, FederationFactory()), user_with(Role.DIRECTOR, OrganisationFactory())):
        with pytest.raises(ValidationError, match="Seule l'équipe technique"):
            opened(who, structure)
    for where in (structure.group, FederationFactory()):
        user_with(Role.ADMINISTRATOR, where)
        with pytest.raises(ValidationError, match="pas sur un groupe"):
            opened(technician, where)
    opened(technician, structure)
    with pytest.raises(ValidationError, match="déjà un accès ouvert"):
        opened(technician, structure)
    assert opened(UserFactory(is_staff=True), structure)


def test_the_database_says_the_same_whatever_the_application_thinks(structure, technician):
    now = timezone.now()
    right = {
        "holder": technician, "organisation": structure, "kind": "help", "motive": MOTIVE,
        "opened_at": now, "until": now + timedelta(hours=1),
    }  # fmt: skip
    wrong = [
        {"holder": UserFactory()}, {"organisation": structure.group}, {"organisation": FederationFactory()},
        {"kind": "x"}, {"motive": "court"}, {"until": now}, {"until": now + timedelta(hours=25)},
        {"closed_at": now}, {"closed_at": now + timedelta(hours=2), "closed_by": technician},
    ]  # fmt: skip
    for change in wrong:
        with pytest.raises(DatabaseError), transaction.atomic():
            Opening.objects.create(**right | change)
    opening = Opening.objects.create(**right)
    with pytest.raises(DatabaseError), transaction.atomic():
        Opening.objects.create(**right | {"opened_at": now + timedelta(minutes=59), "until": now + timedelta(hours=3)})

    rows = Opening.objects.filter(pk=opening.pk)
    later = {"until": now + timedelta(hours=9)}
    for change in (later, {"motive": MOTIVE + "…"}, {"organisation": OrganisationFactory()}, {"holder": UserFactory()}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)
    openings.close(by=technician, opening=opening, at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(closed_at=None, closed_by=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()


def test_the_second_factor_is_asked_just_before_and_the_structure_is_named_without_doubt(structure, technician):
    OrganisationFactory(name="Atelier du Pont")
    client = signed_in(with_password(technician))
    page = "/plateforme/acces/ouvrir/"
    assert client.get(page)["Location"] == "/compte/double-authentification/", "none is enrolled"

    totp.TOTP.activate(technician, totp.generate_totp_secret())
    asked = client.get(page)["Location"]
    assert asked.startswith("/compte/double-authentification/reauthenticate/")
    said = {"organisation": "Atelier du Po", "kind": "help", "motive": MOTIVE, "minutes": 30}
    assert client.post(page, said)["Location"] == asked, "nor with a form sent straight away"
    assert client.post(asked, {"code": code_of(technician)})["Location"] == page

    assert "Plusieurs structures répondent" in text(client.post(page, said))
    assert "Aucune structure" in text(client.post(page, said | {"organisation": "Chantier"}))
    assert client.post(page, said | {"organisation": "atelier du port"})["Location"] == "/plateforme/acces/"
    opening = Opening.objects.get()
    assert (opening.organisation, opening.until - opening.opened_at) == (structure, timedelta(minutes=30))


def code_of(user):
    """What her telephone shows now."""
    secret = unseal(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return totp.format_hotp_value(totp.hotp_value(secret, int(timezone.now().timestamp()) // 30))


# Reading --------------------------------------------------------------------------------------------------------------


def test_the_team_reads_nothing_then_one_structure_then_nothing(structure, worker, technician):
    other = PathwayFactory(worker=WorkerFactory(organisation=OrganisationFactory(), last_name="Voisine")).worker
    sibling = PathwayFactory(worker=WorkerFactory(organisation=OrganisationFactory(group=structure.group))).worker
    client, file = client_of(technician), f"/salaries/{worker.pk}/"
    assert client.get("/salaries/").status_code == client.get(file).status_code == 404

    opening = opened(technician, structure)

    people = client.get("/salaries/")
    assert "Portuaire" in text(people)
    assert "Voisine" not in text(people)
    assert people["Cache-Control"] == "private, no-store"
    assert client.get(f"/contrats/{worker.contracts.get().pk}/").status_code == 200
    page = text(client.get(file))
    assert "Une visite de studio" in page
    assert "opération" not in page
    assert "Ne pas le dire" not in page
    assert "RQTH" not in page
    assert str(worker.pathways.get().right_steps.get().get_right_display()) not in page
    assert client.get(f"{file}droits/").status_code == 404
    for stranger in (other, sibling):
        assert client.get(f"/salaries/{stranger.pk}/").status_code == 404

    openings.close(by=technician, opening=opening, at=timezone.now())
    assert client.get("/salaries/").status_code == client.get(file).status_code == 404


def test_why_a_contract_or_a_pass_stops_is_not_read_through_an_access(structure, worker, technician):
    contract = worker.contracts.get()
    contract.ended_on, contract.end_reason = TODAY, "unfit"
    contract.save()
    Suspension.objects.create(contract=contract, started_on=contract.started_on, reason="illness")
    pass_iae = PassFactory(worker=worker, started_on=TODAY - timedelta(days=700), ended_on=TODAY + timedelta(days=30))
    PassSuspension.objects.create(
        pass_iae=pass_iae, started_on=TODAY, ended_on=TODAY + timedelta(days=20), reason="sickness"
    )
    PassProlongation.objects.create(
        pass_iae=pass_iae, from_on=TODAY, days=30, reason="rqth", requested_on=TODAY, requested_by=worker.counsellor
    )
    facts = {"number": "1", "ended_on": TODAY.isoformat(), "reason": "RQTH - Reconnaissance"}
    FlagFactory(
        worker=worker, organisation=structure, contract=None, code="PROLONGATION_OPEN", facts=facts, due_on=TODAY
    )
    Amendment.objects.create(
        contract=contract, signed_on=TODAY, effective_on=TODAY, weekly_hours=20, reason="Temps partiel thérapeutique"
    )
    for answered in ({"contract": contract}, {"rule": "PROLONGATION_OPEN", "due_on": TODAY}):
        Decision.objects.create(
            worker=worker,
            kind=Decision.Kind.KEEP,
            reason="Cure jusqu’en mars",
            decided_by=worker.counsellor,
            **answered,
        )
    pages = (
        f"/salaries/{worker.pk}/",
        f"/contrats/{contract.pk}/",
        "/echeances/",
        f"/echeances/?nom={worker.last_name}",
    )
    words = ("Inaptitude", "Arrêt maladie", "longue maladie", "RQTH", "thérapeutique", "Cure")

    director = client_of(user_with(Role.DIRECTOR, structure))
    told = "".join(text(director.get(page)) for page in pages)
    assert [word for word in words if word not in told] == []
    opened(technician, structure)
    client = client_of(technician)
    found = {page: client.get(page) for page in pages}

    assert {page.status_code for page in found.values()} == {200}
    assert [(page, word) for page, answer in found.items() for word in words if word in text(answer)] == []
    assert text(found[pages[0]]).count("motif réservé") >= 3
    assert text(found[pages[1]]).count("motif réservé") == 5
    assert "motif réservé" in text(found[pages[2]])


def test_an_access_ends_by_itself(structure, worker, technician):
    opened(technician, structure, ago=61)

    client = client_of(technician)
    assert client.get(f"/salaries/{worker.pk}/").status_code == 404
    assert "Vous lisez les dossiers" not in text(client.get("/plateforme/acces/"))


def test_every_page_says_that_it_is_open_and_closes_it(structure, worker, technician):
    opening, client = opened(technician, structure), client_of(technician)

    for page in ("/plateforme/acces/", "/mes-acces/", "/salaries/", f"/salaries/{worker.pk}/", "/notifications/"):
        said = text(client.get(page))
        assert "Vous lisez les dossiers de Atelier du Port" in said, page
        assert f"/donnees/acces/{opening.pk}/fermer/" in said, page
    assert client.post(f"/donnees/acces/{opening.pk}/fermer/")["Location"] == "/plateforme/acces/"
    opening.refresh_from_db()
    assert opening.closed_by == technician
    assert "Vous lisez" not in text(client.get("/mes-acces/"))


def test_reading_through_an_access_costs_no_more_than_any_page(structure, worker, technician):
    opened(technician, structure)
    client = client_of(technician)
    client.get("/salaries/")
    pages = ["/plateforme/acces/", *("/salaries/", f"/salaries/{worker.pk}/", "/contrats/", "/echeances/", "/suivis/")]
    for page in pages:
        with CaptureQueriesContext(connection) as questions:
            answer = client.get(page)
        assert (answer.status_code, len(questions) <= 12, len(answer.content) < 60_000) == (200, True, True), page
    director = client_of(user_with(Role.DIRECTOR, structure))
    for page in ("/donnees/acces/", "/donnees/consultations/", "/organisation/", "/donnees/registre/"):
        with CaptureQueriesContext(connection) as questions:
            director.get(page)
        assert len(questions) <= 12, "\n".join(q["sql"][:110] for q in questions)


def test_nothing_is_written_nor_taken_away(structure, worker, technician):
    opened(technician, structure)
    client = client_of(technician)
    contract, pathway = worker.contracts.get(), worker.pathways.get()
    for page in (
        "/salaries/?format=csv", "/contrats/?format=xlsx", "/echeances/?format=csv", "/exports/", "/exports/workers.csv",
        f"/salaries/{worker.pk}/donnees/", f"/salaries/{worker.pk}/donnees/copie.zip", "/donnees/consultations/", "/donnees/acces/",
        f"/documents/apercu/my_pathway/{worker.pk}/", f"/documents/apercu/contract_summary/{contract.pk}/",
        f"/salaries/{worker.pk}/suivi/", f"/contrats/{contract.pk}/fin/", f"/actes/effacer/{worker.pk}/",
        "/organisation/", "/imports/", "/indicateurs/", "/agenda/", "/a-suivre/", "/mois/",
        "/api/v1/workers/", f"/api/v1/workers/{worker.pk}/", "/api/v1/workers/export/", "/api/v1/contracts/",
    ):  # fmt: skip
        assert client.get(page).status_code in {403, 404}, page
    for page, said in (
        (f"/salaries/{worker.pk}/suivi/", {"held_on": TODAY, "kind": "interview", "minutes": 30}),
        ("/participation/elections/", {}),
        (f"/documents/emettre/my_pathway/{worker.pk}/", {}),
        (f"/salaries/{worker.pk}/", {}),
        ("/organisation/", {"organisation": structure.pk, "name": "p", "role": "hr"}),
        ("/api/v1/follow-ups/", {"pathway": pathway.pk}),
        ("/api/v1/tokens/", {"organisation": structure.pk, "name": "p", "role": "hr"}),
    ):
        assert client.post(page, said).status_code in {403, 404, 405}, page
    page = text(client.get(f"/salaries/{worker.pk}/"))
    assert "/documents/apercu/" not in page
    assert "format=csv" not in text(client.get("/salaries/"))


def test_an_access_is_worn_by_pages_alone(structure, technician):
    opened(technician, structure)

    assert permissions(technician) == permissions(technician, structure) == frozenset()
    assert not organisations(technician).exists()
    technician.openings = list(Opening.objects.running(timezone.now()))
    assert (
        permissions(technician)
        == permissions(technician, structure)
        == {Permission.SEE_PEOPLE, Permission.SEE_CONTRACTS}
    )
    assert permissions(technician, structure.group) == frozenset()
    assert set(organisations(technician)) == set(organisations(technician, Permission.SEE_PEOPLE)) == {structure}
    for permission in set(Permission) - {Permission.SEE_PEOPLE, Permission.SEE_CONTRACTS}:
        assert not organisations(technician, permission).exists(), permission


def test_a_role_held_elsewhere_stays_what_it_is(structure, worker, technician):
    mine = OrganisationFactory()
    own = PathwayFactory(worker=WorkerFactory(organisation=mine, last_name="Amienne")).worker
    Membership.objects.create(user=technician, organisation=mine, role=Role.HR, started_on=TODAY)
    opened(technician, structure)
    client = client_of(technician)

    assert "Amienne" in text(client.get("/salaries/"))
    taken = b"".join(client.get("/salaries/?format=csv").streaming_content).decode()
    assert "Amienne" in taken
    assert "Portuaire" not in taken
    client.get(f"/salaries/{own.pk}/")
    client.get(f"/salaries/{worker.pk}/")
    assert {row.worker: bool(row.opening) for row in Consultation.objects.all()} == {own: False, worker: True}


# Telling --------------------------------------------------------------------------------------------------------------


def test_what_is_read_is_noted_and_the_structure_sees_it(structure, worker, technician):
    opening, client = opened(technician, structure), client_of(technician)
    for page in ("/salaries/", "/salaries/", f"/salaries/{worker.pk}/", f"/salaries/{worker.pk}/plan/", "/contrats/"):
        assert client.get(page).status_code == 200
    client.get("/plateforme/acces/")

    assert sorted(OpenedList.objects.values_list("opening", "page")) == [
        (opening.pk, "contracts"),
        (opening.pk, "workers"),
    ]
    rows = Consultation.objects.values_list("opening", "reader", "worker", "page")
    assert sorted(rows) == [(opening.pk, technician.pk, worker.pk, page) for page in ("plan", "worker")]
    for who in (user_with(Role.PROTECTION, structure), user_with(Role.DIRECTOR, structure.group)):
        page = text(client_of(who).get("/donnees/acces/"))
        for words in (
            MOTIVE,
            "technique@parcours.fr",
            "Liste des salariés (",
            "Liste des contrats (",
            "2 pages d’une personne",
        ):
            assert words in page
        assert "équipe technique" in text(client_of(who).get(f"/donnees/consultations/?acces={opening.pk}"))
    elsewhere = text(client_of(user_with(Role.DIRECTOR, OrganisationFactory())).get("/donnees/acces/"))
    assert MOTIVE not in elsewhere
    assert "Aucun accès" in elsewhere


def test_a_program_of_the_structure_reads_the_same(structure, worker, technician):
    opening = opened(technician, structure)
    for page in ("/salaries/", f"/salaries/{worker.pk}/"):
        client_of(technician).get(page)

    for role, organisation, found in ((Role.PROTECTION, structure, 1), (Role.DIRECTOR, OrganisationFactory(), 0)):
        client = bearer(organisation, role, user_with(Role.DIRECTOR, organisation))
        rows = client.get("/api/v1/openings/").json()["results"]
        assert len(rows) == found
        assert client.get(f"/api/v1/openings/{opening.pk}/").status_code == (200 if found else 404)
        for row in rows:
            assert (row["holder"], row["motive"], row["closed_at"]) == ("technique@parcours.fr", MOTIVE, None)
            assert [(page["worker"], page["page"]) for page in row["pages"]] == [(worker.pk, "worker")]
            assert [page["page"] for page in row["lists"]] == ["workers"]


def test_a_director_is_shown_it_and_closes_it_at_once(structure, worker, technician):
    opening, client = opened(technician, structure), client_of(technician)
    director = client_of(user_with(Role.DIRECTOR, structure, first_name="Nora", last_name="Ferme"))
    assert MOTIVE in text(director.get("/organisation/"))
    stranger = client_of(user_with(Role.DIRECTOR, OrganisationFactory()))
    assert stranger.post(f"/donnees/acces/{opening.pk}/fermer/").status_code == 404
    assert client.get("/salaries/").status_code == 200

    assert director.post(f"/donnees/acces/{opening.pk}/fermer/")["Location"] == "/donnees/acces/"

    assert client.get("/salaries/").status_code == 404
    assert "par Nora Ferme" in text(director.get("/donnees/acces/"))
    assert MOTIVE not in text(director.get("/organisation/"))


def test_the_person_reads_in_her_copy_that_the_team_read_her(structure, worker, technician):
    user_with(Role.PROTECTION, structure, first_name="Rose", last_name="Veille", email="referent@port.fr")
    opened(technician, structure)
    client_of(technician).get(f"/salaries/{worker.pk}/")

    file = packed(by=worker.counsellor, worker=worker, today=TODAY)
    told = json.loads(ZipFile(BytesIO(file.read())).read("donnees.json"))

    assert told["référents pour vos données"] == ["Rose Veille (referent@port.fr)"]
    row = told["tables"]["consultations"][0]
    assert row["lecteur"] == "l'équipe technique de Parcours"
    assert "Anomalie à comprendre" in row["accès de l'équipe technique"]


def test_the_contact_is_named_in_the_register_for_whoever_works_there(structure):
    user_with(Role.PROTECTION, structure.group, first_name="Rose", last_name="Veille")
    inside, outside = user_with(Role.HR, structure), user_with(Role.HR, OrganisationFactory())

    assert "Rose Veille" in text(client_of(inside).get("/donnees/registre/"))
    assert "Rose Veille" not in text(client_of(outside).get("/donnees/registre/"))
    assert "Personne n’est nommé" in text(client_of(outside).get("/donnees/registre/"))


def test_the_contact_sees_who_read_and_opens_no_file(structure, worker):
    client_of(worker.counsellor).get(f"/salaries/{worker.pk}/")
    client = client_of(user_with(Role.PROTECTION, structure))

    assert client.get("/")["Location"] == "/donnees/consultations/"
    page = text(client.get(f"/salaries/{worker.pk}/donnees/"))
    assert str(worker.counsellor) in page
    assert f'"/actes/effacer/{worker.pk}/"' not in page
    for closed in (
        f"/salaries/{worker.pk}/",
        "/salaries/",
        "/exports/",
        f"/actes/effacer/{worker.pk}/",
        f"/salaries/{worker.pk}/donnees/copie.zip",
    ):
        assert client.get(closed).status_code == 404, closed


# The database itself --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_change_while_a_page_is_read_through_an_access(monkeypatch):
    structure = OrganisationFactory()
    user_with(Role.DIRECTOR, structure)
    worker = PathwayFactory(worker=WorkerFactory(organisation=structure)).worker
    technician = UserFactory(is_staff=True)
    opened(technician, structure)

    def writes(reader, *args):
        Worker.objects.filter(pk=worker.pk).update(first_name="Changée")

    client = client_of(technician)
    monkeypatch.setattr("web.views.workers.person_file", writes)
    client.raise_request_exception = True
    with pytest.raises(DatabaseError, match="read-only"):
        client.get(f"/salaries/{worker.pk}/")
    monkeypatch.undo()

    worker.refresh_from_db()
    assert worker.first_name != "Changée"
    assert client.get(f"/salaries/{worker.pk}/").status_code == 200
    assert Consultation.objects.get().worker == worker, "the note itself is written"
    assert Organisation.objects.filter(pk=structure.pk).update(name="Après") == 1, "the connection writes again"
