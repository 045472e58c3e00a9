"""A full disk is said in words: nothing half-written is kept, and what was typed is still there."""

import errno
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.roles import Role
from audit import files
from contracts.imports import desk
from contracts.models import ImportedFile
from parcours import attachments
from parcours.models import Attachment, FollowUp
from tests.factories import FollowUpFactory, OrganisationFactory, PathwayFactory, WorkerFactory, user_with
from tests.parcours.files import pdf
from tests.web.test_pages import client_for

pytestmark = pytest.mark.django_db
SAID = "Le disque du serveur est plein"
TYPED = "Elle cherche un logement"


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


@pytest.fixture
def worker():
    return PathwayFactory(worker=WorkerFactory(organisation=OrganisationFactory())).worker


def full(*_given):
    raise OSError(errno.ENOSPC, "No space left on device")


def fill_the_store(monkeypatch):
    """The disk of the files fills up after the first bytes of each."""

    def narrow(made):
        def make(**said):
            file = made(**said)
            write = file.write

            def once(content):
                write(content[:2])
                full()

            file.write = once
            return file

        return make

    for module in (files, desk):
        monkeypatch.setattr(module, "NamedTemporaryFile", narrow(module.NamedTemporaryFile))


def fill_the_way_in(monkeypatch):
    """The disk where uploads wait fills up."""
    monkeypatch.setattr(TemporaryUploadedFile, "__init__", full)


WAYS = [fill_the_store, fill_the_way_in]


def follow_up_with(content):
    return {
        "kind": "telephone", "minutes": "15", "outcome": "present", "held_on": timezone.localdate().isoformat(), "note": TYPED,
        "sent_once": str(uuid4()), "file": SimpleUploadedFile("cv.pdf", content),
    }  # fmt: skip


@pytest.mark.parametrize("fill", WAYS)
def test_a_follow_up_whose_piece_finds_no_room_is_shown_again_as_it_was_typed(worker, media, monkeypatch, fill):
    client, address = client_for(user_with(Role.COUNSELLOR, worker.organisation)), f"/salaries/{worker.pk}/suivi/"
    with monkeypatch.context() as patched:
        fill(patched)
        page = client.post(address, follow_up_with(pdf()))

    assert page.status_code == 200
    assert SAID in page.content.decode()
    assert TYPED in page.content.decode()
    assert not FollowUp.objects.exists()
    assert not Attachment.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []

    assert client.post(address, follow_up_with(pdf())).status_code == 302, "there is room again"
    assert Attachment.objects.get().content.read() == pdf()


@pytest.mark.parametrize("fill", WAYS)
def test_an_imported_file_that_finds_no_room_leaves_no_row_and_no_bytes(worker, media, monkeypatch, fill):
    client = client_for(user_with(Role.HR, worker.organisation))
    said = {"organisation": worker.organisation_id, "file": SimpleUploadedFile("a.csv", b"Matricule;Nom\nA;B\n")}
    with monkeypatch.context() as patched:
        fill(patched)
        page = client.post("/imports/", said)

    assert page.status_code == 200
    assert SAID in page.content.decode()
    assert not ImportedFile.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("fill", WAYS)
def test_a_program_is_told_too(worker, monkeypatch, fill):
    director = user_with(Role.DIRECTOR, worker.organisation)
    _token, secret = tokens.issue(by=director, organisation=worker.organisation, name="p", role=Role.DIRECTOR)
    follow_up = FollowUpFactory(pathway=worker.pathways.get(), author=director)
    fill(monkeypatch)

    for address, said in (
        ("attachments", {"follow_up": follow_up.pk, "file": SimpleUploadedFile("cv.pdf", pdf())}),
        ("imports", {"organisation": worker.organisation_id, "file": SimpleUploadedFile("a.csv", b"Matricule;Nom\n")}),
    ):
        answer = Client().post(f"/api/v1/{address}/", said, HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "disk_full"), address


def test_a_command_says_it(worker, tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("Matricule;Nom\n")
    fill_the_store(monkeypatch)

    with pytest.raises(CommandError, match=SAID):
        call_command("import_file", str(path), organisation=str(worker.organisation_id))


def test_a_file_has_its_name_only_once_whole(media, monkeypatch):
    with monkeypatch.context() as patched:
        fill_the_store(patched)
        with pytest.raises(ValidationError, match=SAID):
            default_storage.save("papers/a.pdf", ContentFile(b"whole"))
    assert [path for path in media.rglob("*") if path.is_file()] == []

    first, second = (default_storage.save("papers/a.pdf", ContentFile(content)) for content in (b"whole", b"other"))
    assert first == "papers/a.pdf" != second
    assert (default_storage.open(first).read(), default_storage.open(second).read()) == (b"whole", b"other")
    assert oct((media / first).stat().st_mode)[-3:] == "600"


def test_any_other_trouble_of_the_disk_stays_what_it_is(worker, monkeypatch):
    def broken(**_said):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files, "NamedTemporaryFile", broken)
    follow_up = FollowUpFactory(pathway=worker.pathways.get())
    with pytest.raises(OSError, match="Input/output"):
        attachments.attach(by=follow_up.author, follow_up=follow_up, name="cv.pdf", stream=BytesIO(pdf()))
