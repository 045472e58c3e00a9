"""Backup and restore, rehearsed: on a whole database, while it is written to, then lost."""

import json
import os
import secrets
import subprocess
import sys
import threading
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

from embedded import backup
from embedded.__main__ import tell_secrets
from embedded.archive import checked, written
from embedded.state import Refusal, State
from tests.embedded.conftest import CHECKOUT, own_environment


def beside(database):
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def server(statement):
    with psycopg.connect(beside("postgres"), autocommit=True) as admin:
        return admin.execute(statement)


def databases(name):
    return sorted(
        row[0] for row in server("SELECT datname FROM pg_database").fetchall() if row[0].startswith(f"{name}_")
    )


# What a database is made of, beside its rows.
SHAPE = """
SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal), (SELECT count(*) FROM pg_constraint),
       (SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'), (SELECT count(*) FROM pg_policy),
       (SELECT array_agg(relacl::text ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace)
"""


class Site:
    """A database of its own, with the tables of this code, and a state folder."""

    def __init__(self, name, folder):
        self.name, self.url, self.state = name, beside(name), State(folder)
        self.state.prepare()
        self.environment = own_environment(
            DATABASE_URL=self.url,
            BROKER_URL=os.environ["BROKER_URL"],
            SECRET_KEY="celle-du-site",
            STATE_DIR=str(self.state.folder),
        )

    def run(self, *arguments, **more):
        return subprocess.run(
            [sys.executable, "-m", "embedded", *map(str, arguments)],
            cwd=CHECKOUT, env={**self.environment, **more}, capture_output=True, text=True, timeout=600,
        )  # fmt: skip

    def sql(self, statement):
        with psycopg.connect(self.url, autocommit=True) as database:
            done = database.execute(statement)
            return done.fetchall() if done.description else []

    def write(self, number):
        """A row and the file it names, as the site writes them: the file first."""
        path = self.state.folder / "media" / "attachments" / f"pièce {number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"contenu {number}")
        self.sql(
            "INSERT INTO jobs_job (name, key, arguments, batch, available_at, created_at, attempts, error, result) "
            f"VALUES ('essai', 'n{number}', '{{\"file\": \"{path.name}\"}}', '', now(), now(), 0, '', '{{}}')"
        )

    def held(self):
        """The numbers written, and what their files say."""
        rows = self.sql(
            "SELECT substr(key, 2)::int, arguments ->> 'file' FROM jobs_job WHERE name = 'essai' ORDER BY 1"
        )
        folder = self.state.folder / "media" / "attachments"
        return {number: (folder / file).read_text() for number, file in rows}


@pytest.fixture
def made(tmp_path):
    """Makes a site whose database is a copy of another."""
    names = []

    def made(model):
        name = f"rehearsal_{secrets.token_hex(4)}"
        names.append(name)
        server(f'CREATE DATABASE "{name}" TEMPLATE "{model}"')
        return Site(name, tmp_path / "état du site")

    yield made
    for name in names:
        for left in [name, *databases(name)]:
            server(f'DROP DATABASE IF EXISTS "{left}" WITH (FORCE)')


@pytest.fixture
def whole_site(db, made):
    """With every table of this code."""
    connection.close()
    return made(connection.settings_dict["NAME"])


@pytest.fixture
def site(made):
    """With the table that is written here, for what does not reach the others."""
    site = made("template0")
    site.sql("CREATE TABLE django_migrations (app text, name text)")
    site.sql(
        "CREATE TABLE jobs_job (name text, key text, arguments jsonb, batch text, available_at timestamptz, "
        "created_at timestamptz, attempts int, error text, result jsonb)"
    )
    site.sql("CREATE TABLE django_session ()")
    site.sql("CREATE TABLE usersessions_usersession ()")
    return site


def test_what_was_written_before_a_backup_comes_back_after_everything_is_lost(whole_site, tmp_path):
    site = whole_site
    archive, stop, done = tmp_path / "sauvegarde.zip", threading.Event(), []

    def keep_writing():
        for number in range(1_000_000):
            if stop.is_set():
                return
            site.write(number)
            done.append(number)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    while len(done) < 5:
        stop.wait(0.01)
    acknowledged = len(done)
    saved = site.run("backup", archive)
    during = len(done)
    stop.set()
    writer.join()
    assert saved.returncode == 0, saved.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    assert during > acknowledged  # the site went on writing

    shape = site.sql(SHAPE)
    site.sql("DROP TABLE jobs_job CASCADE")
    for path in (site.state.folder / "media" / "attachments").iterdir():
        path.unlink() if path.name.endswith("0.txt") else path.write_text("abîmé")
    restored = site.run("restore", archive)

    assert restored.returncode == 0, restored.stderr
    held = site.held()
    assert held == {number: f"contenu {number}" for number in range(len(held))}  # one instant: no row without its elder
    assert acknowledged <= len(held) <= len(done)
    assert site.sql(SHAPE) == shape

    # The lost one is kept aside until somebody says the restored one is right.
    (aside,) = databases(site.name)
    assert backup.undo(site.environment) == aside
    assert site.sql("SELECT to_regclass('jobs_job')") == [(None,)]
    backup.undo(site.environment)
    assert site.held() == held
    assert aside in site.run("restore", "--confirm").stdout
    assert databases(site.name) == []


