"""What a person can show of what she knows and has learnt: for her page, and the portfolio handed over at exit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from parcours.models import Worker
from skills.models import Assessment, Award, Certificate, Skill, Training


@dataclass(frozen=True)
class Look:
    """One day: how the supervisor (or the counsellor) and the worker each saw a skill; None did not look."""

    on: date
    by_supervisor: Assessment | None
    by_worker: Assessment | None


@dataclass(frozen=True)
class SkillStory:
    """A skill over time, oldest look first. `latest` is the last look; never a score of the person."""

    skill: Skill
    looks: list[Look]

    @property
    def latest(self) -> Look:
        return self.looks[-1]

    @property
    def validated_on(self) -> date | None:
        """First day it was validated with evidence and the worker's signature (COM-04); None when never."""
        return next(
            (
                look.on
                for look in self.looks
                if (seen := look.by_supervisor) and seen.validated and seen.evidence and seen.worker_signed_on
            ),
            None,
        )


@dataclass(frozen=True)
class TrainingLine:
    """A training and the hours followed in it; None when a day is unknown, and `planned` then says what was planned."""

    training: Training
    attended: Decimal | None
    planned: Decimal | None
    days: int
    absences: int


@dataclass(frozen=True)
class Portfolio:
    worker: Worker
    skills: list[SkillStory]
    trainings: list[TrainingLine]
    certificates: list[Certificate]
    awards: list[Award]


def portfolio(worker: Worker) -> Portfolio:
    """Everything, badges taken back apart. Five queries, however many rows."""
    rows = Assessment.objects.filter(worker=worker).select_related("skill")
    trainings = Training.objects.filter(worker=worker).prefetch_related("sessions")
    return Portfolio(
        worker=worker,
        skills=stories(rows.order_by("skill__label_key", "skill_id", "assessed_on", "id")),
        trainings=[_line(training) for training in trainings],
        certificates=list(Certificate.objects.filter(worker=worker)),
        awards=list(Award.objects.filter(worker=worker, revoked_on=None).select_related("badge", "organisation")),
    )


def stories(rows: Iterable[Assessment]) -> list[SkillStory]:
    """Assessments sorted by skill then day, as one story a skill."""
    found = []
    for _id, mine in groupby(rows, key=lambda row: row.skill_id):
        looks, skill = [], None
        for on, same_day in groupby(mine, key=lambda row: row.assessed_on):
            eyes = {row.assessed_by: row for row in same_day}
            skill = next(iter(eyes.values())).skill
            looks.append(Look(on, eyes.get("supervisor") or eyes.get("counsellor"), eyes.get("worker")))
        if skill:
            found.append(SkillStory(skill, looks))
    return found


def _line(training: Training) -> TrainingLine:
    days = list(training.sessions.all())
    attended = [day.attended_hours for day in days]
    planned = [day.planned_hours for day in days]
    known = [hours for hours in attended if hours is not None]
    return TrainingLine(
        training=training,
        attended=sum(known, Decimal(0)) if days and len(known) == len(days) else None,
        planned=sum((p for p in planned if p is not None), Decimal(0)) if any(planned) else None,
        days=len(days),
        absences=sum(hours == 0 for hours in known),
    )
