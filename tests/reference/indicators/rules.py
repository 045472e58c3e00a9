"""The common rules of the reference (§2.1) as loops: terms at a cut, chains (H), active workers (A), main contract (X), exposure."""

import itertools
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from contracts.models import Contract
from indicators.periods import Period
from law import law_on
from law.dates import add_months, lasts_at_least
from law.exits import exit_class, exit_counted
from tests.reference.indicators.world import NEVER, Person, World, end_of


def term(contract: Any, name: str, counts_from: str, cut: date, known_at: datetime) -> Any:
    """A term of the contract as it held at the cut, amendments unwound."""
    changes = [a for a in contract.amendments if getattr(a, name) is not None]
    if not [a for a in changes if getattr(a, counts_from) > cut]:
        return getattr(contract, name)
    before = [a for a in changes if getattr(a, counts_from) <= cut]
    if before:
        return getattr(max(before, key=lambda a: (getattr(a, counts_from), a.pgh_obj_id)), name)
    recorded = min(a.recorded_at for a in changes)
    events = list(
        Contract.pgh_event_model.objects.filter(pgh_obj_id=contract.pgh_obj_id, pgh_created_at__lte=known_at).order_by(
            "pgh_id"
        )
    )
    earlier = [e for e in events if e.pgh_created_at < recorded]
    return getattr(earlier[-1] if earlier else events[0], name)


def planned_end(contract: Any, cut: date, known_at: datetime) -> date | None:
    if contract.open_ended:
        return None
    return term(contract, "planned_end_on", "signed_on", cut, known_at)


def chain(person: Person, contract: Any, cut: date, known_at: datetime, hopeful: bool) -> tuple[date, date] | None:
    """First day and planned end of the contract's chain at the cut; `hopeful` reads every unknown in its favour."""
    links = []
    for c in person.contracts:
        if c.signed_on is not None:
            counts = c.signed_on <= cut
        else:
            counts = hopeful or c.started_on <= cut
        if not counts:
            continue
        broken = c.ended_on if c.ended_on is not None and c.ended_on <= cut else None
        planned = NEVER if c.open_ended else planned_end(c, cut, known_at)
        unknown = NEVER if hopeful else c.started_on
        links.append(
            SimpleNamespace(
                id=c.pgh_obj_id,
                start=c.started_on,
                broken=broken,
                renews=c.renews_id,
                reaches=broken or planned or unknown,
                planned=planned or (NEVER if hopeful else broken or c.started_on),
            )
        )
    for link, other in itertools.product(links, links):
        if other.renews == link.id:
            link.reaches = max(link.reaches, other.start - timedelta(days=1))
    links.sort(key=lambda link: (link.start, link.id))
    found: list[list[Any]] = []
    for link in links:
        reached = max((other.reaches for other in found[-1]), default=None) if found else None
        if reached is None or (reached != NEVER and link.start > reached + timedelta(days=1)):
            found.append([])
        found[-1].append(link)
    for group in found:
        if contract.pgh_obj_id in [link.id for link in group]:
            last = max(link.start for link in group)
            ends = [link.broken if link.broken and link.broken < last else link.planned for link in group]
            return group[0].start, max(ends)
    return None


def lasts(span: tuple[date, date] | None, months: int) -> bool:
    return span is not None and (span[1] == NEVER or lasts_at_least(span[0], span[1], months))


def active(world: World, month: date) -> list[tuple[Person, Any]]:
    """Rule A with rule X: (person, main contract), None for a main contract that is not known."""
    found = []
    for person in world.people.values():
        lines = []
        for c in person.contracts:
            if month in c.months:
                lines.append((sum(h for h in c.months[month] if h is not None), None in c.months[month], c))
            elif month in c.undeclared:
                lines.append((Decimal(0), True, c))
        hours = sum(line[0] for line in lines)
        doubt = any(line[1] for line in lines)
        if hours >= 1:
            main = sorted(
                lines,
                key=lambda line: (
                    -line[0],
                    -(line[2].securing if line[2].securing is not None else -1),
                    line[2].started_on,
                    line[2].pgh_obj_id,
                ),
            )[0][2]
            found.append((person, None if doubt and len(lines) > 1 else main))
        elif doubt:
            found.append((person, None))
    return found


def active_with_doubt(world: World, month: date) -> list[tuple[Person, Any]]:
    """Rule A: (person, whether she was surely paid an hour)."""
    found = []
    for person in world.people.values():
        hours, doubt = sum_known(person, month)
        if hours >= 1 or doubt:
            found.append((person, True if hours >= 1 else None))
    return found


def sum_known(person: Person, month: date) -> tuple[Decimal, bool]:
    rows = [row for c in person.contracts for row in c.months.get(month, [None] if month in c.undeclared else [])]
    return sum((row for row in rows if row is not None), Decimal(0)), None in rows


