"""What people ask about their data: a term, one prolongation, an answer in words, and what is done about it."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.roles import Role
from agenda.attention import the_day
from agenda.calendar import feed
from agenda.models import FeedToken
from parcours.actions import correct_worker
from parcours.models import Worker
from privacy import catalogue, copies, erasure, requests
from privacy.models import DataRequest, Erasure
from tests.agenda.test_day import parsed
from tests.documents.reading import text_of
from tests.factories import (
    FederationFactory,
    FollowUpFactory,
    OrganisationFactory,
    PathwayFactory,
    WorkerFactory,
    user_with,
)
from tests.privacy.test_copies import archive_of
from tests.privacy.test_retention import night
from tests.web.test_pages import client_for

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 31)
TODAY = timezone.localdate()


@pytest.fixture
def director(structure):
    return user_with(Role.DIRECTOR, structure)


@pytest.fixture
def counsellor(structure):
    return user_with(Role.COUNSELLOR, structure)


@pytest.fixture
def worker(structure):
    return WorkerFactory(organisation=structure, first_name="Aminata", last_name="Diallo", phone="0611223344")


def asks(worker, by, kind="access", on=DAY, **said):
    given = {"channel": "mail", "words": "Je veux savoir.", "today": on, **said}
    return requests.receive(by=by, worker=worker, kind=kind, received_on=on, **given)


def wrong_phone(worker, by, on=TODAY):
    return asks(
        worker, by, "rectification", on, words="Ce n'est pas mon numéro.", part="identity", wanted="06 99 88 77 66"
    )


def test_an_answer_is_due_a_month_later_and_two_months_more_once_when_she_is_told_in_the_first(worker, director):
    request = asks(worker, director)
    assert request.due_on == date(2026, 2, 28)

    with pytest.raises(ValidationError, match="il fallait le dire avant"):
        requests.extend(
            by=director, request=request, reason="Trop", extended_on=date(2026, 3, 1), today=date(2026, 3, 1)
        )
    day = date(2026, 2, 28)
    requests.extend(by=director, request=request, reason="Dix ans de dossiers", extended_on=day, today=day)

    assert DataRequest.objects.get().due_on == date(2026, 4, 30)
    with pytest.raises(ValidationError, match="il ne l'est qu'une fois"):
        requests.extend(by=director, request=request, reason="Encore", extended_on=day, today=day)


def test_an_answer_given_late_is_said_late_everywhere(worker, director):
    request = asks(worker, director, on=TODAY - timedelta(days=45))
    client = client_for(director)
    assert "en retard" in client.get("/donnees/demandes/").content.decode()

    said = {"answer": "granted", "said": "Voici votre copie.", "answered_on": TODAY, "ground": ""}
    assert client.post(f"/actes/repondre/{request.pk}/", said).status_code == 302

    late = (TODAY - request.due_on).days
    for page in ("/donnees/demandes/", f"/donnees/demandes/{request.pk}/"):
        assert f"{late} jours de retard" in client.get(page).content.decode()
    letter = client.get(f"/donnees/demandes/{request.pk}/lettre.pdf").content
    assert f"{late} jours de retard" in text_of(letter)


def test_all_that_was_answered_is_reached_page_after_page(worker, director):
    answered = set()
    for ago in range(1, 36):
        request = asks(worker, director, on=TODAY - timedelta(days=ago), today=TODAY)
        requests.answer(by=director, request=request, answer="refused", ground="excessive", said="Encore la même.",
                        answered_on=TODAY, today=TODAY)  # fmt: skip
        answered.add(request.pk)
    client = client_for(director)

    first = client.get("/donnees/demandes/")
    rest = client.get("/donnees/demandes/", {"apres": first.context["further"].after})

    shown = [row.pk for page in (first, rest) for row, _late in page.context["answered"]]
    assert (len(shown), set(shown)) == (35, answered)
    assert "Suivants" in first.content.decode()
    assert "Aucune demande" not in rest.content.decode()


def test_a_refusal_gives_a_ground_of_the_list_that_exists_for_this_request(worker, director):
    request = asks(worker, director)
    said = {"by": director, "request": request, "said": "Non.", "answered_on": DAY, "today": DAY}

    with pytest.raises(ValidationError, match="dit son motif"):
        requests.answer(answer="refused", **said)
    with pytest.raises(ValidationError, match="n'existe pas pour cette demande"):
        requests.answer(answer="refused", ground="obligation", **said)
    requests.answer(answer="refused", ground="excessive", **said)

    with pytest.raises(ValidationError, match="déjà sa réponse"):
        requests.answer(answer="granted", **said)
    letter = text_of(client_for(director).get(f"/donnees/demandes/{request.pk}/lettre.pdf").content)
    assert "manifestement infondée" in letter
    assert "www.cnil.fr" in letter


def test_the_letter_says_where_the_request_stands(worker, director):
    request = asks(worker, director, on=TODAY)
    letter = f"/donnees/demandes/{request.pk}/lettre.pdf"
    client = client_for(director)

    assert "Nous avons reçu votre demande" in text_of(client.get(letter).content)
    requests.extend(by=director, request=request, reason="Dix dossiers à réunir", extended_on=TODAY, today=TODAY)
    prolonged = text_of(client.get(letter).content)
    assert "Dix dossiers à réunir" in prolonged
    assert "ne peut plus être allongé" in prolonged


def test_who_accompanies_writes_a_request_down_and_only_who_protects_data_answers(
    structure, worker, counsellor, director
):
    said = {
        "kind": "erasure",
        "received_on": TODAY,
        "channel": "visit",
        "words": "Effacez tout.",
        "part": "",
        "wanted": "",
    }
    made = client_for(counsellor).post(f"/actes/demande/{worker.pk}/", said)
    request = DataRequest.objects.get()

    assert made["Location"] == f"/donnees/demandes/{request.pk}/"
    assert "Effacez tout." in client_for(counsellor).get(made["Location"]).content.decode()
    for user, status in ((counsellor, 404), (director, 200), (user_with(Role.HR, structure), 404)):
        assert client_for(user).get(f"/actes/repondre/{request.pk}/").status_code == status
    assert client_for(user_with(Role.DIRECTOR, OrganisationFactory())).get(made["Location"]).status_code == 404


def test_it_is_in_the_day_of_who_must_answer_and_of_who_accompanies(structure, worker, director):
    PathwayFactory(worker=worker, started_on=TODAY - timedelta(days=3))
    asks(worker, director, on=TODAY - timedelta(days=40))

    page = client_for(director).get("/a-suivre/").content.decode()
    assert "Demande « Avoir une copie de ses données » : réponse en retard" in page
    [person] = the_day(organisations=[structure.pk], today=TODAY).people
    assert ("data_request", 5) in {(reason.code, reason.urgency) for reason in person.reasons}

    request = DataRequest.objects.get()
    said = {"answer": "granted", "said": "Voici.", "answered_on": TODAY, "today": TODAY}
    requests.answer(by=director, request=request, **said)
    assert "Demande «" not in client_for(director).get("/a-suivre/").content.decode()


def test_who_must_answer_is_written_to_when_it_comes_in_the_last_week_and_once_late(
    structure, worker, director, counsellor
):
    asks(worker, counsellor)  # due on 28 February

    for day in (DAY, DAY + timedelta(days=1), date(2026, 2, 22), date(2026, 2, 23), date(2026, 3, 1), date(2026, 3, 2)):
        night(day)

    assert [message.to for message in mail.outbox] == [[director.email]] * 3
    assert "Elle est en retard" in mail.outbox[-1].body
    assert "Diallo" not in "".join(message.body + message.subject for message in mail.outbox)


def test_a_correction_keeps_what_changed_since_before_and_after(worker, counsellor, director):
    correct_worker(by=counsellor, worker=worker, city="Rennes")
    Worker.pgh_event_model.objects.update(pgh_created_at=timezone.now() - timedelta(days=9))
    request = wrong_phone(worker, counsellor)
    requests.answer(by=director, request=request, answer="granted", said="Oui.", answered_on=TODAY, today=TODAY)

    client = client_for(counsellor)
    page = client.get(f"/donnees/demandes/{request.pk}/").content.decode()
    assert f"/salaries/{worker.pk}/corriger/" in page
    form = client.get(f"/salaries/{worker.pk}/corriger/").context["form"]
    said = {name: form[name].value() or "" for name in form.fields} | {"phone": "06 99 88 77 66"}
    assert client.post(f"/salaries/{worker.pk}/corriger/", said).status_code == 302

    [change] = requests.corrections(request)
    assert (change.field, change.before, change.after, change.by) == (
        "téléphone", "0611223344", "06 99 88 77 66", str(counsellor),
    )  # fmt: skip
    requests.note_done(by=counsellor, request=request, done_on=TODAY, today=TODAY)
    assert "06 99 88 77 66" in client.get(f"/donnees/demandes/{request.pk}/").content.decode()


def test_what_changed_in_follow_ups_is_said_without_their_words(worker, counsellor, director):
    follow_up = FollowUpFactory(
        pathway=PathwayFactory(worker=worker), author=counsellor, note="Dialyse", themes=["sante"]
    )
    request = asks(worker, counsellor, "rectification", TODAY, words="C'est faux.", part="follow_ups", wanted="Rien.")
    follow_up.note = "Hémodialyse"
    follow_up.save()

    page = client_for(director).get(f"/donnees/demandes/{request.pk}/").content.decode()

    assert "réservé" in page
    assert "ialyse" not in page


def test_refused_her_words_stay_beside_the_part_she_contests_for_whoever_reads_it(
    structure, worker, counsellor, director
):
    PathwayFactory(worker=worker)
    request = wrong_phone(worker, counsellor)
    plan = asks(
        worker, counsellor, "rectification", TODAY, words="Je veux conduire.", part="plan", wanted="Chauffeuse."
    )
    human_resources = client_for(user_with(Role.HR, structure))
    assert "Ce n&#x27;est pas mon numéro." not in human_resources.get(f"/salaries/{worker.pk}/").content.decode()
    for row in (request, plan):
        said = {"answer": "refused", "ground": "exact", "said": "Vérifié.", "answered_on": TODAY, "today": TODAY}
        requests.answer(by=director, request=row, **said)

    assert "Ce n&#x27;est pas mon numéro." in human_resources.get(f"/salaries/{worker.pk}/").content.decode()
    shown = client_for(director).get(f"/salaries/{worker.pk}/plan/").content.decode()
    assert "Chauffeuse." in shown
    assert "pas mon numéro" not in shown
    assert "Chauffeuse." not in human_resources.get(f"/salaries/{worker.pk}/plan/").content.decode()


def test_a_limitation_is_told_on_her_page_until_it_is_lifted(worker, director):
    request = asks(worker, director, "restriction", TODAY)
    said = {
        "answer": "granted",
        "said": "Rien n'est utilisé le temps de vérifier.",
        "answered_on": TODAY,
        "today": TODAY,
    }
    requests.answer(by=director, request=request, **said)
    page = f"/salaries/{worker.pk}/"
    client = client_for(director)
    assert "Limitation accordée" in client.get(page).content.decode()

    requests.note_done(by=director, request=request, done_on=TODAY, today=TODAY, done="Vérifié")

    assert "Limitation accordée" not in client.get(page).content.decode()


def test_erasing_is_granted_only_where_nothing_keeps_the_file_and_takes_the_request_with_it(worker, director):
    pathway = PathwayFactory(worker=worker, started_on=date(2020, 1, 6), ended_on=None)
    request = asks(worker, director, "erasure", TODAY)
    said = {"answer": "granted", "said": "Oui.", "answered_on": TODAY, "today": TODAY}

    with pytest.raises(ValidationError, match="Son parcours est ouvert"):
        requests.answer(by=director, request=request, **said)
    pathway.ended_on = date(2021, 1, 6)
    pathway.save()
    requests.answer(by=director, request=request, **said)
    assert (
        f"/actes/effacer/{worker.pk}/" in client_for(director).get(f"/donnees/demandes/{request.pk}/").content.decode()
    )

    erasure.erase(by=director, worker=worker, ground="asked", at=timezone.now(), today=TODAY)

    assert (DataRequest.objects.count(), Erasure.objects.count()) == (0, 1)
    assert not DataRequest.pgh_event_model.objects.exists()


def test_a_copy_made_since_is_said_on_the_request_and_holds_it(worker, counsellor, director):
    request = asks(worker, counsellor, on=TODAY)
    page = f"/donnees/demandes/{request.pk}/"
    client = client_for(counsellor)
    assert "Aucune copie" in client.get(page).content.decode()

    archive_of(counsellor, worker)

    assert "Une copie a été faite le" in client.get(page).content.decode()
    told = copies.gathered(by=counsellor, worker=worker, today=TODAY)
    assert "demandes de la personne" in {table.title for table in told.tables}


def test_the_same_through_the_api(structure, worker, counsellor, director):
    bearer = {
        role: {"HTTP_AUTHORIZATION": f"Bearer {tokens.issue(by=user, organisation=structure, name='p', role=role)[1]}"}
        for role, user in ((Role.COUNSELLOR, counsellor), (Role.DIRECTOR, director))
    }
    said = {
        "worker": worker.pk,
        "kind": "objection",
        "received_on": TODAY,
        "channel": "email",
        "words": "Pas de photo.",
    }

    made = Client().post("/api/v1/data-requests/", said, "application/json", **bearer[Role.COUNSELLOR])
    address = f"/api/v1/data-requests/{made.json()['id']}/"
    reply = {"answer": "partly", "ground": "compelling", "said": "En partie."}
    refused = Client().post(f"{address}answer/", reply, "application/json", **bearer[Role.COUNSELLOR])
    answered = Client().post(f"{address}answer/", reply, "application/json", **bearer[Role.DIRECTOR])

    assert (made.status_code, refused.status_code, answered.status_code) == (201, 404, 200)
    assert (answered.json()["answer"], answered.json()["days_late"]) == ("partly", 0)
    missing = Client().post(
        "/api/v1/data-requests/", {**said, "kind": "rectification"}, "application/json", **bearer[Role.DIRECTOR]
    )
    assert {error["field"] for error in missing.json()["errors"]} == {"part", "wanted"}
    fixed = Client().post(
        f"/api/v1/workers/{worker.pk}/correct/", {"city": "Lorient"}, "application/json", **bearer[Role.COUNSELLOR]
    )
    assert (fixed.json()["city"], fixed.json()["phone"]) == ("Lorient", "0611223344")


@pytest.mark.parametrize("role", list(Role))
def test_programs_read_the_requests_that_the_pages_give_and_open_no_other(structure, worker, counsellor, role):
    """The list and the detail, of one's own structure: the same rows for the same role, whoever she is."""
    theirs = WorkerFactory(organisation=OrganisationFactory())
    asked, elsewhere = asks(worker, counsellor), asks(theirs, user_with(Role.COUNSELLOR, theirs.organisation))
    place = FederationFactory() if role in {Role.ANALYST, Role.PUBLISHER} else structure
    user = user_with(role, place)
    client = client_for(user)

    page, listed = client.get("/donnees/demandes/"), client.get("/api/v1/data-requests/")
    opened = [
        (
            client.get(f"/donnees/demandes/{row.pk}/").status_code,
            client.get(f"/api/v1/data-requests/{row.pk}/").status_code,
        )
        for row in (asked, elsewhere)
    ]

    reads = role in {Role.COUNSELLOR, Role.DIRECTOR, Role.PROTECTION}
    assert (page.status_code, listed.status_code) == ((200, 200) if reads else (404, 404))
    assert opened == [(200, 200) if reads else (404, 404), (404, 404)]
    if reads:
        assert [row.pk for row, _left in page.context["waiting"]] == [row["id"] for row in listed.json()["results"]]
        assert [row["person"] for row in listed.json()["results"]] == ["Aminata Diallo"]
        assert client.get("/api/v1/workers/").status_code == (404 if role == Role.PROTECTION else 200)


