"""Several machines at one night: `python -m benchmarks.machines --structures 60` (root and `ip`, on Linux).

Makes a throw-away PostgreSQL and Valkey, a demonstration, and machines: network namespaces, each with an address of its own on
a virtual switch and one worker process, which reach the servers by the network only. Then, on one night of indicators:

1. three machines compute it for the first time, and one of them has its cable pulled out for good in the middle;
2. one machine alone computes it again: it must find nothing to write;
3. two machines do: nothing either.

Prints seconds, jobs done by each machine, and rows written, doubled, or left undone.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import redis

from embedded import postgres as embedded_postgres
from embedded.postgres import Postgres
from embedded.state import State
from embedded.valkey import Valkey

CHECKOUT = Path(__file__).resolve().parent.parent
SWITCH, HOST = "parcours0", "10.77.0.1"
PATIENCE = 900


def ip(*arguments: str, check: bool = True) -> None:
    subprocess.run(["ip", *arguments], check=check, capture_output=not check)


class Machine:
    """A network namespace on the switch, with one worker."""

    def __init__(self, number: int, environment: dict[str, str]) -> None:
        self.name, self.cable = f"machine{number}", f"cable{number}"
        ip("netns", "add", self.name)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("link", "set", self.cable, "master", SWITCH, "up")
        ip("-n", self.name, "addr", "add", f"10.77.0.{number + 10}/24", "dev", "eth0")
        ip("-n", self.name, "link", "set", "lo", "up")
        ip("-n", self.name, "link", "set", "eth0", "up")
        command = [
            *(
                "ip",
                "netns",
                "exec",
                self.name,
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "celery",
                "-q",
                "-A",
                "config",
                "worker",
            ),
            *("-c", "1", "-n", f"celery@{self.name}", "--without-gossip", "--without-mingle", "-l", "ERROR"),
        ]
        environment = {**environment, "DATABASE_ROLE": "parcours_worker", "PGAPPNAME": self.name}
        self.process = subprocess.Popen(command, cwd=CHECKOUT, env=environment, start_new_session=True)

    def pull_the_cable(self) -> None:
        ip("link", "set", self.cable, "down")

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
        ip("netns", "del", self.name, check=False)


class Night:
    """Asks for nights of indicators and follows them by their rows."""

    def __init__(self, url: str, relay: Callable[[], int]) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.relay = relay
        self.known_at = datetime.now(ZoneInfo("Europe/Paris"))

    def one(self, query: str, *values: object) -> int:
        row = self.connection.execute(query, values).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def run(self, what: str, cut_off: Machine | None = None) -> None:
        """A night until all its jobs are done. A machine to cut off is so as soon as it is seen at a job."""
        from jobs.actions import enqueue

        self.known_at += timedelta(seconds=1)
        batch, said = f"machines:{self.known_at.isoformat()}", self.known_at.isoformat()
        arguments = {"day": self.known_at.date().isoformat(), "known_at": said, "batch": batch}
        enqueue("indicators.compute", key=batch, arguments=arguments, batch=batch)
        started, by, cut_at = time.monotonic(), Counter[str](), 0.0
        while time.monotonic() - started < PATIENCE:
            self.relay()
            at_work = self.at_work()
            by.update(at_work)
            if cut_off is not None and not cut_at and cut_off.name in at_work:
                cut_off.pull_the_cable()
                cut_at = time.monotonic() - started
            if not self.one("SELECT count(*) FROM jobs_job WHERE batch = %s AND done_at IS NULL", batch):
                break
            time.sleep(0.1)
        seconds = time.monotonic() - started
        what += f" after {cut_at:.1f} s" if cut_at else ""
        asked = self.one("SELECT count(*) FROM jobs_job WHERE batch = %s", batch)
        undone = self.one("SELECT count(*) FROM jobs_job WHERE batch = %s AND done_at IS NULL", batch)
        written = self.one(
            "SELECT sum((result->>'written')::int) FROM jobs_job WHERE batch = %s AND result ? 'written'", batch
        )
        rows = self.one("SELECT count(*) FROM indicators_value WHERE known_at = %s", self.known_at)
        print(f"{what}: {seconds:.1f} s, {asked} jobs, {undone} undone, {written} values said written, {rows} rows;"
              f" seen at work {dict(sorted(by.items()))}", flush=True)  # fmt: skip

    def at_work(self) -> list[str]:
        """The machines that hold a transaction at this moment."""
        rows = self.connection.execute(
            "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'machine%%' AND xact_start IS NOT NULL"
        ).fetchall()
        return [name for (name,) in rows]


def serve(state: State) -> dict[str, str]:
    """Servers that listen on the switch too; the environment to reach them by it."""
    embedded_postgres.SETTINGS["listen_addresses"] = f"127.0.0.1,{HOST}"
    database, broker = Postgres(state), Valkey(state)
    database.start()
    with (database.data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 10.77.0.0/24 scram-sha-256\n")
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")
    broker.start()
    redis.Redis.from_url(broker.url).config_set("bind", f"127.0.0.1 {HOST}")
    return {
        **os.environ,
        "DATABASE_URL": database.url.replace("127.0.0.1", HOST),
        "BROKER_URL": broker.url.replace("127.0.0.1", HOST),
        "SECRET_KEY": state.secret("state"),
        "STATE_DIR": str(state.folder),
        "JOBS_REPUBLISH_SECONDS": "5",
        "LOG_LEVEL": "ERROR",
    }


def ready(machines: list[Machine]) -> None:
    """Wait until each machine's worker answers."""
    from config.celery import app

    names = {f"celery@{machine.name}" for machine in machines}
    while not names <= {name for answer in app.control.ping(timeout=1) for name in answer}:
        pass


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--structures", type=int, default=60)
    parser.add_argument("--workers", type=int, default=25)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="machines-"))
    state = State(folder)
    state.prepare()
    machines: list[Machine] = []
    ip("link", "add", SWITCH, "type", "bridge")
    try:
        ip("addr", "add", f"{HOST}/24", "dev", SWITCH)
        ip("link", "set", SWITCH, "up")
        environment = serve(state)
        for command in (
            ["migrate", "--verbosity", "0"],
            ["demo", "--structures", str(options.structures), "--workers", str(options.workers)],
        ):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=CHECKOUT,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="config.settings")
        import django

        django.setup()
        from jobs.tasks import relay

        night = Night(environment["DATABASE_URL"], relay)
        machines = [Machine(number, environment) for number in (1, 2, 3)]
        ready(machines)
        night.run("three machines, the third cut off at a job", machines[2])
        machines.pop().stop()
        machines.pop().stop()
        night.run("one machine, again")
        machines.append(Machine(2, environment))
        ready(machines)
        night.run("two machines, again")
        twice = night.one("""SELECT count(*) FROM (SELECT FROM indicators_value GROUP BY scope, indicator, method, period_start,
            period_end, known_at HAVING count(*) > 1) twice""")
        print(f"doubled values: {twice}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    finally:
        for machine in machines:
            machine.stop()
        ip("link", "del", SWITCH, check=False)
        shutil.rmtree(state.server_folder(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
