"""Real servers in a throw-away folder: they come back with what they held, and leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from embedded.postgres import Postgres
from embedded.processes import Child, wait_until
from embedded.state import Refusal, State, free, server_account
from embedded.valkey import Valkey

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def state(tmp_path, request):
    """A state in a path with a space and an accent, stopped and removed at the end."""
    state = State(tmp_path / "état du site")
    state.prepare()
    servers = []
    state.servers = servers
    yield state
    for server in servers:
        server.stop()
    if server_account() is not None:
        subprocess.run(["rm", "-rf", str(state.server_folder())], check=False)


def started(state, kind):
    server = kind(state)
    state.servers.append(server)
    server.start()
    return server


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_rows_survive_a_killed_database_and_the_server_drops_root(state):
    database = started(state, Postgres)
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (n int)")
        connection.execute("INSERT INTO t VALUES (42)")
        assert connection.execute("SHOW server_version_num").fetchone()[0] >= "150000"
    if server_account() is not None:
        assert os.stat(f"/proc/{database.child.process.pid}").st_uid == server_account().uid

    os.killpg(database.child.process.pid, signal.SIGKILL)
    database.child.process.wait()
    again = started(state, Postgres)

    with psycopg.connect(again.url) as connection:
        assert connection.execute("SELECT n FROM t").fetchall() == [(42,)]


def test_a_server_left_by_a_killed_supervisor_is_stopped_first(state):
    started(state, Postgres)
    again = started(state, Postgres)

    with psycopg.connect(again.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_half_made_cluster_is_made_again(state):
    folder = state.server_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("18")

    database = started(state, Postgres)

    assert not (folder / "postgres.new").exists()
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_database_asks_for_its_password(state):
    database = started(state, Postgres)
    wrong = database.url.replace(state.secret("postgres"), "faux")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong, connect_timeout=5)


def test_messages_survive_a_killed_broker(state):
    broker = started(state, Valkey)
    with redis.Redis.from_url(broker.url) as client:
        client.rpush("file", "un")
        wait_for(lambda: int(client.info("persistence")["aof_pending_bio_fsync"]) == 0)
    time.sleep(1.2)  # the append-only file is flushed every second

    os.killpg(broker.child.process.pid, signal.SIGKILL)
    broker.child.process.wait()
    again = started(state, Valkey)

    with redis.Redis.from_url(again.url) as client:
        assert client.lrange("file", 0, -1) == [b"un"]


def test_a_second_supervisor_is_refused_with_the_address(state):
    state.take_lock()
    state.write("running", {"url": "http://127.0.0.1:8000/"})

    with pytest.raises(Refusal, match=r"Parcours tourne déjà ici \(http://127.0.0.1:8000/\)"):
        State(state.folder).take_lock()


def test_a_folder_that_refuses_is_said_in_words(tmp_path):
    (tmp_path / "fichier").write_text("")

    with pytest.raises(Refusal, match="Impossible d'écrire dans"):
        State(tmp_path / "fichier" / "dedans").prepare()


def test_secrets_are_kept_and_readable_by_us_only(state):
    assert state.secret("x") == state.secret("x")
    assert (state.folder / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_port_is_kept_while_it_is_free(state):
    port = state.port("web")
    assert state.port("web") == port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert not free(port)
        assert state.port("web") != port


def test_a_process_that_dies_at_once_says_its_last_words(tmp_path):
    child = Child(
        "Essai",
        ["sh", "-c", "echo disque plein; exit 3"],
        log=tmp_path / "log",
        cwd=tmp_path,
        environment={"PATH": "/bin:/usr/bin"},
    )
    child.start()

    with pytest.raises(Refusal, match="disque plein"):
        wait_until(lambda: False, child, 5)


SUPERVISED = """
import os, sys, time
from pathlib import Path
from embedded.supervisor import Supervisor, Stopped
supervisor = Supervisor(Path(sys.argv[1]), Path(sys.argv[2]))
try:
    supervisor.start_servers()
    print(*[s.child.process.pid for s in supervisor.servers], flush=True)
    supervisor.watch()
except Stopped:
    pass
finally:
    supervisor.stop()
"""


@pytest.fixture
def supervised(tmp_path):
    folder = tmp_path / "un dossier"
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "BROKER_URL"}}
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, str(folder), str(CHECKOUT)],
        cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    pids = [int(pid) for pid in process.stdout.readline().split()]
    yield process, pids, folder
    if process.poll() is None:
        process.kill()
    process.wait()
    if server_account() is not None:
        subprocess.run(["rm", "-rf", str(State(folder).server_folder())], check=False)


def gone(pids):
    return not [
        pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_being_asked_to_stop_stops_everything_and_succeeds(supervised):
    process, pids, _folder = supervised
    assert len(pids) == 2

    process.send_signal(signal.SIGTERM)

    assert process.wait(20) == 0
    assert gone(pids)


def test_a_killed_supervisor_leaves_no_orphan(supervised):
    process, pids, _folder = supervised

    process.kill()

    wait_for(lambda: gone(pids))


def test_a_killed_server_is_started_again(supervised):
    process, (database, broker), _folder = supervised

    os.kill(broker, signal.SIGKILL)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    wait_for(lambda: len([pid for pid in children.read_text().split() if int(pid) not in {database, broker}]) == 1)
    assert process.poll() is None