def test_secrets_come_with_the_data_they_open_and_a_site_that_has_others_is_told(site, tmp_path):
    (site.state.folder / "release-secrets").write_text(f"2025:{'a' * 64}\n")
    archive = tmp_path / "sauvegarde.zip"
    with_badges = {**site.environment, "BADGE_SECRETS": "celui-des-badges"}
    backup.back_up(with_badges, CHECKOUT, archive)

    with zipfile.ZipFile(archive) as file:
        assert json.loads(file.read("secrets.json")) == {
            "SECRET_KEY": "celle-du-site",
            "BADGE_SECRETS": "celui-des-badges",
        }
        assert file.read("release-secrets").startswith(b"2025:")
    assert backup.secrets_elsewhere(archive, with_badges) == {}
    assert list(backup.secrets_elsewhere(archive, site.environment)) == ["BADGE_SECRETS"]


def test_an_archive_may_leave_the_secrets_where_they_are_kept_apart(site, tmp_path):
    (site.state.folder / "release-secrets").write_text(f"2025:{'a' * 64}\n")
    archive = tmp_path / "sans-secrets.zip"
    backup.back_up({**site.environment, "TEXT_SECRETS": "celui-des-textes"}, CHECKOUT, archive, secrets=False)

    with zipfile.ZipFile(archive) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    assert parts["secrets.json"] == b"{}"
    assert "release-secrets" not in parts
    kept = (b"celui-des-textes", b"celle-du-site", b"a" * 64)
    assert [secret for secret in kept if any(secret in content for content in parts.values())] == []


def test_the_keys_of_texts_that_an_archive_brings_open_beside_our_own(site, monkeypatch):
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.delenv("TEXT_SECRETS")
    state = site.state
    ours, theirs = state.secret("texts"), {"SECRET_KEY": "la leur", "TEXT_SECRETS": "nouveau,ancien"}

    tell_secrets(state, "", theirs, Path("archive.zip"))

    assert state.secret("texts") == f"{ours},nouveau,ancien"


def test_files_come_back_and_lines_added_since_stay(site, tmp_path):
    erasures, keys = site.state.folder / "media" / "erasures", site.state.folder / "release-secrets"
    for number in (1, 2, 3):
        site.write(number)
    erasures.write_text("effacée avant\n")
    keys.write_text("2025:aa\n")
    archive = tmp_path / "sauvegarde.zip"
    backup.back_up(site.environment, CHECKOUT, archive)

    folder = site.state.folder / "media" / "attachments"
    (folder / "pièce 1.txt").unlink()
    (folder / "pièce 2.txt").write_text("abîmé")
    (folder / "pièce 4.txt").write_text("écrite depuis")
    erasures.write_text("effacée avant\neffacée depuis\n")
    keys.unlink()
    backup.restore(site.environment, CHECKOUT, archive, ["true"])

    assert site.held() == {number: f"contenu {number}" for number in (1, 2, 3)}
    assert (folder / "pièce 4.txt").read_text() == "écrite depuis"
    assert erasures.read_text() == "effacée avant\neffacée depuis\n"
    assert keys.read_text() == "2025:aa\n"


def archive_of(tmp_path, **facts):
    """A small whole archive."""
    target = tmp_path / "petite.zip"
    with written(target) as draft:
        source = tmp_path / "partie"
        source.write_bytes(bytes(range(256)) * 40)
        with source.open("rb") as stream:
            draft.add(backup.DUMP, stream)
        draft.add(backup.SECRETS, BytesIO(b"{}"))
        draft.close({"parcours": "9.9", "migrations": ["jobs.0001_initial"], "rows": {}, **facts})
    return target


def flipped(content):
    middle = len(content) // 3
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def without_manifest(content):
    return content.replace(b"manifest.json", b"manifest.jsom")


@pytest.mark.parametrize(
    "damage",
    [
        flipped,
        lambda content: content[:-200],
        without_manifest,
        lambda content: b"",
        lambda content: b"PK" + content[9:2000],
    ],
    ids=["one bit", "cut short", "no manifest", "empty", "not an archive"],
)
def test_a_damaged_archive_is_refused_in_words(tmp_path, damage):
    archive = archive_of(tmp_path)
    archive.write_bytes(damage(archive.read_bytes()))

    with pytest.raises(Refusal, match="est abîmé ou incomplet : rien n'a été changé"), checked(archive):
        pass


def test_an_archive_of_a_newer_code_changes_nothing(site, tmp_path):
    site.write(1)

    newer = archive_of(tmp_path, migrations=["jobs.0001_initial", "jobs.0099_later"])
    with pytest.raises(Refusal, match=r"code plus récent \(Parcours 9.9\).*jobs.0099_later"):
        backup.restore(site.environment, CHECKOUT, newer, ["false"])

    newer.unlink()
    with pytest.raises(Refusal, match="version plus récente de Parcours"):
        backup.restore(site.environment, CHECKOUT, archive_of(tmp_path, format=99), ["false"])
    assert (list(site.held()), databases(site.name)) == ([1], [])


def test_a_dump_that_cannot_be_restored_changes_nothing(site, tmp_path):
    site.write(1)

    with pytest.raises(Refusal, match="pg_restore a échoué, rien n'a été changé"):
        backup.restore(site.environment, CHECKOUT, archive_of(tmp_path), ["false"])

    assert (list(site.held()), databases(site.name)) == ([1], [])


def test_a_backup_replaces_no_file_and_leaves_none_half_written(site, tmp_path):
    archive = tmp_path / "sauvegarde.zip"
    archive.write_text("une autre")
    assert "existe déjà" in site.run("backup", archive).stderr

    lost = {**site.environment, "DATABASE_URL": beside("n_existe_pas")}
    with pytest.raises(Refusal, match="La base ne répond pas"):
        backup.back_up(lost, CHECKOUT, tmp_path / "autre.zip")

    assert archive.read_text() == "une autre"
    assert [path.name for path in tmp_path.iterdir() if "autre" in path.name] == []
