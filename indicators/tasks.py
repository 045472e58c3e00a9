"""The night's measure as jobs: one finds the structures, one measures each chunk of them, and the last to finish of
these asks for the wider scopes, one job an indicator.

Progress is the rows of the batch. A job taken up again, twice or by two workers at once writes what it would have
written once: values that differ from the last known.
"""

from datetime import date, datetime
from typing import Any

from indicators.catalogue import definitions
from indicators.computation import chunks, compute, measured_structures, save
from indicators.gathering import gather
from indicators.periods import periods_on
from jobs.actions import enqueue_many
from jobs.models import Job
from jobs.registry import job

STRUCTURES, SCOPES, THEN = "indicators.compute_structures", "indicators.gather", "indicators.then_gather"


@job("indicators.compute")
def compute_night(day: str, known_at: str, batch: str = "") -> dict[str, Any]:
    """Ask for the figures of all structures, for the periods complete on a day, as known at K (ISO, with its zone).

    Asked again, it asks for no more.
    """
    lot = batch or f"indicators.compute:{day}"
    night = {"day": day, "known_at": known_at, "batch": lot}
    asked = [
        (f"{STRUCTURES}:{day}:{known_at}:{ids[0]}", {"organisations": ids, **night})
        for ids in chunks(measured_structures(date.fromisoformat(day)))
    ]
    return {"jobs": enqueue_many(STRUCTURES, asked, batch=lot)}


@job(STRUCTURES)
def compute_structures(organisations: list[int], day: str, known_at: str, batch: str = "") -> dict[str, Any]:
    """Compute and keep the figures of some structures as known at K. The second time it writes nothing."""
    periods = periods_on(date.fromisoformat(day))
    values = compute(organisations, periods, datetime.fromisoformat(known_at), nightly=True)
    written = save(values)
    if batch:
        enqueue_many(
            THEN, [(f"{THEN}:{day}:{known_at}:{min(organisations)}", _night(day, known_at, batch))], batch=batch
        )
    return {"structures": len(set(organisations)), "values": len(values), "written": written}


def _night(day: str, known_at: str, batch: str) -> dict[str, Any]:
    return {"day": day, "known_at": known_at, "batch": batch}


@job(THEN)
def then_gather(day: str, known_at: str, batch: str) -> dict[str, Any]:
    """Once every chunk of structures of the night is done, ask for the wider scopes. Whoever comes last asks for all;
    those who come before find work left and ask for nothing."""
    chunks_of_the_night = Job.objects.filter(name=STRUCTURES, key__startswith=f"{STRUCTURES}:{day}:{known_at}:")
    if chunks_of_the_night.filter(done_at__isnull=True).exists():
        return {"jobs": 0}
    asked = [
        (f"{SCOPES}:{day}:{known_at}:{code}", {"code": code, "day": day, "known_at": known_at})
        for code in definitions()
    ]
    return {"jobs": enqueue_many(SCOPES, asked, batch=batch)}


@job(SCOPES)
def gather_scopes(code: str, day: str, known_at: str) -> dict[str, Any]:
    """Add up one indicator over groups, kinds, territories and the whole, as known at K."""
    values = gather(datetime.fromisoformat(known_at), periods_on(date.fromisoformat(day)), [code])
    return {"values": len(values), "written": save(values)}
