"""A machine that only reads: `python -m benchmarks.replica [lines]`, on the environment's embedded servers.

Makes a streaming replica of the whole cluster beside it (pg_basebackup), as a second machine would hold, and says: how long that takes
and how large it is; what a reader of released tables finds there, and that nobody writes there; how far behind it is, every tenth
of a second, while a file of contracts is imported on the first; and that a name looked for gives the same rows on both. Removed at
the end.
"""

import os
import shutil
import signal
import sys
import threading
import time
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from accounts.models import Organisation  # noqa: E402
from benchmarks.database import database  # noqa: E402
from benchmarks.imports import files  # noqa: E402
from benchmarks.results import keep  # noqa: E402
from contracts import imports  # noqa: E402
from embedded.postgres import SETTINGS, Postgres  # noqa: E402
from embedded.processes import Child, plain_environment, run_as, wait_until  # noqa: E402
from embedded.state import State, server_account  # noqa: E402
from releases.role import ROLE  # noqa: E402

BEHIND = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint FROM pg_stat_replication"
SEARCH = "SELECT id, name_key FROM parcours_worker WHERE name_key LIKE '%%nom77%%' ORDER BY name_key, id"


def url(port: int, name: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0] + f":{port}", path=f"/{name}"))


def copied(primary: Postgres, port: int, folder: Path) -> float:
    """Seconds a copy of the cluster takes, ready to follow it."""
    account = server_account(primary.data)
    folder.mkdir(mode=0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    started = time.perf_counter()
    source = [
        *(primary.binaries / "pg_basebackup", "-D", folder, "-R", "-X", "stream", "-c", "fast"),
        "-d",
        url(port, "postgres"),
    ]
    made = run_as(account, source, primary.base)
    if made.returncode:
        raise SystemExit(made.stderr)
    return time.perf_counter() - started


def replica(primary: Postgres, port: int, folder: Path) -> Child:
    chosen = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    child = Child(
        "replica", [primary.binaries / "postgres", "-D", folder, "-p", str(port), *chosen], cwd=primary.base,
        log=primary.state.logs / "replica.log", environment=plain_environment(), account=server_account(primary.data),
        stop_signal=signal.SIGINT, death_signal=signal.SIGINT, force_signal=signal.SIGQUIT,
    )  # fmt: skip
    child.start()

    def answers() -> bool:
        try:
            psycopg.connect(url(port, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    wait_until(answers, child, 60)
    return child


def refused(port: int, name: str) -> str:
    """What the replica says to who reads the released tables as the federation does, then to who writes."""
    with psycopg.connect(url(port, name), autocommit=True) as there:
        there.execute(f"SET ROLE {ROLE}")
        there.execute("SELECT count(*) FROM released_cell")
        try:
            there.execute("SELECT count(*) FROM parcours_worker")
        except psycopg.errors.InsufficientPrivilege:
            there.execute("RESET ROLE")
        try:
            there.execute("DELETE FROM jobs_job")
        except psycopg.errors.ReadOnlySqlTransaction as said:
            return str(said)
    raise SystemExit("the replica was written to, or showed people to the federation")


def imported(port: int, lines: int) -> dict[str, float]:
    """Import a file of contracts on the first machine; bytes behind all along, seconds to catch up at the end."""
    behind: list[int] = []
    done = threading.Event()

    def watch() -> None:
        with psycopg.connect(url(port, "postgres"), autocommit=True) as there:
            while not done.wait(0.1):
                behind.extend(row[0] for row in there.execute(BEHIND))

    watcher = threading.Thread(target=watch)
    watcher.start()
    organisation = Organisation.objects.create(kind="ACI", name="Banc")
    started = time.perf_counter()
    for name, content in zip(("people", "contracts"), files(lines), strict=True):
        file = imports.receive(by=None, organisation=organisation, name=f"{name}.csv", stream=BytesIO(content))
        file = imports.commit(by=None, file=file)
        assert file.good_lines == lines, file.refusal
    seconds = time.perf_counter() - started
    written = time.perf_counter()
    with psycopg.connect(url(port, "postgres"), autocommit=True) as there:
        while there.execute(BEHIND).fetchone() != (0,):
            time.sleep(0.005)
    caught_up = time.perf_counter() - written
    done.set()
    watcher.join()
    return {"import": seconds, "behind": median(behind), "worst": max(behind), "caught_up": caught_up}


def run(lines: int) -> dict[str, float]:
    primary = Postgres(State(Path(os.environ["STATE_DIR"])))
    port, other = int(urlsplit(os.environ["DATABASE_URL"]).port or 5432), 28991
    primary.account = server_account(primary.data)
    primary.binaries = Path(os.readlink(f"/proc/{(primary.data / 'postmaster.pid').read_text().split()[0]}/exe")).parent
    folder, name = primary.base / "replica", "banc_replica"
    with database(name, keep=False), TemporaryDirectory() as media:
        settings.MEDIA_ROOT = media
        try:
            told = {"lines": lines, "copied": copied(primary, port, folder)}
            told["megabytes"] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
            child = replica(primary, other, folder)
            try:
                print(refused(other, name))
                told |= imported(port, lines)
                with psycopg.connect(url(other, name)) as there, connection.cursor() as here:
                    here.execute(SEARCH)
                    assert there.execute(SEARCH.replace("%%", "%")).fetchall() == here.fetchall()
            finally:
                child.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return told


if __name__ == "__main__":
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    print({name: round(figure, 3) for name, figure in figures.items()})
    keep("replica", **figures)
