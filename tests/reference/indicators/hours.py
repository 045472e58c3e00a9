"""Hours: TPS-01 to TPS-04."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from indicators.measures.shape import rounded, text
from indicators.periods import Period
from law import law_on
from law.dates import add_months
from law.nomenclature import contract_kind, nomenclatures
from tests.reference.indicators.figures import Result, Unit, means, middle, over, shares
from tests.reference.indicators.rules import active, active_with_doubt, exposed, sum_known
from tests.reference.indicators.world import Person, World


def tps_03(world: World, period: Period) -> Result:
    law = law_on(period.end)
    lifting = {
        entry["code"]
        for entry in nomenclatures()["derogation_kind"]
        if entry.get("lifts") in ("weekly_hours", "part_time")
    }
    mains = {person.id: main for person, main in active(world, period.month)}
    units, derogated = [], 0
    for person, _paid in active_with_doubt(world, period.month):
        main = mains.get(person.id)
        months = [sum_known(person, add_months(period.month, -n)) for n in range(3)]
        kind = contract_kind(main.kind) if main else None
        if kind is None or any(missing for _h, missing in months):
            units.append(Unit(person.id, None))
            continue
        worked = [h for h, _missing in months if h >= 1]
        weekly = Fraction(sum(worked)) / len(worked) * 12 / 52
        enough = weekly >= Fraction(law.amount("cddi.min_weekly_hours" if kind.cddi else "part_time.min_weekly_hours"))
        units.append(Unit(person.id, Decimal(enough)))
        derogated += not enough and any(
            row.kind in lifting and row.started_on <= period.end <= row.ended_on
            for row in [*person.derogations, *world.derogations]
        )
    return shares(units, derogated=str(derogated))


def wishes(world: World, period: Period) -> list[tuple[Person, Fraction | None, Any]]:
    """Active people with the weekly hours they really have, when known, and their wish, when not too old."""
    oldest = add_months(period.end, -law_on(period.end).whole("wish.max_months"))
    found = []
    for person, paid in active_with_doubt(world, period.month):
        last3 = [add_months(period.month, -n) for n in range(3)]
        months = [sum_known(person, month) for month in last3]
        weeks = Fraction(52, 12) * (sum(exposed(person, month) for month in last3) or 3)
        known = paid and not any(missing for _h, missing in months)
        actual = Fraction(sum(h for h, _missing in months)) / weeks if known else None
        said = [w for w in person.wishes if w.stated_on <= period.end]
        wish = max(said, key=lambda w: (w.stated_on, w.pgh_obj_id)) if said else None
        found.append((person, actual, wish if wish and wish.stated_on >= oldest else None))
    return found


def tps_01(world: World, period: Period) -> Result:
    units, within, wished = [], Fraction(0), Fraction(0)
    for person, actual, wish in wishes(world, period):
        if actual is None or wish is None:
            units.append(Unit(person.id, None))
            continue
        least = min(actual, Fraction(wish.weekly_hours))
        within += least
        wished += Fraction(wish.weekly_hours)
        units.append(Unit(person.id, rounded(least / Fraction(wish.weekly_hours), 20)))
    return means(units, 1, ratio_of_sums=text(over(within, wished)))


def tps_02(world: World, period: Period) -> Result:
    units, constrained = [], 0
    for person, actual, wish in wishes(world, period):
        if actual is None or wish is None:
            units.append(Unit(person.id, None))
        elif actual >= 35 or wish.weekly_hours <= actual:
            units.append(Unit(person.id, Decimal(0)))
        else:
            constrained += wish.available is False and wish.held_back_by != ""
            units.append(Unit(person.id, None if wish.available is None else Decimal(wish.available)))
    return shares(units, constrained=str(constrained))


def tps_04(world: World, period: Period) -> Result:
    least = law_on(period.end).whole("assignment.notice_days")
    units, notices, cancelled = [], [], 0
    for person in world.people.values():
        for row in [a for c in person.contracts for a in c.assignments if period.start <= a.started_on <= period.end]:
            notice = None if row.announced_on is None else (row.started_on - row.announced_on).days
            notices += [] if notice is None else [notice]
            cancelled += row.cancelled_on is not None
            units.append(Unit(person.id, None if notice is None else Decimal(notice >= least)))
    return shares(units, median_notice=text(middle(notices)), cancelled=str(cancelled))
