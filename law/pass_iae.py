"""The PASS IAE: 24 months of the law or 730 days of the platform, suspensions that lose no day, prolongations with their
caps, the waiting period (R5132-1-2 to R5132-1-8 CT).

A PASS is what was decided about it (`PassFacts`); its end is always computed from these facts. The verbs below give the
next facts, so adding one decision to the facts and computing again is all there is to it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum

from law.dates import add_months, last_day
from law.facts import ContractFacts, PassFacts, PersonFacts, Prolongation, Span
from law.findings import LADDER, Finding, Severity, laddered
from law.nomenclature import contract_kind, label, nomenclatures
from law.parameters_at import Law

DAY = timedelta(days=1)
NEEDS_PASS = tuple(entry["code"] for entry in nomenclatures()["structure_kind"] if entry["pass"])


class State(StrEnum):
    NOT_STARTED = "not_started"
    VALID = "valid"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


def pass_last_day(started_on: date, law: Law) -> date:
    """Last valid day of a new PASS as the State platform counts it: 730 days, both ends included."""
    return started_on + timedelta(days=law.whole("pass.duration.platform") - 1)


def suspension_last_day(started_on: date, law: Law) -> date:
    """Last day a PASS may stay suspended on the platform; after 12 months the law allows ending the pathway."""
    return last_day(started_on, law.whole("suspension.max_months.platform"))


def closed(suspension: Span, law: Law) -> Span:
    """The suspension with its last day: the platform's longest when nobody ended it."""
    return Span(suspension.started_on, suspension.ended_on or suspension_last_day(suspension.started_on, law))


def last_valid_day(facts: PassFacts, law: Law) -> date:
    """Last valid day: 730 days, pushed by every day of suspension and of prolongation. No day is lost."""
    if facts.known_end_on is not None:
        return facts.known_end_on
    suspended = sum((closed(suspension, law).days or 0) for suspension in facts.suspensions)
    prolonged = sum(prolongation.days for prolongation in facts.prolongations)
    return pass_last_day(facts.started_on, law) + timedelta(days=suspended + prolonged)


def state_on(facts: PassFacts, day: date, law: Law) -> State:
    if day < facts.started_on:
        return State.NOT_STARTED
    if day > last_valid_day(facts, law):
        return State.EXPIRED
    suspended = any(closed(suspension, law).holds(day) for suspension in facts.suspensions)
    return State.SUSPENDED if suspended else State.VALID


def remaining_days(facts: PassFacts, day: date, law: Law) -> int:
    """Days on which the person may still work from `day` on, that day included, suspended days to come left out."""
    end = last_valid_day(facts, law)
    first = max(day, facts.started_on)
    ahead = [closed(suspension, law) for suspension in facts.suspensions]
    frozen = sum(max(0, (min(s.ended_on or end, end) - max(s.started_on, first)).days + 1) for s in ahead)
    return max(0, (end - first).days + 1 - frozen)


def suspended(facts: PassFacts, started_on: date, ended_on: date | None = None) -> PassFacts:
    """The PASS with one more suspension. A known end moves with it only once the State says so: it is forgotten."""
    spans = (*facts.suspensions, Span(started_on, ended_on))
    return replace(facts, suspensions=tuple(sorted(spans, key=lambda span: span.started_on)), known_end_on=None)


def hired(facts: PassFacts, hired_on: date, law: Law) -> PassFacts:
    """The PASS after a hire: a suspension that holds that day, or would start later, ends the day before it.

    One that would then hold no day is taken away.
    """
    kept = []
    for suspension in facts.suspensions:
        if closed(suspension, law).ended_on is not None and closed(suspension, law).holds(hired_on):
            suspension = Span(suspension.started_on, hired_on - DAY)
        if suspension.ended_on is None or suspension.ended_on >= suspension.started_on:
            kept.append(suspension)
    return facts if tuple(kept) == facts.suspensions else replace(facts, suspensions=tuple(kept), known_end_on=None)


def prolonged(facts: PassFacts, reason: str, days: int) -> PassFacts:
    """The PASS with one more prolongation."""
    return replace(facts, prolongations=(*facts.prolongations, Prolongation(reason, days)), known_end_on=None)


def waiting_until(facts: PassFacts, law: Law, ended_early_on: date | None = None) -> date:
    """Last day of the two years in which only a prescriber may give another PASS (R5132-1-4 CT).

    Counted from the end; from the start of the suspension when the pathway was ended after more than 12 months of it.
    """
    end = ended_early_on or last_valid_day(facts, law)
    for suspension in facts.suspensions:
        span = closed(suspension, law)
        if ended_early_on and span.holds(ended_early_on) and may_be_ended(suspension, ended_early_on, law):
            end = suspension.started_on
    return add_months(end, 12 * law.whole("pass.waiting_years"))


