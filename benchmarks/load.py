"""Sixty counsellors at work: `python -m benchmarks.load [--seconds 90]`, about five minutes in all, on a quiet machine.

Starts the site as `./run serve` does (gunicorn: two processes of four threads) in a throw-away state with 500 invented people,
gives sixty counsellors their accounts, and lets each work from her own thread: my day, a person, the follow-up form, its
save, a search, the board of deadlines, six seconds of thought between two pages on average. Then the same while nights run one
after the other. Prints by page: how many, median, 95th percentile, worst, answers that are no good, queries.
"""

import argparse
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
from collections import defaultdict
from pathlib import Path
from uuid import uuid4

from benchmarks.faults import CHECKOUT, Site, ask_night
from benchmarks.visitor import Visitor

COUNSELLORS, THOUGHT = 60, 6.0
PASSWORD = "une phrase assez longue"
ACCOUNTS = f"""
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from accounts.models import Membership, Organisation, User
from accounts.roles import Role
kept = make_password("{PASSWORD}")
places = list(Organisation.objects.structures().filter(workers__isnull=False).distinct().order_by("pk"))
for n in range({COUNSELLORS}):
    user = User.objects.create(email=f"charge{{n}}@example.org", first_name="Camille", last_name=f"Charge{{n}}", password=kept)
    Membership.objects.create(user=user, organisation=places[n % len(places)], role=Role.COUNSELLOR, started_on=timezone.localdate())
"""
QUERIES = """
import json, re, sys
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from accounts.models import User
from parcours.models import Worker
from accounts.roles import Permission
user = User.objects.get(email="charge0@example.org")
client = Client(SERVER_NAME="localhost")
client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
worker = Worker.objects.visible_to(user, Permission.WRITE_FOLLOW_UP).first()
found = {}
for name, path in json.loads(PAGES).items():
    path = path.replace("{worker}", str(worker.pk))
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    found[name] = len(asked) if answer.status_code == 200 else f"answers {answer.status_code}"
print(json.dumps(found))
"""
PAGES = {
    "my day": "/",
    "a person": "/salaries/{worker}/",
    "follow-up form": "/salaries/{worker}/suivi/",
    "search": "/salaries/?q=mar",
    "board of deadlines": "/echeances/",
}


class Counsellor(threading.Thread):
    """Works until told to stop; writes down how long each page took, and what failed."""

    def __init__(
        self, number: int, site: Site, stop: threading.Event, taken: dict[str, list[float]], failed: list[str]
    ):
        super().__init__(daemon=True)
        self.visitor = Visitor(site.port, f"charge{number}@example.org", PASSWORD, timeout=60)
        self.rng, self.stop, self.taken, self.failed = random.Random(number), stop, taken, failed

    def timed(self, name: str, good: int, ask, *arguments) -> bool:
        begun = time.monotonic()
        status = ask(*arguments)
        self.taken[name].append(time.monotonic() - begun)
        if status != good:
            self.failed.append(f"{name}: {status}")
        return not self.stop.wait(self.rng.expovariate(1 / THOUGHT)) and status == good

    def run(self) -> None:
        self.stop.wait(self.rng.uniform(0, 10))
        if not self.timed("sign in", 200, lambda: 200 if self.visitor.sign_in() else 0):
            return
        people: list[str] = []
        while not self.stop.is_set():
            self.timed("my day", 200, self.visitor.get, "/")
            self.timed("search", 200, self.visitor.get, f"/salaries/?q={self.rng.choice(('mar', 'le', 'di', 'be'))}")
            people = re.findall(r"/salaries/(\d+)/", self.visitor.body.decode(errors="replace")) or people
            if self.stop.is_set() or not people:
                continue
            worker = self.rng.choice(people)
            self.timed("a person", 200, self.visitor.get, f"/salaries/{worker}/")
            if self.timed("follow-up form", 200, self.visitor.get, f"/salaries/{worker}/suivi/"):
                fields = {"sent_once": str(uuid4()), "kind": "entretien_individuel", "minutes": "30", "note": "Point d'étape",
                          "held_on": time.strftime("%Y-%m-%d"), "people": worker, f"presence-{worker}": "present"}  # fmt: skip
                self.timed("follow-up save", 302, self.visitor.post, f"/salaries/{worker}/suivi/", fields, {})
            if self.rng.random() < 0.3:
                self.timed("board of deadlines", 200, self.visitor.get, "/echeances/")


def work(site: Site, seconds: float, night: bool) -> tuple[dict[str, list[float]], list[str], int]:
    stop, taken, failed, nights = threading.Event(), defaultdict(list), [], 0
    crew = [Counsellor(number, site, stop, taken, failed) for number in range(COUNSELLORS)]
    for one in crew:
        one.start()
    ends, batch = time.monotonic() + seconds, ""
    while time.monotonic() < ends:
        if night and (
            not batch
            or site.sql("SELECT 1 FROM jobs_job WHERE batch LIKE 'essai:%%' AND done_at IS NULL LIMIT 1") == []
        ):
            nights += 1
            batch = ask_night(site, nights, whole=True)
        time.sleep(0.5)
    stop.set()
    for one in crew:
        one.join(90)
    return taken, failed, nights


def queries(site: Site) -> dict[str, int]:
    script = QUERIES.replace("PAGES", repr(json.dumps(PAGES)))
    command = [sys.executable, "-m", "embedded", "manage", "shell", "-v", "0", "-c", script]
    said = subprocess.run(
        command, cwd=CHECKOUT, env=site.environment(), check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    found: dict[str, int] = json.loads(said.strip().splitlines()[-1])
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=90, help="of work, without and then with a night")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--port", type=int, default=8243)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="load "))
    site = Site(folder / "state", options.port)
    site.state.prepare()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped all the same
    try:
        site.manage("migrate", "--verbosity", "0")
        site.manage("demo", "--structures", "6", "--workers", str(options.people))
        site.manage("shell", "-v", "0", "-c", ACCOUNTS)
        site.start()
        while not site.ready():
            time.sleep(0.5)
        counted = queries(site)
        for night in (False, True):
            before = os.getloadavg()[0]
            taken, failed, nights = work(site, options.seconds, night)
            pages = sum(map(len, taken.values()))
            print(f"\n{COUNSELLORS} counsellors, {options.seconds:.0f} s, " + (f"{nights} nights meanwhile" if night else "no night")
                  + f": {pages} pages, {len(failed)} errors; load {before:.1f} before, {os.getloadavg()[0]:.1f} after")  # fmt: skip
            print("\n| page | times | p50 | p95 | worst | queries |\n|---|---|---|---|---|---|")
            for name, times in sorted(taken.items()):
                ranked = sorted(times)
                p95 = ranked[int(len(ranked) * 0.95)] if len(ranked) > 1 else ranked[0]
                print(f"| {name} | {len(times)} | {statistics.median(times) * 1000:.0f} ms | {p95 * 1000:.0f} ms "
                      f"| {ranked[-1] * 1000:.0f} ms | {counted.get(name, '')} |")  # fmt: skip
            for error in sorted(set(failed)):
                print(f"  {error} × {failed.count(error)}")
            sys.stdout.flush()
    finally:
        site.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
