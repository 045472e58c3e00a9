"""CDI inclusion: from 57, after twelve months of pathway, within a share of the posts (L5132-5-1, D5132-10-5 CT)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from law.dates import add_months
from law.facts import ContractFacts, PersonFacts
from law.findings import Finding, Severity
from law.nomenclature import contract_kind, signed_by
from law.parameters_at import Law

KIND = "PERMANENT_I"


def before_saving(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """Age, pathway and quota of a CDI inclusion. What is unknown is asked, never forbidden."""
    if contract.kind != KIND:
        return
    start = contract.started_on
    if not law.knows("cdi_i.min_pathway_months"):
        yield Finding(
            "CDI_I_UNKNOWN", Severity.WARNING, None, start, start, {"missing": "le CDI inclusion n'existe pas"}
        )
        return
    age, least = person.age_on(start), law.whole("cdi_i.min_age")
    if age is None:
        missing = "la date de naissance"
        yield Finding("CDI_I_UNKNOWN", Severity.WARNING, None, start, start, {"missing": missing})
    elif age < least:
        facts = {"age": age, "min_age": least}
        forbids = law.confirmed("cdi_i.min_age")
        yield Finding("CDI_I_AGE", Severity.URGENT, None, start, start, facts, forbids)
    entered, months = person.pathway_started_on, law.whole("cdi_i.min_pathway_months")
    if entered is None:
        missing = "l'entrée dans le parcours"
        yield Finding("CDI_I_UNKNOWN", Severity.WARNING, None, start, start, {"missing": missing})
    elif start < add_months(entered, months):
        earliest = add_months(entered, months)
        pathway = {"entered_on": entered.isoformat(), "min_months": months, "earliest_on": earliest.isoformat()}
        forbids = law.confirmed("cdi_i.min_pathway_months")
        yield Finding("CDI_I_PATHWAY", Severity.URGENT, None, earliest, start, pathway, forbids)
    yield from _quota(contract, person, law)


def within_reach(person: PersonFacts, today: date, law: Law) -> Finding | None:
    """CDI_I_OPEN. A person who works in insertion under a contract with a term is of the age and has the pathway.

    The age is counted from date to date (born a 29 February: the 28th). The share of the posts is asked when it is signed.
    """
    entered, kinds = (
        person.pathway_started_on,
        [kind for c in person.contracts if c.ended_on is None and c.runs_on(today) and (kind := contract_kind(c.kind))],
    )
    if person.birth_date is None or entered is None or not any(k.insertion and not k.open_ended for k in kinds):
        return None
    if any(kind.insertion and kind.open_ended for kind in kinds) or person.structure.kind not in signed_by(KIND):
        return None
    of_age = add_months(person.birth_date, 12 * law.whole("cdi_i.min_age"))
    ready = add_months(entered, law.whole("cdi_i.min_pathway_months"))
    since = max(of_age, ready)
    if since > today:
        return None
    facts = {"entered_on": entered.isoformat(), "of_age_on": of_age.isoformat(), "min_age": law.whole("cdi_i.min_age")}
    return Finding("CDI_I_OPEN", Severity.INFO, None, since, since, facts)


def _quota(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """CDI_I_QUOTA. At most 20 % of the conventioned full-time posts, 30 % by the prefect, this contract counted."""
    posts, held = person.structure.insertion_posts, person.structure.cdi_inclusion_posts
    if posts is None or held is None or posts <= 0:
        return
    hours = contract.weekly_hours or law.amount("week.legal_hours")
    after = held + min(Decimal(1), hours / law.amount("week.legal_hours"))
    key = "cdi_i.quota_prefect" if person.structure.quota_by_prefect else "cdi_i.quota"
    most = law.amount(key) * posts
    if after > most:
        start = contract.started_on
        facts = {
            "posts": float(round(after, 2)),
            "max_posts": float(round(most, 2)),
            "share_percent": float(law.amount(key) * 100),
        }
        yield Finding("CDI_I_QUOTA", Severity.URGENT, None, start, start, facts, law.confirmed(key))
