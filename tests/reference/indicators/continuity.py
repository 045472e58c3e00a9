"""Continuity: CON-01 to CON-04; and the quality of the data, QUA-01."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from indicators.measures.shape import plain, rounded, text
from indicators.periods import Period, local_day
from law import law_on
from law.dates import add_months
from tests.reference.indicators.figures import Result, Unit, km, middle, over, shares, total
from tests.reference.indicators.rules import exposed, here, month_of, planned_end, relations
from tests.reference.indicators.world import NEVER, Person, World, end_of


def con_01(world: World, period: Period) -> Result:
    first = add_months(period.end + timedelta(days=1), -12)
    days = [first + timedelta(days=n) for n in range((period.end - first).days + 1)]
    units, exposure, paid = [], 0, 0
    for person in world.people.values():
        present = sum(1 for d in days if any(p.started_on <= d <= (p.ended_on or NEVER) for p in person.pathways))
        if present:
            exposure += present
            covered = sum(1 for d in days if any(c.started_on <= d <= end_of(c) for c in person.contracts))
            paid += sum(
                d or 0
                for c in person.contracts
                for m, rows in c.days.items()
                if first <= m <= period.month
                for d in rows
            )
            units.append(Unit(person.id, Decimal(covered)))
    k, known, eligible = total(units)
    mean = over(k, known)
    parts = {
        "mean": text(mean),
        "median": text(middle([unit.amount for unit in units])),
        "days": None if k is None else plain(k),
        "exposure": str(exposure),
        "density": text(over(k, exposure)),
        "days_worked": str(paid),
    }
    return Result(k, known, eligible, mean, mean, mean, parts)


def con_03(world: World, period: Period) -> Result:
    months = [add_months(period.month, -n) for n in range(12)]
    units, means = [], []
    for person in world.people.values():
        present = [m for m in months if exposed(person, m) and not suspended(person, m)]
        if len(present) < 6:
            continue
        hours = [month_of(person, m) for m in present]
        known = [h for h in hours if h is not None]
        if hours.count(None) > 2 or not sum(known):
            units.append(Unit(person.id, None))
            continue
        mu = Fraction(sum(known)) / len(known)
        variance = sum((Fraction(h) - mu) ** 2 for h in known) / len(known)
        deviation = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
        units.append(Unit(person.id, rounded(Fraction(deviation) / mu, 4)))
        means.append(rounded(mu, 2))
    _k, known_n, eligible = total(units)
    gap = int(eligible - known_n)
    values = [Fraction(u.amount) for u in units if u.amount is not None]
    lowest, highest = (middle([*values, *[Fraction(end)] * gap]) for end in (-(10**9), 10**9))
    return Result(
        None,
        known_n,
        eligible,
        middle(values),
        None if lowest is None or lowest < 0 else lowest,
        None if highest is None or highest > 10**6 else highest,
        {"median_hours": text(middle(means))},
    )


def suspended(person: Person, month: date) -> bool:
    """Whether illness, an accident or parental leave held all of the month."""
    return any(
        s.reason in ("illness", "accident", "parental")
        and s.started_on <= month
        and (s.ended_on or NEVER) >= add_months(month, 1) - timedelta(days=1)
        for c in person.contracts
        for s in c.suspensions
    )


def con_04(world: World, period: Period) -> Result:
    law = law_on(period.end)
    units, leads, renewals = [], [], []
    for person in world.people.values():
        for c in person.contracts:
            end = planned_end(c, period.end, world.known_at)
            if c.securing not in (1, None) or end is None or not period.start <= end <= period.end:
                continue
            if (end - c.started_on).days + 1 < law.whole("contract_end.min_days"):
                continue
            if c.ended_on is not None and c.ended_on < end:
                continue
            limit = end - timedelta(days=law.whole("decision.notice_days"))
            lead = []
            states = []
            for d in c.decisions:
                day = local_day(d.recorded_at)
                told = d.notified_on and max(d.notified_on, d.noted_on)
                if told is not None:
                    lead.append((end - max(day, told)).days)
                if day > limit:
                    states.append(Decimal(0))
                elif told is None:
                    states.append(None)
                else:
                    states.append(Decimal(told <= limit))
            if c.securing is None:
                amount = None
            elif 1 in states:
                amount = Decimal(1)
            else:
                amount = None if None in states else Decimal(0)
            units.append(Unit(person.id, amount))
            if lead:
                leads.append(max(lead))
            renewing = [r for r in person.contracts if r.renews_id == c.pgh_obj_id]
            if renewing:
                dated = [r.signed_on <= end for r in renewing if r.signed_on is not None]
                renewals.append(any(dated) if dated else None)
    return shares(
        units,
        lead_time=text(middle(leads)),
        renewals=str(len(renewals)),
        renewals_dated=str(len([r for r in renewals if r is not None])),
        renewals_signed_in_time=str(renewals.count(True)),
    )


def qua_01(world: World, period: Period) -> Result:
    """Months of pay due and known; the delay from a month's end to its record, censored at K when there is none."""
    months, lags = [], []
    for person in world.people.values():
        for c in person.contracts:
            for m in [m for m in {*c.months, *c.undeclared} if period.start <= m <= period.end]:
                known = None not in c.months.get(m, [None])
                months.append(known)
                day = world.recorded.get((c.pgh_obj_id, m)) if known else None
                end = add_months(m, 1) - timedelta(days=1)
                lags.append((max(((day or local_day(world.known_at)) - end).days, 0), day is not None))
    n, k = Decimal(len(months)), Decimal(sum(months))
    rate = over(k, n)
    _curve, lag = km(lags)
    parts = {"months_due": plain(n), "months_known": plain(k), "median_lag": text(lag)}
    result = Result(k if n else None, n, n, rate, rate, rate, parts)
    result.covered = (k, n)
    return result


def con_02(world: World, period: Period) -> Result:
    days = law_on(period.end).whole("resumption.days")
    units, lives, left_soon = [], [], 0
    for person in world.people.values():
        for spell in relations(person, 0):
            begun = [c for c in spell if c.started_on <= period.end]
            end = max((end_of(c) for c in begun), default=NEVER)
            staying = here(person, end)
            if not period.start <= end <= period.end or not staying:
                continue
            [pathway] = staying
            left = pathway.ended_on or NEVER
            later = [c.started_on for c in person.contracts if end < c.started_on <= period.end]
            delay = (min(later) - end).days if later else None
            resumed = delay is not None and delay <= days
            if left <= min(end + timedelta(days=days), period.end) and not resumed:
                left_soon += 1  # out of the risk set, and counted apart
                continue
            if end <= period.end - timedelta(days=days):
                units.append(Unit(person.id, Decimal(resumed)))
            if delay is not None and (resumed or end + timedelta(days=delay) <= left):
                lives.append((delay, True))
            else:
                lives.append(((min(left, period.end) - end).days, False))
    _curve, median = km(lives)
    return shares(
        units,
        median_delay=text(median),
        max_follow_up=text(max((t for t, _event in lives), default=None)),
        left_soon=str(left_soon),
        availability_unknown=str(len(units)),
    )
