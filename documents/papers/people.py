"""Pieces several papers share: the person, a span of employment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.models import Contract
from parcours.models import Worker


@dataclass(frozen=True)
class Person:
    name: str
    birth_date: date | None
    address: str

    @classmethod
    def of(cls, worker: Worker) -> "Person":
        town = " ".join(part for part in (worker.postal_code, worker.city) if part)
        return cls(str(worker), worker.birth_date, "\n".join(line for line in (worker.address, town) if line))


def unbroken(contracts: Sequence[Contract], last: Contract) -> list[Contract]:
    """The contracts that lead to `last` without a day between, oldest first, `last` included (rule H)."""
    chain = [last]
    for earlier in sorted((c for c in contracts if c.pk != last.pk), key=lambda c: (c.started_on, c.pk), reverse=True):
        end = earlier.ended_on or earlier.planned_end_on
        if earlier.started_on <= chain[0].started_on and end and (chain[0].started_on - end).days <= 1:
            chain.insert(0, earlier)
        elif earlier.started_on <= chain[0].started_on:
            break
    return chain