def may_be_ended(suspension: Span, day: date, law: Law) -> bool:
    """Whether the pathway may be ended: more than 12 months of suspension in a row (R5132-1-3 CT)."""
    return day >= add_months(suspension.started_on, law.whole("suspension.end_possible_months.law"))


def pass_end(number: str, started_on: date, ended_on: date, today: date) -> Finding | None:
    """PASS_END. The last days of the latest PASS IAE of a person whose pathway is open (R5132-1-2 CT)."""
    return laddered("PASS_END", started_on, ended_on, today, {"number": number})


def long_suspension(facts: PassFacts, today: date, law: Law) -> Finding | None:
    """PASS_SUSPENDED. Suspended for twelve months in a row: the pathway may be ended (R5132-1-3 CT)."""
    for suspension in facts.suspensions:
        if closed(suspension, law).holds(today) and may_be_ended(suspension, today, law):
            months = law.whole("suspension.end_possible_months.law")
            since = add_months(suspension.started_on, months)
            told = {"number": facts.number, "suspended_on": suspension.started_on.isoformat(), "months": months}
            return Finding("PASS_SUSPENDED", Severity.WATCH, None, since, since, told)
    return None


def prolongation_open(facts: PassFacts, person: PersonFacts, today: date, law: Law) -> Finding | None:
    """PROLONGATION_OPEN. A prolongation of the latest PASS may be asked, for a reason the file already shows.

    From twelve months before its end to six months after; not while it is suspended, nor while a request waits. Age is
    counted from date to date on the last day of the PASS.
    """
    end = last_valid_day(facts, law)
    opens = add_months(end, -law.whole("prolongation.opens_months_before_end"))
    closes = add_months(end, law.whole("prolongation.closes_months_after_end"))
    suspended_today = any(closed(suspension, law).holds(today) for suspension in facts.suspensions)
    if facts.pending or suspended_today or not opens <= today <= closes:
        return None
    born = person.birth_date
    shown = {
        "senior_cdi": any(
            c.kind == "PERMANENT_I" and c.runs_on(today) and c.ended_on is None for c in person.contracts
        ),
        "senior": born is not None and add_months(born, 12 * law.whole("senior.age")) <= end,
        "rqth": person.disabled_worker is True,
    }
    used = sum(p.days for p in facts.prolongations)
    for reason, holds in shown.items():
        cap = prolongation_cap(reason, law)
        if holds and (cap is None or used < cap):
            told = {"number": facts.number, "ended_on": end.isoformat(), "reason": label("prolongation_reason", reason)}
            severity = Severity.URGENT if end < today else Severity.INFO
            return Finding("PROLONGATION_OPEN", severity, None, closes, max(facts.started_on, opens), told)
    return None


def pass_exceeded(contract: ContractFacts, number: str, pass_end_on: date, today: date) -> Finding | None:
    """PASS_EXCEEDED. A running insertion contract planned beyond the valid PASS (R5132-1-9 CT); CDI inclusion exempt."""
    if contract.ended_on or not contract.runs_on(today) or not _needs_pass_to_its_end(contract):
        return None
    if contract.planned_end_on is None or contract.planned_end_on <= pass_end_on:
        return None
    facts = {"planned_end_on": contract.planned_end_on.isoformat(), "number": number}
    severity = Severity.URGENT if (pass_end_on - today).days <= LADDER[1][0] else Severity.WARNING
    return Finding("PASS_EXCEEDED", severity, None, pass_end_on, contract.started_on, facts)


def missing_pass(contract: ContractFacts, covered: bool, today: date) -> Finding | None:
    """MISSING_PASS. A running insertion contract on a day without valid PASS IAE (R5132-1-6 CT)."""
    kind = contract_kind(contract.kind)
    if kind is None or not kind.insertion or covered or not contract.runs_on(today):
        return None
    facts = {"started_on": contract.started_on.isoformat()}
    return Finding("MISSING_PASS", Severity.URGENT, None, contract.started_on, contract.started_on, facts)


def _needs_pass_to_its_end(contract: ContractFacts) -> bool:
    kind = contract_kind(contract.kind)
    return kind is not None and kind.insertion and not kind.open_ended


