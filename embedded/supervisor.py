"""Owns the servers and the processes of Parcours: starts them in order, restarts what dies, stops all, leaves nothing."""

import contextlib
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from embedded.postgres import Postgres
from embedded.processes import Child, wait_until
from embedded.state import Refusal, State, free
from embedded.valkey import Valkey

MAX_QUICK_DEATHS = 5
QUICK = 10.0  # seconds


class Stopped(Exception):
    """The user asked to stop (Ctrl-C, SIGTERM)."""


class Supervisor:
    """`environment` is what children and management commands run with, once the servers answer."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.state, self.checkout = State(folder), checkout
        self.environment: dict[str, str] = {}
        self.servers: list[Postgres | Valkey] = []
        self.children: list[Child] = []
        self.asked_to_stop = 0

    def start_servers(self) -> None:
        """Take the lock and start the servers the environment does not name. Raises Refusal."""
        self.state.prepare()
        self.state.take_lock()
        self.state.write("running", {"pid": os.getpid()})
        self._listen()
        given = {**os.environ}
        given.setdefault("SECRET_KEY", self.state.secret("django"))
        given["STATE_DIR"] = str(self.state.folder)
        given["PYTHONUNBUFFERED"] = "1"
        if not given.get("DATABASE_URL"):
            database = Postgres(self.state)
            self.servers.append(database)
            database.start()
            given["DATABASE_URL"] = database.url
        if not given.get("BROKER_URL"):
            broker = Valkey(self.state)
            self.servers.append(broker)
            broker.start()
            given["BROKER_URL"] = broker.url
        self.environment = given
        shared = {key: given[key] for key in ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "STATE_DIR")}
        self.state.write("environment", shared)

    def _listen(self) -> None:
        def stop(_signal: int, _frame: FrameType | None) -> None:
            self.asked_to_stop += 1
            if self.asked_to_stop > 1:
                self._kill_all()
                os._exit(130)
            raise Stopped

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)

    def run(self, command: Sequence[str], **environment: str) -> int:
        """Run a command to its end with the children's environment; its code, and its death if we are stopped."""
        child = Child(
            command[0],
            command,
            log=Path("/dev/stdout"),
            cwd=self.checkout,
            environment={**self.environment, **environment},
            patience=5,
        )
        child.start_in_terminal()
        try:
            return child.wait()
        except Stopped:
            child.stop()
            raise

    def start_worker(self) -> None:
        celery = [sys.executable, "-m", "celery", "-A", "config"]
        schedule = self.state.folder / "beat-schedule"
        self._start_child(
            "worker",
            [*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle", "-l", "WARNING"],
            patience=10,
        )
        self._start_child("beat", [*celery, "beat", "--pidfile=", "-s", str(schedule), "-l", "WARNING"])

    def start_web(self, port: int) -> str:
        """Start the site and wait until it answers; its address. Raises Refusal when the port is taken."""
        if not free(port):
            raise Refusal(f"Le port {port} est déjà pris : choisissez-en un autre avec « --port {port + 1} ».")
        command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}"]
        web = self._start_child("web", [*command, "--workers", "2", "--threads", "4", "--graceful-timeout", "3"])
        url = f"http://127.0.0.1:{port}/"
        wait_until(lambda: answers(f"{url}sante/"), web, 60)
        self.state.write("running", {"pid": os.getpid(), "url": url})
        return url

    def _start_child(self, name: str, command: Sequence[str], patience: float = 8) -> Child:
        child = Child(
            name,
            command,
            log=self.state.logs / f"{name}.log",
            cwd=self.checkout,
            environment=self.environment,
            patience=patience,
        )
        child.start()
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Restart what dies, until asked to stop. Raises Refusal when something keeps dying."""
        while True:
            time.sleep(0.5)
            self.revive()

    def revive(self) -> None:
        """Start again every process that died; the broker and the database come back with what they held."""
        servers = [server.child for server in self.servers if server.child is not None]
        for child in [*servers, *self.children]:
            if child.alive:
                continue
            quick = time.monotonic() - child.started_at < QUICK
            child.quick_deaths = child.quick_deaths + 1 if quick else 0
            if child.quick_deaths >= MAX_QUICK_DEATHS:
                raise Refusal(f"{child.name} s'arrête sans cesse :\n{child.last_words()}")
            print(f"· {child.name} s'est arrêté, on le relance.", flush=True)
            child.kill_session()
            time.sleep(0.2 * 2**child.quick_deaths)
            child.start()

    def stop(self) -> None:
        """Stop everything in reverse order. A supervisor refused at the door stops nothing and says nothing."""
        if not self.state.holds_lock:
            return
        for child in reversed(self.children):
            child.stop()
        for server in reversed(self.servers):
            server.stop()
        with contextlib.suppress(Refusal):
            self.state.write("running", {})

    def _kill_all(self) -> None:
        for child in [*self.children, *(server.child for server in self.servers if server.child)]:
            child.kill_session()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
