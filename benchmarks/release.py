"""What a release costs, from a snapshot to its readers: `python -m benchmarks.release [structures]` (600: 147,000 people).

Invented people are put straight into a snapshot, in a transaction that is rolled back; each step is then timed as its job
does it. Prints seconds, the peak of memory, the checks, and how far figures are from the truth, level by level.
"""

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from benchmarks.results import peak  # noqa: E402
from disclosure.attack.bounds import counted  # noqa: E402
from disclosure.catalogue import Measure  # noqa: E402
from disclosure.population import STRUCTURE  # noqa: E402
from disclosure.protection import Audience, known  # noqa: E402
from disclosure.synthetic import population  # noqa: E402
from jobs.models import Job  # noqa: E402
from releases import actions, exports, protecting, reading, snapshot, tasks  # noqa: E402
from releases.models import Audit, LedgerCell, Release  # noqa: E402
from tests.releases.world import NOW, YEAR, World  # noqa: E402

LEVELS = {"France": (), "region": ("region",), "department": ("department",), "structure": (STRUCTURE,)}


@contextmanager
def timed(what: str, spent: list[float]) -> Iterator[None]:
    started = time.monotonic()
    yield
    spent.append(time.monotonic() - started)
    print(f"{what:<34} {spent[-1]:7.1f} s   {peak():5d} MB", flush=True)


def run(structures: int) -> None:
    settings.RELEASE_SECRETS_FILE = "/nonexistent"
    settings.RELEASE_SECRETS = [f"{YEAR.end.year}:{secrets.token_hex(32)}"]
    world, spent = World(population(structures=structures)), []
    print(f"{len(world.people)} people, {structures} structures")
    release = actions.prepare(by=world.analyst, federation=world.federation, period=YEAR, known_at=NOW)
    tasks.begin(release=release.pk)
    with timed("snapshot (invented people)", spent):
        snapshot.write(release, world.rows())
    Job.objects.filter(batch=release.batch).update(done_at=NOW)
    for name, step in (("freeze", tasks.freeze), ("protect, into the ledger", tasks.protect), ("audit", tasks.audit)):
        with timed(name, spent):
            step(release=release.pk)
    for entry in Audit.objects.get(release=release).report:
        print(
            f"    {'ok' if entry['held'] else 'NO'}  {entry['check']:<22} {entry['seconds']:6.1f} s  {entry['figures']}"
        )
    release = Release.objects.get(pk=release.pk)
    actions.approve(by=world.publisher, release=release, at=NOW)
    with timed("publish", spent):
        actions.publish(by=world.publisher, release=release, at=NOW)
    print(f"whole pipeline {sum(spent):.1f} s, peak {peak()} MB, {LedgerCell.objects.count()} figures")
    edition = reading.latest(world.federation.pk)
    assert edition is not None
    for code in ("csv", "xlsx", "parquet", "sdmx"):
        with timed(f"export {code}", spent):
            made = exports.export(edition, code)
        print(f"    {len(made) // 1024} kB")
    useful(release)


def useful(release: Release) -> None:
    """The utility gates of the reference, on what the federation reads."""
    found = protecting.protected(release)
    issue, people = found.issues[Audience.FEDERATION], found.population
    for name, margin in LEVELS.items():
        block = issue.block("EFFECTIF", margin)
        truth = counted(people, margin)
        shown = ~np.isnan(block.base) & (truth > 0)
        error = np.abs(block.base[shown] - truth[shown]) / truth[shown]
        print(f"{name:<12} shown {shown.sum() / (truth > 0).sum():7.2%}  median relative error {np.median(error):.3%}")
    rates = []
    for block in issue.blocks:
        rows = people.rows(known(people, block.statistic))
        base = np.maximum(counted(rows, block.margin), 1)
        if block.statistic.measure == Measure.SHARE:
            for column, category in enumerate(block.columns):
                true = counted(rows, block.margin, block.statistic.attribute, category) / base
                off = 100 * np.abs(block.values[:, column] / block.base - true)
                rates.append(off[~np.isnan(off)])
    print(f"rates: median error {np.median(np.concatenate(rates)):.2f} points")


if __name__ == "__main__":
    with transaction.atomic():
        run(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
        transaction.set_rollback(True)