def before_saving(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """What the PASS says of a contract to be signed: none, waiting period, end before the contract's, suspended.

    Nothing here forbids: the PASS is given on the declaration of the hire, and a prescriber may override the wait.
    """
    kind = contract_kind(contract.kind)
    if kind is None or not kind.insertion or person.structure.kind not in NEEDS_PASS:
        return
    start = contract.started_on
    covering = [p for p in person.passes if p.started_on <= start <= last_valid_day(p, law)]
    if not covering:
        ended = [p for p in person.passes if last_valid_day(p, law) < start]
        waits = max((waiting_until(p, law) for p in ended), default=None)
        if waits is not None and waits >= start:
            facts = {"waiting_until_on": waits.isoformat(), "started_on": start.isoformat()}
            yield Finding("PASS_WAITING", Severity.URGENT, None, waits, start, facts)
        else:
            missing = {"started_on": start.isoformat()}
            yield Finding("MISSING_PASS", Severity.URGENT, None, start, start, missing)
        return
    current = max(covering, key=lambda p: p.started_on)
    after = hired(current, start, law)
    if after != current:
        resumed = {"number": current.number, "eve_on": (start - DAY).isoformat()}
        yield Finding("PASS_RESUMES", Severity.INFO, None, last_valid_day(after, law), start, resumed)
    end = last_valid_day(after, law)
    if _needs_pass_to_its_end(contract) and contract.last_day is not None and contract.last_day > end:
        beyond = {"planned_end_on": contract.last_day.isoformat(), "number": current.number}
        yield Finding("PASS_EXCEEDED", Severity.WARNING, None, end, start, beyond)


def suspension_length(started_on: date, ended_on: date | None, law: Law) -> list[Finding]:
    """SUSPENSION_EMPTY, SUSPENSION_TOO_LONG. At least a day, at most the 36 months of the platform."""
    if ended_on is None:
        return []
    longest, told = suspension_last_day(started_on, law), {"ended_on": ended_on.isoformat()}
    if ended_on < started_on:
        told["started_on"] = started_on.isoformat()
        return [Finding("SUSPENSION_EMPTY", Severity.URGENT, None, started_on, started_on, told, forbids=True)]
    if ended_on > longest:
        facts = {**told, "max_months": law.whole("suspension.max_months.platform")}
        return [Finding("SUSPENSION_TOO_LONG", Severity.URGENT, None, longest, started_on, facts, forbids=True)]
    return []


def suspension_findings(
    facts: PassFacts,
    started_on: date,
    ended_on: date | None,
    reason: str,
    declared_on: date,
    law: Law,
    last_hired_on: date | None = None,
    contract_suspended_days: int | None = None,
) -> list[Finding]:
    """What is wrong with a suspension before it is recorded; an empty list when nothing is.

    The law asks for a contract suspended more than 15 days, broken or ended (R5132-1-3 CT). The platform adds: at least a
    day, 36 months at most, declared within 365 days, never in the future, not before the last hire, not over another.
    """
    found: list[Finding] = []

    def add(code: str, due_on: date, facts: dict[str, object], severity: Severity = Severity.URGENT) -> None:
        found.append(Finding(code, severity, None, due_on, started_on, facts, forbids=severity is Severity.URGENT))

    span = Span(started_on, ended_on)
    found += suspension_length(started_on, ended_on, law)
    if any(finding.code == "SUSPENSION_EMPTY" for finding in found):
        return found
    entry = next((e for e in nomenclatures()["pass_suspension_reason"] if e["code"] == reason), None)
    if entry is None or not entry["current"]:
        add("SUSPENSION_REASON", started_on, {"reason": str(entry["label"]) if entry else reason})
    if started_on > declared_on:
        add("SUSPENSION_FUTURE", declared_on, {"started_on": started_on.isoformat()})
    earliest = declared_on - timedelta(days=law.whole("suspension.retroactivity_days"))
    if started_on < earliest:
        add("SUSPENSION_LATE", earliest, {"started_on": started_on.isoformat(), "earliest_on": earliest.isoformat()})
    if last_hired_on is not None and started_on < last_hired_on:
        add("SUSPENSION_BEFORE_HIRE", last_hired_on, {"hired_on": last_hired_on.isoformat()})
    if any(closed(other, law).touches(closed(span, law)) for other in facts.suspensions):
        add("SUSPENSION_OVERLAP", started_on, {"started_on": started_on.isoformat()})
    if state_on(facts, started_on, law) in {State.EXPIRED, State.NOT_STARTED}:
        add("SUSPENSION_OUTSIDE_PASS", started_on, {"number": facts.number})
    least = law.whole("suspension.min_contract_suspension_days")
    if reason == "contract_suspended" and contract_suspended_days is not None and contract_suspended_days <= least:
        add("SUSPENSION_SHORT", started_on, {"days": contract_suspended_days, "min_days": least})
    return found


def prolongation_cap(reason: str, law: Law) -> int | None:
    """Most days of prolongation that a PASS may have had, all reasons together, after one for this reason; None: none."""
    key = f"prolongation.{reason}.cumulative_days"
    return law.whole(key) if law.knows(key) else None


def prolongation_remaining(reason: str, used_days: int, law: Law) -> int:
    """Days of prolongation still possible for a reason (rqth, senior, particular_difficulties), all reasons having
    been used for `used_days`; a request stays limited to 365 days."""
    return max(0, law.whole(f"prolongation.{reason}.cumulative_days") - used_days)


def prolongation_findings(
    facts: PassFacts, reason: str, days: int, asked_on: date, person: PersonFacts, law: Law
) -> list[Finding]:
    """What is wrong with a request of prolongation; an empty list when it may be sent.

    Caps by reason (R5132-1-8 CT): a request, all requests together, and the whole pathway, counted without its
    suspensions. Window of the platform: twelve months before the end of the PASS to six months after; not while it is
    suspended; one request at a time. Age, RQTH and kind of structure are asked when they are known.
    """
    found: list[Finding] = []
    end = last_valid_day(facts, law)

    def add(code: str, due_on: date = end, forbids: bool = True, **told: object) -> None:
        severity = Severity.URGENT if forbids else Severity.WARNING
        found.append(Finding(code, severity, None, due_on, asked_on, told, forbids, cited))

    entry = next((e for e in nomenclatures()["prolongation_reason"] if e["code"] == reason), None)
    cited = (str(entry["article"]),) if entry else ()
    if entry is None or (reason == "health_context" and prolongation_cap(reason, law) is None):
        add("PROLONGATION_REASON", reason=str(entry["label"]) if entry else reason)
        return found
    if person.structure.kind and person.structure.kind not in entry["structures"]:
        add("PROLONGATION_STRUCTURE", reason=entry["label"], structures=", ".join(entry["structures"]))
    opens = add_months(end, -law.whole("prolongation.opens_months_before_end"))
    closes = add_months(end, law.whole("prolongation.closes_months_after_end"))
    if not opens <= asked_on <= closes:
        add("PROLONGATION_WINDOW", closes, opens_on=opens.isoformat(), closes_on=closes.isoformat())
    if state_on(facts, asked_on, law) is State.SUSPENDED:
        add("PROLONGATION_SUSPENDED", number=facts.number)
    if facts.pending:
        add("PROLONGATION_PENDING", number=facts.number)
    own = f"prolongation.{reason}.per_request_days"
    most = law.whole(own if law.knows(own) else "prolongation.per_request_days")
    if not 1 <= days <= most:
        add("PROLONGATION_REQUEST", days=days, max_days=most)
    cap, used = prolongation_cap(reason, law), sum(p.days for p in facts.prolongations)
    if cap is not None and used + days > cap:
        add(
            "PROLONGATION_CUMULATIVE", used_days=used, max_days=cap, left_days=prolongation_remaining(reason, used, law)
        )
    more = [*_pathway_total(facts, reason, days, asked_on, law), *_prolonged_person(reason, person, end, asked_on, law)]
    return found + [replace(finding, cited=cited) for finding in more]


def _pathway_total(facts: PassFacts, reason: str, days: int, asked_on: date, law: Law) -> Iterator[Finding]:
    """PROLONGATION_TOTAL. The whole pathway, its suspensions left out, in months from date to date (R5132-1-8 2° CT).

    The platform does not check it (it caps days): 730 + 1 095 days end before or on the 60 months.
    """
    key = f"prolongation.{reason}.total_months"
    if not law.knows(key):
        return
    used = law.whole("pass.duration.platform") + sum(p.days for p in facts.prolongations) + days
    limit = last_day(facts.started_on, law.whole(key))
    if facts.started_on + timedelta(days=used - 1) > limit:
        told = {"max_months": law.whole(key)}
        yield Finding("PROLONGATION_TOTAL", Severity.URGENT, None, limit, asked_on, told, law.confirmed(key))


def _prolonged_person(reason: str, person: PersonFacts, end: date, asked_on: date, law: Law) -> Iterator[Finding]:
    """PROLONGATION_PERSON. The reason asks for an age, the RQTH or a CDI inclusion: refused when known otherwise, asked
    when unknown."""
    if reason == "senior":
        least, age = law.whole("senior.age"), person.age_on(end)
        missing, wrong = age is None, age is not None and age < least
        asked = f"{least} ans ou plus"
    elif reason == "senior_cdi":
        missing, wrong = False, not any(c.kind == "PERMANENT_I" and c.ended_on is None for c in person.contracts)
        asked = "un CDI inclusion en cours"
    elif reason == "rqth":
        missing, wrong, asked = person.disabled_worker is None, person.disabled_worker is False, "la RQTH"
    else:
        return
    if missing or wrong:
        severity = Severity.URGENT if wrong else Severity.WATCH
        yield Finding("PROLONGATION_PERSON", severity, None, end, asked_on, {"asked": asked}, wrong)
