"""Indicators worked out slowly: rows replayed from the history, loops, fractions. Nothing shared with the SQL but the
definitions, the law, the shape of a value and the arithmetic of curves.

`compare(organisation, period, known_at)` lists what the SQL says otherwise; an empty list is what is hoped for.
"""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from django.db import models

from accounts.models import Organisation
from contracts.models import Amendment, Contract, Decision, WorkedMonth
from indicators.catalogue import definitions
from indicators.computation import compute
from indicators.measures.shape import plain, rounded, text
from indicators.periods import Period, local_day
from law import law_on
from law.dates import add_months, lasts_at_least
from law.exits import exit_class, exit_counted
from law.nomenclature import contract_kind
from parcours.models import Exit, Pathway, PlanReview, Worker
from rights.models import RightStep
from skills.models import Training, TrainingSession

NEVER = date.max


def replay(model: type[models.Model], known_at: datetime, **where: Any) -> list[Any]:
    """The rows of a model as they stood at a knowledge date, by replaying every event in the order it was written."""
    rows: dict[int, Any] = {}
    for event in model.pgh_event_model.objects.filter(**where).order_by("pgh_id"):
        if event.pgh_created_at <= known_at:
            if event.pgh_label == "delete":
                rows.pop(event.pgh_obj_id, None)
            else:
                rows[event.pgh_obj_id] = event
    return [rows[key] for key in sorted(rows)]


@dataclass
class Person:
    id: int
    contracts: list[Any] = field(default_factory=list)
    pathways: list[Any] = field(default_factory=list)
    trainings: list[Any] = field(default_factory=list)


class World:
    """All that is known at K about a structure."""

    def __init__(self, organisation: Organisation, known_at: datetime, last_month: date) -> None:
        self.kind = organisation.kind
        self.known_at = known_at
        self.people = {
            row.pgh_obj_id: Person(row.pgh_obj_id) for row in replay(Worker, known_at, organisation=organisation)
        }
        self.contracts: dict[int, Any] = {}
        for row in replay(Contract, known_at, worker__in=self.people):
            kind = contract_kind(row.kind)
            row.securing = kind.securing if kind else None
            row.open_ended = bool(kind and kind.open_ended)
            row.months, row.pays = {}, {}
            row.undeclared = set()
            row.amendments, row.decisions = [], []
            self.contracts[row.pgh_obj_id] = row
            self.people[row.worker_id].contracts.append(row)
        for row in replay(Amendment, known_at, contract__in=self.contracts):
            first = Amendment.pgh_event_model.objects.filter(pgh_obj_id=row.pgh_obj_id).order_by("pgh_created_at")
            row.recorded_at = first[0].pgh_created_at
            self.contracts[row.contract_id].amendments.append(row)
        for row in replay(Decision, known_at, contract__in=self.contracts):
            if row.kind in ("renew", "convert_cdi", "end_with_exit_plan"):
                self.contracts[row.contract_id].decisions.append(row)
        for row in replay(WorkedMonth, known_at, contract__in=self.contracts):
            self.contracts[row.contract_id].months.setdefault(row.month, []).append(row.paid_hours)
            self.contracts[row.contract_id].pays.setdefault(row.month, []).append(row.gross_pay if row.closed else None)
        self.undeclared_months(last_month)
        for row in replay(Pathway, known_at, worker__in=self.people):
            row.exit, row.steps, row.reviews = None, [], []
            self.people[row.worker_id].pathways.append(row)
        pathways = {p.pgh_obj_id: p for person in self.people.values() for p in person.pathways}
        for row in replay(Exit, known_at, pathway__in=pathways):
            pathways[row.pathway_id].exit = row
        for row in replay(RightStep, known_at, pathway__in=pathways):
            pathways[row.pathway_id].steps.append(row)
        for row in replay(PlanReview, known_at, pathway__in=pathways):
            pathways[row.pathway_id].reviews.append(row)
        trainings = {}
        for row in replay(Training, known_at, worker__in=self.people):
            if row.afest and not (row.afest_situation and row.afest_reviewed_on):
                continue  # a training at work counts when its situation and its review are traced
            row.sessions = []
            trainings[row.pgh_obj_id] = row
            self.people[row.worker_id].trainings.append(row)
        for row in replay(TrainingSession, known_at, training__in=trainings):
            trainings[row.training_id].sessions.append(row)

    def undeclared_months(self, last_month: date) -> None:
        """Months after the last one the structure declared hours for, of contracts in force and without a row."""
        declared = [
            month
            for c in self.contracts.values()
            for month, rows in c.months.items()
            if all(h is not None for h in rows)
        ]
        if declared:
            month = add_months(max(declared), 1)
        elif self.contracts:
            month = min(c.started_on for c in self.contracts.values()).replace(day=1)
        else:
            return
        while month <= last_month:
            for c in self.contracts.values():
                in_force = c.started_on < add_months(month, 1) and end_of(c) >= month
                if in_force and month not in c.months:
                    c.undeclared.add(month)
            month = add_months(month, 1)


