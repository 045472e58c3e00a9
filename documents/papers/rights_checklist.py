"""The rights of a person on one page, to tick together. It may speak of health: it is seen as sensitive facts are."""

from dataclasses import dataclass
from datetime import date

from accounts.roles import Permission
from documents.papers.people import Person
from documents.papers.shape import PaperKind, Text
from law.nomenclature import label
from parcours.models import Worker
from rights.catalogue import rights
from rights.models import RightStep

SETTLED = {"opened", "renewed", "not_concerned", "declined"}
MOST = 30


@dataclass(frozen=True)
class Step:
    right: str
    proof: str
    state: str
    done: bool
    due_on: date | None
    expires_on: date | None


@dataclass(frozen=True)
class RightsChecklist:
    """`left_out` counts the steps that do not fit on the page."""

    person: Person
    diagnosed_on: date | None
    steps: tuple[Step, ...]
    left_out: int


def facts(worker: Worker, today: date) -> RightsChecklist:
    pathway = worker.pathways.order_by("-started_on").first()
    rows = list(RightStep.objects.filter(pathway__worker=worker, closed_on=None).order_by("due_on", "right", "pk"))
    catalogue = rights()
    return RightsChecklist(
        person=Person.of(worker),
        diagnosed_on=pathway.rights_diagnosed_on if pathway else None,
        steps=tuple(
            Step(
                right=row.get_right_display(),
                proof=catalogue[row.right].proof if row.right in catalogue else "",
                state=label("right_state", row.state) if row.state else "",
                done=row.state in SETTLED,
                due_on=row.due_on,
                expires_on=row.expires_on,
            )
            for row in rows[:MOST]
        ),
        left_out=max(len(rows) - MOST, 0),
    )


KIND = PaperKind(
    code="rights_checklist",
    label="Mes droits, pas à pas",
    about=Worker,
    facts=facts,
    seen_with=Permission.SEE_SENSITIVE,
    issued_with=Permission.SEE_SENSITIVE,
    related=("organisation__commune",),
    texts={
        "intro": Text(
            "Phrase d'introduction",
            "Voici les droits que nous regardons ensemble, {salarie}. Cochez ce qui est fait ; demandez ce qui manque.",
        ),
        "contact": Text("À qui parler", "Votre conseiller vous aide pour chaque démarche.", most=300),
    },
)
