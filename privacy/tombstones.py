"""The marks of the people erased, kept in the database and beside it: a backup put back would bring them back otherwise.

A mark is a keyed hash of a row's number and of the instant it was written. The file survives a restore of the database; it
holds a line an erasure and names nobody.
"""

import hashlib
import hmac
import json
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from accounts.models import Organisation, User
from parcours.models import Worker
from privacy.models import Erasure


def path() -> Path:
    """Where the marks are kept beside the database: with the files, which every process shares."""
    return Path(settings.ERASURES_FILE or Path(settings.MEDIA_ROOT) / "erasures")


def marks(worker_id: int, created_at: datetime) -> list[str]:
    """The marks of a row, one a secret: the first is the one written, the others are those of secrets gone by."""
    said = f"erased|{worker_id}|{created_at.timestamp():.6f}".encode()
    return [hmac.new(secret.encode(), said, hashlib.sha256).hexdigest() for secret in settings.SEALING_SECRETS]


def keep(erasure: Erasure) -> None:
    """Write a mark beside the database; one already there is not written twice."""
    if erasure.mark in {row.mark for row in kept()}:
        return
    told = {
        "mark": erasure.mark,
        "organisation": erasure.organisation_id,
        "ground": erasure.ground,
        "at": erasure.erased_at.isoformat(),
        "by": erasure.erased_by_id,
    }
    path().parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(json.dumps(told) + "\n")
        file.flush()
        os.fsync(file.fileno())


def kept() -> list[Erasure]:
    """The marks written beside the database, as rows not saved."""
    if not path().is_file():
        return []
    lines = [json.loads(line) for line in path().read_text(encoding="ascii").splitlines()]
    return [
        Erasure(
            mark=line["mark"], organisation_id=line["organisation"], ground=line["ground"],
            erased_at=datetime.fromisoformat(line["at"]), erased_by_id=line["by"],
        )
        for line in lines
    ]  # fmt: skip


def agree() -> dict[str, Erasure]:
    """Every mark known here or there, written in both places: what one lost, the other gives back."""
    rows = {row.mark: row for row in Erasure.objects.all()}
    lost = [row for row in kept() if row.mark not in rows]
    users = set(User.objects.filter(pk__in={row.erased_by_id for row in lost}).values_list("pk", flat=True))
    structures = set(Organisation.objects.filter(pk__in={r.organisation_id for r in lost}).values_list("pk", flat=True))
    for row in lost:
        if row.organisation_id in structures:
            row.erased_by_id = row.erased_by_id if row.erased_by_id in users else None
            row.save(force_insert=True)
            rows[row.mark] = row
    for row in rows.values():
        keep(row)
    return rows


def come_back() -> dict[int, Erasure]:
    """The people erased whose row is here again, by number."""
    known = agree()
    found: dict[int, Erasure] = {}
    if not known:
        return found
    for worker_id, created_at in Worker.objects.values_list("pk", "created_at").iterator():
        for mark in marks(worker_id, created_at):
            if mark in known:
                found[worker_id] = known[mark]
    return found
