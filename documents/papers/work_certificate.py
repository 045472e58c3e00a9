"""The certificate of work (L1234-19, D1234-6 CT) with the mention of the cover kept for free (L911-8 6° CSS).

It says the dates and the jobs, and nothing of why the contract ended.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.roles import Permission
from contracts.models import Contract
from documents.papers.people import Person, unbroken
from documents.papers.shape import PaperKind, Text
from law import law_on
from law.dates import last_day
from law.portability import portability_months


@dataclass(frozen=True)
class Period:
    kind: str
    job: str
    started_on: date
    ended_on: date


@dataclass(frozen=True)
class WorkCertificate:
    """`cover_months` counts from the day after the last one; `cover_until` is the last day covered, conditions met."""

    person: Person
    entered_on: date
    left_on: date
    periods: tuple[Period, ...]
    cover_months: int
    cover_from: date
    cover_until: date


def facts(contract: Contract, today: date) -> WorkCertificate:
    if contract.ended_on is None:
        raise ValidationError(
            _("Le certificat de travail se remet à la fin du contrat : enregistrez d'abord sa fin effective."),
            code="running",
        )
    chain = unbroken(list(contract.worker.contracts.all()), contract)
    spans = [(c.started_on, c.ended_on or c.planned_end_on or contract.ended_on) for c in chain]
    months = portability_months(spans, law_on(contract.ended_on))
    after = contract.ended_on + timedelta(days=1)
    return WorkCertificate(
        person=Person.of(contract.worker),
        entered_on=chain[0].started_on,
        left_on=contract.ended_on,
        periods=tuple(
            Period(c.get_kind_display(), c.rome_code, start, end) for c, (start, end) in zip(chain, spans, strict=True)
        ),
        cover_months=months,
        cover_from=after,
        cover_until=last_day(after, months),
    )


KIND = PaperKind(
    code="work_certificate",
    label="Certificat de travail",
    about=Contract,
    facts=facts,
    seen_with=Permission.SEE_CONTRACTS,
    issued_with=Permission.DECIDE_CONTRACTS,
    related=("worker__organisation__commune",),
    texts={
        "free": Text("Formule de liberté", "{salarie} nous quitte libre de tout engagement.", most=300),
        "conditions": Text(
            "Conditions du maintien des garanties",
            "la fin du contrat n'est pas due à une faute lourde ;\n"
            "elle ouvre droit à l'assurance chômage, dont la personne justifie auprès de l'organisme assureur ;\n"
            "la personne était couverte par le contrat collectif avant la fin de son contrat de travail.",
        ),
        "ceases": Text(
            "Fin du maintien",
            "Le maintien est gratuit. Il cesse avec la reprise d'un emploi ou la fin de l'indemnisation du chômage : "
            "la personne en informe l'organisme assureur.",
        ),
    },
)
