"""Which papers a page offers, and those already issued about what it shows."""

from dataclasses import dataclass

from accounts.access import Principal
from accounts.roles import Permission
from contracts.models import Contract
from documents.models import Paper
from documents.papers import KINDS
from parcours.models import EngagementContract, PassProlongation, Worker
from web.at_once import at_once

SHOWN = 10


@dataclass(frozen=True)
class Offer:
    """A paper that can be made now about `subject_id`."""

    kind: str
    label: str
    subject_id: int
    may_issue: bool


def offered(
    reader: Principal, held: frozenset[Permission], about: Worker | Contract
) -> tuple[list[Offer], list[Paper]]:
    """What may be issued about a person or a contract, and what was, newest first."""
    subjects: list[tuple[str, int, str]] = []
    rows = Paper.objects.visible_to(reader).select_related("issued_by")
    if isinstance(about, Contract):
        subjects.append(("contract_summary", about.pk, ""))
        subjects += [("amendment", a.pk, f" — {a.effective_on:%d/%m/%Y}") for a in about.amendments.all()]
        if about.ended_on:
            subjects.append(("work_certificate", about.pk, ""))
        rows = rows.filter(contract=about)
    else:
        subjects += [(kind.code, about.pk, "") for kind in KINDS.values() if kind.about is Worker]
        found = at_once({
            "engagements": EngagementContract.objects.filter(pathway__worker=about)[:3],
            "prolongations": PassProlongation.objects.filter(pass_iae__worker=about)[:3],
        })  # fmt: skip
        subjects += [("engagement", row.pk, f" — {row.proposed_on:%d/%m/%Y}") for row in found["engagements"]]
        subjects += [
            ("prolongation_report", row.pk, f" — {row.requested_on:%d/%m/%Y}") for row in found["prolongations"]
        ]
        rows = rows.filter(worker=about)
    offers = [
        Offer(code, KINDS[code].label + detail, pk, KINDS[code].issued_with in held)
        for code, pk, detail in subjects
        if KINDS[code].seen_with in held
    ]
    return offers, list(rows[:SHOWN])
