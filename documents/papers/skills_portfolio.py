"""The skills portfolio handed over at the exit: what the person does, seen at work; her trainings and certificates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from accounts.roles import Permission
from documents.papers.people import Person
from documents.papers.shape import PaperKind, Text
from parcours.models import Worker
from skills.models import Assessment


@dataclass(frozen=True)
class Skill:
    """The last level seen by the structure, and by the person herself; null when that side has not looked."""

    label: str
    seen: str | None
    seen_on: date | None
    own: str | None
    words: str


@dataclass(frozen=True)
class Training:
    title: str
    provider: str
    started_on: date
    ended_on: date | None
    hours: Decimal | None
    result: str


@dataclass(frozen=True)
class Certificate:
    title: str
    certifier: str
    obtained_on: date


@dataclass(frozen=True)
class Job:
    kind: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class SkillsPortfolio:
    person: Person
    strengths: tuple[str, ...]
    skills: tuple[Skill, ...]
    trainings: tuple[Training, ...]
    certificates: tuple[Certificate, ...]
    jobs: tuple[Job, ...]


def facts(worker: Worker, today: date) -> SkillsPortfolio:
    looks = worker.assessments.select_related("skill").order_by("skill__label", "skill_id", "assessed_on", "pk")
    seen: dict[int, dict[str, Assessment]] = {}
    for look in looks:
        side = "own" if look.assessed_by == Assessment.By.WORKER else "seen"
        seen.setdefault(look.skill_id, {})[side] = look  # the last one stays
    return SkillsPortfolio(
        person=Person.of(worker),
        strengths=tuple(worker.strengths.order_by("stated_on", "pk").values_list("words", flat=True)),
        skills=tuple(
            Skill(
                label=str(next(iter(sides.values())).skill),
                seen=sides["seen"].get_level_display() if "seen" in sides else None,
                seen_on=sides["seen"].assessed_on if "seen" in sides else None,
                own=sides["own"].get_level_display() if "own" in sides else None,
                words=sides["own"].words if "own" in sides else "",
            )
            for sides in seen.values()
        ),
        trainings=tuple(
            Training(t.title, t.provider, t.started_on, t.ended_on, t.hours, t.get_result_display())
            for t in worker.trainings.annotate(hours=Sum("sessions__attended_hours")).order_by("started_on", "pk")
        ),
        certificates=tuple(
            Certificate(c.title, c.certifier, c.obtained_on) for c in worker.certificates.order_by("obtained_on", "pk")
        ),
        jobs=tuple(
            Job(c.get_kind_display(), c.started_on, c.ended_on or c.planned_end_on)
            for c in worker.contracts.order_by("started_on", "pk")
        ),
    )


KIND = PaperKind(
    code="skills_portfolio",
    label="Portefeuille de compétences",
    about=Worker,
    facts=facts,
    seen_with=Permission.SEE_PEOPLE,
    issued_with=Permission.WRITE_FOLLOW_UP,
    related=("organisation__commune",),
    texts={
        "intro": Text(
            "Phrase d'introduction",
            "Ce portefeuille appartient à {salarie}. Il dit ce qui a été vu au travail à {structure}.",
        )
    },
    sections={"strengths": "Points d'appui", "trainings": "Formations", "jobs": "Emplois tenus"},
)
