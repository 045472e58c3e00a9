"""The steps of a release as jobs: its key named, a snapshot chunk by chunk, then the protection, then the checks. Only they
read the keys (releases.secrets): without them they fail, in words, and are tried again.

Each job and its effect are one transaction, so a worker killed in the middle leaves nothing half-written, and a job taken up
twice does what it does once. Progress is the rows of the release's batch.
"""

from typing import Any

from django.utils.translation import gettext as _

from audit.history import because
from audit.saving import saved
from indicators.computation import chunks
from jobs.actions import enqueue, enqueue_many, perform
from jobs.models import Job
from jobs.registry import job
from releases import auditing, protecting, snapshot
from releases.actions import BEGIN, advance
from releases.models import Release
from releases.secrets import secret_of

SNAPSHOT, THEN, PROTECT, AUDIT = "releases.snapshot", "releases.freeze", "releases.protect", "releases.audit"
State = Release.State


@job(BEGIN)
def begin(release: int) -> dict[str, Any]:
    """Name the key of the year, for good, and ask for the snapshot. Raises KeyRefused when the key cannot be read."""
    row = Release.objects.select_for_update().get(pk=release)
    if row.state != State.PREPARING:
        return {"structures": 0}
    secret = secret_of(row.period_end.year, row.key_id)
    if not row.key_id:
        row.key_id = secret.key_id
        with because(_("Clé d'une publication")):
            saved(row)
    ids = sorted(int(structure) for structure in row.places)
    asked = [
        (f"{SNAPSHOT}:{release}:{chunk[0]}", {"release": release, "organisations": chunk}) for chunk in chunks(ids)
    ]
    enqueue_many(SNAPSHOT, asked, batch=row.batch)
    return {"structures": len(ids)}


@job(SNAPSHOT)
def take(release: int, organisations: list[int]) -> dict[str, Any]:
    """Write the people of some structures; then ask to freeze, which waits for all the chunks."""
    row = Release.objects.get(pk=release)  # not locked: chunks are written side by side, and the last one freezes
    if row.state != State.PREPARING:
        return {"people": 0}
    people = snapshot.take(row, organisations)
    enqueue_many(THEN, [(f"{THEN}:{release}:{organisations[0]}", {"release": release})], batch=row.batch)
    return {"people": people}


@job(THEN)
def freeze(release: int) -> dict[str, Any]:
    """Once every chunk is there, seal the snapshot. Those who come before the last find work left and do nothing."""
    row = Release.objects.select_for_update().get(pk=release)
    waiting = Job.objects.filter(batch=row.batch, name=SNAPSHOT, done_at__isnull=True)
    if row.state != State.PREPARING or waiting.exists():
        return {"frozen": 0}
    people, digest = snapshot.population(row)
    advance(row, State.PREPARED, people=len(people), snapshot_sha256=digest)
    enqueue(PROTECT, key=f"{PROTECT}:{release}", arguments={"release": release}, batch=row.batch)
    return {"frozen": 1, "people": len(people)}


@job(PROTECT)
def protect(release: int) -> dict[str, Any]:
    """Draw every figure, once and for all, into the ledger."""
    row = Release.objects.select_for_update().get(pk=release)
    if row.state != State.PREPARED:
        return {"figures": 0}
    figures = protecting.keep(row, protecting.protected(row).issues)
    advance(row, State.PROTECTED)
    enqueue(AUDIT, key=f"{AUDIT}:{release}", arguments={"release": release}, batch=row.batch)
    return {"figures": figures}


@job(AUDIT)
def audit(release: int) -> dict[str, Any]:
    """Check what would be published; nothing goes further unless all holds."""
    row = Release.objects.select_for_update().get(pk=release)
    if row.state != State.PROTECTED:
        return {"passed": 0}
    found = auditing.audit(row, protecting.kept(row))
    advance(row, State.AUDITED if found.passed else State.REFUSED)
    return {"passed": int(found.passed), "seconds": found.seconds}


def run(release: Release) -> Release:
    """Do all the jobs of a release here and now, one after the other, without a worker. Returns it as they left it."""
    while waiting := list(Job.objects.filter(batch=release.batch, done_at=None, failed_at=None).order_by("id")):
        for row in waiting:
            perform(row.pk)
    return Release.objects.get(pk=release.pk)
