"""Files that no row names go once old; all that is named stays, in any way; another database's files are left alone."""

import os
from contextlib import contextmanager
from io import BytesIO, StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from accounts.roles import Role
from contracts.models import ImportedFile
from jobs.actions import enqueue, perform
from jobs.models import Job
from parcours import attachments
from privacy import leftovers
from tests.factories import FollowUpFactory, OrganisationFactory, user_with
from tests.parcours.files import pdf
from tests.web.test_pages import client_for

pytestmark = pytest.mark.django_db
NOW = timezone.now().timestamp()


def old(name, days=8.0):
    path = Path(default_storage.path(name))
    os.utime(path, (NOW - days * leftovers.DAY,) * 2)
    return path


def unnamed(folder="attachments/2026/01", days=8.0, content=b"someone's letter"):
    return old(default_storage.save(f"{folder}/letter", ContentFile(content)), days)


def attached():
    follow_up = FollowUpFactory()
    return attachments.attach(by=follow_up.author, follow_up=follow_up, name="cv.pdf", stream=BytesIO(pdf()))


def night(day="2026-11-29"):
    job = enqueue("privacy.sweep", key=f"privacy.sweep:{day}", arguments={"day": day, "known_at": day})
    perform(job.pk)
    return Job.objects.get(pk=job.pk).result


def test_old_files_that_no_row_names_go_and_all_that_is_named_stays(structure, tmp_path):
    piece = attached()
    imported = ImportedFile.objects.create(organisation=structure, name="a.csv", sha256="0", size=1)
    imported.content.save("a.csv", ContentFile(b"A;B\n"))
    removed = attached()  # its row goes, its history stays; a crash left the file
    attachments.remove(by=removed.follow_up.author, attachment=removed, reason="")
    named = [old(row.content.name) for row in (piece, imported, removed)]
    (tmp_path / "erasures").write_text("")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").write_text("")
    kept = [*named, old("erasures"), old("elsewhere/kept"), unnamed(days=6.9), unnamed(days=0)]
    gone = [unnamed(), unnamed("papers/2026/01"), unnamed("imports/2026/01")]
    (tmp_path / "tmpdraft").write_bytes(b"cut short")
    gone.append(old("tmpdraft"))

    first, second = night(), night("2026-11-30")

    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert first == {"files": 4, "bytes": 3 * len(b"someone's letter") + len(b"cut short")}
    assert second == {"files": 0, "bytes": 0}


def test_the_command_counts_then_removes():
    attached()
    path, said = unnamed(), StringIO()

    call_command("sweep_files", "--check", stdout=said)
    assert path.exists()
    call_command("sweep_files", stdout=said)

    assert not path.exists()
    assert said.getvalue().splitlines() == [
        "1 fichiers à effacer (16 octets) sur 1 assez anciens.",
        "1 fichiers effacés (16 octets).",
    ]


@contextmanager
def database(ending):
    """A database beside ours, whose name is ours and this ending."""
    where = connection.get_connection_params()
    server = psycopg.connect(
        host=where["host"], port=where["port"], user=where["user"], password=where["password"], dbname="postgres", autocommit=True
    )  # fmt: skip
    name = Identifier(f"{where['dbname']}{ending}")
    with server:
        server.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        try:
            yield
        finally:
            server.execute(SQL("DROP DATABASE {}").format(name))


@pytest.mark.parametrize("ending", ["_before_20261129_101500", "_restoring"])
def test_nothing_goes_while_a_restore_keeps_or_makes_another_database(ending):
    attached()
    path = unnamed()

    with database(ending):
        said = night()
        with pytest.raises(CommandError, match="confirmée ou défaite"):
            call_command("sweep_files")
    assert said["files"] == 0
    assert ending in said["refused"]
    assert path.exists()
    page = client_for(user_with(Role.DIRECTOR, OrganisationFactory())).get("/travaux/").content.decode()
    assert "la restauration doit d’abord" in page.replace("&#x27;", "’")
    assert night("2026-11-30")["files"] == 1


def test_a_folder_where_most_of_what_rows_name_is_missing_is_another_sites(tmp_path):
    Path(default_storage.path(attached().content.name)).unlink()
    path = unnamed()

    with pytest.raises(ValidationError, match="1 fichiers dont 1 manquent"):
        leftovers.sweep(NOW)
    assert path.exists()


def test_more_unnamed_files_than_crashes_leave_are_those_of_another_database():
    attached()
    paths = [unnamed() for _n in range(leftovers.FEW + 1)]

    with pytest.raises(ValidationError, match="21 fichiers sur 21 ne sont nommés par aucune ligne"):
        leftovers.sweep(NOW)
    assert all(path.exists() for path in paths)
    paths[0].unlink()
    assert leftovers.sweep(NOW)[0] == leftovers.FEW
