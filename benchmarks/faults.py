"""What a fault costs: `python -m benchmarks.faults --times 200 --seed 1` (root, for the full disks; 2 GB of memory).

Starts a whole site as `./run serve` does, with a small demonstration, in a throw-away state on disks of its own. People write
all along (follow-ups with pieces, imports of 300 people, nights, releases prepared and given up) and send again what was not
acknowledged, as the page does. At random moments something is killed, emptied, filled, cut or set to another hour. After each:
seconds until a follow-up is acknowledged and a night asked for at that moment is done, and, read in SQL, what was
acknowledged and is not there, what is there twice, what is there in part.

Messages are told again after 5 s here (60 in production): a broker emptied costs so much more there. The machine's clock is
not moved (others use it): a scheduler whose own clock leaps takes the place of the site's.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import redis

from benchmarks.visitor import Visitor
from console.demo.world import PASSWORD
from embedded.processes import end_strays, marked_by
from embedded.state import State

CHECKOUT = Path(__file__).resolve().parent.parent
PEOPLE_IN_A_FILE = 300
QUARTER = f"{time.localtime().tm_year - 1}-T4"  # of a year whose key the demonstration has
NIGHT = ("parcours.plan_exit_calls", "rights.open_steps", "contracts.refresh_flags", "notifications.tell")
PATIENCE = 240
# Of a night; what one of its jobs put off on purpose (the digest, while others are at work) is not waited for.
UNDONE = """SELECT count(*) FROM jobs_job WHERE batch = %s AND done_at IS NULL
    AND NOT (attempts = 0 AND available_at > created_at + interval '30 seconds')"""
# A scheduler whose clock leaps by so many seconds once it has begun.
LEAPING = """
import sys, threading, time, datetime, time_machine
leap, start = float(sys.argv.pop(1)), time.time()
def jump():
    time.sleep(4)
    time_machine.travel(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=leap)).start()