def test_the_term_of_an_answer_is_in_the_calendar_of_who_must_answer_and_names_nobody(
    structure, worker, counsellor, director
):
    request = asks(worker, counsellor, "erasure", TODAY)
    asks(WorkerFactory(organisation=OrganisationFactory()), counsellor, on=TODAY)
    answered = asks(worker, counsellor, "objection", TODAY)
    requests.answer(by=director, request=answered, answer="granted", said="Oui.", answered_on=TODAY, today=TODAY)

    text = feed(director, today=TODAY, page="https://exemple.fr/salaries/")

    (event,) = parsed(text)
    assert event["SUMMARY"] == "Réponse due à une demande sur ses données"
    assert event["DTSTART;VALUE=DATE"] == f"{request.due_on:%Y%m%d}"
    assert event["URL"].endswith(f"/donnees/demandes/{request.pk}/")
    assert [word for word in (worker.first_name, worker.last_name, "ffacement", request.words) if word in text] == []
    assert parsed(feed(counsellor, today=TODAY, page="https://exemple.fr/salaries/")) == []


def test_a_contact_for_data_protection_opens_a_calendar_of_her_own_on_the_page_of_requests_and_by_program(
    structure, worker, counsellor
):
    request = asks(worker, counsellor, "erasure", TODAY)
    contact = user_with(Role.PROTECTION, structure)
    client = client_for(contact)

    page = client.post("/agenda/flux/", {"name": "Téléphone"}, follow=True)
    (secret,) = re.findall(r"/agenda/flux/[\w-]+\.ics", page.content.decode())
    by_program = client.post("/api/v1/feed-tokens/", {"name": "Programme"}, "application/json")

    assert page.redirect_chain == [("/donnees/demandes/", 302)]
    assert by_program.status_code == 201
    for address in (secret, by_program.json()["address"]):
        (event,) = parsed(Client().get(address).content.decode())
        assert event["URL"].endswith(f"/donnees/demandes/{request.pk}/")
    assert secret not in client.get("/donnees/demandes/").content.decode()
    assert "/agenda/flux/" not in client_for(counsellor).get("/donnees/demandes/").content.decode()
    for feed_token in FeedToken.objects.all():
        client.post(f"/agenda/flux/{feed_token.pk}/revoquer/")
    assert Client().get(secret).status_code == 404


