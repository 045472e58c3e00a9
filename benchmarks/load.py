"""Sixty counsellors at work: `python -m benchmarks.load [--seconds 90]`, about ten minutes in all, on a quiet machine.

Starts the site as `./run serve` does (gunicorn: two processes of four threads) in a throw-away state with 500 invented people,
shares them out among sixty counsellors, signs those in, twenty a minute, and then lets each work from her own thread: my day, a search, a
person, the follow-up form, its save, the board of deadlines, six seconds of thought between two pages on average. Then the
same while nights run one after the other. By page: how many, median, 95th percentile, worst, queries; and every answer that
is no good. Kept in `results/load.json`; `python -m benchmarks.document` puts them in docs/performance.md.
"""

import argparse
import json
import math
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
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.faults import CHECKOUT, PATIENCE, Site, ask_night
from benchmarks.results import keep
from benchmarks.visitor import Visitor

COUNSELLORS, THOUGHT = 60, 6.0
AT_ONCE = 20  # one address may sign in thirty times a minute
PASSWORD = "une phrase assez longue"
ACCOUNTS = f"""
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from accounts.models import Membership, Organisation, User
from accounts.roles import Role
from parcours.models import Worker
kept = make_password("{PASSWORD}")
places = list(Organisation.objects.structures().filter(workers__isnull=False).distinct().order_by("pk"))
for n in range({COUNSELLORS}):
    user = User.objects.create(email=f"charge{{n}}@example.org", first_name="Camille", last_name=f"Charge{{n}}", password=kept)
    place = places[n % len(places)]
    Membership.objects.create(user=user, organisation=place, role=Role.COUNSELLOR, started_on=timezone.localdate())
    here = list(Worker.objects.filter(organisation=place).order_by("pk").values_list("pk", flat=True))
    crew = -(-({COUNSELLORS} - n % len(places)) // len(places))  # who share this structure
    Worker.objects.filter(pk__in=here[n // len(places)::crew]).update(counsellor=user)
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
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
worker = Worker.objects.visible_to(user, Permission.WRITE_FOLLOW_UP).filter(pathways__ended_on=None).first()
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
    "my day": "/a-suivre/",
    "a person": "/salaries/{worker}/",
    "follow-up form": "/salaries/{worker}/suivi/",
    "search": "/salaries/?q=mar",
    "board of deadlines": "/echeances/",
}


class Counsellor:
    """Works until told to stop; writes down how long each page took, and what failed."""

    def __init__(self, number: int, port: int) -> None:
        self.visitor = Visitor(port, f"charge{number}@example.org", PASSWORD, timeout=60)
        self.rng = random.Random(number)
        self.taken: list[tuple[str, float]] = []
        self.failed: list[str] = []

    def timed(self, name: str, good: int, ask: Callable[[], int]) -> bool:
        begun = time.monotonic()
        status = ask()
        self.taken.append((name, time.monotonic() - begun))
        if status != good:
            self.failed.append(f"{name}: {status}" + (f" → {self.visitor.location}" if status in {301, 302} else ""))
        return status == good

    def sign_in(self) -> None:
        self.timed("sign in", 302, lambda: 302 if self.visitor.sign_in() else self.visitor.answered)

    def work(self, stop: threading.Event) -> None:
        """One page after another. Each page leads to the next as on the screen; a page that fails is left for the day's."""
        visitor, rng = self.visitor, self.rng

        def thought() -> bool:
            return not stop.wait(rng.expovariate(1 / THOUGHT))

        stop.wait(rng.uniform(0, THOUGHT))  # they do not all begin together
        while not stop.is_set():
            if not (self.timed("my day", 200, lambda: visitor.get("/a-suivre/")) and thought()):
                continue
            word = rng.choice(("mar", "le", "di", "be"))
            if not (self.timed("search", 200, partial(visitor.get, f"/salaries/?q={word}")) and thought()):
                continue
            people = re.findall(r'href="/salaries/(\d+)/"', visitor.body.decode(errors="replace"))
            if not people:
                continue
            worker = rng.choice(people)
            if not (self.timed("a person", 200, partial(visitor.get, f"/salaries/{worker}/")) and thought()):
                continue
            form = f"/salaries/{worker}/suivi/"
            if self.timed("follow-up form", 200, partial(visitor.get, form)) and thought():
                said = {"sent_once": str(uuid4()), "kind": "entretien_individuel", "minutes": "30", "note": "Point d'étape",
                        "held_on": time.strftime("%Y-%m-%d"), "people": worker, f"presence-{worker}": "present"}  # fmt: skip
                self.timed("follow-up save", 302, partial(visitor.post, form, said, {}))
                thought()
            if rng.random() < 0.3 and not stop.is_set():
                self.timed("board of deadlines", 200, lambda: visitor.get("/echeances/"))
                thought()


