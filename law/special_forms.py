"""Forms of their own: missions of an ETTI, usage contracts of an AI, experiments (L5132-6, D1242-1 CT)."""

from collections.abc import Iterator
from datetime import date, timedelta

from law.dates import add_months, last_day
from law.durations import first_day
from law.facts import ContractFacts, PersonFacts
from law.findings import FIRST_RUNG, Finding, Severity, rung_on
from law.parameters_at import Law

EXPERIMENTS = {
    "CDDUA": "cddua.max_months",
    "PASSERELLE": "passerelle.max_months",
    "BUSINESS_CREATION": "eiti.max_months",
}


def before_saving(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """What is particular to missions and to experiments."""
    start = contract.started_on
    if contract.kind in EXPERIMENTS and not law.knows(EXPERIMENTS[contract.kind]):
        yield Finding("EXPERIMENT_OVER", Severity.WARNING, None, start, start, {"kind": contract.kind})
    if contract.kind == "PASSERELLE":
        yield from _gateway(contract, person, law)
    if contract.kind == "TEMPORARY" and not law["etti.no_carence"]:
        yield from _interval(contract, person)


def _gateway(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """PATHWAY_TOO_SHORT. A contrat passerelle asks for four months of pathway."""
    key = "passerelle.min_months_in_pathway"
    if person.pathway_started_on is None:
        return
    months, start = law.whole(key), contract.started_on
    earliest = add_months(person.pathway_started_on, months)
    if start < earliest:
        facts = {"kind": contract.kind, "min_months": months, "earliest_on": earliest.isoformat()}
        yield Finding("PATHWAY_TOO_SHORT", Severity.WARNING, None, earliest, start, facts, cited=(law.source(key),))


def _interval(contract: ContractFacts, person: PersonFacts) -> Iterator[Finding]:
    """MISSION_INTERVAL. Before 20/12/2023 a waiting time ran between two missions on one post (L1251-36 CT)."""
    eve = contract.started_on - timedelta(days=1)
    before = [c for c in person.contracts if c.kind == "TEMPORARY" and c.last_day is not None and c.last_day == eve]
    if before and not contract.renews:
        facts = {"ended_on": eve.isoformat()}
        yield Finding("MISSION_INTERVAL", Severity.INFO, None, contract.started_on, contract.started_on, facts)


def mission_ceiling(contract: ContractFacts, person: PersonFacts, today: date, law: Law) -> Finding | None:
    """MISSION_MAX. A mission lasts 24 months at most, renewals included (L5132-6 CT); one mission of a CDI inclusion of an
    ETTI lasts 36 months at most (L5132-6-1 CT): of those that run, the first one begun."""
    if contract.ended_on or not contract.runs_on(today):
        return None
    if contract.kind == "TEMPORARY":
        first, end, months = first_day(contract, person), contract.planned_end_on, law.whole("etti.mission_max_months")
    elif contract.kind == "PERMANENT_I" and person.structure.kind == "ETTI":
        running = [mission for mission in contract.missions if mission.holds(today)]
        if not running:
            return None
        mission = min(running, key=lambda m: (m.started_on, m.ended_on or date.max))
        first, end, months = mission.started_on, mission.ended_on, law.whole("cdi_i.mission_max_months")
    else:
        return None
    ceiling = last_day(first, months)
    facts = {
        "chain_started_on": first.isoformat(),
        "max_months": months,
        "planned_end_on": end.isoformat() if end else None,
    }
    if end is not None and end > ceiling:
        return Finding("MISSION_MAX", Severity.OVERDUE, 0, ceiling, contract.started_on, facts)
    if reached := rung_on(ceiling, today):
        opened_on = max(contract.started_on, ceiling - timedelta(days=FIRST_RUNG))
        return Finding("MISSION_MAX", reached[1], reached[0], ceiling, opened_on, facts)
    return None