threading.Thread(target=jump, daemon=True).start()
from celery.__main__ import main
sys.argv[0] = "celery"
main()
"""


class Site:
    """The site under test: its own state, its own disks, its own processes."""

    def __init__(self, folder: Path, port: int) -> None:
        self.state, self.port = State(folder), port
        self.process: subprocess.Popen[bytes] | None = None
        self.disks: dict[str, Path] = {}
        self.restarts = 0
        self.closing = threading.Event()
        self.machine = threading.Thread(target=self.supervise, daemon=True)

    def mount(self) -> None:
        """Small disks for the pieces and for the database; without root there are none, and the report says so."""
        for name, path, size in (
            ("media", self.state.folder / "media", "120m"),
            ("database", self.state.server_folder(), "1500m"),
        ):
            path.mkdir(parents=True, exist_ok=True)
            options = f"size={size},mode=0711"
            if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=False).returncode == 0:
                self.disks[name] = path

    def environment(self) -> dict[str, str]:
        own = {"STATE_DIR": str(self.state.folder), "JOBS_REPUBLISH_SECONDS": "5", "REQUIRE_SECOND_FACTOR": "false"}
        return {**{n: v for n, v in os.environ.items() if n not in {"DATABASE_URL", "BROKER_URL"}}, **own}

    def start(self) -> None:
        with (self.state.folder / "site.log").open("ab") as log:
            command = [sys.executable, "-m", "embedded", "serve", "--port", str(self.port)]
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "embedded", "manage", *arguments]
        subprocess.run(command, cwd=CHECKOUT, env=self.environment(), check=True, stdout=subprocess.DEVNULL)

    def supervise(self) -> None:
        """What the machine does (systemd), all along: start again a supervisor that ended."""
        while not self.closing.wait(0.5):
            if self.process is not None and self.process.poll() is not None:
                self.restarts += 1
                self.start()

    def children(self) -> dict[str, int]:
        return dict(self.state.read("running").get("children", {}))

    def ready(self) -> bool:
        return Visitor(self.port).status("/pret/") == 200

    def sql(self, query: str, *values: object) -> list[tuple]:
        """Asked again until the database answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                url = self.state.read("environment")["DATABASE_URL"]
                with psycopg.connect(url, connect_timeout=3, autocommit=True) as connection:
                    done = connection.execute(query, values)
                    return done.fetchall() if done.description else []
            except (psycopg.OperationalError, psycopg.errors.DiskFull, KeyError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def close(self) -> None:
        self.closing.set()
        if self.machine.is_alive():
            self.machine.join()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
        end_strays(marked_by(self.state.folder))
        for path in self.disks.values():
            subprocess.run(["umount", "-l", path], check=False)
        if self.state.server_folder() != self.state.folder:
            shutil.rmtree(self.state.server_folder(), ignore_errors=True)


class Writers:
    """People at work. What a page acknowledged is written down, then looked for."""

    def __init__(self, site: Site, rng: random.Random) -> None:
        self.site, self.rng = site, rng
        self.stop = threading.Event()
        self.pathways = site.sql(
            "SELECT worker_id FROM parcours_pathway p JOIN parcours_worker w ON w.id = p.worker_id "
            "JOIN accounts_organisation o ON o.id = w.organisation_id "
            "WHERE o.name = 'Les Jardins de la Vilaine' AND p.ended_on IS NULL ORDER BY 1"
        )
        self.follow_ups: dict[str, str] = {}  # key of what was acknowledged -> fingerprint of its piece, if any
        self.files: list[str] = []
        self.releases: list[int] = []  # brought to their end, their figures drawn and checked
        self.refused: dict[str, int] = defaultdict(int)
        self.begun = threading.Semaphore(0)
        self.last: dict[str, float] = {}  # when the last one acknowledged had begun
        self.threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self.follow, self.follow, self.give, self.release)
        ]
        for thread in self.threads:
            thread.start()

    def follow(self) -> None:
        visitor = Visitor(self.site.port, "conseillere@demo.example", PASSWORD)
        while not self.stop.is_set():
            begun, key = time.monotonic(), str(uuid4())
            (worker,) = self.rng.choice(self.pathways)
            fields = {"sent_once": key, "kind": "entretien_individuel", "minutes": "30", "note": f"essai {key}",
                      "held_on": time.strftime("%Y-%m-%d"), "people": str(worker), f"presence-{worker}": "present"}  # fmt: skip
            piece = f"%PDF-1.4 {key} {'x' * self.rng.randrange(3_000)}".encode() if self.rng.random() < 0.3 else b""
            files = {"file": ("pièce.pdf", piece)} if piece else {}
            while not self.stop.is_set():
                status = visitor.post(f"/salaries/{worker}/suivi/", fields, files)
                if status == 302:
                    self.follow_ups[key] = hashlib.sha256(piece).hexdigest() if piece else ""
                    self.last["follow-up"] = begun
                    break
                self.refused[str(status)] += 1
                self.stop.wait(0.3)
            self.stop.wait(0.3)

    def give(self) -> None:
        visitor = Visitor(self.site.port, "rh@demo.example", PASSWORD)
        number = 0
        while not self.stop.is_set():
            number += 1
            lines = [
                f"{number}-{i};Essai{number};Prénom{i};{1 + i % 28}/03/1990;01/06/2026" for i in range(PEOPLE_IN_A_FILE)
            ]
            content = "\n".join(["Matricule;Nom;Prénom;Date de naissance;Entrée", *lines]).encode()
            (organisation,) = self.site.sql(
                "SELECT id FROM accounts_organisation WHERE name = 'Les Jardins de la Vilaine'"
            )
            while not self.stop.is_set():
                status = visitor.post(
                    "/imports/", {"organisation": str(organisation[0])}, {"file": (f"essai{number}.csv", content)}
                )
                if status == 302 and visitor.post(visitor.location, {}, {}) == 302:
                    found = self.site.sql(
                        "SELECT state FROM contracts_importedfile WHERE name = %s", f"essai{number}.csv"
                    )
                    if [state for (state,) in found] == ["imported"]:
                        self.files.append(f"Essai{number}")
                        break
                self.refused[str(status)] += 1
                self.stop.wait(0.3)
            self.stop.wait(1.5)

    def release(self) -> None:
        """The same quarter again and again: prepared on the page, drawn and checked by jobs, then given up."""
        visitor = Visitor(self.site.port, "analyste@demo.example", PASSWORD)
        while not self.stop.is_set():
            status = visitor.post("/federation/preparer/", {"period": QUARTER}, {})
            if status == 302 and (found := re.search(r"/publications/(\d+)/", visitor.location)):
                number = int(found[1])
                state = "SELECT state FROM releases_release WHERE id = %s"
                while self.site.sql(state, number) in ([("preparing",)], [("prepared",)], [("protected",)]):
                    if self.stop.wait(0.3):
                        return
                while not self.stop.is_set() and self.site.sql(state, number) == [("audited",)]:
                    self.refused["release"] += (
                        visitor.post(f"/federation/publications/{number}/abandonner/", {}, {}) != 302
                    )
                    self.stop.wait(0.3)
                self.releases.append(number)
            else:
                self.refused[str(status)] += 1
            self.stop.wait(0.5)

    def of_releases(self) -> tuple[int, int, int]:
        """Those lost, those under way twice at once, those whose people or figures are not what every other has."""
        numbers = list(self.releases)
        drawn = self.site.sql(
            "SELECT r.id, (SELECT count(*) FROM releases_snapshotrow s WHERE s.release_id = r.id), count(l.*), "
            "md5(string_agg(concat_ws('|', l.audience, l.\"table\", l.margin, l.place, l.category, l.base, l.number, l.value, "
            "l.error, l.marker), ',' ORDER BY l.audience, l.\"table\", l.margin, l.place, l.category)) "
            "FROM releases_release r LEFT JOIN releases_ledgercell l ON l.release_id = r.id WHERE r.id = ANY(%s) GROUP BY r.id",
            numbers,
        )
        ((waiting,),) = self.site.sql(
            "SELECT count(*) FROM releases_release WHERE state IN ('preparing', 'prepared', 'protected', 'audited')"
        )
        figures = Counter(row[1:] for row in drawn)
        return len(set(numbers)) - len(drawn), max(0, waiting - 1), len(drawn) - max(figures.values(), default=0)

    def losses(self) -> tuple[int, int, int]:
        """What was acknowledged and is not there, what is there twice, what is there in part."""
        keys, files = dict(self.follow_ups), list(self.files)
        rows = self.site.sql(
            "SELECT f.sent_once::text, count(DISTINCT f.id), max(a.sha256), max(a.content) FROM parcours_followup f "
            "LEFT JOIN parcours_attachment a ON a.follow_up_id = f.id WHERE f.note LIKE 'essai %%' GROUP BY 1"
        )
        there = {key: (count, sha or "", content) for key, count, sha, content in rows}
        lost = sum(key not in there for key in keys)
        twice = sum(count - 1 for count, _sha, _content in there.values())
        part = 0
        for key, sha in keys.items():
            if key in there and sha:
                path = self.site.state.folder / "media" / (there[key][2] or "?")
                part += not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha
        people = self.site.sql(
            "SELECT last_name, count(*), count(DISTINCT first_name) FROM parcours_worker WHERE last_name LIKE 'ESSAI%%' "
            "OR last_name LIKE 'Essai%%' GROUP BY 1"
        )
        given = {name.capitalize(): (count, distinct) for name, count, distinct in people}
        lost += sum(PEOPLE_IN_A_FILE for name in files if name not in given)
        twice += sum(count - distinct for count, distinct in given.values())
        part += sum(distinct != PEOPLE_IN_A_FILE for _count, distinct in given.values())
        ((events,),) = self.site.sql(
            "SELECT count(*) FROM (SELECT e.pgh_obj_id FROM parcours_followupevent e WHERE e.note LIKE 'essai %%' "
            "AND e.pgh_label = 'insert' GROUP BY 1 HAVING count(*) > 1) t"
        )
        gone, at_once, other = self.of_releases()
        return lost + gone, twice + events + at_once, part + other


