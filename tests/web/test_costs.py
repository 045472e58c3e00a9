"""What the pages one opens all day may cost: questions to the database and kilobytes. Counted, never timed."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import Role
from contracts.flags import refresh
from tests.factories import (
    AssignmentFactory,
    ContractFactory,
    DecisionFactory,
    FollowUpFactory,
    OrganisationFactory,
    PassFactory,
    PathwayFactory,
    RightStepFactory,
    WorkedMonthFactory,
    WorkerFactory,
    user_with,
)
from tests.web.test_pages import OBJECTS, addresses_of, client_for
from tests.web.test_pages import PAGES as EVERY_PAGE

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
WHOLE = {"/loi/"}  # every value of the law in one page, to be searched in: 78 kB
MOST_QUERIES, MOST_HTML, MOST_ASSETS = 12, 60_000, 150_000
PAGES = ("/a-suivre/", "/a-suivre/?qui=tous", "/salaries/", "/salaries/?q=le goff", "/salaries/{w}/", "/suivi/", "/suivis/?q=logement",
         "/echeances/", "/contrats/", "/contrats/?q=le goff", "/agenda/")  # fmt: skip


def full_file(structure, counsellor):
    """Someone with five reasons to be seen, in an AI: its page asks the most."""
    worker = WorkerFactory(
        organisation=structure, counsellor=counsellor, last_name="Le Goff de la Haute-Ville", first_name="Marie-Amina"
    )
    pathway = PathwayFactory(worker=worker, started_on=TODAY - timedelta(days=400))
    PassFactory(worker=worker, started_on=TODAY - timedelta(days=400), ended_on=TODAY + timedelta(days=9))
    contract = ContractFactory(
        worker=worker,
        kind="FIXED_TERM_USAGE",
        started_on=TODAY - timedelta(days=60),
        planned_end_on=TODAY + timedelta(days=5),
    )
    assignment = AssignmentFactory(contract=contract, started_on=contract.started_on)
    WorkedMonthFactory(contract=contract, assignment=assignment, month=contract.started_on.replace(day=1))
    DecisionFactory(worker=worker, contract=contract, decided_by=counsellor)
    FollowUpFactory(
        pathway=pathway, author=counsellor, held_on=TODAY - timedelta(days=70), note="Recherche de logement"
    )
    for right in ("D02", "D04", "D09", "D15"):
        RightStepFactory(pathway=pathway, right=right, state="to_study", due_on=TODAY - timedelta(days=3))
    return worker


@pytest.fixture
def structure():
    return OrganisationFactory(kind="AI")


@pytest.fixture
def director(structure):
    return user_with(Role.DIRECTOR, structure)


def asked(client, address):
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return len(queries), len(answer.content)


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.DIRECTOR])
def test_a_page_asks_at_most_twelve_questions_and_as_many_for_sixty_people_as_for_one(structure, role):
    reader = user_with(role, structure)
    client = client_for(reader)
    worker = full_file(structure, reader)
    refresh(TODAY)
    pages = [page.format(w=worker.pk) for page in PAGES if role == Role.COUNSELLOR or "suiv" not in page]
    alone = {page: asked(client, page)[0] for page in pages}
    for _person in range(59):
        full_file(structure, reader)
    refresh(TODAY)
    among = {page: asked(client, page) for page in pages}

    assert {page: n for page, (n, _size) in among.items() if n > MOST_QUERIES} == {}
    assert {page: (n, alone[page]) for page, (n, _size) in among.items() if n > alone[page]} == {}
    assert {page: size for page, (_n, size) in among.items() if size > MOST_HTML} == {}


def test_no_page_is_heavy_whatever_is_in_it(structure, director, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    worker = full_file(structure, director)
    for _person in range(59):
        full_file(structure, director)
    refresh(TODAY)
    client = client_for(director)
    about = addresses_of(worker, director)
    pages = [page for page, roles in EVERY_PAGE.items() if Role.DIRECTOR in roles]
    pages += [about[page] for page, roles in OBJECTS.items() if Role.DIRECTOR in roles]

    assert len(pages) > 120
    sizes = {page: asked(client, page)[1] for page in pages}
    assert {page for page, size in sizes.items() if size > MOST_HTML} == WHOLE


def test_what_every_page_loads_beside_its_html_stays_light(client):
    page = client.get("/compte/login/").content.decode()
    files = re.findall(r'(?:href|src)="/static/([^"?]+\.(?:css|js))"', page)
    found = {name: finders.find(name) for name in files}

    assert len(found) >= 4
    assert None not in found.values()
    assert sum(len(gzip.compress(Path(path).read_bytes())) for path in found.values()) <= MOST_ASSETS
