"""What a person's page says of her PASS IAE, contracts being prepared, work for clients, immersions and derogations."""

from dataclasses import dataclass
from datetime import date

from contracts.assignments import HoursCounter, hours_counter, missing_mentions
from contracts.models import Assignment, ContractDraft, Derogation, Immersion
from parcours.models import PassIAE, PassProlongation, PassSuspension, Worker
from parcours.passes import remaining_days


@dataclass(frozen=True)
class PassLife:
    """A PASS with what moved its end, and the days left today."""

    row: PassIAE
    remaining: int
    suspensions: list[PassSuspension]
    prolongations: list[PassProlongation]
    suspended: PassSuspension | None


@dataclass(frozen=True)
class WorkingLife:
    passes: list[PassLife]
    drafts: list[ContractDraft]
    assignments: list[tuple[Assignment, list[str]]]
    counter: HoursCounter | None
    immersions: list[Immersion]
    derogations: list[Derogation]


def working_life(worker: Worker, today: date) -> WorkingLife:
    """A constant number of queries, however many facts."""
    passes = []
    for row in worker.passes.prefetch_related("suspensions", "prolongations"):
        suspensions = list(row.suspensions.all())
        now = next((one for one in suspensions if one.started_on <= today <= one.ended_on), None)
        left = remaining_days(row, suspensions, today)
        passes.append(PassLife(row, left, suspensions, list(row.prolongations.all()), now))
    assignments = Assignment.objects.filter(contract__worker=worker).order_by("-started_on", "-id")[:8]
    return WorkingLife(
        passes=passes,
        drafts=list(worker.contract_drafts.waiting()),
        assignments=[(one, missing_mentions(one)) for one in assignments],
        counter=hours_counter(worker, today),
        immersions=list(worker.immersions.all()[:8]),
        derogations=list(worker.derogations.all()[:8]),
    )
