"""The jobs of this app."""

from typing import Any

from django.core.files.storage import default_storage

from jobs.registry import job
from privacy import tombstones
from privacy.erasure import FINISH
from privacy.models import Erasure


@job(FINISH)
def finish_erasure(erasure: int, files: list[str]) -> dict[str, Any]:
    """After the rows: the mark beside the database, then the files. Done again, it changes nothing."""
    tombstones.keep(Erasure.objects.get(pk=erasure))
    for name in files:
        default_storage.delete(name)
    return {"files": len(files)}
