"""How long contracts may last: minimum, maximum with renewals, ceilings and what lifts them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from law.dates import last_day, lasts_at_least
from law.facts import ContractFacts, PersonFacts
from law.findings import FIRST_RUNG, Finding, Severity, laddered, rung_on
from law.nomenclature import contract_kind, label
from law.parameters_at import Law, law_on

# What the articles set for the other kinds: (least months, least with a sentence adjustment, most months).
LIMITS: dict[str, tuple[str | None, str | None, str | None]] = {
    "CUI_CAE": ("pec.min_months", "pec.min_months.sentence_adjustment", "pec.max_months"),
    "APPRENTICESHIP": ("apprenticeship.min_months", None, "apprenticeship.max_months"),
    "PROFESSIONAL_TRAINING": ("professional_training.min_months", None, "professional_training.max_months.publics"),
    "TEMPORARY": (None, None, "etti.mission_max_months"),
    "FIXED_TERM": (None, None, "cdd.max_months"),
    "FIXED_TERM_USAGE": (None, None, "cdd.max_months"),
    "CDDUA": ("cddua.min_months", None, "cddua.max_months"),
    "PASSERELLE": (None, None, "passerelle.max_months"),
    "BUSINESS_CREATION": (None, None, "eiti.max_months"),
}
# Another text or a branch may set another maximum for these: it is said, not forbidden.
SOFT = {"FIXED_TERM", "FIXED_TERM_USAGE"}


def contract_end(contract: ContractFacts, others: Iterable[ContractFacts], today: date, law: Law) -> Finding | None:
    """CONTRACT_END. The term of a fixed-term contract of 31 days or more that nothing follows (L1243-5 CT).

    `others` are the person's other contracts in the structure. Shown until 30 days after the term; a decision told to
    the person ends it.
    """
    kind = contract_kind(contract.kind)
    end = contract.planned_end_on
    if kind is None or kind.open_ended or end is None or contract.ended_on or contract.decided:
        return None
    if contract.started_on > today or (end - contract.started_on).days + 1 < law.whole("contract_end.min_days"):
        return None
    if (today - end).days > law.whole("contract_end.overdue_days"):
        return None
    followed = any(
        other.started_on <= end + timedelta(days=1) and (other.last_day is None or other.last_day > end)
        for other in others
    )
    if followed:
        return None
    return laddered("CONTRACT_END", contract.started_on, end, today, {"kind": contract.kind})


def is_cddi(contract: ContractFacts) -> bool:
    kind = contract_kind(contract.kind)
    return kind is not None and kind.cddi


def cddi_minimum(contract: ContractFacts, law: Law, today: date | None = None) -> Finding | None:
    """CDDI_MIN. A first CDDI planned for less than 4 months from date to date (L5132-5 CT); sentence adjustment exempts.

    With `today`, one that is over says nothing any more.
    """
    end = contract.planned_end_on
    if not is_cddi(contract) or contract.renews or contract.sentence_adjustment or end is None or contract.ended_on:
        return None
    if today is not None and end < today:
        return None
    months = law.whole("cddi.min_months")
    if lasts_at_least(contract.started_on, end, months):
        return None
    facts = {
        "started_on": contract.started_on.isoformat(),
        "planned_end_on": end.isoformat(),
        "min_months": months,
        "earliest_end_on": last_day(contract.started_on, months).isoformat(),
    }
    return Finding("CDDI_MIN", Severity.WARNING, None, end, contract.started_on, facts)


def chain_of(contract: ContractFacts, others: Iterable[ContractFacts]) -> list[ContractFacts]:
    """The CDDI that lead to this one without a day between (rule H of the indicators), this one last."""
    before = [other for other in others if is_cddi(other) and other.started_on <= contract.started_on]
    return _unbroken([*sorted(before, key=lambda link: link.started_on), contract])


def _unbroken(links: Iterable[ContractFacts]) -> list[ContractFacts]:
    """The end of a series of contracts in which no day is missing between one and the next."""
    chain: list[ContractFacts] = []
    covered = 0  # ordinal of the last day that the chain covers
    for link in links:
        if chain and link.started_on.toordinal() > covered + 1:
            chain, covered = [], 0
        chain.append(link)
        covered = max(covered, (link.last_day or date.max).toordinal())
    return chain


def running_chain(contracts: Sequence[ContractFacts], today: date) -> list[ContractFacts]:
    """The chain of the CDDI that runs today and is not over; empty when there is none."""
    running = [c for c in contracts if is_cddi(c) and c.ended_on is None and c.runs_on(today)]
    if not running:
        return []
    last = min(running, key=lambda c: c.started_on)
    return chain_of(last, [c for c in contracts if c is not last])


@dataclass(frozen=True)
class Ceiling:
    """The last day a chain of CDDI may reach: `months` from its first day, or the end of the derogation `lifted_by`.

    `ends_on` None: a derogation carries it further and its end is unknown.
    """

    started_on: date
    months: int
    ends_on: date | None
    lifted_by: str = ""


def ceiling_of(chain: Sequence[ContractFacts], person: PersonFacts, law: Law) -> Ceiling:
    """How far a chain of CDDI may go: 24 months, or further by the widest derogation the person has.

    - contracts signed or renewed during the health crisis: 36 months (loi 2020-734);
    - a training under way at the end of these months: to its last day;
    - 50 and over, or RQTH, with difficulties: the article gives no figure, the PASS IAE's 84 or 60 months are read for it;
    - particularly important difficulties, in an AI or ACI: to the end of the decision, 60 months at most.
    """
    first = chain[0].started_on
    crisis = "cddi.max_months.crise_sanitaire"
    formed = [law_on(link.formed_on) for link in chain]
    months = max([law.whole("cddi.max_months"), *(then.whole(crisis) for then in formed if then.knows(crisis))])
    base = Ceiling(first, months, last_day(first, months))
    reached = [base]
    for derogation in person.granted("training"):
        if derogation.started_on <= last_day(first, months):
            reached.append(Ceiling(first, months, derogation.ended_on, "training"))
    for kind in ("senior_rqth", "difficulties"):
        if kind == "difficulties" and person.structure.kind not in {"AI", "ACI"}:
            continue
        for derogation in person.granted(kind):
            age = person.age_on(derogation.started_on)
            senior = kind == "senior_rqth" and age is not None and age >= law.whole("senior.age")
            key = {"difficulties": "cddi.max_months.difficultes"}.get(kind, "cddi.max_months.rqth")
            most = law.whole("cddi.max_months.senior" if senior else key)
            limit = last_day(first, most)
            reached.append(Ceiling(first, most, min(limit, derogation.ended_on or limit), kind))
    return max(reached, key=lambda ceiling: ceiling.ends_on or date.max)


def _ceiling_facts(ceiling: Ceiling, planned_end_on: date | None) -> dict[str, Any]:
    return {
        "chain_started_on": ceiling.started_on.isoformat(),
        "max_months": ceiling.months,
        "planned_end_on": planned_end_on.isoformat() if planned_end_on else None,
    }


def cddi_ceiling(person: PersonFacts, today: date, law: Law) -> tuple[ContractFacts, Finding] | None:
    """CDDI_MAX. A chain of CDDI in a structure lasts 24 months at most from its first day (L5132-5 CT).

    Returns the running CDDI and the finding: overdue when its planned end goes beyond the ceiling, on the ladder
    otherwise.
    """
    chain = running_chain(person.contracts, today)
    if not chain:
        return None
    last = chain[-1]
    ceiling = ceiling_of(chain, person, law)
    if ceiling.ends_on is None:
        return None
    end = last.planned_end_on
    beyond = end is not None and end > ceiling.ends_on
    alert_on = ceiling.ends_on - timedelta(days=law.whole("cddi.ceiling_alert_days"))
    if not beyond and today < alert_on:
        return None
    facts = _ceiling_facts(ceiling, end)
    if beyond:
        return last, Finding("CDDI_MAX", Severity.OVERDUE, 0, ceiling.ends_on, last.started_on, facts)
    rung, severity = rung_on(ceiling.ends_on, today) or (FIRST_RUNG, Severity.INFO)
    return last, Finding("CDDI_MAX", severity, rung, ceiling.ends_on, max(last.started_on, alert_on), facts)


def before_saving(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """What the durations say of a contract to be signed: minimum, maximum, renewals, term."""
    if is_cddi(contract):
        yield from _cddi(contract, person, law)
    else:
        yield from _other_kinds(contract, person, law)
    yield from _renewals(contract, person, law)
    yield from _term(contract)


def _cddi(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    chain = chain_of(contract, person.contracts)
    if len(chain) == 1 and (short := cddi_minimum(contract, law)):
        yield replace(short, severity=Severity.URGENT, forbids=law.confirmed("cddi.min_months"))
    ceiling = ceiling_of(chain, person, law)
    end = contract.last_day
    if end is None or ceiling.ends_on is None:
        return
    facts = _ceiling_facts(ceiling, end)
    if end > ceiling.ends_on:
        forbids = law.confirmed("cddi.max_months")
        yield Finding("CDDI_MAX", Severity.URGENT, None, ceiling.ends_on, contract.started_on, facts, forbids)
    elif ceiling.lifted_by and end > last_day(ceiling.started_on, law.whole("cddi.max_months")):
        facts["derogation"] = label("derogation_kind", ceiling.lifted_by)
        yield Finding("CDDI_LIFTED", Severity.INFO, None, ceiling.ends_on, contract.started_on, facts)


def first_day(contract: ContractFacts, person: PersonFacts) -> date:
    """First day that counts for a maximum « renewals included »: that of the contract it continues, from one to the
    next; its own when it renews nothing."""
    if not contract.renews:
        return contract.started_on
    same = [c for c in person.contracts if c.kind == contract.kind and c.started_on <= contract.started_on]
    return _unbroken([*sorted(same, key=lambda c: c.started_on), contract])[0].started_on


def _other_kinds(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    end = contract.last_day
    least, adjusted, most = LIMITS.get(contract.kind, (None, None, None))
    if contract.kind == "PERMANENT_I":
        return
    if contract.sentence_adjustment and adjusted:
        least = adjusted
    if end is None:
        return
    if least and law.knows(least) and not contract.renews and contract.ended_on is None:
        months = law.whole(least)
        if not lasts_at_least(contract.started_on, end, months):
            facts = {
                "kind": contract.kind,
                "min_months": months,
                "planned_end_on": end.isoformat(),
                "earliest_end_on": last_day(contract.started_on, months).isoformat(),
            }
            yield Finding(
                "DURATION_MIN",
                Severity.URGENT,
                None,
                end,
                contract.started_on,
                facts,
                law.confirmed(least),
                (law.source(least),),
            )
    if most and law.knows(most):
        first = first_day(contract, person)
        months, hard, key = _most_months(contract, person, law, most)
        if end > last_day(first, months):
            facts = {"kind": contract.kind, "max_months": months, "planned_end_on": end.isoformat()}
            yield Finding(
                "DURATION_MAX",
                Severity.URGENT if hard else Severity.WARNING,
                None,
                last_day(first, months),
                contract.started_on,
                facts,
                hard,
                (law.source(key),),
            )


def _most_months(contract: ContractFacts, person: PersonFacts, law: Law, key: str) -> tuple[int, bool, str]:
    """(most months, whether going beyond is forbidden, parameter) for a kind that is not a CDDI."""
    hard = law.confirmed(key) and contract.kind not in SOFT
    if contract.kind == "CUI_CAE":
        age = person.age_on(contract.started_on)
        lifted = person.granted("training", "senior_rqth")
        older = (age is not None and age >= law.whole("senior.age")) or person.disabled_worker is True
        if lifted or older:
            return law.whole("pec.max_months.senior_rqth"), False, "pec.max_months.senior_rqth"
        hard = hard and age is not None and person.disabled_worker is False
    return law.whole(key), hard, key


def _renewals(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    keys = {"FIXED_TERM": "cdd.max_renewals", "PROFESSIONAL_TRAINING": "professional_training.max_renewals"}
    key = keys.get(contract.kind)
    if key is None or not contract.renews or not law.knows(key):
        return
    same = [c for c in person.contracts if c.kind == contract.kind and c.started_on <= contract.started_on]
    renewals = len(_unbroken([*sorted(same, key=lambda c: c.started_on), contract])) - 1
    if renewals > law.whole(key):
        facts = {"kind": contract.kind, "renewals": renewals, "max_renewals": law.whole(key)}
        start = contract.started_on
        yield Finding("RENEWALS_MAX", Severity.WARNING, None, start, start, facts, cited=(law.source(key),))


def _term(contract: ContractFacts) -> Iterator[Finding]:
    kind = contract_kind(contract.kind)
    start, facts = contract.started_on, {"kind": contract.kind}
    if kind is None:
        return
    if kind.open_ended and contract.planned_end_on is not None:
        facts["planned_end_on"] = contract.planned_end_on.isoformat()
        yield Finding("TERM_ON_OPEN_ENDED", Severity.WARNING, None, start, start, facts)
    elif not kind.open_ended and contract.last_day is None and contract.kind != "OTHER":
        yield Finding("TERM_UNKNOWN", Severity.WARNING, None, start, start, facts)
