"""The night's measure as jobs: one that finds the structures, and one for each chunk of them."""

from datetime import date, datetime
from typing import Any

from indicators.computation import chunks, compute, measured_structures, save
from indicators.periods import periods_on
from jobs.actions import enqueue_many
from jobs.registry import job


@job("indicators.compute")
def compute_night(day: str, known_at: str, batch: str = "") -> dict[str, Any]:
    """Ask for the figures of all structures, for the periods complete on a day, as known at K (ISO, with its zone).

    Asked again, it asks for no more.
    """
    lot = batch or f"indicators.compute:{day}"
    asked = [
        (
            f"indicators.compute_structures:{day}:{known_at}:{ids[0]}",
            {"organisations": ids, "day": day, "known_at": known_at},
        )
        for ids in chunks(measured_structures(date.fromisoformat(day)))
    ]
    return {"jobs": enqueue_many("indicators.compute_structures", asked, batch=lot)}


@job("indicators.compute_structures")
def compute_structures(organisations: list[int], day: str, known_at: str) -> dict[str, Any]:
    """Compute and keep the figures of some structures as known at K. The second time it writes nothing."""
    values = compute(organisations, periods_on(date.fromisoformat(day)), datetime.fromisoformat(known_at))
    return {"structures": len(set(organisations)), "values": len(values), "written": save(values)}
