"""PostgreSQL and Valkey on real data: they come back with what they held, and say what is wrong in words."""

import os
import pickle
import shutil
import signal
import socket
import tempfile
import traceback
from pathlib import Path

import psycopg
import pytest
import redis

from embedded.postgres import Postgres, reachable_binaries
from embedded.processes import server_in, strays
from embedded.state import Account, Refusal, State, free, server_account
from embedded.valkey import Valkey
from tests.embedded.conftest import wait_for

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="NOT RUN: needs root, to drop its rights")


def write_a_row(database):
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (n int)")
        connection.execute("INSERT INTO t VALUES (42)")


def rows(database):
    with psycopg.connect(database.url) as connection:
        return connection.execute("SELECT n FROM t").fetchall()


def kill(server):
    os.kill(server.child.process.pid, signal.SIGKILL)
    server.child.process.wait()


def test_rows_survive_a_killed_database_whatever_its_processes_still_do(state, start):
    database = start(Postgres)
    write_a_row(database)
    busy = psycopg.connect(database.url, autocommit=True)
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")  # does not look up for long

    kill(database)
    database.launch()

    assert rows(database) == [(42,)]
    busy.close()


def test_a_database_left_by_a_killed_supervisor_is_stopped_first(state, start):
    left = start(Postgres)
    write_a_row(left)

    again = start(Postgres)

    assert left.child.process.poll() is not None
    assert rows(again) == [(42,)]


def test_text_sorts_as_in_production_with_checksums(start):
    with psycopg.connect(start(Postgres).url) as connection:
        provider, locale, encoding = connection.execute(
            "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'parcours'"
        ).fetchone()
        checksums = connection.execute("SHOW data_checksums").fetchone()[0]
    assert (provider, locale, encoding, checksums) == ("b", "C.UTF-8", "UTF8", "on")


def test_the_database_asks_for_its_password(state, start):
    database = start(Postgres)
    wrong = database.url.replace(state.secret("postgres"), "faux")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong, connect_timeout=5)


def test_a_lost_password_is_said_at_once(state, start):
    start(Postgres).stop()
    state.write("secrets", {**state.read("secrets"), "postgres": "un-autre"})

    with pytest.raises(Refusal, match="a un autre mot de passe"):
        start(Postgres)


def test_a_half_made_cluster_is_made_again(state, start):
    folder = state.server_folder()
    (folder / "postgres.new").mkdir(parents=True)
    (folder / "postgres.new" / "PG_VERSION").write_text("18")
    (folder / "password.new").write_text("reste")

    database = start(Postgres)

    assert not (folder / "postgres.new").exists()
    assert not (folder / "password.new").exists()
    write_a_row(database)


