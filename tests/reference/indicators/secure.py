"""Secure contracts and continuity: SEC-01 to SEC-04, CON-01, CON-03, CON-04, QUA-01."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from indicators.measures.shape import plain, text
from indicators.periods import Period
from law import law_on
from law.dates import add_months
from law.exits import exit_class
from tests.reference.indicators.figures import Result, Unit, durations, over, shares, total
from tests.reference.indicators.rules import active, chain, lasts, leaving_day, months_of, planned_end
from tests.reference.indicators.world import NEVER, Person, World, end_of


def sec_01(world: World, period: Period) -> Result:
    """The share in the last month; of a year, the mean of its twelve months, each with its own cut."""
    if not period.is_year:
        units, classes = securing_units(world, period.end)
        return shares(units, **{f"class_{n}": str(classes.count(n)) for n in (2, 1, 0)})
    months = [securing_units(world, add_months(month, 1) - timedelta(days=1)) for month in months_of(period)]
    found = [shares(units) for units, _classes in months if units]

    def mean(values: list[Fraction | None]) -> Fraction | None:
        known = [value for value in values if value is not None]
        return sum(known, Fraction(0)) / len(known) if known else None

    everyone = [unit for units, _classes in months for unit in units]
    k, known, eligible = total(everyone)
    return Result(
        None if k is None else Fraction(k) / 12,
        Fraction(known) / 12,
        Fraction(eligible) / 12,
        mean([result.value for result in found]),
        mean([result.low for result in found]),
        mean([result.high for result in found]),
        {f"class_{n}": text(Fraction(sum(classes.count(n) for _u, classes in months), 12), 1) for n in (2, 1, 0)},
        units=everyone,
        scale=12,
    )


def securing_units(world: World, cut: date) -> tuple[list[Unit], list[int | None]]:
    months = law_on(cut).whole("securing.min_months")
    units, classes = [], []
    for person, main in active(world, cut.replace(day=1)):
        securing = main.securing if main else None
        classes.append(securing)
        if securing is None:
            amount = None
        elif securing != 1:
            amount = Decimal(securing == 2)
        elif lasts(chain(person, main, cut, world.known_at, False), months):
            amount = Decimal(1)
        elif lasts(chain(person, main, cut, world.known_at, True), months):
            amount = None
        else:
            amount = Decimal(0)
        units.append(Unit(person.id, amount))
    return units, classes


def span_is_short(span: tuple[date, date], days: int) -> bool:
    return span[1] != NEVER and (span[1] - span[0]).days + 1 < days


def sec_02(world: World, period: Period) -> Result:
    limit = law_on(period.end).whole("short.max_days")
    units = []
    by_task = short_hours = Decimal(0)
    months = gaps = 0
    for person in world.people.values():
        for c in person.contracts:
            for month in sorted({*c.months, *c.undeclared}):
                if not period.start <= month <= period.end:
                    continue
                rows = c.months.get(month, [None])
                hours = sum((h for h in rows if h is not None), Decimal(0))
                if hours == 0 and None not in rows:
                    continue
                months += 1
                gaps += None in rows
                short = contract_is_short(person, c, period, world.known_at, limit)
                if c.securing == 0:
                    by_task += hours
                elif short:
                    short_hours += hours
                units.append(Unit(person.id, None if short is None else hours * short, hours))
    _k, known, eligible = total(units)
    result = shares(
        units,
        task_hours=plain(by_task),
        short_hours=plain(short_hours),
        unknown_hours=plain(eligible - known),
        months_to_declare=str(gaps),
    )
    result.covered = (Decimal(months - gaps), Decimal(months))
    return result


def contract_is_short(person: Person, c: Any, period: Period, known_at: datetime, limit: int) -> bool | None:
    if c.securing != 1:
        return None if c.securing is None else c.securing == 0
    sure = chain(person, c, period.end, known_at, False)
    hopeful = chain(person, c, period.end, known_at, True)
    if sure is None:
        own = planned_end(c, period.end, known_at)
        if own is not None and not span_is_short((c.started_on, own), limit):
            return False
        if hopeful is not None and not span_is_short(hopeful, limit):
            return None
        return None if own is None else True
    if not span_is_short(sure, limit):
        return False
    if hopeful is not None and not span_is_short(hopeful, limit):
        return None
    return True


def sec_03(world: World, period: Period) -> Result:
    law = law_on(period.end)
    month = add_months(period.month, -12)
    units, moves = [], defaultdict(int)
    now = {person.id: main for person, main in active(world, period.month)}
    internal = durable = 0
    for person, main in active(world, month):
        leaving = [
            (leaving_day(p), p.pgh_obj_id, p)
            for p in person.pathways
            if leaving_day(p) and month <= leaving_day(p) <= period.end
        ]
        last = max(leaving, key=lambda e: e[:2])[2] if leaving else None
        outcome = last.exit.outcome if last and last.exit else ""
        if person.id in now:
            state = now[person.id] and {0: "U", 1: "I", 2: "C"}.get(now[person.id].securing)
            state = state or "?"
        elif any(
            p.started_on <= period.end and (p.ended_on is None or p.ended_on > period.end) for p in person.pathways
        ):
            state = "N"
        elif outcome == "retired":
            continue
        else:
            kind = exit_class(outcome, last.exit.contract_months, law) if outcome else None
            if outcome == "cdd_mission" and last.exit.contract_months is None:
                kind = None
            state = {"durable": "X+", "transition": "Xo", "positive": "Xo", "other": "Xo"}.get(kind or "", "?")
            if outcome == "retired":
                continue
        if person.id not in now and outcome == "retired":
            continue
        origin = {0: "U", 1: "I", 2: "C"}.get(main.securing, "?") if main else "?"
        moves[f"{origin} {state}"] += 1
        if origin == "C":
            continue
        if origin == "?" or state == "?":
            units.append(Unit(person.id, None))
            continue
        up = state in ("C", "X+") or (origin == "U" and state == "I")
        internal += up and state != "X+"
        durable += state == "X+"
        units.append(Unit(person.id, Decimal(up)))
    _k, known, _eligible = total(units)
    states = ("U", "I", "C", "X+", "Xo", "N", "?")
    return shares(
        units,
        internal=text(over(internal, known)),
        durable_exits=text(over(durable, known)),
        matrix={a: {b: moves[f"{a} {b}"] for b in states} for a in ("U", "I", "C")},
    )


def sec_04(world: World, period: Period) -> Result:
    gap = law_on(period.end).whole("relationship.gap_days")
    pairs = []
    for person in world.people.values():
        relations: list[list[Any]] = []
        reached = date.min
        renewals = defaultdict(lambda: date.min)
        for c in person.contracts:
            if c.renews_id:
                renewals[c.renews_id] = max(renewals[c.renews_id], c.started_on)
        for c in sorted(person.contracts, key=lambda c: (c.started_on, c.pgh_obj_id)):
            if not relations or (reached != NEVER and c.started_on > reached + timedelta(days=gap)):
                relations.append([])
            relations[-1].append(c)
            reached = max(reached, end_of(c), renewals[c.pgh_obj_id])
        for relation in relations:
            begun = [c for c in relation if c.started_on <= period.end]
            if not begun or begun[0].started_on <= add_months(period.end, -36):
                continue
            until = max(end_of(c) for c in begun)
            last = max(c.started_on for c in begun)
            exits = [d for p in person.pathways if (d := leaving_day(p)) and last <= d <= period.end]
            left = min(exits, default=None)
            ended = left is not None or until <= period.end - timedelta(days=gap)
            pairs.append(((min(until, left or NEVER, period.end) - begun[0].started_on).days, ended))
    return durations(pairs, 730)
