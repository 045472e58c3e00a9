"""What a person's page reads of her: her pathways, contracts, PASS IAE, rights, skills and what is being prepared."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.access import Principal
from accounts.models import User
from contracts.assignments import HoursCounter, hours_counter, missing_mentions
from contracts.models import (
    Assignment,
    Contract,
    ContractDraft,
    Decision,
    Derogation,
    Flag,
    Immersion,
    WorkedMonth,
)
from parcours.models import Exit, PassIAE, PassProlongation, PassSuspension, Pathway, Worker
from parcours.passes import remaining_days
from privacy.models import DataRequest
from privacy.requests import contested
from rights.models import RightStep
from skills.models import Assessment, Skill, Training
from web.at_once import at_once

SHOWN, MONTHS, STEPS = 8, 12, 12


@dataclass(frozen=True)
class PassLife:
    """A PASS with what moved its end, and the days left today."""

    row: PassIAE
    remaining: int
    suspensions: list[PassSuspension]
    prolongations: list[PassProlongation]
    suspended: PassSuspension | None


@dataclass(frozen=True)
class PersonFile:
    """The facts of a person's page, the newest first unless said otherwise; contracts from the first to the last."""

    pathways: list[Pathway]
    exits: dict[int, Exit]  # by pathway
    contracts: list[Contract]
    passes: list[PassLife]
    flags: list[Flag]
    decisions: list[Decision]
    drafts: list[ContractDraft]
    assignments: list[tuple[Assignment, list[str]]]
    months: list[WorkedMonth]
    counter: HoursCounter | None
    immersions: list[Immersion]
    derogations: list[Derogation]
    steps: list[RightStep]
    trainings: list[Training]
    assessments: list[Assessment]
    contested: list[DataRequest]

    @property
    def pathway(self) -> Pathway | None:
        return self.pathways[0] if self.pathways else None

    @property
    def current_pass(self) -> PassIAE | None:
        return self.passes[0].row if self.passes else None

    @property
    def open_steps(self) -> list[RightStep]:
        """The rights that still ask for something, the most pressing first."""
        waiting = [step for step in self.steps if step.closed_on is None]
        return sorted(waiting, key=lambda s: (s.due_on or date.max, s.expires_on or date.max, s.pk))[:STEPS]


def person_file(worker: Worker, today: date, reader: Principal, most: int | None) -> PersonFile:
    """Everything at once, as its reader may know it: one question, and those of the counter of an AI. At most `most` rows of what
    fills her history."""
    worked = WorkedMonth.objects.filter(contract__worker=worker)
    found: dict[str, list[Any]] = at_once({
        "pathways": worker.pathways.all(),
        "exits": Exit.objects.filter(pathway__worker=worker),
        "contracts": worker.contracts.order_by("started_on", "id"),
        "passes": worker.passes.all(),
        "suspensions": PassSuspension.objects.filter(pass_iae__worker=worker),
        "prolongations": PassProlongation.objects.filter(pass_iae__worker=worker),
        "flags": Flag.objects.open().filter(worker=worker),
        "decisions": worker.decisions.all()[:most],
        "deciders": User.objects.filter(pk__in=worker.decisions.values("decided_by")),
        "drafts": worker.contract_drafts.waiting(),
        "assignments": Assignment.objects.filter(contract__worker=worker).order_by("-started_on", "-id")[:SHOWN],
        "months": worked[:MONTHS],
        "clients": Assignment.objects.filter(pk__in=worked.values("assignment")),
        "immersions": worker.immersions.all()[:SHOWN],
        "derogations": worker.derogations.all()[:SHOWN],
        "steps": RightStep.objects.visible_to(reader).filter(pathway__worker=worker),
        "trainings": worker.trainings.all()[:most],
        "assessments": worker.assessments.all()[:SHOWN],
        "contested": contested(worker, reader),
        "skills": Skill.objects.filter(pk__in=worker.assessments.values("skill")),
    })  # fmt: skip
    _joined(found["decisions"], "decided_by", found["deciders"])
    _joined(found["months"], "assignment", found["clients"])
    _joined(found["assessments"], "skill", found["skills"])
    return PersonFile(
        exits={row.pathway_id: row for row in found["exits"]},
        passes=[_life(row, found, today) for row in found["passes"]],
        assignments=[(one, missing_mentions(one)) for one in found["assignments"]],
        counter=hours_counter(worker, today),
        **{name: found[name] for name in (
            "pathways", "contracts", "flags", "decisions", "drafts", "months", "immersions", "derogations", "steps", "trainings",
            "assessments", "contested",
        )},
    )  # fmt: skip


def _joined(rows: list[Any], name: str, others: list[Any]) -> None:
    known = {other.pk: other for other in others}
    for row in rows:
        setattr(row, name, known.get(getattr(row, f"{name}_id")))


def _life(row: PassIAE, found: dict[str, list[Any]], today: date) -> PassLife:
    suspensions = [one for one in found["suspensions"] if one.pass_iae_id == row.pk]
    prolongations = [one for one in found["prolongations"] if one.pass_iae_id == row.pk]
    now = next((one for one in suspensions if one.started_on <= today <= one.ended_on), None)
    return PassLife(row, remaining_days(row, suspensions, today), suspensions, prolongations, now)