class Faults:
    """Each method is a fault; its docstring is its name in the table."""

    def __init__(self, site: Site, rng: random.Random) -> None:
        self.site, self.rng = site, rng

    def all(self) -> list[Callable[[], None]]:
        chosen = [getattr(self, name) for name in vars(type(self)) if not name.startswith("_") and name != "all"]
        disks = {"media_full": "media", "database_full": "database"}
        return [
            fault
            for fault in chosen
            if disks.get(fault.__name__, "media") in self.site.disks or fault.__name__ not in disks
        ]

    def _kill(self, name: str, whole: bool = True) -> None:
        if (pid := self.site.children().get(name)) is None:
            return
        with suppress(ProcessLookupError):
            if whole:
                os.killpg(pid, signal.SIGKILL)
            else:
                below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                os.kill(int(self.rng.choice(below or [pid])), signal.SIGKILL)

    def web(self) -> None:
        """web, all its processes"""
        self._kill("web")

    def web_one(self) -> None:
        """web, one process"""
        self._kill("web", whole=False)

    def worker(self) -> None:
        """worker, all its processes"""
        self._kill("worker")

    def worker_one(self) -> None:
        """worker, one process"""
        self._kill("worker", whole=False)

    def beat(self) -> None:
        """beat"""
        self._kill("beat")

    def broker(self) -> None:
        """broker"""
        self._kill("Valkey")

    def broker_emptied(self) -> None:
        """broker, all messages lost"""
        with (
            suppress(redis.RedisError, KeyError),
            redis.Redis.from_url(self.site.state.read("environment")["BROKER_URL"]) as c,
        ):
            c.flushall()

    def database(self) -> None:
        """database, its first process"""
        if (pid := self.site.children().get("PostgreSQL")) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def database_one(self) -> None:
        """database, one connection's process"""
        rows = self.site.sql(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'parcours' AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )
        with suppress(ProcessLookupError):
            for (pid,) in rows:
                os.kill(pid, signal.SIGKILL)

    def everything(self) -> None:
        """supervisor, and all with it"""
        if self.site.process is not None:
            self.site.process.kill()
            self.site.process.wait()

    def two_schedulers(self) -> None:
        """two schedulers"""
        self._beat(0, 6)

    def clock_back(self) -> None:
        """clock an hour back"""
        self._beat(-3600, 20, alone=True)

    def clock_ahead(self) -> None:
        """clock an hour ahead, then right again"""
        self._beat(3600, 15, alone=True)

    def _beat(self, leap: float, seconds: float, alone: bool = False) -> None:
        """Another scheduler for a while, beside the site's or instead of it."""
        known = {**self.site.environment(), **self.site.state.read("environment"), "PYTHONPATH": str(CHECKOUT)}
        with tempfile.TemporaryDirectory() as folder, suppress(ProcessLookupError):
            command = [sys.executable, "-c", LEAPING, str(leap)] if leap else [sys.executable, "-m", "celery"]
            command += ["-A", "config", "beat", "--pidfile=", "-s", f"{folder}/schedule", "-l", "ERROR"]
            pid = self.site.children()["beat"]
            if alone:
                os.kill(pid, signal.SIGSTOP)
            other = subprocess.Popen(command, cwd=CHECKOUT, env=known, stderr=subprocess.DEVNULL)
            time.sleep(6 if alone else seconds)  # its clock has leapt
            if alone:
                threading.Thread(
                    target=lambda: (time.sleep(seconds), other.kill(), os.kill(pid, signal.SIGCONT))
                ).start()
            else:
                other.kill()
            if alone:
                self._ends_at = time.monotonic() + seconds

    def upload_cut(self) -> None:
        """upload cut halfway"""
        for _again in range(5):
            visitor = Visitor(self.site.port, "conseillere@demo.example", PASSWORD)
            (worker,) = self.rng.choice(self.site.sql("SELECT id FROM parcours_worker ORDER BY id LIMIT 20"))
            fields = {"sent_once": str(uuid4()), "kind": "entretien_individuel", "minutes": "30", "note": "coupé",
                      "held_on": time.strftime("%Y-%m-%d"), "people": str(worker)}  # fmt: skip
            piece = b"%PDF-1.4 " + b"x" * 3_000_000
            visitor.cut(f"/salaries/{worker}/suivi/", fields, {"file": ("coupé.pdf", piece)}, self.rng.random())

    def media_full(self) -> None:
        """disk of the pieces full for 4 s"""
        self._fill(self.site.disks["media"], 4)

    def database_full(self) -> None:
        """disk of the database full for 8 s"""
        self._fill(self.site.disks["database"], 8)

    def _fill(self, folder: Path, seconds: float) -> None:
        filler = folder / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as output:
            while True:
                output.write(bytes(1 << 20))
        time.sleep(seconds)
        filler.unlink()


