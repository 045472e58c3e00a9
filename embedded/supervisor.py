"""Owns the servers and the processes of Parcours: starts them in order, restarts what dies, stops all, leaves nothing."""

import contextlib
import http.client
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from embedded.postgres import Postgres
from embedded.processes import MARK, Child, end_strays, marked_by, wait_until
from embedded.state import Refusal, State, free
from embedded.valkey import Valkey

MAX_QUICK_DEATHS = 5
QUICK = 10.0  # seconds
# What each kind of process may do in the database; commands act as its owner.
DATABASE_ROLES = {"web": "parcours_app", "worker": "parcours_worker", "beat": "parcours_worker"}
# The worker draws with them; commands make and save them.
KEYS_OF_RELEASES = ("RELEASE_SECRETS", "RELEASE_SECRETS_FILE")
SHARED = (
    *("DATABASE_URL", "BROKER_URL", "STATE_DIR", "ERASURES_FILE"),
    *("SECRET_KEY", "BADGE_SECRETS", "SEALING_SECRETS", "TEXT_SECRETS"),
    *KEYS_OF_RELEASES,
)


class Stopped(Exception):
    """The user asked to stop (Ctrl-C, SIGTERM)."""


class Supervisor:
    """`environment` is what children and management commands run with, once the servers answer."""

    def __init__(self, state: State, checkout: Path, what: str) -> None:
        self.state, self.checkout, self.what = state, checkout, what
        self.environment: dict[str, str] = {}
        self.servers: list[Postgres | Valkey] = []
        self.children: list[Child] = []
        self.url = ""
        self.revived_servers = 0
        self._signals = 0
        self._stopping = False
        self._in_terminal = False

    def start_servers(self) -> None:
        """Take the lock and start the servers the environment does not name. Raises Refusal."""
        self.state.prepare()
        self.state.take_lock()
        self.state.write("environment", {})
        self._tell()
        self._listen()
        end_strays(marked_by(self.state.folder))
        given = {**os.environ, MARK: str(self.state.folder), "PYTHONUNBUFFERED": "1"}
        given["STATE_DIR"] = str(self.state.folder)
        given["SECRET_KEY"] = given.get("SECRET_KEY") or self.state.secret("django")
        given["TEXT_SECRETS"] = given.get("TEXT_SECRETS") or self.state.secret("texts")
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
        self.state.write("environment", {key: given[key] for key in SHARED if given.get(key)})
        self._tell()

    def _tell(self) -> None:
        """Write who runs, for `./run status`, `./run stop` and a second start."""
        children = {child.name: child.process.pid for child in self._all() if child.process is not None}
        running = {"pid": os.getpid(), "what": self.what, "url": self.url, "children": children}
        self.state.write("running", running)

    def _all(self) -> list[Child]:
        return [*(server.child for server in self.servers if server.child is not None), *self.children]

    def _listen(self) -> None:
        def stop(number: int, _frame: FrameType | None) -> None:
            if number == signal.SIGINT and self._in_terminal:
                return  # the command in front has the terminal's Ctrl-C and decides
            self._signals += 1
            if self._signals > 1:
                for child in self._all():
                    child.force()
                os._exit(130)
            if not self._stopping:
                raise Stopped

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # nohup
            signal.signal(number, stop)

    def run(self, command: Sequence[str], in_terminal: bool = False, **environment: str) -> int:
        """Run a command to its end with the children's environment, keeping the others alive meanwhile; its code.

        With `in_terminal` it keeps the keyboard, Ctrl-C included. Stopped with us.
        """
        self._in_terminal = in_terminal
        child = Child(
            command[0],
            command,
            cwd=Path(environment.pop("cwd", self.checkout)),
            environment={**self.environment, **environment},
            own_session=not in_terminal,
            patience=5,
        )
        try:
            child.start()
            while (code := child.wait(0.3)) is None:
                self.revive()
        finally:
            self._in_terminal = False
            child.stop()
        return code if code >= 0 else 128 - code

    def start_worker(self) -> None:
        """The worker and the scheduler."""
        celery = [sys.executable, "-m", "celery", "-A", "config"]
        schedule = self.state.folder / "beat-schedule"
        self._start_child(
            "worker",
            [*celery, "worker", "-c", "2", "--without-gossip", "--without-mingle", "-l", "WARNING"],
            death_signal=signal.SIGQUIT,  # at once: the database goes too, and the job will be told again
        )
        self._start_child("beat", [*celery, "beat", "--pidfile=", "-s", str(schedule), "-l", "WARNING"])

    def start_web(self, port: int) -> str:
        """Start the site and wait until it answers; its address. Raises Refusal when the port is taken."""
        check_port(port)
        command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", "2", "--threads", "4", "--graceful-timeout", "3", "--no-control-socket"]
        web = self._start_child("web", command)
        wait_until(lambda: answers(port), web, 60)
        self.url = f"http://127.0.0.1:{port}/"
        self._tell()
        return self.url

    def _start_child(self, name: str, command: Sequence[str], death_signal: int = signal.SIGTERM) -> Child:
        withheld = () if name == "worker" else KEYS_OF_RELEASES
        given = {key: value for key, value in self.environment.items() if key not in withheld}
        child = Child(
            name,
            command,
            log=self.state.logs / f"{name}.log",
            cwd=self.checkout,
            environment={**given, "DATABASE_ROLE": DATABASE_ROLES[name]},
            death_signal=death_signal,
        )
        child.start()
        self.children.append(child)
        self._tell()
        return child

    def watch(self) -> None:
        """Restart what dies, until asked to stop. Raises Refusal when something keeps dying."""
        while True:
            time.sleep(0.3)
            self.revive()

    def revive(self) -> None:
        """Start again every process that died; the broker and the database come back with what they held."""
        launches = {server.child: server.launch for server in self.servers}
        for child in self._all():
            if child.alive:
                continue
            child.quick_deaths = child.quick_deaths + 1 if time.monotonic() - child.started_at < QUICK else 0
            if child.quick_deaths >= MAX_QUICK_DEATHS:
                words = child.last_words()
                full = " (le disque est plein)" if "No space left" in words else ""
                raise Refusal(f"{child.name} s'arrête sans cesse{full} :\n{words}")
            print(f"· {child.name} s'est arrêté, on le relance.", flush=True)
            self.revived_servers += child in launches
            child.end_session()
            time.sleep(0.1 * 2**child.quick_deaths)
            with contextlib.suppress(Refusal):  # it died again: the next round counts it
                launches.get(child, child.start)()
            self._tell()

    def stop(self) -> None:
        """Stop everything in reverse order. A supervisor refused at the door stops nothing and says nothing."""
        self._stopping = True
        if not self.state.holds_lock:
            return
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in reversed(self.children):
            child.stop()
        for server in reversed(self.servers):
            server.stop()
        with contextlib.suppress(Refusal):
            self.state.write("environment", {})
            self.state.write("running", {})


def check_port(port: int) -> None:
    """Raises Refusal when the site could not listen there."""
    if not 0 < port < 65536:
        raise Refusal("Un port est un nombre de 1 à 65535 : par exemple « --port 8001 ».")
    if port < 1024 and os.geteuid() != 0 and not free(port):
        raise Refusal(f"Le port {port} est réservé à l'administrateur : choisissez-en un autre, « --port 8000 ».")
    if not free(port):
        other = next((near for near in range(port + 1, port + 50) if near < 65536 and free(near)), 8000)
        raise Refusal(f"Le port {port} est déjà pris : choisissez-en un autre avec « --port {other} ».")


def answers(port: int) -> bool:
    """Whether the site answers, whatever it says of our name: only a failing site is not ready."""
    try:
        site = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
        site.request("GET", "/sante/", headers={"X-Forwarded-Proto": "https"})
        return site.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