def pay_of(person: Person, month: date) -> tuple[Decimal, bool]:
    """Gross pay of a person's month: what is known of it, and whether some is not. A month not closed is not known."""
    rows = [row for c in person.contracts for row in c.pays.get(month, [None] if month in c.undeclared else [])]
    return sum((row for row in rows if row is not None), Decimal(0)), None in rows


def month_of(person: Person, month: date) -> Decimal | None:
    """Paid hours of a person's month, None when a contract's are not known."""
    hours = Decimal(0)
    for c in person.contracts:
        rows = c.months.get(month, [None] if month in c.undeclared else [])
        if None in rows:
            return None
        hours += sum(rows, Decimal(0))
    return hours


def leaving_day(pathway: Any) -> date | None:
    return (pathway.exit.exited_on if pathway.exit else None) or pathway.ended_on


def months_of(period: Period) -> list[date]:
    """First days of the months of a period."""
    found = [period.start.replace(day=1)]
    while add_months(found[-1], 1) <= period.end:
        found.append(add_months(found[-1], 1))
    return found


def year_before(period: Period) -> date:
    """First day of the twelve months that end with the period."""
    return add_months(period.month, -11)


def pathway_days(person: Person, first: date, last: date) -> int:
    """Days of pathway between two days, both included, pathway by pathway."""
    return sum(
        max((min(p.ended_on or NEVER, last) - max(p.started_on, first)).days + 1, 0)
        for p in person.pathways
        if p.started_on <= last
    )


def exposed(person: Person, month: date) -> bool:
    """Whether she was in a pathway a day of the month at least."""
    return any(p.started_on < add_months(month, 1) and (p.ended_on or NEVER) >= month for p in person.pathways)


def here(person: Person, day: date) -> list[Any]:
    """Her pathways that hold a day."""
    return [p for p in person.pathways if p.started_on <= day <= (p.ended_on or NEVER)]


def relations(person: Person, gap: int) -> list[list[Any]]:
    """Her contracts, by start, in groups that at most `gap` days part; a renewal never parts."""
    found: list[list[Any]] = []
    reached = date.min
    renewals: dict[int, date] = defaultdict(lambda: date.min)
    for c in person.contracts:
        if c.renews_id:
            renewals[c.renews_id] = max(renewals[c.renews_id], c.started_on)
    for c in sorted(person.contracts, key=lambda c: (c.started_on, c.pgh_obj_id)):
        if not found or (reached != NEVER and c.started_on > reached + timedelta(days=gap)):
            found.append([])
        found[-1].append(c)
        reached = max(reached, end_of(c), renewals[c.pgh_obj_id])
    return found


def outcome_of(pathway: Any, period: Period) -> str | None:
    """The class of a departure on the law of the period's last day, None when unknown."""
    if pathway.exit is None or not pathway.exit.outcome:
        return None
    if pathway.exit.outcome == "cdd_mission" and pathway.exit.contract_months is None:
        return "job_of_unknown_length"
    return exit_class(pathway.exit.outcome, pathway.exit.contract_months, law_on(period.end))


def in_scope(world: World, person: Person, pathway: Any, period: Period) -> bool | None:
    """asp_2014: three months in the pathway, or 150 hours in an AI or ETTI; None when the hours are not known."""
    day, first = leaving_day(pathway), pathway.started_on.replace(day=1)
    rows = [h for c in person.contracts for m, declared in c.months.items() if first <= m <= day for h in declared]
    awaited = any(first <= m <= day for c in person.contracts for m in c.undeclared)
    hours = sum((h for h in rows if h is not None), Decimal(0))
    counted = exit_counted(world.kind, pathway.started_on, day, hours, law_on(period.end))
    if world.kind in ("AI", "ETTI") and not counted and (None in rows or awaited):
        return None
    return counted


def came_back(person: Person, pathway: Any, period: Period) -> bool:
    """Whether she was in another pathway soon enough for the departure not to be one."""
    day = leaving_day(pathway)
    back = day + timedelta(days=law_on(period.end).whole("exit.reentry_days"))
    return any(day < q.started_on <= back for q in person.pathways if q is not pathway)


def leavers(world: World, period: Period) -> list[tuple[Person, Any]]:
    """Each person's last departure of the period."""
    found = []
    for person in world.people.values():
        gone = [
            (leaving_day(p), p.pgh_obj_id, p)
            for p in person.pathways
            if leaving_day(p) and period.start <= leaving_day(p) <= period.end and not came_back(person, p, period)
        ]
        if gone:
            found.append((person, max(gone, key=lambda e: e[:2])[2]))
    return found
