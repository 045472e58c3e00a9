"""The flags of every worker the slow way: one person at a time, with the pure functions of the law."""

from datetime import date

from accounts.models import Organisation
from contracts.models import Contract, Decision, Flag
from law import law_on
from law.findings import (
    AssignedMonth,
    ContractFacts,
    Finding,
    ai_480_hours,
    cddi_ceiling,
    cddi_minimum,
    contract_end,
    missing_pass,
    pass_end,
    pass_exceeded,
    unsigned,
    weekly_hours,
)
from law.nomenclature import codes, contract_kind
from parcours.models import Worker

Key = tuple[str, int, int | None, int | None, date]
Row = tuple[Key, int, int | None, date, dict]


def facts_of(contract: Contract, day: date, follows_cddi: bool) -> ContractFacts:
    return ContractFacts(
        kind=contract.kind,
        started_on=contract.started_on,
        planned_end_on=contract.planned_end_on,
        ended_on=contract.ended_on,
        signed_on=contract.signed_on,
        weekly_hours=contract.weekly_hours,
        sentence_adjustment=contract.sentence_adjustment,
        renews=contract.renews_id is not None or follows_cddi,
        decided=any(
            d.kind == Decision.Kind.END and d.notified_on and d.notified_on <= day for d in contract.decisions.all()
        ),
    )


def follows_a_cddi(contract: Contract, contracts: list[Contract]) -> bool:
    """Whether another CDDI of the person was running on the eve or later when this one started."""
    return any(
        other.pk != contract.pk
        and (kind := contract_kind(other.kind))
        and kind.cddi
        and (other.started_on, other.pk) < (contract.started_on, contract.pk)
        and (last is None or (contract.started_on - last).days <= 1)
        for other in contracts
        for last in [other.ended_on or other.planned_end_on]
    )


def row(finding: Finding, worker: Worker, contract: Contract | None = None, pass_id: int | None = None) -> Row:
    key = (finding.code, worker.pk, contract.pk if contract else None, pass_id, finding.due_on)
    return key, int(finding.severity), finding.rung, finding.opened_on, finding.facts


def flags_of(worker: Worker, day: date) -> list[Row]:
    law = law_on(day)
    found: list[Row] = []
    contracts = list(worker.contracts.all())
    facts = {c.pk: facts_of(c, day, follows_a_cddi(c, contracts)) for c in contracts}
    passes = list(worker.passes.all())
    valid = [p for p in passes if p.started_on <= day <= p.ended_on]
    needs_pass = worker.organisation.kind in codes("structure_kind", **{"pass": True})
    for contract in contracts:
        mine = facts[contract.pk]
        others = [facts[o.pk] for o in contracts if o.pk != contract.pk]
        findings = [
            contract_end(mine, others, day, law),
            cddi_minimum(mine, day, law),
            weekly_hours(mine, day, law),
            unsigned(mine, day, law),
        ]
        if needs_pass:
            findings += [pass_exceeded(mine, p.number, p.ended_on, day) for p in valid]
            findings.append(missing_pass(mine, bool(valid), day))
        found += [row(finding, worker, contract) for finding in findings if finding]
    ceiling = cddi_ceiling(list(facts.values()), day, law)
    if ceiling:
        concerned = next(c for c in contracts if facts[c.pk] is ceiling[0])
        found.append(row(ceiling[1], worker, concerned))
    open_pathway = any(p.ended_on is None and p.started_on <= day for p in worker.pathways.all())
    if needs_pass and open_pathway and passes:
        latest = max(passes, key=lambda p: p.ended_on)
        finding = pass_end(latest.number, latest.started_on, latest.ended_on, day)
        found += [row(finding, worker, None, latest.pk)] if finding else []
    if worker.organisation.kind == "AI":
        months = [
            AssignedMonth(m.month, m.assignment.client_kind, m.paid_hours)
            for c in contracts
            for m in c.worked_months.all()
            if m.assignment
        ]
        finding = ai_480_hours(months, day, law)
        found += [row(finding, worker)] if finding else []
    return found


def expected(day: date, organisation: Organisation | None = None) -> list[Row]:
    workers = Worker.objects.select_related("organisation").prefetch_related(
        "contracts__decisions", "contracts__worked_months__assignment", "passes", "pathways"
    )
    if organisation:
        workers = workers.filter(organisation=organisation)
    return sorted((r for w in workers for r in flags_of(w, day)), key=repr)


def actual(organisation: Organisation | None = None) -> list[Row]:
    flags = Flag.objects.open()
    if organisation:
        flags = flags.filter(organisation=organisation)
    return sorted(
        (
            ((f.code, f.worker_id, f.contract_id, f.pass_iae_id, f.due_on), f.severity, f.rung, f.opened_on, f.facts)
            for f in flags
        ),
        key=repr,
    )
