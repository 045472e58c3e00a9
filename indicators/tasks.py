"""The night's measure as jobs: one that finds the structures, and one for each chunk of them."""

from datetime import datetime
from typing import Any

from indicators.computation import chunks, compute, measured_structures, save
from indicators.periods import local_day, periods_on
from jobs.actions import enqueue_many
from jobs.registry import job


@job("indicators.compute")
def compute_night(day: str, known_at: str, batch: str = "") -> dict[str, Any]:
    """Ask for the computation of all structures as known at K (ISO, with its zone). Asked again, it asks for no more."""
    lot = batch or f"indicators.compute:{day}"
    asked = [
        (f"indicators.compute_structures:{known_at}:{ids[0]}", {"organisations": ids, "known_at": known_at})
        for ids in chunks(measured_structures(datetime.fromisoformat(known_at)))
    ]
    return {"jobs": enqueue_many("indicators.compute_structures", asked, batch=lot)}


@job("indicators.compute_structures")
def compute_structures(organisations: list[int], known_at: str) -> dict[str, Any]:
    """Compute and keep the indicators of some structures as known at K. The second time it writes nothing."""
    at = datetime.fromisoformat(known_at)
    values = compute(organisations, periods_on(local_day(at)), at)
    return {"structures": len(set(organisations)), "values": len(values), "written": save(values)}
