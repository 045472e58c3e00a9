"""Where the embedded servers keep their data and secrets, and what is running.

PostgreSQL refuses to run as root: then its data and a copy of its binaries live where an unprivileged user may reach
them, and nothing of the checkout is opened to anyone.
"""

import errno
import fcntl
import hashlib
import json
import os
import pwd
import secrets
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT_BASE = Path("/var/lib/parcours")
# Below the ports the system lends to outgoing connections: a client that insists cannot take a dead server's port.
PORTS = range(20_000, 32_000)
CAUSES = {
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "votre quota de disque est atteint",
    errno.EROFS: "le système de fichiers est en lecture seule",
    errno.EACCES: "l'accès est refusé à votre compte",
    errno.EPERM: "l'accès est refusé à votre compte",
    errno.ENOTDIR: "un fichier porte déjà ce nom",
    errno.EEXIST: "un fichier porte déjà ce nom",
}


class Refusal(Exception):
    """Something the user can mend; the message says what, in French."""


def in_words(error: OSError, place: Path | str) -> Refusal:
    """What the disk refused, said in French."""
    cause = CAUSES.get(error.errno or 0) or error.strerror or str(error)
    return Refusal(f"Impossible d'écrire dans {place} : {cause}.")


@dataclass(frozen=True)
class Account:
    """The unprivileged user that runs PostgreSQL when we are root."""

    uid: int
    gid: int


def server_account(data: Path) -> Account | None:
    """None for a plain user (servers run as we do). For root: who owns the data, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise Refusal("PostgreSQL refuse de tourner en root et ni « postgres » ni « nobody » n'existent sur cette machine.")


class State:
    """A folder of state; one supervisor at a time holds its lock. What a disposable one lost is not kept aside."""

    def __init__(self, folder: Path, disposable: bool = False) -> None:
        self.folder, self.disposable = folder.resolve(), disposable
        self.logs = self.folder / "logs"
        self._lock: int | None = None

    def prepare(self) -> None:
        """Create the folders. Raises Refusal when the disk does not let us write."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.logs.mkdir(mode=0o700, exist_ok=True)
            (self.folder / "lock").touch(mode=0o600)
        except OSError as error:
            raise in_words(error, self.folder) from error

    def server_folder(self) -> Path:
        """Where PostgreSQL's data lives: in the state, or under /var/lib when root drops its privileges."""
        if os.geteuid() != 0:
            return self.folder
        return ROOT_BASE / hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]

    # One supervisor at a time ------------------------------------------------------------------------------------

    def take_lock(self) -> None:
        """Raises Refusal, with the address, when another supervisor holds this state."""
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CLOEXEC)
        deadline = time.monotonic() + 0.5  # someone asking `locked()` holds it for an instant
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(handle)
                    raise Refusal(self.who_runs()) from None
                time.sleep(0.02)
        self._lock = handle

    def who_runs(self) -> str:
        running = self.read("running")
        what = running.get("what", "une commande")
        where = running.get("url") or "le site n'est pas encore prêt"
        if what in {"demo", "serve"}:
            return f"Parcours tourne déjà ici ({where}). « ./run stop » l'arrête."
        return f"« ./run {what} » est en cours ici et tient les serveurs : attendez sa fin, ou « ./run stop »."

    @property
    def holds_lock(self) -> bool:
        return self._lock is not None

    def locked(self) -> bool:
        """Whether a supervisor holds this state."""
        try:
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def guests(self, wait: bool) -> None:
        """A command that joins another's servers holds them (until its process ends); their owner waits for it."""
        handle = os.open(self.folder / "guests", os.O_RDWR | os.O_CREAT, 0o600)
        os.set_inheritable(handle, not wait)
        kind = fcntl.LOCK_EX if wait else fcntl.LOCK_SH
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            print("D'autres commandes utilisent encore la base : on attend leur fin…", file=sys.stderr, flush=True)
            fcntl.flock(handle, kind)

    # What is kept ------------------------------------------------------------------------------------------------

    def read(self, name: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return content

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Replace a file at once, readable by us only."""
        draft = self.folder / f"{name}.json.new"
        try:
            handle = os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                json.dump(content, file)
            draft.replace(self.folder / f"{name}.json")
        except OSError as error:
            raise in_words(error, self.folder) from error

    def secret(self, name: str) -> str:
        """A random secret made once and kept."""
        kept = self.read("secrets")
        if name not in kept:
            kept[name] = secrets.token_urlsafe(40)
            self.write("secrets", kept)
        return str(kept[name])

    def keep_secret(self, name: str, value: str) -> None:
        self.write("secrets", {**self.read("secrets"), name: value})

    def exchange_secret(self, name: str, other: str) -> None:
        """Each takes the other's place, when both are kept."""
        kept = self.read("secrets")
        if name in kept and other in kept:
            self.write("secrets", {**kept, name: kept[other], other: kept[name]})

    def port(self, name: str) -> int:
        """A free port of the loopback, the same as last time when it is still free."""
        ports = self.read("ports")
        port = int(ports.get(name, 0))
        if port not in PORTS or not free(port):
            port = next(port for port in iter(lambda: secrets.choice(PORTS), None) if free(port))
            self.write("ports", {**ports, name: port})
        return port


def free(port: int) -> bool:
    """Whether we may listen on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
