"""The pages of follow-ups and of the agenda: what they cost, what they show, to whom."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from agenda.models import Appointment, FeedToken, Snooze
from benchmarks.results import asks
from parcours.models import Attachment, FollowUp
from tests.factories import FollowUpFactory, OrganisationFactory, PathwayFactory, WorkerFactory, user_with
from tests.parcours.files import pdf
from tests.web.test_pages import TODAY, client_for, life, signed_in

pytestmark = pytest.mark.django_db


def form(*workers, **more):
    return {
        "people": [w.pk for w in workers], "kind": "telephone", "minutes": 15, "held_on": TODAY.isoformat(),
        "sent_once": uuid4(), **more,
    }  # fmt: skip


def cost(call):
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    assert answer.status_code == 200, answer.content
    return sum(asks(query["sql"]) for query in queries.captured_queries)


def crowd(structure, size):
    return [
        PathwayFactory(worker__organisation=structure, started_on=TODAY - timedelta(days=90)).worker
        for _n in range(size)
    ]


def test_the_form_asks_seven_questions_and_saving_six_whatever_the_number():
    structure = OrganisationFactory()
    people = crowd(structure, 2)
    client = signed_in(Role.COUNSELLOR, structure)
    client.get("/suivi/")

    def costs(worker, group):
        page = cost(lambda: client.get(f"/salaries/{worker.pk}/suivi/", headers={"HX-Request": "true"}))
        new = cost(lambda: client.get("/suivi/", headers={"HX-Request": "true"}))
        save = cost(lambda: client.post("/suivi/", form(*group), headers={"HX-Request": "true"}))
        return page, new, save

    few = costs(people[0], people[1:])
    people += crowd(structure, 30)
    many = costs(people[0], people[1:])

    assert few == many == (9, 7, 6)  # a person is named: that her file was opened is noted
    assert FollowUp.objects.count() == 32


def test_a_workshop_is_saved_with_the_presence_of_each():
    structure = OrganisationFactory()
    one, two = crowd(structure, 2)
    client = signed_in(Role.COUNSELLOR, structure)

    page = client.post(
        "/suivi/", form(one, two, kind="atelier_collectif", **{f"presence-{two.pk}": "absent"}), follow=True
    )

    assert page.status_code == 200
    rows = FollowUp.objects.order_by("id").values_list("pathway__worker", "outcome")
    assert dict(rows) == {one.pk: "present", two.pk: "absent"}


def test_a_person_of_another_structure_is_not_written_about():
    structure = OrganisationFactory()
    mine, other = crowd(structure, 1)[0], crowd(OrganisationFactory(), 1)[0]
    client = signed_in(Role.COUNSELLOR, structure)

    client.post("/suivi/", form(mine, other))

    assert FollowUp.objects.count() == 0


def names(page):
    return re.findall(r'<label class="btn btn-outline-primary name"[^>]*>([^<]*)</label>', page.content.decode())


@pytest.mark.parametrize("typed", ["eloise", "ÉLOÏSE", "le gof", "Goff Éloïse", "elouise", "gooff"])
def test_someone_is_found_with_accents_and_slips_of_the_finger(typed):
    structure = OrganisationFactory()
    for first, last in (("Éloïse", "Le Goff"), ("Ibrahim", "Traoré"), ("Monique", "Dupont")):
        PathwayFactory(worker__organisation=structure, worker__first_name=first, worker__last_name=last)
    PathwayFactory(worker__first_name="Éloïse", worker__last_name="Le Goff-Ailleurs")

    page = signed_in(Role.COUNSELLOR, structure).get("/suivi/personnes/", {"q": typed})

    assert names(page) == ["Éloïse Le Goff"]


def test_those_met_last_are_offered_first():
    structure = OrganisationFactory()
    user = user_with(Role.COUNSELLOR, structure)
    first, second, third = crowd(structure, 3)
    for worker in (first, third, second):
        FollowUpFactory(pathway=worker.pathways.get(), author=user, held_on=TODAY)

    assert names(client_for(user).get("/suivi/personnes/")) == [str(second), str(third), str(first)]


def test_someone_chosen_stays_chosen_while_another_name_is_typed():
    structure = OrganisationFactory()
    chosen = crowd(structure, 1)[0]
    WorkerFactory(organisation=structure)

    page = signed_in(Role.COUNSELLOR, structure).get("/suivi/personnes/", {"q": "zzzz", "people": chosen.pk})

    assert names(page) == [str(chosen)]
    assert "checked" in page.content.decode()


def test_all_that_is_found_is_reached_page_after_page_and_once():
    structure = OrganisationFactory()
    user = user_with(Role.COUNSELLOR, structure)
    pathway = crowd(structure, 1)[0].pathways.get()
    written = {FollowUpFactory(pathway=pathway, author=user, held_on=TODAY, note="Le logement").pk for _n in range(35)}

    first = client_for(user).get("/suivis/", {"q": "logements"})
    rest = client_for(user).get("/suivis/", {"q": "logements", "apres": first.context["page"].after})

    found = [row.pk for page in (first, rest) for row in page.context["page"].rows]
    assert (len(found), set(found)) == (35, written)
    assert "Suivants" in first.content.decode()
    assert "Suivants" not in rest.content.decode()


def sealed_life():
    worker = life()
    author = user_with(Role.COUNSELLOR, worker.organisation)
    sealed = FollowUpFactory(
        pathway=worker.pathways.get(), author=author, held_on=TODAY, themes=["justice"], note="Audience au tribunal",
        next_step="Appeler le SPIP", next_due_on=TODAY,
    )  # fmt: skip
    return worker, author, sealed


WORDS = ("tribunal", "SPIP", "Justice</span>")


def test_a_reserved_follow_up_is_reserved_on_every_page():
    worker, author, sealed = sealed_life()
    pages = [f"/salaries/{worker.pk}/", f"/suivis/{sealed.pk}/", "/suivis/", "/suivis/?q=audience", "/suivis/?theme=justice",
             "/a-suivre/?qui=tous", "/agenda/?qui=tous"]  # fmt: skip

    def told(role_client):
        return {p for p in pages if any(word in role_client.get(p).content.decode() for word in WORDS)}

    colleague = told(signed_in(Role.COUNSELLOR, worker.organisation))
    assert told(signed_in(Role.DIRECTOR, worker.organisation)) == set()
    assert told(signed_in(Role.HR, worker.organisation)) == set()
    assert (
        colleague == told(client_for(author)) == set(pages) - {"/suivis/?q=audience"}
    )  # what is sealed is not searched


def test_what_was_reserved_when_it_was_said_stays_reserved_in_the_history():
    worker, author, sealed = sealed_life()
    client_for(author).post(
        f"/suivis/{sealed.pk}/corriger/",
        {
            "kind": "telephone",
            "minutes": 30,
            "held_on": TODAY.isoformat(),
            "outcome": "present",
            "note": "Point",
            "reason": "x",
        },
    )

    director = signed_in(Role.DIRECTOR, worker.organisation).get(f"/suivis/{sealed.pk}/").content.decode()

    assert ("Point" in director, "tribunal" in director) == (True, False)
    assert "tribunal" in client_for(author).get(f"/suivis/{sealed.pk}/").content.decode()


def test_a_colleague_corrects_nothing_that_is_not_hers():
    worker, _author, sealed = sealed_life()
    client = signed_in(Role.COUNSELLOR, worker.organisation)

    assert client.get(f"/suivis/{sealed.pk}/corriger/").status_code == 404
    assert client.post(f"/suivis/{sealed.pk}/annuler/", {"reason": "x"}).status_code == 404


def test_a_private_note_is_on_no_page_of_anyone_else():
    worker, author, _sealed = sealed_life()
    client_for(author).post("/suivi/", form(worker, note="Vu", private_note="Ma petite voix"))
    written = FollowUp.objects.latest("pk")
    pages = [f"/suivis/{written.pk}/", f"/salaries/{worker.pk}/", "/suivis/?q=voix", "/suivis/"]

    def told(client):
        return [p for p in pages if "petite voix" in client.get(p).content.decode()]

    assert told(client_for(author)) == [f"/suivis/{written.pk}/"]
    assert told(signed_in(Role.COUNSELLOR, worker.organisation)) == []
    assert told(signed_in(Role.DIRECTOR, worker.organisation)) == []


def test_a_piece_is_saved_never_run(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    worker = life()
    client = signed_in(Role.COUNSELLOR, worker.organisation)
    path = tmp_path / "cv é.pdf"
    path.write_bytes(pdf())
    with path.open("rb") as file:
        client.post("/suivi/", form(worker, file=file))

    kept = Attachment.objects.get()
    answer = client.get(f"/pieces/{kept.pk}/")

    assert b"".join(answer.streaming_content) == pdf()
    said = {name: answer[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy")}
    assert said == {
        "Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }  # fmt: skip
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''cv%20%C3%A9.pdf"
    assert signed_in(Role.COUNSELLOR, OrganisationFactory()).get(f"/pieces/{kept.pk}/").status_code == 404
    kept.scan = "pending"
    kept.save()
    assert client.get(f"/pieces/{kept.pk}/").status_code == 404


def test_a_fact_put_off_leaves_the_list_with_why_and_comes_back_when_asked():
    worker = life()
    client = signed_in(Role.COUNSELLOR, worker.organisation)
    page = client.get("/a-suivre/?qui=tous").content.decode()
    address = re.search(r"/a-suivre/\d+/right_late/\d+/[\d-]+/", page)[0]

    client.post(address, {"until": (TODAY + timedelta(days=3)).isoformat(), "reason": "Rendez-vous pris"})
    later = client.get("/a-suivre/?qui=tous").content.decode()

    assert f'href="{address}"' not in later
    kept = Snooze.objects.get()
    assert (kept.reason, kept.worker_id, kept.fact) == ("Rendez-vous pris", worker.pk, "right_late")
    client.post(f"/a-suivre/reports/{kept.pk}/reprendre/")
    assert f'href="{address}"' in client.get("/a-suivre/?qui=tous").content.decode()


def test_an_address_of_agenda_works_without_signing_in_until_it_is_revoked():
    worker = life(first_name="Fatou", last_name="Camara")
    user = user_with(Role.COUNSELLOR, worker.organisation)
    client = client_for(user)
    client.post(
        f"/salaries/{worker.pk}/rendez-vous/",
        {"starts_at": f"{TODAY + timedelta(days=2)}T10:30", "kind": "visite_chantier", "minutes": 45, "place": "CMP"},
    )
    assert Appointment.objects.count() == 1

    client.post("/agenda/flux/", {"name": "Téléphone"})
    address = re.search(r"/agenda/flux/[\w-]+\.ics", client.get("/agenda/").content.decode())[0]
    assert ".ics" not in client.get("/agenda/").content.decode()
    text = Client().get(address).content.decode()

    assert "Visite sur le chantier ou chez l'utilisateur — Fatou C." in text.replace("\r\n ", "")
    assert [word for word in ("Camara", "CMP") if word in text] == []
    client.post(f"/agenda/flux/{FeedToken.objects.get().pk}/revoquer/")
    assert Client().get(address).status_code == 404
