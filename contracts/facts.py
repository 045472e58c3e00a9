"""What the law needs to know of a person, loaded once: the facts of `law.facts` from the rows.

`person_facts` serves the verbs (what may be signed), the simulation, and the slow twin of the night.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, prefetch_related_objects

from contracts.models import Contract, Decision, Derogation, Immersion
from law import review
from law.facts import (
    ContractFacts,
    ImmersionFacts,
    MonthFacts,
    PersonFacts,
    Span,
    StructureFacts,
)
from law.facts import Derogation as DerogationFacts
from law.nomenclature import contract_kind
from parcours.models import Worker
from parcours.passes import pass_facts

VISIT = "D20"  # the right (rights/catalogue.yaml) whose step holds the medical visit of a hire

RELATED: tuple[Any, ...] = (
    "organisation__commune",
    Prefetch("contracts", Contract.objects.order_by("started_on", "id")),
    "contracts__decisions",
    "contracts__suspensions",
    "contracts__worked_months__assignment",
    "contracts__assignments",
    "passes__suspensions",
    "passes__prolongations",
    "pathways__right_steps",
    "derogations",
    "decisions",
    Prefetch("immersions", Immersion.objects.order_by("started_on", "id")),
)


def person_facts(worker: Worker, today: date, without: Contract | None = None) -> PersonFacts:
    """A person's facts as known today, in a constant number of queries; `without` leaves a contract under study out."""
    prefetch_related_objects([worker], *RELATED)
    return facts_of(worker, _structure_wide([worker.organisation_id]), today, without)


def facts_of_people(ids: Iterable[int], today: date) -> dict[int, tuple[Worker, PersonFacts]]:
    """The facts of several people by id, each with her loaded rows, in as many queries as for one."""
    workers = list(Worker.objects.filter(pk__in=list(ids)).prefetch_related(*RELATED))
    structure_wide = _structure_wide({worker.organisation_id for worker in workers})
    return {worker.pk: (worker, facts_of(worker, structure_wide, today)) for worker in workers}


def facts_of(
    worker: Worker, structure_wide: dict[int, list[Derogation]], today: date, without: Contract | None = None
) -> PersonFacts:
    """The facts of a worker whose rows (RELATED) are loaded, with the derogations of her whole structure."""
    contracts = [contract for contract in worker.contracts.all() if without is None or contract.pk != without.pk]
    structure = worker.organisation
    known = {contract.pk: contract_facts(contract, contracts, today) for contract in contracts}
    steps = [step for pathway in worker.pathways.all() for step in pathway.right_steps.all() if step.right == VISIT]
    return PersonFacts(
        structure=StructureFacts(
            kind=structure.kind, departement=structure.commune.departement_id if structure.commune else ""
        ),
        birth_date=worker.birth_date,
        disabled_worker=worker.disabled_worker,
        pathway_started_on=max((pathway.started_on for pathway in worker.pathways.all()), default=None),
        contracts=tuple(known.values()),
        months=tuple(
            MonthFacts(
                month.month,
                month.assignment.client_kind if month.assignment else "",
                month.paid_hours,
                month.gross_pay,
            )
            for contract in contracts
            for month in contract.worked_months.all()
        ),
        passes=tuple(pass_facts(each) for each in worker.passes.all()),
        derogations=tuple(
            DerogationFacts(each.kind, each.started_on, each.ended_on)
            for each in [*worker.derogations.all(), *structure_wide.get(worker.organisation_id, [])]
        ),
        immersions=immersion_facts(worker.immersions.all(), known),
        visited=any(step.opened_on or step.closed_on for step in steps),
        answered=frozenset(
            (decision.rule, decision.due_on)
            for decision in worker.decisions.all()
            if decision.due_on and decision.notified_on and decision.notified_on <= today
        ),
    )


def immersion_facts(immersions: Iterable[Immersion], contracts: dict[int, ContractFacts]) -> tuple[ImmersionFacts, ...]:
    """Immersions that were not called off, in their order, with the contracts already loaded (by id)."""
    kept: dict[int | None, ImmersionFacts] = {}
    for each in immersions:
        if each.cancelled_on is None:
            kept[each.pk] = ImmersionFacts(
                started_on=each.started_on,
                ended_on=each.ended_on,
                host=each.host_siret or each.host_name.strip().lower(),
                object=each.object,
                host_name=each.host_name,
                result_known=bool(each.result),
                renews=kept.get(each.renews_id),
                contract=contracts.get(each.contract_id) if each.contract_id else None,
            )
    return tuple(kept.values())


def contract_facts(contract: Contract, others: Iterable[Contract], today: date) -> ContractFacts:
    """A contract as the rules need it. Saved or not: an unsaved one has no decision and no suspension yet."""
    kept = contract.pk is not None
    decisions = contract.decisions.all() if kept else []
    return ContractFacts(
        kind=contract.kind,
        started_on=contract.started_on,
        planned_end_on=contract.planned_end_on,
        ended_on=contract.ended_on,
        signed_on=contract.signed_on,
        weekly_hours=contract.weekly_hours,
        hourly_gross=contract.hourly_gross,
        sentence_adjustment=contract.sentence_adjustment,
        renews=contract.renews_id is not None or _follows_a_cddi(contract, others),
        decided=any(
            decision.kind == Decision.Kind.END and decision.notified_on and decision.notified_on <= today
            for decision in decisions
        ),
        suspensions=tuple(Span(s.started_on, s.ended_on) for s in contract.suspensions.all()) if kept else (),
        missions=tuple(
            Span(a.started_on, a.ended_on) for a in (contract.assignments.all() if kept else ()) if not a.cancelled_on
        ),
    )


def _follows_a_cddi(contract: Contract, others: Iterable[Contract]) -> bool:
    """Whether another CDDI of the person was running on the eve or later when this one started."""
    return any(
        other.pk != contract.pk
        and (kind := contract_kind(other.kind)) is not None
        and kind.cddi
        and (other.started_on, other.pk) < (contract.started_on, contract.pk or float("inf"))
        and (last is None or (contract.started_on - last).days <= 1)
        for other in others
        for last in [other.ended_on or other.planned_end_on]
    )


def _structure_wide(organisations: Iterable[int]) -> dict[int, list[Derogation]]:
    found: dict[int, list[Derogation]] = {}
    for derogation in Derogation.objects.filter(organisation__in=list(organisations), worker__isnull=True):
        found.setdefault(derogation.organisation_id, []).append(derogation)
    return found


def refuse_what_the_law_forbids(contract: Contract, today: date) -> None:
    """Raises ValidationError with why, the article and what may be done, when a contract may not be signed as it is."""
    person = person_facts(contract.worker, today, without=contract)
    found = review.forbidden(contract_facts(contract, contract.worker.contracts.all(), today), person)
    if found:
        raise ValidationError([f"{finding.why} ({', '.join(finding.articles)}) {finding.next}" for finding in found])