def together(crew: list[Counsellor], what: Callable[[Counsellor], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=what, args=(one,), daemon=True) for one in crew]
    for thread in threads:
        thread.start()
    return threads


def work(site: Site, crew: list[Counsellor], seconds: float, night: bool) -> int:
    """Everybody works for so long, while nights run or not. How many nights were asked."""
    stop, nights = threading.Event(), 0
    threads = together(crew, lambda one: one.work(stop))
    ends = time.monotonic() + seconds
    waiting = "SELECT 1 FROM jobs_job WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= now() LIMIT 1"
    while time.monotonic() < ends:
        if night and not site.sql(waiting):
            nights += 1
            ask_night(site, nights, whole=True)
        time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join(90)
    return nights


def summed(crew: list[Counsellor], counted: dict[str, Any]) -> dict[str, Any]:
    """By page: times, median, 95th percentile and worst in milliseconds, queries; and what was no good, how many times."""
    by_page: dict[str, list[float]] = defaultdict(list)
    errors = Counter(error for one in crew for error in one.failed)
    for one in crew:
        for name, seconds in one.taken:
            by_page[name].append(seconds * 1000)
        one.taken, one.failed = [], []
    return {
        "pages": {
            name: {
                "times": len(taken),
                "p50": round(statistics.median(taken)),
                "p95": round(sorted(taken)[max(math.ceil(len(taken) * 0.95) - 1, 0)]),
                "worst": round(max(taken)),
                "queries": counted.get(name),
            }
            for name, taken in sorted(by_page.items())
        },
        "errors": dict(errors),
    }


def told(what: str, found: dict[str, Any]) -> None:
    asked, wrong = sum(page["times"] for page in found["pages"].values()), sum(found["errors"].values())
    print(f"\n{what}: {asked} pages, {wrong} errors; load {os.getloadavg()[0]:.1f}")
    for name, page in found["pages"].items():
        print(f"  {name}: {page['times']} times, p50 {page['p50']} ms, p95 {page['p95']} ms, worst {page['worst']} ms"
              f", {page['queries']} queries")  # fmt: skip
    for error, times in found["errors"].items():
        print(f"  {error} × {times}")
    sys.stdout.flush()


def queries(site: Site) -> dict[str, Any]:
    script = QUERIES.replace("PAGES", repr(json.dumps(PAGES)))
    command = [sys.executable, "-m", "embedded", "manage", "shell", "-v", "0", "-c", script]
    said = subprocess.run(
        command, cwd=CHECKOUT, env=site.environment(), check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=90, help="of work, without and then with nights")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--port", type=int, default=8243)
    parser.add_argument("--try", dest="trial", action="store_true", help="keep no result: to see that it runs")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="load "))
    site = Site(folder / "state", options.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped all the same
    before = round(os.getloadavg()[0], 1)
    try:
        site.state.prepare()
        site.manage("migrate", "--verbosity", "0")
        site.manage("demo", "--structures", "6", "--workers", str(options.people))
        site.manage("shell", "-v", "0", "-c", ACCOUNTS)
        site.start()
        deadline = time.monotonic() + PATIENCE
        while not site.ready():
            if time.monotonic() > deadline or (site.process and site.process.poll() is not None):
                print((site.state.folder / "site.log").read_text(errors="replace")[-4000:], file=sys.stderr)
                return 1
            time.sleep(0.5)
        counted = queries(site)
        crew = [Counsellor(number, options.port) for number in range(COUNSELLORS)]
        for first in range(0, COUNSELLORS, AT_ONCE):
            minute = time.monotonic() + 61
            for thread in together(crew[first : first + AT_ONCE], Counsellor.sign_in):
                thread.join()
            if first + AT_ONCE < COUNSELLORS:
                time.sleep(max(minute - time.monotonic(), 0))
        runs = {"sign in": summed(crew, counted)}
        told(f"{COUNSELLORS} counsellors sign in, {AT_ONCE} at once", runs["sign in"])
        if runs["sign in"]["errors"]:
            return 1
        for night in (False, True):
            nights = work(site, crew, options.seconds, night)
            name = "with nights" if night else "without a night"
            runs[name] = {**summed(crew, counted), "nights": nights}
            told(
                f"{COUNSELLORS} counsellors, {options.seconds:.0f} s, {name}" + (f" ({nights})" if night else ""),
                runs[name],
            )
        if not options.trial:
            keep(
                "load",
                counsellors=COUNSELLORS,
                seconds=options.seconds,
                people=options.people,
                load_before=before,
                runs=runs,
            )
    finally:
        site.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
