"""Who read what of whom: noted by every page about a person, once an hour, in one statement."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tokens
from accounts.roles import Role
from documents.papers import KINDS
from privacy import reach
from privacy.consultation import way
from privacy.copies import gathered
from privacy.models import Consultation
from privacy.pages import TITLES
from tests.factories import (
    ContractFactory,
    FollowUpFactory,
    OrganisationFactory,
    PathwayFactory,
    WorkerFactory,
    user_with,
)
from tests.trust.world import ROWS, patterns
from tests.web.test_pages import client_for
from web.consultation import NAMED
from web.openings import READ

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    return WorkerFactory(organisation=OrganisationFactory())


def seen():
    return sorted(Consultation.objects.values_list("reader__email", "worker_id", "page"))


def test_a_page_of_a_person_notes_its_reader_once_an_hour(worker):
    reader = user_with(Role.COUNSELLOR, worker.organisation)
    client = client_for(reader)
    follow_up = FollowUpFactory(pathway=PathwayFactory(worker=worker))

    for _turn in range(2):
        client.get(f"/salaries/{worker.pk}/")
        client.get(f"/suivis/{follow_up.pk}/")
        client.get("/salaries/")

    assert seen() == [(reader.email, worker.pk, "follow-up"), (reader.email, worker.pk, "worker")]


def test_the_note_costs_one_statement_whatever_the_page(worker):
    client = client_for(user_with(Role.DIRECTOR, worker.organisation))
    contract = ContractFactory(worker=worker)
    for page in (f"/salaries/{worker.pk}/", f"/contrats/{contract.pk}/", f"/actes/derogation/{worker.pk}/"):
        with CaptureQueriesContext(connection) as asked:
            client.get(page)
        assert len([q for q in asked if "privacy_consultation" in q["sql"]]) == 1, page


def test_who_is_refused_reads_nothing(worker):
    client_for(user_with(Role.COUNSELLOR, OrganisationFactory())).get(f"/salaries/{worker.pk}/")
    Client().get(f"/salaries/{worker.pk}/")

    assert seen() == []


def test_the_api_notes_the_program_and_who_made_it(worker):
    director = user_with(Role.DIRECTOR, worker.organisation)
    token, secret = tokens.issue(by=director, organisation=worker.organisation, name="paie", role=Role.HR)

    answer = Client().get(f"/api/v1/workers/{worker.pk}/", HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert answer.status_code == 200
    row = Consultation.objects.get()
    assert (row.reader, row.token, row.worker) == (director, token, worker)


def test_every_address_that_names_a_row_of_a_person_is_noted():
    asked = {param for _name, route, _view in patterns() for param in re.findall(r"<(?:\w+:)?(\w+)>", route)}
    hers = {param for param in asked if ROWS.get(param) in reach.ties()}

    assert hers - set(NAMED) - {"notice_id"} == set()  # a notice leads to its page, which is noted
    assert {kind.about for kind in KINDS.values()} <= set(reach.ties())
    assert {way(model).split("__")[-1] for model in reach.ties()} == {"pk", "worker"}


def test_what_was_read_is_called_in_words_on_pages_and_in_the_copy(worker):
    noted = {name for name, route, _view in patterns()
             if not name.startswith("api-") and {*re.findall(r"<(?:\w+:)?(\w+)>", route)} & {*NAMED}}  # fmt: skip
    assert (noted | READ) - TITLES.keys() == set()

    reader = user_with(Role.COUNSELLOR, worker.organisation)
    client_for(reader).get(f"/salaries/{worker.pk}/suivi/")
    director = client_for(user_with(Role.DIRECTOR, worker.organisation))
    assert "Formulaire de suivi" in director.get("/donnees/consultations/").content.decode()
    (told,) = [table for table in gathered(by=reader, worker=worker, today=timezone.localdate()).tables
               if table.title == "consultations"]  # fmt: skip
    assert [dict(row)["page"] for row in told.rows] == ["Formulaire de suivi"]


def test_the_director_sees_who_read_and_the_neighbour_does_not(worker):
    reader = user_with(Role.COUNSELLOR, worker.organisation, last_name="Lectrice")
    client_for(reader).get(f"/salaries/{worker.pk}/")
    director = client_for(user_with(Role.DIRECTOR, worker.organisation))

    for page in ("/donnees/consultations/", f"/salaries/{worker.pk}/donnees/"):
        assert "Lectrice" in director.get(page).content.decode()
    elsewhere = client_for(user_with(Role.DIRECTOR, OrganisationFactory()))
    assert "Lectrice" not in elsewhere.get("/donnees/consultations/").content.decode()
    assert elsewhere.get(f"/salaries/{worker.pk}/donnees/").status_code == 404