def ask_night(site: Site, number: int, whole: bool = False) -> str:
    """Ask for a night's jobs as `manage.py night` does, the indicators too when whole; the batch they are of."""
    batch = f"essai:{number}"
    for name in (*NIGHT, "indicators.compute") if whole else NIGHT:
        said = json.dumps({"day": time.strftime("%Y-%m-%d"), "known_at": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
                           "batch": batch})  # fmt: skip
        site.sql(
            "INSERT INTO jobs_job (name, key, arguments, batch, available_at, created_at, attempts, error, result) "
            "VALUES (%s, %s, %s, %s, now(), now(), 0, '', '{}') ON CONFLICT (key) DO NOTHING",
            name, f"{name}:{batch}:{time.monotonic():.0f}", said, batch,
        )  # fmt: skip
    return batch


def recovered(site: Site, writers: Writers, since: float, batch: str) -> float | None:
    """Seconds until a follow-up begun after the fault is acknowledged and the night asked before it is done."""
    while time.monotonic() - since < PATIENCE:
        if writers.last.get("follow-up", 0) > since:
            left = site.sql(UNDONE, batch)
            if left == [(0,)]:
                return time.monotonic() - since
        time.sleep(0.1)
    return None


def left_over(site: Site) -> str:
    """What `sweep_files --check` says of the files that no row names, however young."""
    command = [sys.executable, "-m", "embedded", "manage", "sweep_files", "--check"]
    environment = {**site.environment(), "UNNAMED_FILES_DAYS": "0"}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False, capture_output=True, text=True)
    return (done.stdout or done.stderr).strip()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=8241)
    parser.add_argument("--minutes", type=float, default=60, help="stop there, whatever is left")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped all the same
    rng, folder = random.Random(options.seed), Path(tempfile.mkdtemp(prefix="faults "))
    site = Site(folder / "state", options.port)
    site.state.prepare()
    ends = time.monotonic() + options.minutes * 60
    results: dict[str, list[float | None]] = defaultdict(list)
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    try:
        site.mount()
        site.manage("migrate", "--verbosity", "0")
        site.manage("demo", "--structures", "2", "--workers", "40")
        site.start()
        site.machine.start()
        while not site.ready():
            time.sleep(0.5)
        print(
            f"ready; disks of its own: {', '.join(site.disks) or 'none (not root): full disks not reached'}", flush=True
        )
        writers, faults = Writers(site, rng), Faults(site, rng)
        while len(writers.follow_ups) < 5 or not writers.files or not writers.releases:
            time.sleep(0.2)
        known, before = (0, 0, 0), ""
        kinds = faults.all()
        for number in range(options.times):
            fault = kinds[number % len(kinds)] if number < len(kinds) else rng.choice(kinds)
            name = fault.__doc__ or fault.__name__
            if name == before:
                fault = kinds[0]
                name = fault.__doc__ or ""
            before = name
            batch = ask_night(site, number)
            time.sleep(rng.uniform(0.05, 2.5))
            since = time.monotonic()
            fault()
            ask_night(site, number)  # and what is asked in the middle of it
            seconds = recovered(site, writers, since, batch)
            now = writers.losses()
            for index in range(3):
                found[name][index] += max(0, now[index] - known[index])
            known = now
            results[name].append(seconds)
            said = "NOT RECOVERED" if seconds is None else f"{seconds:.1f} s"
            print(f"{number + 1:4} {name}: {said}, lost {now[0]}, doubled {now[1]}, in part {now[2]}", flush=True)
            if time.monotonic() > ends:
                break
        writers.stop.set()
        for thread in writers.threads:
            thread.join(30)
        report(site, writers, results, found)
    finally:
        site.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def report(site: Site, writers: Writers, results: dict[str, list[float | None]], found: dict[str, list[int]]) -> None:
    print(
        "\n| fault | times | lost | doubled | in part | median | worst | not recovered |\n|---|---|---|---|---|---|---|---|"
    )
    for name, times in sorted(results.items()):
        good = [seconds for seconds in times if seconds is not None]
        lost, doubled, part = found[name]
        median, worst = (f"{statistics.median(good):.1f} s", f"{max(good):.1f} s") if good else ("—", "—")
        print(
            f"| {name} | {len(times)} | {lost} | {doubled} | {part} | {median} | {worst} | {len(times) - len(good)} |"
        )
    lost, doubled, part = writers.losses()
    jobs = site.sql("SELECT count(*), count(done_at), count(failed_at), max(attempts) FROM jobs_job")[0]
    total = sum(map(len, results.values()))
    print(f"\n{total} faults; {len(writers.follow_ups)} follow-ups ({sum(map(bool, writers.follow_ups.values()))} with a piece) and "
          f"{len(writers.files)} files of {PEOPLE_IN_A_FILE} people acknowledged, {len(writers.releases)} releases drawn; lost {lost}, doubled {doubled}, in part {part}")  # fmt: skip
    print(f"jobs: {jobs[0]} asked, {jobs[1]} done, {jobs[2]} given up, at most {jobs[3]} attempts; supervisor started again "
          f"{site.restarts} times; {left_over(site)} answers not good: {dict(writers.refused)}")  # fmt: skip
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    sys.exit(main())