def test_all_that_is_wrong_with_a_request_is_told_at_once_on_the_page_and_to_programs(structure, worker, counsellor):
    tomorrow, before = TODAY + timedelta(days=1), catalogue.since() - timedelta(days=1)
    cases = {
        (tomorrow, "rectification", "", " "): {"received_on", "part", "wanted"},
        (before, "access", "identity", "Autre chose"): {"received_on", "part", "wanted"},
    }
    secret = tokens.issue(by=counsellor, organisation=structure, name="p", role=Role.COUNSELLOR)[1]
    for (day, kind, part, wanted), fields in cases.items():
        said = {
            "kind": kind,
            "received_on": day,
            "channel": "mail",
            "words": "Je demande.",
            "part": part,
            "wanted": wanted,
        }
        with pytest.raises(ValidationError) as told:
            requests.receive(by=counsellor, worker=worker, today=TODAY, **said)
        assert set(told.value.error_dict) == fields

        page = client_for(counsellor).post(f"/actes/demande/{worker.pk}/", said)
        assert set(page.context["form"].errors) == fields
        answer = Client().post(
            "/api/v1/data-requests/",
            {**said, "worker": worker.pk},
            "application/json",
            HTTP_AUTHORIZATION=f"Bearer {secret}",
        )
        assert (answer.status_code, {error["field"] for error in answer.json()["errors"]}) == (400, fields)
    assert not DataRequest.objects.exists()


def test_every_ground_is_for_known_requests_and_says_its_article():
    kinds = set(catalogue.entries("kinds"))

    for ground in catalogue.entries("grounds").values():
        assert set(ground["kinds"]) <= kinds
        assert ground["article"].startswith("article ")
    assert {kind for ground in catalogue.entries("grounds").values() for kind in ground["kinds"]} == kinds
