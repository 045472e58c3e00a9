"""The contract on one page, in words its holder can use: terms, dates, pay, what changed, what it opens."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from accounts.roles import Permission
from contracts.models import Contract
from documents.papers.people import Person, unbroken
from documents.papers.shape import PaperKind, Text
from parcours.models import PassIAE

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Change:
    effective_on: date
    signed_on: date | None
    terms: tuple[tuple[str, str | Decimal | date], ...]
    reason: str


@dataclass(frozen=True)
class Placement:
    client: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class ContractSummary:
    """Hours in hours, pay in euros gross; null is unknown. Monthly figures are the weekly ones times 52/12."""

    person: Person
    kind: str
    reference: str
    signed_on: date | None
    started_on: date
    planned_end_on: date | None
    ended_on: date | None
    open_ended: bool
    weekly_hours: Decimal | None
    monthly_hours: Decimal | None
    hourly_gross: Decimal | None
    monthly_gross: Decimal | None
    rank: int
    chain_started_on: date
    pass_number: str
    pass_ended_on: date | None
    changes: tuple[Change, ...]
    placements: tuple[Placement, ...]


def terms(
    planned_end_on: date | None, weekly_hours: Decimal | None, hourly_gross: Decimal | None
) -> tuple[tuple[str, str | Decimal | date], ...]:
    """The terms that are named, each with what it is."""
    named = (("end", planned_end_on), ("hours", weekly_hours), ("pay", hourly_gross))
    return tuple((name, value) for name, value in named if value is not None)


def facts(contract: Contract, today: date) -> ContractSummary:
    worker = contract.worker
    chain = unbroken(list(worker.contracts.all()), contract)
    valid: PassIAE | None = worker.passes.filter(started_on__lte=contract.started_on).first()
    monthly = contract.weekly_hours and (contract.weekly_hours * 52 / 12).quantize(CENT, ROUND_HALF_UP)
    pay = monthly and contract.hourly_gross and (monthly * contract.hourly_gross).quantize(CENT, ROUND_HALF_UP)
    return ContractSummary(
        person=Person.of(worker),
        kind=contract.get_kind_display(),
        reference=contract.reference,
        signed_on=contract.signed_on,
        started_on=contract.started_on,
        planned_end_on=contract.planned_end_on,
        ended_on=contract.ended_on,
        open_ended=contract.planned_end_on is None,
        weekly_hours=contract.weekly_hours,
        monthly_hours=monthly,
        hourly_gross=contract.hourly_gross,
        monthly_gross=pay,
        rank=len(chain),
        chain_started_on=chain[0].started_on,
        pass_number=str(valid) if valid else "",
        pass_ended_on=valid.ended_on if valid else None,
        changes=tuple(
            Change(a.effective_on, a.signed_on, terms(a.planned_end_on, a.weekly_hours, a.hourly_gross), a.reason)
            for a in contract.amendments.all()
        ),
        placements=tuple(Placement(a.client_name, a.started_on, a.ended_on) for a in contract.assignments.all()[:30]),
    )


KIND = PaperKind(
    code="contract_summary",
    label="Résumé du contrat",
    about=Contract,
    facts=facts,
    seen_with=Permission.SEE_CONTRACTS,
    issued_with=Permission.DECIDE_CONTRACTS,
    related=("worker__organisation__commune",),
    texts={
        "intro": Text(
            "Phrase d'introduction",
            "Ce résumé aide à lire le contrat signé entre {structure} et {salarie}. Il ne le remplace pas.",
        ),
        "rights": Text(
            "Droits dès le premier jour",
            "Congés payés : 2,5 jours ouvrables par mois de travail, utilisables dès l'embauche.\n"
            "Même salaire qu'une personne en CDI de qualification équivalente au même poste.\n"
            "Complémentaire santé de l'entreprise, payée au moins à moitié par l'employeur.\n"
            "Visite d'information et de prévention dans les trois mois.\n"
            "Formation : compte personnel de formation alimenté chaque année.",
        ),
        "contact": Text("À qui parler", "Pour toute question, parlez-en à votre conseiller ou à l'accueil.", most=300),
    },
    sections={
        "pay": "Salaire",
        "placements": "Mises à disposition et missions",
        "rights": "Droits dès le premier jour",
        "signatures": "Signatures",
    },
)