def end_of(contract: Any) -> date:
    """Rule U: effective end, else planned end, else never; an open-ended contract has no planned end."""
    if contract.ended_on is not None:
        return contract.ended_on
    if contract.open_ended or contract.planned_end_on is None:
        return NEVER
    return contract.planned_end_on


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


@dataclass
class Unit:
    worker: int
    amount: Decimal | None
    weight: Decimal = Decimal(1)


@dataclass
class Result:
    """What compare() checks, field by field."""

    k: Decimal | None
    known: Decimal
    eligible: Decimal
    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    parts: dict[str, Any]
    covered: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))


def total(units: list[Unit]) -> tuple[Decimal | None, Decimal, Decimal]:
    known = [unit for unit in units if unit.amount is not None]
    n = sum((unit.weight for unit in known), Decimal(0))
    k = sum((unit.amount for unit in known), Decimal(0)) if n else None
    return k, n, sum((unit.weight for unit in units), Decimal(0))


def over(part: Any, whole: Any) -> Fraction | None:
    return Fraction(part or 0) / Fraction(whole) if whole else None


def shares(units: list[Unit], **parts: Any) -> Result:
    k, known, eligible = total(units)
    return Result(
        k,
        known,
        eligible,
        over(k, known),
        over(k, eligible),
        over((k or 0) + eligible - known, eligible),
        parts,
    )


