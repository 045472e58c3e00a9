"""Pages and API of papers and notifications."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.roles import Role
from documents.models import Paper, Wording
from notifications import telling
from notifications.models import Notice
from tests.documents.reading import text_of
from tests.factories import ContractFactory, FlagFactory, OrganisationFactory, WorkerFactory, user_with

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def client_for(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def structure():
    return OrganisationFactory(name="Les Jardins")


@pytest.fixture
def contract(structure):
    return ContractFactory(worker=WorkerFactory(organisation=structure, last_name="Diallo"), ended_on=date(2024, 7, 7))


def test_a_paper_is_looked_at_issued_and_opened_from_the_page_of_the_contract(structure, contract):
    client = client_for(user_with(Role.HR, structure))
    page = client.get(f"/contrats/{contract.pk}/").content.decode()
    assert f"/documents/apercu/work_certificate/{contract.pk}/" in page

    preview = client.get(f"/documents/apercu/work_certificate/{contract.pk}/")
    assert (preview["Content-Type"], "APERÇU" in text_of(preview.content)) == ("application/pdf", True)
    assert client.post(f"/documents/emettre/work_certificate/{contract.pk}/").status_code == 302

    paper = Paper.objects.get()
    opened = client.get(f"/documents/{paper.pk}/")
    assert "Amina Diallo" in text_of(opened.content)
    assert f"/documents/{paper.pk}/" in client.get(f"/contrats/{contract.pk}/").content.decode()


def test_a_paper_that_cannot_be_yet_says_why_on_the_page(structure, contract):
    contract.ended_on = None
    contract.save()
    client = client_for(user_with(Role.HR, structure))

    answer = client.post(f"/documents/emettre/work_certificate/{contract.pk}/", follow=True)

    assert "enregistrez d&#x27;abord sa fin effective" in answer.content.decode()
    assert Paper.objects.count() == 0


def test_papers_of_elsewhere_do_not_exist(structure, contract):
    hr, stranger = user_with(Role.HR, structure), user_with(Role.HR, OrganisationFactory())
    client_for(hr).post(f"/documents/emettre/work_certificate/{contract.pk}/")
    paper, client = Paper.objects.get(), client_for(stranger)

    assert client.get(f"/documents/{paper.pk}/").status_code == 404
    assert client.get(f"/documents/apercu/work_certificate/{contract.pk}/").status_code == 404
    assert client.post(f"/documents/emettre/work_certificate/{contract.pk}/").status_code == 404
    assert client.get(f"/api/v1/papers/{paper.pk}/file/").status_code == 404


def test_a_counsellor_looks_at_a_contracts_paper_and_does_not_issue_it(structure, contract):
    client = client_for(user_with(Role.COUNSELLOR, structure))

    assert client.get(f"/documents/apercu/work_certificate/{contract.pk}/").status_code == 200
    assert client.post(f"/documents/emettre/work_certificate/{contract.pk}/").status_code == 404
    assert (
        f"/documents/emettre/work_certificate/{contract.pk}/"
        not in client.get(f"/contrats/{contract.pk}/").content.decode()
    )


def test_the_api_issues_a_paper_once_and_gives_its_file(structure, contract):
    client = client_for(user_with(Role.HR, structure))
    asked = {"kind": "work_certificate", "subject_id": contract.pk}

    first = client.post("/api/v1/papers/", asked, content_type="application/json")
    again = client.post("/api/v1/papers/", asked, content_type="application/json")

    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    file = client.get(f"/api/v1/papers/{first.json()['id']}/file/")
    assert "Certificat de travail" in text_of(file.content)
    assert "facts" not in first.json()


def test_a_director_adapts_a_paper_and_a_wrong_name_is_said_at_its_field(structure, contract):
    client = client_for(user_with(Role.DIRECTOR, structure))
    assert client.get("/documents/modeles/").status_code == 200

    wrong = client.post("/documents/modeles/work_certificate/", {"free": "{secret}", "version": 0})
    assert "choisissez parmi {salarie}, {structure}" in wrong.content.decode()
    assert (
        client.post("/documents/modeles/work_certificate/", {"free": "Merci {salarie}.", "version": 0}).status_code
        == 302
    )

    assert Wording.objects.get().texts == {"free": "Merci {salarie}."}
    assert "Merci Amina Diallo." in text_of(client.get(f"/documents/apercu/work_certificate/{contract.pk}/").content)


def test_a_user_reads_what_she_was_told_and_nobody_elses(structure, contract):
    hr, other = user_with(Role.HR, structure), user_with(Role.HR, OrganisationFactory())
    FlagFactory(contract=contract, due_on=TODAY + timedelta(days=20))
    telling.tell(TODAY)
    notice = Notice.objects.get()

    client = client_for(hr)
    assert "Amina Diallo — Fin de contrat à décider" in client.get("/notifications/").content.decode()
    assert ">1<" in client.get("/notifications/nombre/").content.decode()
    assert client_for(other).post(f"/notifications/{notice.pk}/").status_code == 404
    assert client.post(f"/notifications/{notice.pk}/").status_code == 302
    assert client.get("/notifications/nombre/").content.decode().strip() == ""
    assert [row["id"] for row in client.get("/api/v1/notifications/").json()["results"]] == [notice.pk]
    assert client_for(other).get("/api/v1/notifications/").json()["results"] == []


def test_a_user_chooses_how_to_be_told(structure):
    hr = user_with(Role.HR, structure)
    client = client_for(hr)

    answer = client.post(
        "/notifications/preferences/", {"frequency": "weekly", "least_severity": 3, "by_structure": "on"}
    )

    assert answer.status_code == 302
    assert (hr.notification_preference.frequency, hr.notification_preference.least_severity) == ("weekly", 3)