@pytest.fixture
def open_folder():
    """A folder that any account may read, as pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="parcours "))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_full_disk_is_said_and_leaves_nothing_half_made(state, start, open_folder, monkeypatch):
    for name, script in {
        "initdb": 'mkdir -p "$4/base"; echo "could not write to file: No space left on device" >&2; exit 1',
        "postgres": "echo postgres \\(PostgreSQL\\) 18.6",
    }.items():
        (open_folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (open_folder / name).chmod(0o755)
    monkeypatch.setenv("PG_BIN_DIR", str(open_folder))

    with pytest.raises(Refusal, match="Le disque est plein"):
        start(Postgres)

    assert not [path for path in state.server_folder().iterdir() if path.name.startswith(("postgres", "password"))]


def test_a_cluster_of_another_version_is_refused_in_words(state, start):
    database = start(Postgres)
    database.stop()
    (database.data / "PG_VERSION").write_text("16\n")

    with pytest.raises(Refusal, match="a été faite par PostgreSQL 16"):
        start(Postgres)


@as_root
def test_as_root_only_the_database_drops_its_rights_and_nothing_of_the_state_is_opened(state, start):
    database = start(Postgres)

    account = server_account(database.data)
    assert account.uid != 0
    assert Path(f"/proc/{database.child.process.pid}").stat().st_uid == account.uid
    assert database.data.stat().st_mode & 0o777 == 0o700
    assert state.folder.stat().st_mode & 0o777 == 0o700
    assert not database.data.is_relative_to(state.folder)


@as_root
def test_as_root_a_new_state_at_the_same_path_never_meets_the_old_rows(state, start, capsys):
    old = start(Postgres)
    write_a_row(old)
    old.stop()
    shutil.rmtree(state.folder)
    state.prepare()

    new = start(Postgres)

    with pytest.raises(psycopg.errors.UndefinedTable):
        rows(new)
    assert "est mise de côté" in capsys.readouterr().out
    assert [path for path in state.server_folder().iterdir() if path.name.startswith("postgres-")]


@as_root
def test_a_plain_user_keeps_everything_in_its_own_folder(open_folder):
    programs = reachable_binaries(Account(65534, 65534))
    folder = open_folder / "à un autre"
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # another user could not even run this Python; this copy of us becomes that user
        said = "nothing"
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.environ["PG_BIN_DIR"] = str(programs)
            state = State(folder / "état")
            state.prepare()
            database = Postgres(state)
            database.start()
            write_a_row(database)
            said = (rows(database), database.data.is_relative_to(folder), strays(server_in(database.data)) != [])
            database.stop()
        except BaseException:
            said = traceback.format_exc()
        os.write(write, pickle.dumps(said))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pickle.loads(pipe.read())
    os.waitpid(child, 0)

    assert said == ([(42,)], True, True)


def test_messages_survive_a_killed_broker(start):
    broker = start(Valkey)
    with redis.Redis.from_url(broker.url) as client:
        client.rpush("file", "un")
        # The append-only file is flushed every second.
        wait_for(lambda: client.info("persistence")["aof_last_write_status"] == "ok")
        wait_for(lambda: client.waitaof(1, 0, 5000)[0] == 1)

    kill(broker)
    broker.launch()

    with redis.Redis.from_url(broker.url) as client:
        assert client.lrange("file", 0, -1) == [b"un"]


def test_a_broker_left_by_a_killed_supervisor_is_stopped_first(start):
    left = start(Valkey)
    again = start(Valkey)

    assert left.child.process.poll() is not None
    with redis.Redis.from_url(again.url) as client:
        assert client.ping()


def test_a_damaged_journal_is_set_aside_because_jobs_are_rows(start, state):
    broker = start(Valkey)
    with redis.Redis.from_url(broker.url) as client:
        client.rpush("file", "un")
    broker.stop()
    for part in (state.folder / "valkey" / "appendonlydir").glob("*.incr.aof"):
        part.write_bytes(b"*3\r\n$5\r\nRPUSH\r\n$4\r\nfile\r\nxx\r\nnot a journal at all\r\n" * 20)

    with redis.Redis.from_url(start(Valkey).url) as client:
        assert client.ping()
        assert client.lrange("file", 0, -1) == []
    assert (state.folder / "valkey" / "damaged").is_dir()


def test_the_broker_asks_for_its_password_and_never_forgets_to_make_room(start):
    broker = start(Valkey)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=broker.port, retry=None).ping()
    with redis.Redis.from_url(broker.url) as client:
        wanted = {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec"}
        assert client.config_get(*wanted) == wanted


def test_a_port_is_kept_while_it_is_free(state):
    port = state.port("web")
    assert state.port("web") == port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert not free(port)
        assert state.port("web") != port


def test_secrets_are_kept_and_readable_by_us_only(state):
    assert state.secret("x") == state.secret("x")
    assert (state.folder / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_refuses_is_said_in_words(tmp_path):
    (tmp_path / "fichier").write_text("")

    with pytest.raises(Refusal, match=r"Impossible d'écrire dans .* : un fichier porte déjà ce nom"):
        State(tmp_path / "fichier" / "dedans").prepare()


def test_an_existing_folder_given_as_state_keeps_its_rights(tmp_path):
    (tmp_path / "donné").mkdir(mode=0o755)

    State(tmp_path / "donné").prepare()

    assert (tmp_path / "donné").stat().st_mode & 0o777 == 0o755
