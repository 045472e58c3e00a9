"""The flags of every worker the slow way: one person at a time, with the pure functions of the law."""

from datetime import date

from accounts.models import Organisation
from contracts.facts import RELATED, facts_of
from contracts.models import Derogation, Flag
from law import review
from parcours.models import Worker

Key = tuple[str, int, int | None, int | None, date]
Row = tuple[Key, int, int | None, date, dict]


def flags_of(worker: Worker, day: date) -> list[Row]:
    structure_wide: dict[int, list[Derogation]] = {}
    for derogation in Derogation.objects.filter(organisation=worker.organisation_id, worker__isnull=True):
        structure_wide.setdefault(derogation.organisation_id, []).append(derogation)
    person = facts_of(worker, structure_wide, day)
    contracts, passes = list(worker.contracts.all()), list(worker.passes.all())
    open_pathway = any(p.ended_on is None and p.started_on <= day for p in worker.pathways.all())
    rows = []
    for found in review.found_on(person, day, open_pathway):
        contract = next((c.pk for c, f in zip(contracts, person.contracts, strict=True) if f is found.contract), None)
        pass_id = next((p.pk for p, f in zip(passes, person.passes, strict=True) if f is found.pass_iae), None)
        finding = found.finding
        key = (finding.code, worker.pk, contract, pass_id, finding.due_on)
        rows.append((key, int(finding.severity), finding.rung, finding.opened_on, finding.facts))
    return rows


def expected(day: date, organisation: Organisation | None = None) -> list[Row]:
    workers = Worker.objects.prefetch_related(*RELATED)
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
