"""An amendment: what changes, from which day, what stays; both sign."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.roles import Permission
from contracts.models import Amendment
from documents.papers.people import Person
from documents.papers.shape import PaperKind, Text


@dataclass(frozen=True)
class Term:
    """One changed term: `name` is end, hours or pay; the former value is null when the record does not hold it."""

    name: str
    former: Decimal | date | None
    new: Decimal | date


@dataclass(frozen=True)
class AmendmentPaper:
    person: Person
    kind: str
    reference: str
    contract_signed_on: date | None
    contract_started_on: date
    rank: int
    signed_on: date | None
    effective_on: date
    reason: str
    terms: tuple[Term, ...]


def facts(amendment: Amendment, today: date) -> AmendmentPaper:
    contract = amendment.contract
    named = (("end", "planned_end_on"), ("hours", "weekly_hours"), ("pay", "hourly_gross"))
    earlier = contract.amendments.filter(effective_on__lt=amendment.effective_on) | contract.amendments.filter(
        effective_on=amendment.effective_on, pk__lt=amendment.pk
    )
    return AmendmentPaper(
        person=Person.of(contract.worker),
        kind=contract.get_kind_display(),
        reference=contract.reference,
        contract_signed_on=contract.signed_on,
        contract_started_on=contract.started_on,
        rank=earlier.count() + 1,
        signed_on=amendment.signed_on,
        effective_on=amendment.effective_on,
        reason=amendment.reason,
        terms=tuple(
            Term(name, getattr(amendment, f"former_{column}"), value)
            for name, column in named
            if (value := getattr(amendment, column)) is not None
        ),
    )


KIND = PaperKind(
    code="amendment",
    label="Avenant",
    about=Amendment,
    facts=facts,
    seen_with=Permission.SEE_CONTRACTS,
    issued_with=Permission.DECIDE_CONTRACTS,
    related=("contract__worker__organisation__commune",),
    texts={
        "intro": Text("Phrase d'introduction", "Entre {structure} et {salarie}, il est convenu ce qui suit."),
        "unchanged": Text("Ce qui ne change pas", "Les autres clauses du contrat restent inchangées."),
        "copies": Text("Exemplaires", "Fait en deux exemplaires, un pour chaque partie.", most=300),
    },
)
