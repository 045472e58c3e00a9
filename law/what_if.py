"""What a contract would change before it is signed: what it opens, breaks, pays, covers, and how secure it is.

    facts = …                              one loader gives the PersonFacts, without the contract under study
    simulation = simulate(draft, facts, today)

Nothing here is saved, and only a finding that `forbids` may stop a signature.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import fmean, pstdev

from law import review
from law.clocks import Clock, Job, Month, Person, clocks, seniority_since
from law.dates import add_months, last_day
from law.facts import ContractFacts, MonthFacts, PersonFacts
from law.findings import Finding
from law.nomenclature import contract_kind
from law.parameters_at import Law, law_on
from law.pass_iae import last_valid_day
from law.pay import Pay, month_hours, pay_of
from law.portability import portability_months

OPEN_ENDED_MONTHS = 12  # a contract without a term is looked at over a year
REGULARITY_MONTHS = 6
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """A right with its clock on the eve of the draft and on its last day; `reached_on` the end of the month in which the
    draft opens it, None when it was open before, or is not by then, or nobody can tell."""

    before: Clock
    after: Clock
    reached_on: date | None

    @property
    def opened(self) -> bool:
        """Whether this contract is what opens it."""
        return self.reached_on is not None


@dataclass(frozen=True)
class Cover:
    """Until when the person is covered, both by unbroken contracts and by her PASS. None: not covered, or unknown.

    `open_ended`: a contract without a term covers her, `contract_until` is then None. `health_cover_until` is the last day
    of the health cover kept free of charge after the contract (L911-8 CSS).
    """

    open_ended: bool
    contract_until: date | None
    pass_until: date | None
    health_cover_until: date | None


@dataclass(frozen=True)
class Profile:
    """The secure-contract profile on a day. Every figure is None when unknown.

    `months_ahead` is 0 without a contract and None with one that has no term (`open_ended`) or an unknown one;
    `regularity` the coefficient of variation of the hours of six months (0: the same every month).
    """

    day: date
    open_ended: bool
    months_ahead: Decimal | None
    weekly_hours: Decimal | None
    regularity: Decimal | None
    rights_open: int
    rights_possible: int
    pay_ratio: Decimal | None
    health_cover: bool | None
    training_hours: Decimal | None
    next_step_known: bool | None


@dataclass(frozen=True)
class Simulation:
    """All that a draft changes. `opens` are the clocks, those the contract opens first."""

    draft: ContractFacts
    breaks: tuple[Finding, ...]
    opens: tuple[Opening, ...]
    pay: Pay
    cover: Cover
    before: Profile
    after: Profile

    @property
    def forbidden(self) -> tuple[Finding, ...]:
        """What the law forbids: the contract cannot be saved."""
        return tuple(finding for finding in self.breaks if finding.forbids)

    @property
    def to_watch(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.breaks if not finding.forbids)

    @property
    def may_be_saved(self) -> bool:
        return not self.forbidden


def simulate(draft: ContractFacts, person: PersonFacts, today: date) -> Simulation:
    """What the draft would change for the person.

    Months to come are taken as worked at the contract's hours and pay; unknown hours leave what they decide unknown.
    """
    with_it = replace(
        person, contracts=(*person.contracts, draft), months=(*person.months, *_months_to_come(draft, today))
    )
    law = law_on(draft.started_on)
    eve = draft.started_on - DAY
    return Simulation(
        draft=draft,
        breaks=tuple(review.of_draft(draft, person)),
        opens=tuple(_openings(draft, person, with_it, eve)),
        pay=pay_of(draft, person, law),
        cover=_cover(draft, with_it, law),
        before=profile(person, draft.started_on),
        after=profile(with_it, draft.started_on),
    )


def _looked_at_until(draft: ContractFacts) -> date:
    return draft.last_day or last_day(draft.started_on, OPEN_ENDED_MONTHS)


def _months_to_come(draft: ContractFacts, today: date) -> list[MonthFacts]:
    """The months of the draft not paid yet, at its hours and pay, by the share of their days that it covers."""
    found = []
    month, end = max(draft.started_on, today).replace(day=1), _looked_at_until(draft)
    while month <= end:
        closes = last_day(month, 1)
        covered = (min(end, closes) - max(draft.started_on, month)).days + 1
        share = Decimal(covered) / Decimal((closes - month).days + 1)
        hours = None if draft.weekly_hours is None else month_hours(draft.weekly_hours) * share
        pay = None if hours is None or draft.hourly_gross is None else hours * draft.hourly_gross
        found.append(MonthFacts(month, "", hours, pay))
        month = add_months(month, 1)
    return found


def _clocks(person: PersonFacts, day: date) -> dict[str, Clock]:
    jobs = [Job(c.kind, c.started_on, c.last_day, c.weekly_hours) for c in person.contracts if c.started_on <= day]
    months = [Month(m.month, m.hours, m.gross_pay) for m in person.months]
    found = clocks(Person(person.birth_date, person.pathway_started_on, jobs, months), day)
    return {clock.code: clock for clock in found}


def _openings(draft: ContractFacts, person: PersonFacts, with_it: PersonFacts, eve: date) -> list[Opening]:
    before, after = _clocks(person, eve), _clocks(with_it, _looked_at_until(draft))
    ends = list(_month_ends(draft.started_on, _looked_at_until(draft)))
    by_month = [(end, _clocks(with_it, end)) for end in ends]
    found = []
    for code, clock in after.items():
        known = before.get(code, replace(clock, value=Decimal(0), reached_on=None, unknown_months=0))
        reached_on = None
        if known.reached is False and clock.reached is not None:
            reached_on = next((end for end, then in by_month if code in then and then[code].reached), None)
        found.append(Opening(known, clock, reached_on))
    return sorted(found, key=lambda opening: (not opening.opened, opening.reached_on or date.max, opening.after.code))


def _month_ends(start: date, end: date) -> Iterable[date]:
    month = start.replace(day=1)
    while month <= end:
        yield min(last_day(month, 1), end)
        month = add_months(month, 1)


def _unbroken_until(contracts: Sequence[ContractFacts], day: date) -> tuple[bool, date | None]:
    """(without a term, last day) of the contracts that follow one another without a day between, from `day`."""
    until: date | None = None
    for contract in sorted(contracts, key=lambda c: c.started_on):
        if (until is None and contract.runs_on(day)) or (until and contract.started_on <= until + DAY):
            kind = contract_kind(contract.kind)
            if contract.last_day is None:
                return kind is not None and kind.open_ended, None
            until = max(until or contract.last_day, contract.last_day)
    return False, until


def _cover(draft: ContractFacts, person: PersonFacts, law: Law) -> Cover:
    open_ended, until = _unbroken_until(person.contracts, draft.started_on)
    ends = [last_valid_day(p, law) for p in person.passes if p.started_on <= draft.started_on]
    covering = [end for end in ends if end >= draft.started_on]
    since = seniority_since([Job(c.kind, c.started_on, c.last_day) for c in person.contracts], draft.started_on)
    kept = None
    if until is not None and law.knows("health_cover.portability_max_months"):
        kept = add_months(until, portability_months([(since or draft.started_on, until)], law))
    return Cover(open_ended, until, max(covering, default=None), kept)


def profile(person: PersonFacts, day: date) -> Profile:
    """The secure-contract profile of a person on a day, from what is known of her."""
    running = [c for c in person.contracts if c.runs_on(day)]
    open_ended, until = _unbroken_until(person.contracts, day)
    months = None if open_ended or (running and until is None) else _months_between(day, until) if until else Decimal(0)
    hours = [c.weekly_hours for c in running]
    weekly = None if None in hours or not hours else sum((h for h in hours if h is not None), Decimal(0))
    found = _clocks(person, day).values()
    rate = next((c.hourly_gross for c in running if c.hourly_gross is not None), None)
    law = law_on(day)
    smic = law.amount("smic.hourly") if law.knows("smic.hourly") else None
    return Profile(
        day=day,
        open_ended=open_ended,
        months_ahead=months,
        weekly_hours=weekly,
        regularity=_regularity(person.months, day),
        rights_open=sum(clock.reached is True for clock in found),
        rights_possible=len(found),
        pay_ratio=rate / smic if rate is not None and smic else None,
        health_cover=person.health_cover,
        training_hours=person.training_hours,
        next_step_known=None if not running else any(c.decided for c in running) or open_ended or len(running) > 1,
    )


def _months_between(day: date, until: date) -> Decimal:
    """Months from a day to another, both included, at one decimal: whole months from date to date, then days over 30."""
    whole = 0
    while last_day(day, whole + 1) <= until:
        whole += 1
    rest = (until - (last_day(day, whole) if whole else day - DAY)).days
    return (Decimal(whole) + Decimal(rest) / 30).quantize(Decimal("0.1"))


def _regularity(months: Sequence[MonthFacts], day: date) -> Decimal | None:
    first = add_months(day.replace(day=1), -REGULARITY_MONTHS)
    by_month: dict[date, Decimal] = {}
    for month in months:
        if first <= month.month < day.replace(day=1):
            if month.hours is None:
                return None
            by_month[month.month] = by_month.get(month.month, Decimal(0)) + month.hours
    hours = [float(value) for value in by_month.values()]
    if len(hours) < 3 or not fmean(hours):
        return None
    return Decimal(str(round(pstdev(hours) / fmean(hours), 3)))
