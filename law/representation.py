"""The works council (CSE): who counts in the headcount, who votes, who may be elected (L1111-2, L2311-2, L2314-18 to -23 CT).

Pure functions on spans of employment. Three answers: yes, no, or None when a fact is missing. Civic rights and kinship
with the employer are not stored anywhere in Parcours: they are arguments, presumed in the person's favour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from law.dates import add_months
from law.parameters_at import Law

LEGAL_WEEK = Decimal(35)  # L3121-27 CT
NOT_COUNTED = frozenset({"APPRENTICESHIP", "CUI_CAE", "PROFESSIONAL_TRAINING"})  # L1111-3 CT


@dataclass(frozen=True)
class Span:
    """Days under contract, both included; no end is still running."""

    start: date
    end: date | None = None

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or self.end >= day)

    def days_within(self, first: date, last: date) -> int:
        return max(0, (min(self.end or last, last) - max(self.start, first)).days + 1)


@dataclass(frozen=True)
class Employee:
    """What the electoral roll needs to know; `by_missions` for the temporary staff of an ETTI."""

    birth_date: date | None
    spans: tuple[Span, ...]
    by_missions: bool = False
    civic_rights: bool = True
    kin_of_employer: bool = False


def seniority_start(spans: Iterable[Span], day: date, gap_days: int) -> date | None:
    """First day of the unbroken employment that runs on a day, or None when nobody is employed that day.

    A break of at most `gap_days` days from one contract to the next (1: the next day) interrupts nothing.
    """
    start: date | None = None
    reach: date | None = None
    for span in sorted(spans, key=lambda span: span.start):
        if span.start > day:
            break
        if start is None or (reach is not None and (span.start - reach).days > gap_days):
            start, reach = span.start, span.end or day
        elif reach is not None:
            reach = max(reach, span.end or day)
    return start if reach is not None and reach >= day else None


def _worked(employee: Employee, day: date, months: int, window: int, law: Law, new_firm: bool) -> bool:
    """Whether enough was worked: in one unbroken stretch, or adding missions within a window that ends on the day."""
    if not any(span.covers(day) for span in employee.spans):
        return False
    if not employee.by_missions:
        start = seniority_start(employee.spans, day, law.whole("cse.contract_gap_days"))
        return start is not None and add_months(start, months) <= day
    first = add_months(day, -(6 if new_firm else window))
    covered: set[int] = set()
    for span in employee.spans:  # two missions on one day are one day
        for offset in range(span.days_within(first, day)):
            covered.add((max(span.start, first) + timedelta(days=offset)).toordinal())
    return len(covered) >= months * law.whole("cse.missions.month_days")


def _old_enough(employee: Employee, day: date, years: int) -> bool | None:
    return None if employee.birth_date is None else add_months(employee.birth_date, 12 * years) <= day


def is_elector(employee: Employee, first_round_on: date, law: Law, new_firm: bool = False) -> bool | None:
    """L2314-18: 16 years, three months in the firm, civic rights. L2314-20 for missions: three months in the last twelve,
    added. None when only the age is missing."""
    missions = employee.by_missions
    months = law.whole("cse.missions.elector_months" if missions else "cse.elector_months")
    window = law.whole("cse.missions.elector_window")
    if not employee.civic_rights or not _worked(employee, first_round_on, months, window, law, new_firm):
        return False
    return _old_enough(employee, first_round_on, law.whole("cse.elector_age"))


def is_eligible(employee: Employee, first_round_on: date, law: Law, new_firm: bool = False) -> bool | None:
    """L2314-19: an elector of 18 years and one year in the firm, not kin of the employer. L2314-20 for missions: six
    months in the last eighteen, added."""
    votes = is_elector(employee, first_round_on, law, new_firm)
    missions = employee.by_missions
    months = law.whole("cse.missions.eligible_months" if missions else "cse.eligible_months")
    window = law.whole("cse.missions.eligible_window")
    if votes is False or employee.kin_of_employer:
        return False
    if not _worked(employee, first_round_on, months, window, law, new_firm):
        return False
    return _old_enough(employee, first_round_on, law.whole("cse.eligible_age"))


@dataclass(frozen=True)
class Post:
    """A contract as the headcount sees it; `weekly_hours` None is unknown."""

    kind: str
    open_ended: bool
    span: Span
    weekly_hours: Decimal | None
    replaces_absent: bool = False


def headcount(posts: Iterable[Post], day: date) -> tuple[Decimal, int]:
    """L1111-2: (people counted on a day, contracts left out because their hours are unknown).

    Open-ended full time is one; other contracts count by their days in the last twelve months, among those that run on
    the day; part time counts by its hours over the legal week. Replacements, apprentices and the contracts of L1111-3 do not.
    """
    first = add_months(day, -12) + timedelta(days=1)
    total, unknown = Decimal(0), 0
    for post in posts:
        if post.kind in NOT_COUNTED or post.replaces_absent:
            continue
        present = post.span.covers(day) if post.open_ended else post.span.days_within(first, day) > 0
        if not present:
            continue
        if post.weekly_hours is None:
            unknown += 1
            continue
        share = min(post.weekly_hours / LEGAL_WEEK, Decimal(1))
        if not post.open_ended:
            share *= Decimal(post.span.days_within(first, day)) / Decimal((day - first).days + 1)
        total += share
    return total, unknown
