"""Clocks: rights that hours, pay or months of seniority open. Facts of one person in, counters out.

A counter whose months are not all known is a lower bound: past the threshold it is reached all the same, before it
nobody knows (rule of DRO-01). The threshold is that of the law on the day looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from law.dates import add_months, last_day
from law.nomenclature import contract_kind
from law.parameters_at import Law, law_on

AGENCY = "TEMPORARY"


@dataclass(frozen=True)
class Job:
    """A contract as the clocks need it; `ended_on` None: still open."""

    kind: str
    started_on: date
    ended_on: date | None = None
    weekly_hours: Decimal | None = None


@dataclass(frozen=True)
class Month:
    """What was paid in a month (its first day); None is unknown."""

    month: date
    hours: Decimal | None
    gross: Decimal | None = None

    @property
    def last_day(self) -> date:
        return last_day(self.month, 1)


@dataclass(frozen=True)
class Person:
    birth_date: date | None
    entered_on: date | None
    jobs: Sequence[Job]
    months: Sequence[Month]


@dataclass(frozen=True)
class Clock:
    """A counter on a day. `value` and `threshold` are in `unit`; `reached` None: unknown, some months are.

    `reached_on`: the day the threshold was passed, when it is and is known.
    """

    code: str
    label: str
    unit: str
    value: Decimal
    threshold: Decimal
    source: str
    reached_on: date | None = None
    unknown_months: int = 0
    confirmed: bool = True

    @property
    def reached(self) -> bool | None:
        if self.value >= self.threshold:
            return True
        return None if self.unknown_months else False

    @property
    def missing(self) -> Decimal:
        return max(Decimal(0), self.threshold - self.value)


def chains(jobs: Iterable[Job], gap_days: int = 1) -> list[tuple[date, date | None]]:
    """Spans of uninterrupted employment: jobs that start at most `gap_days` after the last day before (rule H)."""
    spans: list[tuple[date, date | None]] = []
    for job in sorted(jobs, key=lambda j: j.started_on):
        if spans:
            first, last = spans[-1]
            if last is None or job.started_on <= last + timedelta(days=gap_days):
                spans[-1] = (first, None if last is None or job.ended_on is None else max(last, job.ended_on))
                continue
        spans.append((job.started_on, job.ended_on))
    return spans


def seniority_since(jobs: Sequence[Job], day: date) -> date | None:
    """First day of the uninterrupted employment that runs on `day`, agency missions apart; None when none runs."""
    for first, last in chains(job for job in jobs if job.kind != AGENCY):
        if first <= day and (last is None or day <= last):
            return first
    return None


def mission_days(jobs: Sequence[Job], day: date, months: int) -> int:
    """Days under an agency mission in the `months` that end on `day`: a day of two missions counts once (L2314-20 CT)."""
    first = add_months(day, -months) + timedelta(days=1)
    spans = chains(job for job in jobs if job.kind == AGENCY)
    return sum(max(0, (min(last or day, day) - max(start, first)).days + 1) for start, last in spans if start <= day)


def clocks(person: Person, day: date) -> list[Clock]:
    """Every clock of a person on a day, those of seniority first."""
    law = law_on(day)
    return [*_seniority(person, day, law), *_hours(person, day, law)]


def _seniority(person: Person, day: date, law: Law) -> list[Clock]:
    since = seniority_since(person.jobs, day)
    found = []
    for code, label, key, permanent_only in (
        ("elector", "Voter à l'élection du CSE", "cse.elector_months", False),
        ("profit_sharing", "Intéressement et participation", "seniority.profit_sharing_months", False),
        ("dismissal_indemnity", "Indemnité de licenciement (CDI)", "seniority.dismissal_indemnity_months", True),
        ("eligible", "Être élu au CSE", "cse.eligible_months", False),
        ("sick_pay", "Complément de salaire en cas de maladie", "seniority.sick_pay_months", False),
        ("two_years_employed", "Projet de transition professionnelle", "transition.months", False),
    ):
        running = [j for j in person.jobs if j.started_on <= day and (j.ended_on is None or j.ended_on >= day)]
        kinds = [kind for j in running if (kind := contract_kind(j.kind))]
        if law.knows(key) and not (permanent_only and not any(kind.open_ended for kind in kinds)):
            found.append(_months_clock(code, label, since, day, law, key))
    missions = mission_days(person.jobs, day, 12), mission_days(person.jobs, day, 18)
    if missions[1]:
        for code, label, days, threshold in (
            ("agency_elector", "Voter à l'élection du CSE (missions sur 12 mois)", missions[0], 90),
            ("agency_eligible", "Être élu au CSE (missions sur 18 mois)", missions[1], 180),
        ):
            found.append(Clock(code, label, "jours", Decimal(days), Decimal(threshold), "L2314-20 CT"))
    if law.knows("cdi_i.min_age") and person.birth_date and person.entered_on:
        age = law.whole("cdi_i.min_age")
        if add_months(person.birth_date, 12 * age) <= add_months(day, 24):
            clock = _months_clock(
                "inclusion_contract", "CDI inclusion", person.entered_on, day, law, "cdi_i.min_pathway_months"
            )
            of_age = add_months(person.birth_date, 12 * age)
            if of_age <= day:
                found.append(clock)
    return found


def _months_clock(code: str, label: str, since: date | None, day: date, law: Law, key: str) -> Clock:
    threshold = law.whole(key)
    months = 0
    while since and add_months(since, months + 1) <= day:
        months += 1
    reached_on = add_months(since, threshold) if since and months >= threshold else None
    return Clock(code, label, "mois", Decimal(months), Decimal(threshold), law.source(key), reached_on)


def _window(months: Sequence[Month], end: date, length: int) -> tuple[Decimal, int]:
    """Hours of the `length` civil months that end with the month of `end`, and how many of them are unknown."""
    first = add_months(end.replace(day=1), -(length - 1))
    kept = [month for month in months if first <= month.month <= end]
    return sum((m.hours for m in kept if m.hours is not None), Decimal(0)), sum(m.hours is None for m in kept)


def _hours(person: Person, day: date, law: Law) -> list[Clock]:
    by_month: dict[date, Month] = {}
    for month in person.months:
        if month.last_day <= day:
            before = by_month.get(month.month, Month(month.month, Decimal(0), Decimal(0)))
            by_month[month.month] = Month(
                month.month, _plus(before.hours, month.hours), _plus(before.gross, month.gross)
            )
    months = [by_month[key] for key in sorted(by_month)]
    closed = day if last_day(day.replace(day=1), 1) == day else day.replace(day=1) - timedelta(days=1)
    found = []
    senior = (
        bool(person.birth_date)
        and law.knows("unemployment.senior_age")
        and person.birth_date
        and (add_months(person.birth_date, 12 * law.whole("unemployment.senior_age")) <= day)
    )
    window_key = "unemployment.senior_window_months" if senior else "unemployment.window_months"
    for code, label, key, length, confirmed in (
        ("sickness", "Indemnités maladie et maternité", "sickness.hours_3_months", 3, True),
        ("long_sickness", "Indemnités au-delà de 6 mois d'arrêt", "sickness.hours_12_months", 12, True),
        ("unemployment", "Allocation chômage", "unemployment.hours", law.whole(window_key), False),
    ):
        if not law.knows(key):
            continue
        value, unknown = _window(months, closed, length)
        threshold = law.amount(key)
        reached_on = None
        if value >= threshold:
            reached_on = closed
            for month in reversed(months):
                if month.month > closed or _window(months, month.last_day, length)[0] < threshold:
                    break
                reached_on = month.last_day
        unit = f"heures en {length} mois"
        found.append(Clock(code, label, unit, value, threshold, law.source(key), reached_on, unknown, confirmed))
    found.append(_quarters(months, day, law))
    return found


def _quarters(months: Sequence[Month], day: date, law: Law) -> Clock:
    """Pension quarters of the civil year so far: one for 150 hours of the SMIC of 1 January, four at most (R351-9 CSS)."""
    year = date(day.year, 1, 1)
    mine = [month for month in months if month.month >= year]
    pay = sum((month.gross for month in mine if month.gross is not None), Decimal(0))
    quarter = law.amount("pension.quarter_smic_hours") * law_on(year).amount("smic.hourly")
    most = law.whole("pension.max_quarters")
    return Clock(
        "pension",
        f"Trimestres de retraite {day.year}",
        "trimestres",
        min(Decimal(most), Decimal(pay // quarter)),
        Decimal(most),
        law.source("pension.quarter_smic_hours"),
        unknown_months=sum(month.gross is None for month in mine),
    )


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
