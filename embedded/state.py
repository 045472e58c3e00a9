"""Where the embedded servers keep their data and secrets, and what is running.

PostgreSQL refuses to run as root: then its data and a copy of its binaries live where an unprivileged user may reach
them, and nothing of the checkout is opened to anyone.
"""

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Refusal(Exception):
    """Something the user can mend; the message says what, in French."""


@dataclass(frozen=True)
class Account:
    """The unprivileged user that runs PostgreSQL when we are root."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """None for a plain user (the servers run as we do); `postgres` or `nobody` when we are root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Refusal("PostgreSQL refuse de tourner en root et ni « postgres » ni « nobody » n'existent sur cette machine.")


class State:
    """A folder of state; one supervisor at a time holds its lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "logs"
        self._lock: int | None = None

    def prepare(self) -> None:
        """Create the folders. Raises Refusal when the disk does not let us write."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self.logs.mkdir(exist_ok=True)
        except OSError as error:
            raise Refusal(f"Impossible d'écrire dans {self.folder} : {error.strerror}.") from error

    def server_folder(self) -> Path:
        """Where PostgreSQL's data lives: in the state, or under /var/lib when root drops its privileges."""
        if server_account() is None:
            return self.folder
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path("/var/lib/parcours") / name

    def take_lock(self) -> None:
        """Raises Refusal, with the address, when another supervisor holds this state."""
        self._lock = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = None
            address = self.read("running").get("url") or "le site n'est pas encore prêt"
            raise Refusal(f"Parcours tourne déjà ici ({address}). « ./run stop » l'arrête.") from None

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
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

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
            raise Refusal(f"Impossible d'écrire dans {self.folder} : {error.strerror}.") from error

    def secret(self, name: str) -> str:
        """A random secret made once and kept."""
        kept = self.read("secrets")
        if name not in kept:
            kept[name] = secrets.token_urlsafe(40)
            self.write("secrets", kept)
        return str(kept[name])

    def port(self, name: str) -> int:
        """A free port of the loopback, the same as last time when it is still free."""
        ports = self.read("ports")
        port = int(ports.get(name, 0))
        if not port or not free(port):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            self.write("ports", {**ports, name: port})
        return port


def free(port: int) -> bool:
    """Whether nothing listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
