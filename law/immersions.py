"""Immersions (PMSMP): length, renewal, the same host within twelve months, the share of the contract (D5135-3, D5132-10-3 CT)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from law.dates import add_months, last_day
from law.facts import ImmersionFacts, PersonFacts
from law.findings import Finding, Severity
from law.nomenclature import contract_kind
from law.parameters_at import Law

YEAR = 12  # months within which the same host is counted


def findings(immersion: ImmersionFacts, others: Sequence[ImmersionFacts], law: Law) -> list[Finding]:
    """What is wrong with an immersion before it is recorded; an empty list when nothing is.

    `others` are the other immersions of the person, none called off. Longer than the 30 days of the State's teleservice is
    told; all the rest forbids.
    """
    return [
        *_length(immersion, law),
        *_renewal(immersion),
        *_same_host(immersion, others, law),
        *_share_of_contract(immersion, others, law),
    ]


def _found(immersion: ImmersionFacts, code: str, due_on: date, **told: object) -> Finding:
    return Finding(code, Severity.URGENT, None, due_on, immersion.started_on, told, forbids=True)


def _length(immersion: ImmersionFacts, law: Law) -> Iterator[Finding]:
    start = immersion.started_on
    longest = last_day(start, law.whole("pmsmp.max_months.law"))
    most = law.whole("pmsmp.max_days.platform")
    if immersion.ended_on > longest:
        yield _found(immersion, "PMSMP_TOO_LONG", longest)
    elif immersion.days > most:
        told = {"days": immersion.days, "max_days": most}
        yield Finding("PMSMP_TELESERVICE", Severity.WATCH, None, start + timedelta(days=most - 1), start, told)


def _renewal(immersion: ImmersionFacts) -> Iterator[Finding]:
    """Once, for the same object at the same host, for no longer (D5135-3 CT)."""
    former = immersion.renews
    if former is None:
        return
    if former.renews is not None:
        yield _found(immersion, "PMSMP_RENEWED_TWICE", former.ended_on)
    if (former.host, former.object) != (immersion.host, immersion.object):
        yield _found(immersion, "PMSMP_RENEWAL_CHANGED", former.ended_on)
    if immersion.days > former.days:
        longest = immersion.started_on + timedelta(days=former.days - 1)
        yield _found(immersion, "PMSMP_RENEWAL_LONGER", longest, max_days=former.days)


def _same_host(immersion: ImmersionFacts, others: Iterable[ImmersionFacts], law: Law) -> Iterator[Finding]:
    """Within twelve months in a row that hold the new one: two conventions, of different objects, and 60 days in all."""
    same = [other for other in others if other.host == immersion.host]
    if not same:
        return
    most_days = law.whole("pmsmp.max_days_same_host_12m")
    most = law.whole("pmsmp.max_conventions_same_host_12m")
    known = [*same, immersion]
    for first in sorted({one.started_on for one in known}):
        last = last_day(first, YEAR)
        held = [one for one in known if one.ended_on >= first and one.started_on <= last]
        if not any(one is immersion for one in held):
            continue
        total = sum((min(one.ended_on, last) - max(one.started_on, first)).days + 1 for one in held)
        fresh = [one for one in held if one.renews is None]
        if total > most_days:
            yield _found(immersion, "PMSMP_HOST_DAYS", last, days=total, max_days=most_days)
        elif len(fresh) > most:
            yield _found(immersion, "PMSMP_HOST_CONVENTIONS", last, conventions=most)
        elif immersion.renews is None and len({one.object for one in fresh}) < len(fresh):
            yield _found(immersion, "PMSMP_HOST_OBJECT", last)
        else:
            continue
        return


def _share_days(immersion: ImmersionFacts, law: Law) -> int | None:
    """Days of immersion that the contract allows in all: a quarter of a CDDI or a PEC; None for others and without term."""
    contract = immersion.contract
    kind = contract_kind(contract.kind) if contract else None
    if contract is None or kind is None or not (kind.cddi or kind.code == "CUI_CAE") or contract.span.days is None:
        return None
    return int(contract.span.days * law.amount("pmsmp.max_share_of_contract"))


def _share_of_contract(immersion: ImmersionFacts, others: Iterable[ImmersionFacts], law: Law) -> Iterator[Finding]:
    most = _share_days(immersion, law)
    spent = sum(other.days for other in others if other.contract is immersion.contract) + immersion.days
    if most is not None and spent > most:
        yield _found(immersion, "PMSMP_SHARE", immersion.ended_on, days=spent, max_days=most)


def latest_end(immersion: ImmersionFacts, others: Iterable[ImmersionFacts], law: Law) -> date:
    """Last day an immersion may reach: a month, what is left of the 60 days at its host, and of the quarter of its contract.

    `others`: those that started before it.
    """
    eve = immersion.started_on - timedelta(days=1)
    year = add_months(immersion.ended_on, -YEAR) + timedelta(days=1)
    spent = sum(
        max(0, (min(other.ended_on, eve) - max(other.started_on, year)).days + 1)
        for other in others
        if other.host == immersion.host
    )
    reached = [
        last_day(immersion.started_on, law.whole("pmsmp.max_months.law")),
        eve + timedelta(days=law.whole("pmsmp.max_days_same_host_12m") - spent),
    ]
    most = _share_days(immersion, law)
    if most is not None:
        used = sum(other.days for other in others if other.contract is immersion.contract)
        reached.append(eve + timedelta(days=most - used))
    return min(reached)


def found_on(person: PersonFacts, today: date, law: Law) -> Iterator[tuple[Finding, ImmersionFacts]]:
    """IMMERSION_END and IMMERSION_LIMIT, at most one of each for a contract and a due day: that of the first begun."""
    told = set()
    for number, immersion in enumerate(person.immersions):
        for finding in (_end(immersion, today, law), _limit(immersion, person.immersions[:number], today, law)):
            key = finding and (finding.code, id(immersion.contract), finding.due_on)
            if finding and key not in told:
                told.add(key)
                yield finding, immersion


def _end(immersion: ImmersionFacts, today: date, law: Law) -> Finding | None:
    """IMMERSION_END. An immersion ends within a week, or ended within a month and nobody said how it went."""
    alert_on = immersion.ended_on - timedelta(days=law.whole("pmsmp.end_alert_days"))
    last = immersion.ended_on + timedelta(days=law.whole("pmsmp.result_overdue_days"))
    if immersion.result_known or not alert_on <= today <= last:
        return None
    facts = {"host": immersion.host_name, "started_on": immersion.started_on.isoformat()}
    severity = Severity.WARNING if immersion.ended_on < today else Severity.WATCH
    opened_on = max(immersion.started_on, alert_on)
    return Finding("IMMERSION_END", severity, None, immersion.ended_on, opened_on, facts)


def _limit(immersion: ImmersionFacts, before: Sequence[ImmersionFacts], today: date, law: Law) -> Finding | None:
    """IMMERSION_LIMIT. An immersion that is not over goes beyond what the law allows (imported, or changed since)."""
    latest = latest_end(immersion, before, law)
    if immersion.ended_on < today or immersion.ended_on <= latest:
        return None
    facts = {"host": immersion.host_name, "ended_on": immersion.ended_on.isoformat()}
    severity = Severity.OVERDUE if latest < today else Severity.URGENT
    return Finding("IMMERSION_LIMIT", severity, None, latest, immersion.started_on, facts)
