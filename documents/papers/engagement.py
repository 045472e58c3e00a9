"""The mutual engagement contract (« contrat d'engagement réciproque »): what each side commits to, and both signatures."""

from dataclasses import dataclass
from datetime import date

from accounts.roles import Permission
from documents.papers.people import Person
from documents.papers.shape import PaperKind, Text
from parcours.models import EngagementContract


@dataclass(frozen=True)
class Engagement:
    """Dates of signature are null until that side has signed; lines of the commitments are separate points."""

    person: Person
    version: int
    entered_on: date
    proposed_on: date
    worker_commits: str
    structure_commits: str
    signed_worker_on: date | None
    signed_structure_on: date | None


def facts(contract: EngagementContract, today: date) -> Engagement:
    return Engagement(
        person=Person.of(contract.pathway.worker),
        version=contract.version,
        entered_on=contract.pathway.started_on,
        proposed_on=contract.proposed_on,
        worker_commits=contract.worker_commits,
        structure_commits=contract.structure_commits,
        signed_worker_on=contract.signed_worker_on,
        signed_structure_on=contract.signed_structure_on,
    )


KIND = PaperKind(
    code="engagement",
    label="Contrat d'engagement réciproque",
    about=EngagementContract,
    facts=facts,
    seen_with=Permission.SEE_PEOPLE,
    issued_with=Permission.WRITE_FOLLOW_UP,
    related=("pathway__worker__organisation__commune",),
    texts={
        "intro": Text(
            "Phrase d'introduction",
            "{salarie} et {structure} construisent ensemble ce parcours. Chacun dit ici ce à quoi il s'engage.",
        ),
        "review": Text(
            "Révision",
            "Ce contrat se relit à chaque bilan ; il se signe de nouveau quand les objectifs changent.",
            most=400,
        ),
    },
)
