"""« Mon parcours en une page »: for the worker, where she stands and what comes next, in her own words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.roles import Permission
from documents.papers.people import Person
from documents.papers.shape import PaperKind, Text
from parcours.models import Worker
from parcours.models.sensitive import SENSITIVE_THEMES

MOST = 8  # of each list: it is one page


@dataclass(frozen=True)
class NextStep:
    what: str
    due_on: date | None


@dataclass(frozen=True)
class MyPathway:
    """Health and justice are left out: the page may lie on a table. Hours are those paid, null when unknown."""

    person: Person
    counsellor: str
    entered_on: date | None
    phase: str
    contract: str
    contract_started_on: date | None
    contract_ends_on: date | None
    pass_ends_on: date | None
    paid_hours: Decimal | None
    strengths: tuple[str, ...]
    objectives: tuple[str, ...]
    steps: tuple[NextStep, ...]


def facts(worker: Worker, today: date) -> MyPathway:
    pathway = worker.pathways.order_by("-started_on").first()
    contract = worker.contracts.filter(started_on__lte=today).order_by("-started_on", "-pk").first()
    current = worker.passes.order_by("-ended_on").first()
    objectives: Any = pathway.objectives.filter(state="open").exclude(theme__in=SENSITIVE_THEMES) if pathway else []
    steps: Any = pathway.plan_actions.filter(state="to_do").exclude(theme__in=SENSITIVE_THEMES) if pathway else []
    return MyPathway(
        person=Person.of(worker),
        counsellor=str(worker.counsellor or ""),
        entered_on=pathway.started_on if pathway else None,
        phase=pathway.get_phase_display() if pathway else "",
        contract=contract.get_kind_display() if contract else "",
        contract_started_on=contract.started_on if contract else None,
        contract_ends_on=(contract.ended_on or contract.planned_end_on) if contract else None,
        pass_ends_on=current.ended_on if current else None,
        paid_hours=worker.contracts.aggregate(hours=Sum("worked_months__paid_hours"))["hours"],
        strengths=tuple(worker.strengths.values_list("words", flat=True)[:MOST]),
        objectives=tuple(objective.words for objective in objectives[:MOST]),
        steps=tuple(NextStep(step.what, step.due_on) for step in steps[:MOST]),
    )


KIND = PaperKind(
    code="my_pathway",
    label="Mon parcours en une page",
    about=Worker,
    facts=facts,
    seen_with=Permission.SEE_PEOPLE,
    issued_with=Permission.WRITE_FOLLOW_UP,
    related=("organisation__commune", "counsellor"),
    texts={
        "intro": Text("Phrase d'introduction", "Bonjour {salarie}, voici où vous en êtes et ce qui vient."),
        "contact": Text("À qui parler", "Une question ? Parlez-en à votre conseiller ou à l'accueil.", most=300),
    },
    sections={"hours": "Heures travaillées", "strengths": "Points d'appui"},
)
