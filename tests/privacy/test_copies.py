"""The copy of one's data: everything in French, pieces included, as far as its maker may read, without anyone else's name."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from pypdf import PdfReader

from accounts.roles import Role
from parcours.models import Attachment, PrivateNote, Worker
from privacy import copies, reach
from privacy.models import Consultation
from tests.factories import FollowUpFactory, OrganisationFactory, PathwayFactory, WorkerFactory, user_with
from tests.trust.world import a_structure, fill
from tests.web.test_pages import client_for

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def counsellor(structure):
    return user_with(Role.COUNSELLOR, structure, first_name="Nadia", last_name="Benali")


@pytest.fixture
def worker(structure):
    return WorkerFactory(organisation=structure, first_name="Aminata", last_name="Diallo", phone="0611223344")


def archive_of(user, worker) -> ZipFile:
    answer = client_for(user).get(f"/salaries/{worker.pk}/donnees/copie.zip")
    assert answer.status_code == 200
    return ZipFile(BytesIO(b"".join(answer.streaming_content)))


def told(archive) -> dict:
    return json.loads(archive.read("donnees.json"))


def test_one_click_gives_what_is_written_of_her_to_read_and_to_carry_away(counsellor, worker):
    follow_up = FollowUpFactory(pathway=PathwayFactory(worker=worker), author=counsellor, note="Cherche un logement.")
    piece = Attachment(follow_up=follow_up, name="cv.pdf", media_type="application/pdf", size=4, sha256="a" * 64)
    piece.content.save("x", ContentFile(b"%PDF cv"))

    archive = archive_of(counsellor, worker)

    data = told(archive)
    assert data["tables"]["salariés en parcours"][0]["téléphone"] == "0611223344"
    assert data["tables"]["suivis"][0]["note"] == "Cherche un logement."
    assert archive.read(f"pieces/{piece.pk}-cv.pdf") == b"%PDF cv"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(archive.read("dossier.pdf"))).pages)
    assert "Cherche un logement." in text
    assert "0611223344" in text


def test_names_of_others_are_masked_in_what_was_written(counsellor, structure, worker):
    WorkerFactory(organisation=structure, first_name="Paul", last_name="Roche")
    pathway = PathwayFactory(worker=worker)
    FollowUpFactory(
        pathway=pathway, author=counsellor, note="Vue avec Paul ROCHE et Nadia Benali ; Aminata Diallo va mieux."
    )

    archive = archive_of(counsellor, worker)

    said = archive.read("donnees.json").decode()
    assert f"Vue avec {copies.SOMEONE} et {copies.SOMEONE} ; Aminata Diallo va mieux." in said
    assert "Benali" not in said
    assert told(archive)["tables"]["suivis"][0]["auteur"] == "un membre de la structure"


def test_the_copy_holds_no_more_than_its_maker_may_read(structure, counsellor, worker):
    director = user_with(Role.DIRECTOR, structure)
    follow_up = FollowUpFactory(
        pathway=PathwayFactory(worker=worker), author=counsellor, note="Dialyse le mardi", themes=["sante"]
    )
    PrivateNote.objects.create(follow_up=follow_up, text="Impression fragile")

    hers, his = (archive_of(user, worker).read("donnees.json").decode() for user in (counsellor, director))

    assert ("Dialyse" in hers, "Impression fragile" in hers) == (True, True)
    assert ("Dialyse" in his, "Impression fragile" in his) == (False, False)
    assert json.loads(his)["à demander"] == {"suivis": 1, "notes privées": 1}


def test_who_read_her_is_in_the_copy_without_their_names(counsellor, worker):
    client_for(counsellor).get(f"/salaries/{worker.pk}/")

    row = told(archive_of(counsellor, worker))["tables"]["consultations"][0]

    assert (row["page"], row["lecteur"]) == ("Dossier", "un membre de la structure")
    assert "subject-access" in set(Consultation.objects.values_list("page", flat=True))


def test_nobody_takes_the_copy_of_another_structure(worker):
    stranger = user_with(Role.COUNSELLOR, OrganisationFactory())
    human_resources = user_with(Role.HR, worker.organisation)

    for user in (stranger, human_resources):
        assert client_for(user).get(f"/salaries/{worker.pk}/donnees/copie.zip").status_code == 404


def test_every_table_of_hers_is_in_the_copy():
    structure = a_structure("un", "Maison")
    fill(structure)
    worker = structure.row(Worker)

    copy = copies.gathered(by=structure.counsellor, worker=worker, today=TODAY)

    kept = {table.title for table in copy.tables} | {title for title, _n in copy.withheld}
    wanted = {
        m._meta.verbose_name_plural for m, ids in reach.rows_of([worker.pk]).items() if ids and m not in copies.LEFT_OUT
    }
    assert {str(title) for title in wanted} - kept == set()
    labels = {label for table in copy.tables for row in table.rows for label, _value in row}
    assert labels & {"first name", "id", "created at"} == set()
    assert copies.as_paper(copy).startswith(b"%PDF")