def middle(values: list[Any]) -> Fraction | None:
    ordered = sorted(Fraction(v) for v in values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


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


def sec_01(world: World, period: Period) -> Result:
    months = law_on(period.end).whole("securing.min_months")
    units, classes = [], []
    for person, main in active(world, period.month):
        securing = main.securing if main else None
        classes.append(securing)
        if securing is None:
            amount = None
        elif securing != 1:
            amount = Decimal(securing == 2)
        elif lasts(chain(person, main, period.end, world.known_at, False), months):
            amount = Decimal(1)
        elif lasts(chain(person, main, period.end, world.known_at, True), months):
            amount = None
        else:
            amount = Decimal(0)
        units.append(Unit(person.id, amount))
    return shares(
        units,
        class_2=str(classes.count(2)),
        class_1=str(classes.count(1)),
        class_0=str(classes.count(0)),
    )


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


def con_01(world: World, period: Period) -> Result:
    first = add_months(period.end + timedelta(days=1), -12)
    days = [first + timedelta(days=n) for n in range((period.end - first).days + 1)]
    units, exposure = [], 0
    for person in world.people.values():
        present = sum(1 for d in days if any(p.started_on <= d <= (p.ended_on or NEVER) for p in person.pathways))
        if present:
            exposure += present
            covered = sum(1 for d in days if any(c.started_on <= d <= end_of(c) for c in person.contracts))
            units.append(Unit(person.id, Decimal(covered)))
    k, known, eligible = total(units)
    mean = over(k, known)
    parts = {
        "mean": text(mean),
        "median": text(middle([unit.amount for unit in units])),
        "days": None if k is None else plain(k),
        "exposure": str(exposure),
        "density": text(over(k, exposure)),
        "days_worked": "0",
    }
    return Result(k, known, eligible, mean, mean, mean, parts)


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
                if d.notified_on is not None:
                    lead.append((end - max(day, d.notified_on)).days)
                if day > limit:
                    states.append(Decimal(0))
                elif d.notified_on is None:
                    states.append(None)
                else:
                    states.append(Decimal(d.notified_on <= limit))
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


def rem_02(world: World, period: Period) -> Result:
    smic = law_on(period.end).amount("smic.hourly")
    units = []
    for person, main in active(world, period.month):
        rate = term(main, "hourly_gross", "effective_on", period.end, world.known_at) if main else None
        units.append(Unit(person.id, rate))
    _k, known, eligible = total(units)
    rates = [Fraction(unit.amount) for unit in units if unit.amount is not None]
    if not units:
        return Result(None, known, eligible, None, None, None, {})
    gap = int(eligible - known)
    lowest, highest = (middle([*rates, *[Fraction(end)] * gap]) for end in (-(10**9), 10**9))
    hourly = middle(rates)
    return Result(
        None,
        known,
        eligible,
        over(hourly, smic) if hourly is not None else None,
        None if lowest is None or lowest < 0 else over(lowest, smic),
        None if highest is None or highest > 10**6 else over(highest, smic),
        {"median_hourly": text(hourly), "smic": plain(smic)},
    )


def com_01(world: World, period: Period) -> Result:
    has_norm = world.kind in ("AI", "ETTI", "EI", "ACI", "EITI")
    units: list[Unit] = []
    paid_hours = safety = Decimal(0)
    fte = Fraction(0)
    days_known = days_unknown = safety_unknown = empty = 0
    for person in world.people.values():
        hours, doubt, own_fte = Decimal(0), False, Fraction(0)
        for c in person.contracts:
            for month in {*c.months, *c.undeclared}:
                if period.start <= month <= period.end:
                    rows = c.months.get(month, [None])
                    worked = sum((h for h in rows if h is not None), Decimal(0))
                    hours += worked
                    doubt = doubt or None in rows
                    if has_norm:
                        own_fte += Fraction(worked) / law_on(month).whole(f"fte.hours.{world.kind}")
        if hours < 1 and not doubt:
            continue
        sessions = [(t, s) for t in person.trainings for s in t.sessions if period.start <= s.held_on <= period.end]
        chosen = [s.attended_hours for t, s in sessions if not t.mandatory_safety]
        secure = [s.attended_hours for t, s in sessions if t.mandatory_safety]
        days_known += len(chosen) - chosen.count(None)
        days_unknown += chosen.count(None)
        safety_unknown += secure.count(None)
        for t in person.trainings:
            overlaps = t.started_on <= period.end and (t.ended_on or t.started_on) >= period.start
            empty += overlaps and not t.sessions and not t.mandatory_safety
        if hours >= 1:
            units.append(Unit(person.id, sum((h for h in chosen if h is not None), Decimal(0))))
            safety += sum((h for h in secure if h is not None), Decimal(0))
            paid_hours += hours
            fte += own_fte
        else:
            units.append(Unit(person.id, None))
    k, known, eligible = total(units)
    full_time = fte if has_norm else Fraction(0)
    return Result(
        k,
        known,
        eligible,
        over(k, known),
        over(k, eligible),
        None if empty else over((k or 0) + 12 * days_unknown, known),
        {
            "per_fte": text(over(k, full_time)),
            "fte": text(full_time),
            "paid_hours": plain(paid_hours),
            "safety_hours": plain(safety),
            "safety_days_unknown": str(safety_unknown),
            "training_days_unknown": str(days_unknown),
            "trainings_without_days": str(empty),
        },
        (Decimal(days_known), Decimal(days_known + days_unknown + empty)),
    )


def renews_an_open_right(step: Any, pathway: Any, cut: date) -> bool:
    """A renewal under way is not yet due while the right it continues is open."""
    former = next((s for s in pathway.steps if s.pgh_obj_id == step.renewed_from_id), None)
    if former is None or former.triggered_on > cut or not former.opened_on or former.opened_on > cut:
        return False
    lapsed = former.state == "lapsed" and (former.closed_on is None or former.closed_on <= cut)
    over = former.state in ("refused", "not_concerned", "declined", "renewed") and (former.closed_on or NEVER) <= cut
    return cut <= (former.expires_on or NEVER) and not lapsed and not over


def acc_01(world: World, period: Period) -> Result:
    cut = period.end
    late_days = law_on(cut).whole("right.non_take_up_days")
    units: list[Unit] = []
    present = diagnosed = declined = late = old = 0
    for person in world.people.values():
        for pathway in person.pathways:
            if not pathway.started_on <= cut <= (pathway.ended_on or NEVER):
                continue
            present += 1
            diagnosed += pathway.rights_diagnosed_on is not None and pathway.rights_diagnosed_on <= cut
            for step in pathway.steps:
                if step.triggered_on > cut or renews_an_open_right(step, pathway, cut):
                    continue
                closing = step.state in ("refused", "not_concerned", "declined") or (
                    step.state == "renewed" and step.closed_on is not None
                )
                if closing and step.closed_on is not None and step.closed_on <= cut:
                    declined += step.state == "declined"
                    continue
                is_open = step.opened_on is not None and step.opened_on <= cut <= (step.expires_on or NEVER)
                if step.state == "lapsed" and (step.closed_on is None or step.closed_on <= cut):
                    is_open = False
                if closing and step.closed_on is None:
                    amount = None
                elif is_open:
                    amount = Decimal(1)
                elif step.state == "" and step.opened_on is None:
                    amount = None
                else:
                    amount = Decimal(0)
                units.append(Unit(person.id, amount))
                deadline = step.triggered_on + timedelta(days=late_days)
                if amount is not None and deadline <= cut:
                    old += 1
                    late += step.opened_on is None or step.opened_on > deadline
    result = shares(
        units,
        diagnosed=str(diagnosed),
        in_pathway=str(present),
        not_open_after_90_days=str(late),
        triggered_90_days_ago=str(old),
        declined=str(declined),
    )
    result.covered = (Decimal(diagnosed), Decimal(present))
    return result


def sor_01(world: World, period: Period) -> Result:
    law = law_on(period.end)
    units, lines = [], defaultdict(int)
    for person in world.people.values():
        exits = []
        for p in person.pathways:
            day = (p.exit.exited_on if p.exit else None) or p.ended_on
            if day is None or not period.start <= day <= period.end:
                continue
            back = day + timedelta(days=law.whole("exit.reentry_days"))
            if not any(day < q.started_on <= back for q in person.pathways if q is not p):
                exits.append((day, p.pgh_obj_id, p))
        if not exits:
            continue
        day, _id, pathway = max(exits, key=lambda e: e[:2])
        outcome = pathway.exit.outcome if pathway.exit else ""
        months = pathway.exit.contract_months if pathway.exit else None
        kind = exit_class(outcome, months, law)
        if outcome == "cdd_mission" and months is None:
            kind = "job_of_unknown_length"
        rows = [
            row
            for c in person.contracts
            for month, declared in c.months.items()
            if pathway.started_on.replace(day=1) <= month <= day
            for row in declared
        ]
        awaited = any(pathway.started_on.replace(day=1) <= m <= day for c in person.contracts for m in c.undeclared)
        hours = sum((h for h in rows if h is not None), Decimal(0))
        counted: bool | None = exit_counted(world.kind, pathway.started_on, day, hours, law)
        if world.kind in ("AI", "ETTI") and not counted and (None in rows or (awaited and not rows)):
            counted = None
        if counted is False or kind == "withdrawn":
            continue
        if counted is None or kind is None:
            units.append(Unit(person.id, None))
            lines["unknown"] += 1
        else:
            units.append(Unit(person.id, Decimal(kind != "other")))
            lines[kind] += 1
    k, known, eligible = total(units)
    names = ("durable", "transition", "job_of_unknown_length", "positive", "other", "unknown")
    rate = over(k, eligible)
    return Result(
        k,
        known,
        eligible,
        rate,
        rate,
        over((k or 0) + eligible - known, eligible),
        {
            **{name: str(lines[name]) for name in names},
            "durable_rate": text(over(lines["durable"], eligible)),
            "known_only": text(over(k, known)),
        },
    )


def sec_03(world: World, period: Period) -> Result:
    law = law_on(period.end)
    month = add_months(period.month, -12)
    units, moves = [], defaultdict(int)
    now = {person.id: main for person, main in active(world, period.month)}
    internal = durable = 0
    for person, main in active(world, month):
        if main is None:
            continue
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
        origin = {0: "U", 1: "I", 2: "C"}.get(main.securing, "?")
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


def leaving_day(pathway: Any) -> date | None:
    return (pathway.exit.exited_on if pathway.exit else None) or pathway.ended_on


def km(pairs: list[tuple[int, bool]]) -> tuple[list[tuple[int, Fraction]], int | None]:
    """The product-limit curve, day by day, and its median."""
    s, curve, median = Fraction(1), [], None
    for day in sorted({t for t, _event in pairs}):
        at_risk = sum(1 for t, _event in pairs if t >= day)
        events = sum(1 for t, event in pairs if t == day and event)
        if events:
            s *= Fraction(at_risk - events, at_risk)
            curve.append((day, s))
            if median is None and s <= Fraction(1, 2):
                median = day
    return curve, median


def rmst(curve: list[tuple[int, Fraction]], horizon: int) -> Fraction:
    area = Fraction(0)
    for day in range(horizon):
        area += min((s for t, s in curve if t <= day), default=Fraction(1))
    return area


def durations(pairs: list[tuple[int, bool]], horizon: int) -> Result:
    curve, median = km(pairs)
    n = Decimal(len(pairs))
    return Result(
        None,
        n,
        n,
        None if median is None else Fraction(median),
        None,
        None,
        {
            "events": str(sum(event for _t, event in pairs)),
            "max_follow_up": text(max((t for t, _event in pairs), default=None)),
            "rmst": text(rmst(curve, horizon)) if pairs else None,
        },
    )


def con_03(world: World, period: Period) -> Result:
    months = [add_months(period.month, -n) for n in range(12)]
    units, means = [], []
    for person in world.people.values():
        present = [
            m for m in months
            if any(p.started_on < add_months(m, 1) and (p.ended_on or NEVER) >= m for p in person.pathways)
        ]  # fmt: skip
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


def month_of(person: Person, month: date) -> Decimal | None:
    """Paid hours of a person's month, None when a contract's are not known."""
    hours = Decimal(0)
    for c in person.contracts:
        rows = c.months.get(month, [None] if month in c.undeclared else [])
        if None in rows:
            return None
        hours += sum(rows, Decimal(0))
    return hours


def dro_02(world: World, period: Period) -> Result:
    law = law_on(period.end)
    units, by_pay = [], 0
    for person, main in active_with_doubt(world, period.month):
        hours = [sum_known(person, add_months(period.month, -n)) for n in range(3)]
        doubt = any(missing for _h, missing in hours)
        pays = [pay_of(person, add_months(period.month, -n)) for n in range(6)]
        # what is sure of each month's pay counts, even when another line of it is missing
        enough = sum(sure for sure, _missing in pays) >= law.whole("sickness.smic_hours_6_months") * law.amount(
            "smic.hourly"
        )
        by_pay += enough
        if enough or sum(h for h, _missing in hours) >= law.whole("sickness.hours_3_months"):
            units.append(Unit(person.id, Decimal(1)))
        else:
            pay_doubt = any(missing for _sure, missing in pays)
            units.append(Unit(person.id, None if main is None or doubt or pay_doubt else Decimal(0)))
    return shares(units, by_pay=str(by_pay))


def pay_of(person: Person, month: date) -> tuple[Decimal, bool]:
    """Gross pay of a person's month: what is known of it, and whether some is not. A month not closed is not known."""
    rows = [row for c in person.contracts for row in c.pays.get(month, [None] if month in c.undeclared else [])]
    return sum((row for row in rows if row is not None), Decimal(0)), None in rows


def sum_known(person: Person, month: date) -> tuple[Decimal, bool]:
    rows = [row for c in person.contracts for row in c.months.get(month, [None] if month in c.undeclared else [])]
    return sum((row for row in rows if row is not None), Decimal(0)), None in rows


def active_with_doubt(world: World, month: date) -> list[tuple[Person, Any]]:
    """Rule A: (person, whether she was surely paid an hour)."""
    found = []
    for person in world.people.values():
        hours, doubt = sum_known(person, month)
        if hours >= 1 or doubt:
            found.append((person, True if hours >= 1 else None))
    return found


def rem_01(world: World, period: Period) -> Result:
    units, months, gaps, below = [], 0, 0, Decimal(0)
    for person in world.people.values():
        for c in person.contracts:
            for month in sorted({*c.months, *c.undeclared}):
                rows = c.months.get(month, [None])
                hours = sum((h for h in rows if h is not None), Decimal(0))
                if not period.start <= month <= period.end or (hours == 0 and None not in rows):
                    continue
                months += 1
                gaps += None in rows
                rate = term(c, "hourly_gross", "effective_on", max(month, c.started_on), world.known_at)
                enough = None if rate is None else rate >= law_on(month).amount("smic.hourly")
                below += hours if enough is False else 0
                units.append(Unit(person.id, None if enough is None else hours * enough, hours))
    _k, known, eligible = total(units)
    result = shares(units, hours_below=plain(below), unknown_hours=plain(eligible - known), months_to_declare=str(gaps))
    result.covered = (Decimal(months - gaps), Decimal(months))
    return result


def tps_03(world: World, period: Period) -> Result:
    law = law_on(period.end)
    mains = {person.id: main for person, main in active(world, period.month)}
    units = []
    for person, _paid in active_with_doubt(world, period.month):
        main = mains.get(person.id)
        months = [sum_known(person, add_months(period.month, -n)) for n in range(3)]
        kind = contract_kind(main.kind) if main else None
        if kind is None or any(missing for _h, missing in months):
            units.append(Unit(person.id, None))
            continue
        worked = [h for h, _missing in months if h >= 1]
        weekly = Fraction(sum(worked)) / len(worked) * 12 / 52
        least = law.amount("cddi.min_weekly_hours" if kind.cddi else "part_time.min_weekly_hours")
        units.append(Unit(person.id, Decimal(weekly >= Fraction(least))))
    return shares(units, derogated="0")


def com_02(world: World, period: Period) -> Result:
    law = law_on(period.end)
    units = []
    for person in world.people.values():
        months = [m for c in person.contracts for m in {*c.months, *c.undeclared} if period.start <= m <= period.end]
        paid = [sum_known(person, m) for m in set(months)]
        hours, doubt = sum(h for h, _missing in paid), any(missing for _h, missing in paid)
        started = [p for p in person.pathways if p.started_on <= period.end]
        days = sum((min(p.ended_on or NEVER, period.end) - p.started_on).days + 1 for p in started)
        if (hours < 1 and not doubt) or days < law.whole("training.access_days"):
            continue
        since = add_months(period.end + timedelta(days=1), -12)
        if not any((p.ended_on or NEVER) >= min(period.start, since) for p in started):
            continue
        courses = [t for t in person.trainings if not t.mandatory_safety]
        sessions = [s for t in courses for s in t.sessions if period.start <= s.held_on <= period.end]
        followed = sum(s.attended_hours for s in sessions if s.attended_hours is not None)
        unknown = any(s.attended_hours is None for s in sessions) or any(
            not t.sessions and t.started_on <= period.end and (t.ended_on or t.started_on) >= period.start
            for t in courses
        )
        if hours < 1:
            amount = None
        elif followed >= law.whole("training.access_hours"):
            amount = Decimal(1)
        else:
            amount = None if unknown else Decimal(0)
        units.append(Unit(person.id, amount))
    return shares(units)


def acc_02(world: World, period: Period) -> Result:
    pairs = []
    for person in world.people.values():
        for p in person.pathways:
            until = p.ended_on or NEVER
            for s in p.steps:
                if not add_months(period.end, -12) < s.triggered_on <= period.end or s.held_before or s.renewed_from_id:
                    continue
                gone = s.closed_on is None or s.closed_on <= period.end
                if s.state in ("declined", "refused", "not_concerned") and gone:
                    continue
                if s.opened_on is not None and s.opened_on <= min(period.end, until):
                    pairs.append((max((s.opened_on - s.triggered_on).days, 0), True))
                else:
                    pairs.append((max((min(until, period.end) - s.triggered_on).days, 0), False))
    return durations(pairs, 90)


def eng_03(world: World, period: Period) -> Result:
    """No plan reviewed is not up to date, a true 0; nobody knowing whether the person was there is unknown."""
    limit = period.end - timedelta(days=law_on(period.end).whole("plan.review_days"))
    units = []
    for person in world.people.values():
        here = [p for p in person.pathways if p.started_on <= period.end <= (p.ended_on or NEVER)]
        if not here or max(p.started_on for p in here) >= period.end - timedelta(days=30):
            continue
        with_her = [r.worker_present for p in person.pathways for r in p.reviews if limit <= r.held_on <= period.end]
        units.append(Unit(person.id, Decimal(1) if True in with_her else None if None in with_her else Decimal(0)))
    return shares(units)


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


def qua_01_months(world: World, period: Period) -> Result:
    months = [
        None not in c.months.get(m, [None])
        for person in world.people.values()
        for c in person.contracts
        for m in {*c.months, *c.undeclared}
        if period.start <= m <= period.end
    ]
    n, k = Decimal(len(months)), Decimal(sum(months))
    rate = over(k, n)
    result = Result(k if n else None, n, n, rate, rate, rate, {"months_due": plain(n), "months_known": plain(k)})
    result.covered = (k, n)
    return result


SLOW = {
    "SEC-03": sec_03,
    "SEC-04": sec_04,
    "CON-03": con_03,
    "DRO-02": dro_02,
    "REM-01": rem_01,
    "TPS-03": tps_03,
    "COM-02": com_02,
    "ACC-02": acc_02,
    "ENG-03": eng_03,
    "QUA-01": qua_01_months,
    "SEC-01": sec_01,
    "SEC-02": sec_02,
    "CON-01": con_01,
    "CON-04": con_04,
    "REM-02": rem_02,
    "COM-01": com_01,
    "ACC-01": acc_01,
    "SOR-01": sor_01,
}


def coverage(code: str, result: Result) -> str:
    definition = definitions()[code]
    rates = [over(a, b) for a, b in ((result.known, result.eligible), result.covered) if b]
    if not rates:
        return "empty"
    if min(rates) < Fraction(definition.published_from):
        return "insufficient"
    if not result.eligible:
        return "empty"
    events = int(result.parts.get("events") or 0)
    enough = {"SEC-04": events, "ACC-02": result.known if events >= 5 else events}.get(code, result.known)
    if enough < definition.least:
        return "few"
    return "partial" if min(rates) < Fraction(definition.plain_from) else "full"


def compare(organisation: Organisation, periods: Sequence[Period], known_at: datetime) -> list[str]:
    """What SQL and the slow way say differently of a structure's indicators, one line a difference."""
    world = World(organisation, known_at, max(period.month for period in periods))
    differences = []
    for value in compute([organisation.pk], periods, known_at, list(SLOW)):
        period = Period(value.period_start, value.period_end)
        slow = SLOW[value.indicator](world, period)
        expected = {
            "k": slow.k,
            "known": slow.known,
            "eligible": slow.eligible,
            "value": None if slow.value is None else rounded(slow.value),
            "low": None if slow.low is None else rounded(slow.low),
            "high": None if slow.high is None else rounded(slow.high),
            "coverage": coverage(value.indicator, slow),
            "parts": slow.parts,
        }
        for name, wanted in expected.items():
            found = getattr(value, name)
            if name == "parts":
                found = {part: found[part] for part in found if part in wanted or part != "median_lag"}
            if found != wanted:
                differences.append(f"{value.indicator} {period.label} {name}: SQL {found}, slow {wanted}")
    return differences
