"""Attachments: recognised by their content, named as texts, scanned, never served before they may be."""

import socket
import threading
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from accounts.roles import Role
from audit.history import changes_where
from jobs.models import Job
from parcours import attachments, clamav
from parcours.models import Attachment
from tests.factories import FollowUpFactory, OrganisationFactory, user_with
from tests.parcours.files import archive, docx, odt, pdf, png

pytestmark = pytest.mark.django_db

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"


@pytest.fixture(autouse=True)
def _media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (pdf(), "application/pdf"),
        (png(), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "image/heic"),
        (docx(), DOCX),
        (odt(), ODT),
        (docx("word/vbaProject.bin"), None),
        (odt("Basic/Standard/script.xml"), None),
        (archive(**{"index.html": "<script>"}), None),
        (archive(mimetype="text/html"), None),
        (b"<html><script>alert(1)</script>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", None),
        (b"GIF89a <script>", None),
        (b"MZ\x90\x00", None),
        (b"#!/bin/sh\n", None),
        (b" %PDF-1.4", None),
        (b"PK\x03\x04broken", None),
    ],
)
def test_a_file_is_what_its_content_says(content, media_type):
    assert attachments.recognise(BytesIO(content)) == media_type


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("cv.pdf", "cv.pdf"),
        ("CV.PDF", "CV.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Zoé\\cv.pdf", "cv.pdf"),
        ("photo.exe", "photo.exe.pdf"),
        ("contrat\u202efdp.exe", "contratfdp.exe.pdf"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("..", "piece.pdf"),
        ("", "piece.pdf"),
        ("<img src=x>.pdf", "img src=x.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_a_name_is_only_a_text_that_ends_as_the_content_asks(given, kept):
    assert attachments.examine(given, BytesIO(pdf())).name == kept


def test_an_empty_or_oversized_file_is_refused_in_words(settings):
    settings.ATTACHMENT_MAX_BYTES = 1 << 20
    with pytest.raises(ValidationError) as empty:
        attachments.examine("vide.pdf", BytesIO(b""))
    with pytest.raises(ValidationError) as big:
        attachments.examine("gros.pdf", BytesIO(pdf() + bytes(1 << 20)))

    assert empty.value.messages == ["« vide.pdf » est vide."]
    assert big.value.messages == ["« gros.pdf » dépasse 1 Mo : allégez-le."]


def given(structure=None, **fields):
    follow_up = FollowUpFactory(pathway__worker__organisation=structure or OrganisationFactory(), **fields)
    return attachments.attach(by=follow_up.author, follow_up=follow_up, name="cv.pdf", stream=BytesIO(pdf()))


def test_what_is_on_the_disk_bears_no_name_and_no_extension(tmp_path):
    given()

    stored = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert [(len(name), "." in name) for name in stored] == [(32, False)]


def test_without_a_scanner_a_file_is_said_unscanned_and_served():
    kept = given()

    assert (kept.scan, kept.served, Job.objects.count()) == ("unscanned", True, 0)


def nothing_found(stream):
    return True


def something_found(stream):
    return False


def no_answer(stream):
    raise clamav.CannotTell("busy")


def scanned_by(name, settings):
    settings.ATTACHMENT_SCANNER = f"{__name__}.{name}"
    kept = given()
    before = (kept.scan, kept.served)
    assert Job.objects.get().arguments == {"attachment_id": kept.pk}
    return kept, before


def test_a_file_waits_for_the_scanner_then_is_served(settings):
    kept, before = scanned_by("nothing_found", settings)

    assert attachments.scan(kept.pk) == {"scanned": 1, "infected": 0}
    kept.refresh_from_db()
    assert (before, kept.scan, kept.served) == (("pending", False), "clean", True)
    assert attachments.scan(kept.pk) == {"scanned": 0}


def test_a_refused_file_is_never_served_and_its_content_is_gone(settings, tmp_path, django_capture_on_commit_callbacks):
    kept, _before = scanned_by("something_found", settings)

    with django_capture_on_commit_callbacks(execute=True):
        assert attachments.scan(kept.pk) == {"scanned": 1, "infected": 1}

    kept.refresh_from_db()
    assert (kept.scan, kept.served) == ("infected", False)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_when_the_scanner_cannot_tell_the_file_keeps_waiting(settings):
    kept, _before = scanned_by("no_answer", settings)

    with pytest.raises(clamav.CannotTell):
        attachments.scan(kept.pk)

    assert Attachment.objects.get().scan == "pending"


def test_a_piece_of_a_health_follow_up_is_seen_by_those_who_may_read_it():
    structure = OrganisationFactory()
    kept = given(structure, themes=["sante"])

    seen = {
        role: list(Attachment.objects.visible_to(user_with(role, structure)))
        for role in (Role.COUNSELLOR, Role.DIRECTOR, Role.HR)
    }
    assert seen == {Role.COUNSELLOR: [kept], Role.DIRECTOR: [], Role.HR: []}


def test_a_piece_taken_away_loses_its_content_and_its_history_says_why(tmp_path, django_capture_on_commit_callbacks):
    kept = given()

    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove(by=kept.follow_up.author, attachment=kept, reason="Mauvais document")

    assert Attachment.objects.count() == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert [why for _event, why in changes_where(Attachment, 1)] == ["Mauvais document"]


def daemon(answer):
    """A clamd that reads one stream and gives one answer; returns its address and what it read."""
    server, read = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        client, _address = server.accept()
        with client:
            got = b""
            while not got.endswith(b"\0\0\0\0"):
                got += client.recv(65536)
            read.append(got)
            client.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{server.getsockname()[1]}", read


def test_clamav_is_spoken_to_in_its_own_words(settings):
    settings.CLAMAV_ADDRESS, read = daemon(b"stream: OK\0")
    assert clamav.scan(BytesIO(b"abc")) is True
    assert read == [b"zINSTREAM\0\0\0\0\x03abc\0\0\0\0"]

    settings.CLAMAV_ADDRESS, _read = daemon(b"stream: Eicar-Signature FOUND\0")
    assert clamav.scan(BytesIO(uuid4().bytes)) is False

    settings.CLAMAV_ADDRESS, _read = daemon(b"INSTREAM size limit exceeded. ERROR\0")
    with pytest.raises(clamav.CannotTell):
        clamav.scan(BytesIO(b"abc"))
