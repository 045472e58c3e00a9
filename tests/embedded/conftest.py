"""States in throw-away folders whose name has a space and an accent, stopped and removed at the end."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from embedded.processes import MARK, end_strays, marked_by, server_in
from embedded.state import State

CHECKOUT = Path(__file__).parents[2]


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "condition never met"
        time.sleep(0.05)


def running(pids):
    """Those that still do something: one that ended and waits for its parent has no command line left."""
    left = []
    for pid in pids:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cmdline").read_bytes():
                left.append(pid)
    return left


def own_environment(**more):
    """The environment of someone who has named no server."""
    foreign = {"DATABASE_URL", "BROKER_URL", "SECRET_KEY", "TEXT_SECRETS", "STATE_DIR", "PORT", MARK}
    return {**{name: value for name, value in os.environ.items() if name not in foreign}, **more}


@pytest.fixture
def state(tmp_path):
    state = State(tmp_path / "état du site")
    state.prepare()
    yield state
    if state.server_folder() != state.folder:
        shutil.rmtree(state.server_folder(), ignore_errors=True)


@pytest.fixture
def start(state):
    """Starts a server of the state and stops it at the end of the test."""
    servers = []

    def start(kind):
        server = kind(state)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


# A supervisor with, as its worker, a process that has itself a child.
SUPERVISED = """
import sys
from pathlib import Path
from embedded.state import Refusal, State
from embedded.supervisor import Stopped, Supervisor
supervisor = Supervisor(State(Path(sys.argv[1])), Path(sys.argv[2]), "serve")
try:
    supervisor.start_servers()
    supervisor._start_child("worker", ["sh", "-c", sys.argv[3]])
    print(*[child.process.pid for child in supervisor._all()], flush=True)
    supervisor.watch()
except Stopped:
    pass
except Refusal as refusal:
    print(refusal, flush=True)
    sys.exit(1)
finally:
    supervisor.stop()
"""


@pytest.fixture
def supervise(state):
    """Starts a supervisor in its own process; gives it and the ids of PostgreSQL, Valkey and its worker."""
    processes = []

    def supervise(worker="sleep 600 & sleep 600"):
        command = [sys.executable, "-c", SUPERVISED, str(state.folder), str(CHECKOUT), worker]
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=own_environment(), stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        processes.append(process)
        return process, [int(pid) for pid in process.stdout.readline().split()]

    yield supervise
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
    for left in (
        marked_by(state.folder),
        server_in(state.folder / "valkey"),
        server_in(state.server_folder() / "postgres"),
    ):
        end_strays(left, patience=0)
