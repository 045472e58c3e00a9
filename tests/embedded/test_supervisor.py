"""The supervisor in its own process: it brings back what dies, stops all, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from embedded.processes import Child, marked_by, strays, wait_until
from embedded.state import Refusal
from embedded.supervisor import check_port
from tests.embedded.conftest import CHECKOUT, own_environment, running, wait_for


def descendants(state):
    return strays(marked_by(state.folder))


def test_being_asked_to_stop_stops_everything_within_seconds_and_succeeds(state, supervise):
    process, pids = supervise()
    assert len(pids) == 3
    wait_for(lambda: len(descendants(state)) >= 2)
    asked_at = time.monotonic()

    process.send_signal(signal.SIGTERM)

    assert process.wait(20) == 0
    assert time.monotonic() - asked_at < 10
    assert running(pids) == []
    assert descendants(state) == []
    assert not state.locked()


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_is_clean(state, supervise):
    process, pids = supervise()

    process.kill()
    again, others = supervise()

    assert again.poll() is None
    assert len(others) == 3
    assert running(pids) == []
    wait_for(lambda: len(descendants(state)) <= 3)  # the new worker and its child; servers hide their environment


def test_what_is_killed_comes_back(state, supervise):
    process, pids = supervise()
    before = state.read("running")["children"]

    for pid in pids:
        os.kill(pid, signal.SIGKILL)

    wait_for(lambda: not set(state.read("running")["children"].values()) & set(before.values()))
    wait_for(lambda: answers(state.read("environment")["DATABASE_URL"]))
    assert process.poll() is None


def answers(url):
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_what_dies_again_and_again_is_given_up_in_words(supervise):
    process, pids = supervise(worker="echo plus de mémoire; exit 3")

    said, _nothing = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "worker s'arrête sans cesse :" in said
    assert "plus de mémoire" in said
    assert running(pids) == []


def test_a_second_signal_does_not_wait(state, supervise):
    process, pids = supervise(worker="trap '' TERM; echo sourd; while true; do sleep 1; done")
    wait_for(lambda: "sourd" in (state.logs / "worker.log").read_text())  # before, SIGTERM would still end it

    process.send_signal(signal.SIGINT)
    wait_for(lambda: running(pids[2:]) == pids[2:])
    time.sleep(0.3)  # the first signal is being obeyed
    process.send_signal(signal.SIGINT)

    assert process.wait(3) == 130
    wait_for(lambda: running(pids) == [], 5)
    assert descendants(state) == []


def run(state, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "embedded", *arguments],
        cwd=CHECKOUT,
        env=own_environment(STATE_DIR=str(state.folder)),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_second_start_says_it_is_already_running(state, supervise):
    process, _pids = supervise()
    state.write("running", {**state.read("running"), "url": "http://127.0.0.1:8000/"})

    second = run(state, "serve")

    assert second.returncode == 1
    assert second.stderr == "Parcours tourne déjà ici (http://127.0.0.1:8000/). « ./run stop » l'arrête.\n"
    assert process.poll() is None
    assert run(state, "status").stdout.startswith("« ./run serve » tourne : http://127.0.0.1:8000/\n  PostgreSQL ")
    assert run(state, "stop").stdout == "Parcours est arrêté.\n"
    assert process.wait(5) == 0


def test_a_taken_port_is_said_with_another_to_choose(state):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run(state, "serve", "--port", str(port))

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Le port {port} est déjà pris : choisissez-en un autre avec « --port ")
    assert not state.locked()


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_said(port):
    with pytest.raises(Refusal, match="Un port est un nombre de 1 à 65535"):
        check_port(port)


def test_with_both_servers_named_none_is_started(state):
    named = own_environment(
        STATE_DIR=str(state.folder),
        DATABASE_URL="postgresql://x@127.0.0.1:1/x",
        BROKER_URL="redis://127.0.0.1:1/0",
    )
    done = subprocess.run(
        [sys.executable, "-m", "embedded", "manage", "--version"],
        cwd=CHECKOUT, env=named, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in state.logs.iterdir()) == []
    assert not (state.server_folder() / "postgres").exists()


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


def test_help_and_status_need_no_library():
    bare = [sys.executable, "-S", "-m", "embedded"]
    assert subprocess.run([*bare, "help"], cwd=CHECKOUT, capture_output=True).returncode == 0
    assert subprocess.run([*bare, "status"], cwd=CHECKOUT, capture_output=True).returncode in {0, 1}


def test_no_name_of_this_machine_is_written_in_the_commands():
    written = "".join(path.read_text() for path in [CHECKOUT / "run", *Path(CHECKOUT / "embedded").glob("*.py")])
    assert str(CHECKOUT) not in written
