"""Where all the rules are asked: of a person on a day (the night), of a contract before it is saved (the verbs).

    found_on(person, today)       what the night looks for, as (finding, contract, PASS)
    of_draft(contract, person)    everything a contract to be signed breaks or should make one look at
    forbidden(contract, person)   of these, what the law forbids by an article: it cannot be saved

The night computes the same rules set-based (contracts.flags), and a test compares both row by row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from law import (
    cdi_inclusion,
    durations,
    formalities,
    immersions,
    pass_iae,
    pay,
    private_hours,
    special_forms,
    weekly_hours,
)
from law.facts import ContractFacts, PassFacts, PersonFacts
from law.findings import Finding
from law.parameters_at import NotInForce, law_on

BEFORE_SAVING = (
    durations.before_saving,
    weekly_hours.before_saving,
    formalities.before_saving,
    cdi_inclusion.before_saving,
    special_forms.before_saving,
    pass_iae.before_saving,
)

# Once a decision about one of these was told to the person, there is nothing left to ask.
ANSWERABLE = ("TRIAL_END", "CDI_I_OPEN", "PROLONGATION_OPEN", "PASS_SUSPENDED")


@dataclass(frozen=True)
class Found:
    """A finding of the night and what it is about; neither: the person."""

    finding: Finding
    contract: ContractFacts | None = None
    pass_iae: PassFacts | None = None


def found_on(person: PersonFacts, today: date, pathway_open: bool) -> list[Found]:
    """All that the night finds about a person on a day."""
    return [
        found
        for found in _found(person, today, pathway_open)
        if found.finding.code not in ANSWERABLE or (found.finding.code, found.finding.due_on) not in person.answered
    ]


def _found(person: PersonFacts, today: date, pathway_open: bool) -> Iterator[Found]:
    law = law_on(today)
    needs_pass = person.structure.kind in pass_iae.NEEDS_PASS
    ends = {p: pass_iae.last_valid_day(p, law) for p in person.passes}
    valid = [p for p in person.passes if p.started_on <= today <= ends[p]]
    for contract in person.contracts:
        others = [other for other in person.contracts if other is not contract]
        findings = [
            durations.contract_end(contract, others, today, law),
            durations.cddi_minimum(contract, law, today),
            weekly_hours.cddi_weekly_minimum(contract, person, today, law),
            formalities.unsigned(contract, today, law),
            formalities.trial_end(contract, others, today, law),
            special_forms.mission_ceiling(contract, person, today, law),
        ]
        if needs_pass:
            findings += [pass_iae.pass_exceeded(contract, p.number, ends[p], today) for p in valid]
            findings.append(pass_iae.missing_pass(contract, bool(valid), today))
        yield from (Found(finding, contract) for finding in findings if finding)
    if ceiling := durations.cddi_ceiling(person, today, law):
        yield Found(ceiling[1], ceiling[0])
    if needs_pass and pathway_open and person.passes:
        latest = max(person.passes, key=lambda p: ends[p])
        if finding := pass_iae.pass_end(latest.number, latest.started_on, ends[latest], today):
            yield Found(finding, None, latest)
        if finding := pass_iae.prolongation_open(latest, person, today, law):
            yield Found(finding, None, latest)
    if needs_pass and pathway_open:
        for each in person.passes:
            if finding := pass_iae.long_suspension(each, today, law):
                yield Found(finding, None, each)
    if pathway_open and (finding := cdi_inclusion.within_reach(person, today, law)):
        yield Found(finding)
    if finding := formalities.medical_visit(person, today, law):
        yield Found(finding)
    for finding, immersion in immersions.found_on(person, today, law):
        yield Found(finding, immersion.contract)
    if person.structure.kind == "AI" and (finding := private_hours.ai_480_hours(person, today, law)):
        yield Found(finding)


def of_draft(contract: ContractFacts, person: PersonFacts) -> list[Finding]:
    """All the rules say of a contract that is about to be signed or changed, the gravest first.

    `person` holds what is known of her without this contract. The law is that of the day the contract is formed; pay is
    compared with the SMIC of its first day. Each finding cites the article of the kind of structure.
    """
    law = law_on(contract.formed_on)
    found = [finding for theme in BEFORE_SAVING for finding in _in_force(theme(contract, person, law))]
    found += _in_force(pay.before_saving(contract, person, law_on(contract.started_on)))
    told = [_cited(finding, person.structure.kind) for finding in found]
    return sorted(told, key=lambda finding: (not finding.forbids, -finding.severity, finding.due_on, finding.code))


def forbidden(contract: ContractFacts, person: PersonFacts) -> list[Finding]:
    """What the law forbids in this contract, each by an article; empty when it may be saved."""
    return [finding for finding in of_draft(contract, person) if finding.forbids]


def _in_force(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of rules that existed that day: an old contract is not judged by a law that came later."""
    try:
        yield from findings
    except NotInForce:
        return


def _cited(finding: Finding, structure: str) -> Finding:
    return finding if finding.cited else replace(finding, cited=finding.rule.articles_for(structure))
