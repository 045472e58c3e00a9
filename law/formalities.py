"""Who may sign which contract, the written contract, the trial period (L1242-10, L1242-13 CT)."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from law.dates import add_months, last_day, working_days_after
from law.facts import ContractFacts, PersonFacts
from law.findings import Finding, Severity, rung_on
from law.nomenclature import contract_kind, label
from law.parameters_at import Law

NOT_EMPLOYMENT = {"BUSINESS_CREATION"}
UNTOLD_STRUCTURES = {"", "AUTRE"}


def unsigned(contract: ContractFacts, today: date, law: Law) -> Finding | None:
    """CONTRACT_UNSIGNED. A running contract whose signature date is unknown after two working days (L1242-13 CT)."""
    if contract.signed_on is not None or not contract.runs_on(today):
        return None
    due = handed_over_by(contract.started_on, law)
    if today <= due:
        return None
    facts = {"started_on": contract.started_on.isoformat()}
    return Finding("CONTRACT_UNSIGNED", Severity.WARNING, None, due, due + timedelta(days=1), facts)


def trial_end(contract: ContractFacts, others: Iterable[ContractFacts], today: date, law: Law) -> Finding | None:
    """TRIAL_END. The longest trial of a first contract ends within a week (L1242-10, L1251-14, L1221-19 CT).

    `others` are the person's other contracts in the structure: who worked there before is no longer tried.
    """
    due = contract.trial_end_on or longest_trial(contract, law)
    if due is None or contract.ended_on or not contract.runs_on(today) or not contract.started_on <= due:
        return None
    alert_on = due - timedelta(days=law.whole("trial.alert_days"))
    if not alert_on <= today <= due or any(other.started_on < contract.started_on for other in others):
        return None
    last_moment = (due - today).days * 24 <= law.whole("trial.notice_hours.8_days")
    facts = {"started_on": contract.started_on.isoformat(), "kind": contract.kind}
    severity = Severity.URGENT if last_moment else Severity.WARNING
    return Finding("TRIAL_END", severity, None, due, max(contract.started_on, alert_on), facts)


def medical_visit(person: PersonFacts, today: date, law: Law) -> Finding | None:
    """MEDICAL_VISIT. The visit of a first hire is not noted: one month in an AI (R5132-26-7 CT), three elsewhere
    (R4624-10 CT). It speaks from a month before the day to a month after it."""
    employed = [c for c in person.contracts if c.kind not in NOT_EMPLOYMENT]
    if person.visited or not any(c.runs_on(today) for c in employed):
        return None
    first = min(c.started_on for c in employed)
    key = "ai.medical_visit_months" if person.structure.kind == "AI" else "medical_visit.months"
    due = last_day(first, law.whole(key))
    alert_on = due - timedelta(days=law.whole("medical_visit.alert_days"))
    reached = rung_on(due, today)
    if reached is None or not alert_on <= today <= due + timedelta(days=law.whole("medical_visit.overdue_days")):
        return None
    facts = {"started_on": first.isoformat()}
    return Finding("MEDICAL_VISIT", reached[1], reached[0], due, max(first, alert_on), facts)


def handed_over_by(started_on: date, law: Law) -> date:
    """Last day to hand over the written contract of a hire (L1242-13 CT)."""
    return working_days_after(started_on, law.whole("contract.handover_working_days"))


def before_saving(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """What the form says of a contract to be signed: who signs it, when it is signed, its trial."""
    yield from _signatory(contract, person)
    start = contract.started_on
    due = handed_over_by(start, law)
    kind = contract_kind(contract.kind)
    if contract.signed_on is not None and contract.signed_on > due and kind and not kind.open_ended:
        facts = {"signed_on": contract.signed_on.isoformat(), "started_on": start.isoformat()}
        yield Finding("SIGNED_LATE", Severity.WARNING, None, due, due + timedelta(days=1), facts)
    yield from _trial(contract, law)
    yield from _age(contract, person, law)


def _signatory(contract: ContractFacts, person: PersonFacts) -> Iterator[Finding]:
    kind, structure = contract_kind(contract.kind), person.structure.kind
    if kind is None or structure in UNTOLD_STRUCTURES or not kind.signed_by or structure in kind.signed_by:
        return
    start = contract.started_on
    facts = {"kind": kind.code, "structure": label("structure_kind", structure)}
    facts["signed_by"] = ", ".join(kind.signed_by)
    if kind.article:
        yield Finding("KIND_NOT_ALLOWED", Severity.URGENT, None, start, start, facts, True, (kind.article,))
    else:
        yield Finding("KIND_UNUSUAL", Severity.INFO, None, start, start, facts)


def trial_last_day(started_on: date, ended_on: date, law: Law) -> date:
    """Last day of the longest trial of a fixed-term contract: one day a week, two weeks at most up to six months, one
    month beyond (L1242-10 CT). 26 weeks are six months whatever the calendar, as contracts written in weeks mean them."""
    weeks = ((ended_on - started_on).days + 1) // 7
    months = law.whole("trial.short_limit_months")
    if ended_on < max(add_months(started_on, months), started_on + timedelta(weeks=26)):
        return started_on + timedelta(days=min(weeks, law.whole("trial.short_max_days")) - 1)
    return min(started_on + timedelta(days=weeks - 1), last_day(started_on, law.whole("trial.long_max_months")))


def longest_trial(contract: ContractFacts, law: Law) -> date | None:
    """Last day of the longest trial of a contract, None where no figure is held or the term is unknown.

    Open-ended: by category, a worker's two months when it is unknown. A mission: two, three or five days by its length.
    """
    kind, start, end = contract_kind(contract.kind), contract.started_on, contract.planned_end_on
    if kind is None or kind.code in NOT_EMPLOYMENT | {"APPRENTICESHIP"}:
        return None
    if kind.open_ended:
        return last_day(start, law.whole(f"trial.permanent_months.{contract.category or 'worker'}"))
    if end is None:
        return None
    if kind.code == "TEMPORARY":
        if end < add_months(start, 1):
            key = "trial.mission_days.1_month"
        elif end < add_months(start, 2):
            key = "trial.mission_days.2_months"
        else:
            key = "trial.mission_days.longer"
        return start + timedelta(days=law.whole(key) - 1)
    return trial_last_day(start, end, law)


def _trial(contract: ContractFacts, law: Law) -> Iterator[Finding]:
    """TRIAL_TOO_LONG. Forbidden for a fixed-term contract (L1242-10 CT); a branch may say otherwise of the others."""
    longest, kind = longest_trial(contract, law), contract_kind(contract.kind)
    if contract.trial_end_on is None or longest is None or kind is None or contract.trial_end_on <= longest:
        return
    forbids = not kind.open_ended and kind.code != "TEMPORARY" and law.confirmed("trial.short_max_days")
    facts = {"trial_end_on": contract.trial_end_on.isoformat()}
    severity = Severity.URGENT if forbids else Severity.WARNING
    article = "L1221-19, L1221-21 CT" if kind.open_ended else "L1251-14 CT" if kind.code == "TEMPORARY" else ""
    cited = (article,) if article else ()
    yield Finding("TRIAL_TOO_LONG", severity, None, longest, contract.started_on, facts, forbids, cited)


def _age(contract: ContractFacts, person: PersonFacts, law: Law) -> Iterator[Finding]:
    """APPRENTICE_AGE. 16 to 29 years, with exceptions that are not known here (L6222-1, L6222-2 CT)."""
    age = person.age_on(contract.started_on)
    if contract.kind != "APPRENTICESHIP" or age is None or person.disabled_worker is True:
        return
    least, most = law.whole("apprenticeship.min_age"), law.whole("apprenticeship.max_age")
    if not least <= age <= most:
        facts = {"age": age, "min_age": least, "max_age": most}
        yield Finding("APPRENTICE_AGE", Severity.WARNING, None, contract.started_on, contract.started_on, facts)
