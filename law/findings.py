"""Facts of one contract, PASS or worker in; findings out. Returned, never raised nor saved; today is an argument.

These functions are the slow, obvious form of the rules. The night computes the same rules set-based
(contracts.flags), and a test compares both row by row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from law.dates import add_months, last_day, lasts_at_least, working_days_after
from law.nomenclature import codes, contract_kind, nomenclatures
from law.parameters_at import Law


class Severity(IntEnum):
    INFO = 1
    WATCH = 2
    WARNING = 3
    URGENT = 4
    OVERDUE = 5


# Days before the due day, tightest first, and what each means. Past the due day: rung 0, overdue.
LADDER: tuple[tuple[int, Severity], ...] = (
    (15, Severity.URGENT),
    (30, Severity.WARNING),
    (60, Severity.WATCH),
    (90, Severity.INFO),
)
FIRST_RUNG = 90


def rung_on(due_on: date, today: date) -> tuple[int, Severity] | None:
    """The rung of the ladder reached today and its severity; None while the due day is more than 90 days away."""
    days = (due_on - today).days
    if days < 0:
        return 0, Severity.OVERDUE
    return next(((rung, severity) for rung, severity in LADDER if days <= rung), None)


@dataclass(frozen=True)
class Rule:
    """A rule as people read it: its title, why it speaks, the articles it rests on, what may be decided."""

    code: str
    title: str
    why: str
    articles: tuple[str, ...]
    decisions: tuple[str, ...]
    about: str


@cache
def rules() -> dict[str, Rule]:
    entries = yaml.safe_load((Path(__file__).parent / "rules.yaml").read_text(encoding="utf-8"))
    return {
        entry["code"]: Rule(**{**entry, "articles": tuple(entry["articles"]), "decisions": tuple(entry["decisions"])})
        for entry in entries
    }


@dataclass(frozen=True)
class Finding:
    """`due_on` is the last day to act, `opened_on` the day it became true, `facts` the figures the rule used."""

    code: str
    severity: Severity
    rung: int | None
    due_on: date
    opened_on: date
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ContractFacts:
    """A contract as the rules need it. `planned_end_on` None: no term, or unknown."""

    kind: str
    started_on: date
    planned_end_on: date | None = None
    ended_on: date | None = None
    signed_on: date | None = None
    weekly_hours: Decimal | None = None
    sentence_adjustment: bool = False
    renews: bool = False
    decided: bool = False

    @property
    def last_day(self) -> date | None:
        """Effective end, else planned end; None when open."""
        return self.ended_on or self.planned_end_on

    def runs_on(self, day: date) -> bool:
        return self.started_on <= day and (self.last_day is None or self.last_day >= day)


def _ladder(code: str, since: date, due_on: date, today: date, facts: dict[str, Any]) -> Finding | None:
    reached = rung_on(due_on, today)
    if reached is None:
        return None
    rung, severity = reached
    return Finding(code, severity, rung, due_on, max(since, due_on - timedelta(days=FIRST_RUNG)), facts)


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
    return _ladder("CONTRACT_END", contract.started_on, end, today, {"kind": contract.kind})


def cddi_minimum(contract: ContractFacts, today: date, law: Law) -> Finding | None:
    """CDDI_MIN. A first CDDI planned for less than 4 months from date to date (L5132-5 CT); sentence adjustment exempts."""
    kind = contract_kind(contract.kind)
    end = contract.planned_end_on
    if kind is None or not kind.cddi or contract.renews or contract.sentence_adjustment or end is None:
        return None
    if contract.ended_on or end < today:
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


def cddi_chain(contracts: Sequence[ContractFacts], today: date) -> list[ContractFacts]:
    """The CDDI that follow one another without a day between (rule H), the last of which runs today; else empty."""
    chain: list[ContractFacts] = []
    for contract in sorted(contracts, key=lambda c: c.started_on):
        kind = contract_kind(contract.kind)
        if kind is None or not kind.cddi:
            continue
        ends = [c.last_day for c in chain]
        if chain and None not in ends and contract.started_on > max(e for e in ends if e) + timedelta(days=1):
            chain = []
        chain.append(contract)
        if contract.ended_on is None and contract.runs_on(today):
            return chain
    return []


def cddi_ceiling(contracts: Sequence[ContractFacts], today: date, law: Law) -> tuple[ContractFacts, Finding] | None:
    """CDDI_MAX. A chain of CDDI in a structure lasts 24 months at most from its first day (L5132-5 CT).

    `contracts` are all the person's contracts there. Returns the running CDDI and the finding: overdue when its planned
    end goes beyond the ceiling, on the ladder otherwise.
    """
    chain = cddi_chain(contracts, today)
    if not chain:
        return None
    last, first = chain[-1], chain[0].started_on
    months = law.whole("cddi.max_months")
    ceiling = last_day(first, months)
    end = last.planned_end_on
    beyond = end is not None and end > ceiling
    alert_on = ceiling - timedelta(days=law.whole("cddi.ceiling_alert_days"))
    if not beyond and today < alert_on:
        return None
    facts = {
        "chain_started_on": first.isoformat(),
        "max_months": months,
        "planned_end_on": end.isoformat() if end else None,
    }
    if beyond:
        return last, Finding("CDDI_MAX", Severity.OVERDUE, 0, ceiling, last.started_on, facts)
    rung, severity = rung_on(ceiling, today) or (FIRST_RUNG, Severity.INFO)
    return last, Finding("CDDI_MAX", severity, rung, ceiling, max(last.started_on, alert_on), facts)


def weekly_hours(contract: ContractFacts, today: date, law: Law) -> Finding | None:
    """WEEKLY_HOURS_MIN. A running CDDI under 20 hours a week (L5132-5 CT; derogation D5132-43-5)."""
    kind = contract_kind(contract.kind)
    if kind is None or not kind.cddi or contract.weekly_hours is None or not contract.runs_on(today):
        return None
    minimum = law.amount("cddi.min_weekly_hours")
    if contract.weekly_hours >= minimum:
        return None
    facts = {"weekly_hours": float(contract.weekly_hours), "min_hours": float(minimum)}
    return Finding("WEEKLY_HOURS_MIN", Severity.WARNING, None, contract.started_on, contract.started_on, facts)


def unsigned(contract: ContractFacts, today: date, law: Law) -> Finding | None:
    """CONTRACT_UNSIGNED. A running contract whose signature date is unknown after two working days (L1242-13 CT)."""
    if contract.signed_on is not None or not contract.runs_on(today):
        return None
    due = working_days_after(contract.started_on, law.whole("contract.handover_working_days"))
    if today <= due:
        return None
    facts = {"started_on": contract.started_on.isoformat()}
    return Finding("CONTRACT_UNSIGNED", Severity.WARNING, None, due, due + timedelta(days=1), facts)


def pass_end(number: str, started_on: date, ended_on: date, today: date) -> Finding | None:
    """PASS_END. The last days of the latest PASS IAE of a person whose pathway is open (R5132-1-2 CT)."""
    return _ladder("PASS_END", started_on, ended_on, today, {"number": number})


def pass_exceeded(contract: ContractFacts, number: str, pass_end_on: date, today: date) -> Finding | None:
    """PASS_EXCEEDED. A running insertion contract planned beyond the valid PASS (R5132-1-9 CT); CDI inclusion exempt."""
    kind = contract_kind(contract.kind)
    if kind is None or not kind.insertion or kind.open_ended or contract.ended_on or not contract.runs_on(today):
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


@dataclass(frozen=True)
class AssignedMonth:
    """Hours of one month for one client; `client_kind` empty: unknown, hence not counted."""

    month: date
    client_kind: str
    hours: Decimal | None


def counted_hours(months: Iterable[AssignedMonth], today: date, law: Law) -> tuple[date, date, Decimal] | None:
    """The 480-hour counter of an AI: (first day, last day, hours) of the window in progress today, or None.

    Only clients of L2211-1 count. A window of 24 months opens with the first counted month; the next one opens with the
    first counted month after it (restart: our reading, the article does not say).
    """
    counted = codes("client_kind", counted=True)
    kept = sorted((m.month, m.hours) for m in months if m.client_kind in counted and m.hours and m.month <= today)
    start: date | None = None
    end: date | None = None
    total = Decimal(0)
    for month, hours in kept:
        if end is None or month > end:
            start, total = month, Decimal(0)
            end = last_day(month, law.whole("ai.private_hours_window_months"))
        total += hours
    if start is None or end is None or today > end:
        return None
    return start, end, total


def ai_480_hours(months: Sequence[AssignedMonth], today: date, law: Law) -> Finding | None:
    """AI_480. Hours with private users near, at or beyond 480 in 24 months (L5132-9, R5132-18 CT)."""
    window = counted_hours(months, today, law)
    if window is None:
        return None
    start, end, hours = window
    cap = law.whole("ai.private_hours_cap")
    steps = (
        (cap, Severity.OVERDUE),
        (law.whole("ai.private_hours_alert_2"), Severity.URGENT),
        (law.whole("ai.private_hours_alert_1"), Severity.WARNING),
    )
    reached = next(((rung, severity) for rung, severity in steps if hours >= rung), None)
    if reached is None:
        return None
    facts = {"hours": float(hours), "cap": cap, "window_start_on": start.isoformat()}
    return Finding("AI_480", reached[1], reached[0], end, start, facts)


def trial_last_day(started_on: date, ended_on: date, law: Law) -> date:
    """Last day of the longest trial of a fixed-term contract: one day a week, two weeks at most up to six months, one
    month beyond (L1242-10 CT). 26 weeks are six months whatever the calendar, as contracts written in weeks mean them."""
    weeks = ((ended_on - started_on).days + 1) // 7
    if ended_on < max(add_months(started_on, 6), started_on + timedelta(weeks=26)):
        return started_on + timedelta(days=min(weeks, law.whole("trial.short_max_days")) - 1)
    return min(
        started_on + timedelta(days=weeks - 1),
        last_day(started_on, law.whole("trial.long_max_months")),
    )


def pass_last_day(started_on: date, law: Law) -> date:
    """Last valid day of a PASS IAE as the State platform counts it: 730 days, both ends included."""
    return started_on + timedelta(days=law.whole("pass.duration.platform") - 1)


def suspension_last_day(started_on: date, law: Law) -> date:
    """Last day a PASS may stay suspended on the platform; after 12 months the law allows ending the pathway."""
    return last_day(started_on, law.whole("suspension.max_months.platform"))


def prolongation_remaining(reason: str, used_days: int, law: Law) -> int:
    """Days of prolongation still possible for a reason (rqth, senior, particular_difficulties), all reasons having
    been used for `used_days`; a request stays limited to 365 days."""
    return max(0, law.whole(f"prolongation.{reason}.cumulative_days") - used_days)


def exit_class(outcome: str, contract_months: Decimal | None, law: Law) -> str | None:
    """Class of an exit: durable, transition, positive, other, withdrawn, or None when unknown.

    A fixed-term job of exactly six months is durable (Dares); of unknown length it is unknown.
    """
    entry = next((e for e in nomenclatures()["exit_outcome"] if e["code"] == outcome), None)
    if entry is None:
        return None
    if entry["class"] != "by_duration":
        return str(entry["class"])
    if contract_months is None:
        return None
    return "durable" if contract_months >= law.whole("exit.durable_months") else "transition"


def exit_counted(kind: str, started_on: date, exited_on: date, hours: Decimal, law: Law) -> bool:
    """Whether an exit is examined: 150 hours in an AI or ETTI, three months elsewhere (asp_2014)."""
    if kind in {"AI", "ETTI"}:
        return hours >= law.whole("exit.min_hours")
    return lasts_at_least(started_on, exited_on, law.whole("exit.min_months"))


def exit_counted_by_platform(kind: str, days: int, hours: Decimal, law: Law) -> bool:
    """The same as the State's code counts it: days × 0.0328767 > 2.65 in an ACI or EI."""
    if kind in {"AI", "ETTI"}:
        return hours >= law.whole("exit.min_hours")
    return days * Decimal("0.0328767") > law.amount("exit.min_months.platform")
