"""Exits, cooperation, experiments, equity of access: SOR-01, SOR-02, TER-01, EXP-01, EQU-03."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from indicators.measures.shape import text
from indicators.periods import Period
from law import law_on
from law.dates import add_months
from law.exits import exit_class, exit_counted
from parcours.models import PassIAE, Pathway, Worker
from partners.models import Partner
from tests.reference.indicators.figures import Result, Unit, over, shares, total
from tests.reference.indicators.rules import active, active_with_doubt, came_back, in_scope, leaving_day, outcome_of
from tests.reference.indicators.world import NEVER, Person, World, features, replay


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
        if world.kind in ("AI", "ETTI") and not counted and (None in rows or awaited):
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


def sor_02(world: World, period: Period) -> Result:
    law = law_on(period.end)
    employed = {"cdi", "cdd_mission", "public_service", "business_creation", "aided_contract", "other_siae"}
    fortnight = timedelta(days=15)
    units, three, durable = [], [], 0
    for person in world.people.values():
        gone = [p for p in person.pathways if leaving_day(p) and not came_back(person, p, period)]
        for after in (3, 6):
            due = [p for p in gone if period.start <= add_months(leaving_day(p), after) <= period.end]
            p = max(due, key=lambda p: (leaving_day(p), p.pgh_obj_id), default=None)
            if p is None or outcome_of(p, period) == "withdrawn":
                continue
            scope, day = in_scope(world, person, p, period), add_months(leaving_day(p), after)
            if scope is False:
                continue
            told = [
                c
                for c in (p.exit.calls if p.exit else [])
                if c.answer == "answered" and c.situation and c.answered_on >= day - fortnight
                if c.answered_on <= day + fortnight or (c.since <= day + fortnight if c.since else c.months == after)
            ]
            call = min(told, key=lambda c: (c.months != after, c.answered_on, c.months), default=None)
            job = None if call is None or scope is None else call.situation in employed
            if after == 3:
                three.append(job)
                continue
            units.append(Unit(person.id, None if job is None else Decimal(job)))
            if job:
                months = call.contract_months or 0
                lasting = call.situation in ("cdi", "public_service", "business_creation")
                durable += lasting or months >= law.whole("exit.durable_months")
    known = [job for job in three if job is not None]
    result = shares(
        units,
        at_3_months=text(over(sum(known), len(known))),
        at_3_months_known=str(len(known)),
        at_3_months_due=str(len(three)),
    )
    result.parts["durable_at_6_months"] = text(over(durable, result.known))
    return result


def ter_01(world: World, period: Period) -> Result:
    kinds = {pk: state.kind for pk, state in features(Partner, world.known_at).items()}
    units, partners, passages = [], set(), 0
    for person in world.people.values():
        for p in person.pathways:
            if p.started_on > period.end or (p.ended_on or NEVER) < period.start:
                continue
            carried, untyped = False, False
            for o in p.orientations:
                agreed = any(
                    a.partner_id == o.partner_id and a.signed_on <= o.sent_on <= (a.ended_on or NEVER)
                    for a in world.agreements
                )
                if not agreed or not period.start <= o.sent_on <= period.end:
                    continue
                partners.add(o.partner_id)
                carried = carried or kinds[o.partner_id] in ("local_authority", "firm", "civil_society")
                untyped = untyped or kinds[o.partner_id] == ""
            passed = passage(world, person, p, period)
            passages += passed is True
            if carried or passed:
                units.append(Unit(person.id, Decimal(1)))
            else:
                units.append(Unit(person.id, None if untyped or passed is None else Decimal(0)))
    result = shares(units, partners=str(len(partners)), passages=str(passages))
    result.parts["partners_per_100"] = text(over(100 * len(partners), result.eligible))
    return result


def passage(world: World, person: Person, pathway: Any, period: Period) -> bool | None:
    """Whether the pathway goes on, or began, in another structure of the group, as its PASS IAE tells; None without one."""
    group = world.places[world.organisation.pk].group_id
    if group is None:
        return False
    ended = pathway.ended_on is not None and period.start <= pathway.ended_on <= period.end
    if not ended:
        return False
    numbers = {row.number for row in person.passes}
    if not numbers:
        return None
    others = [pk for pk, state in world.places.items() if state.group_id == group and pk != world.organisation.pk]
    people = {row.pgh_obj_id for row in replay(Worker, world.known_at, organisation__in=others)}
    same = {row.worker_id for row in replay(PassIAE, world.known_at, worker__in=people) if row.number in numbers}
    gap = timedelta(days=law_on(period.end).whole("relationship.gap_days"))
    return any(
        p.started_on <= pathway.ended_on + gap
        and p.started_on <= period.end
        and (p.ended_on or NEVER) > pathway.ended_on
        for p in replay(Pathway, world.known_at, worker__in=same)
    )


def exp_01(world: World, period: Period) -> Result:
    units = []
    mains = {person.id: main for person, main in active(world, period.month)}
    for person, _paid in active_with_doubt(world, period.month):
        main = mains.get(person.id)
        consents = []
        for row in person.experiments:
            e = world.experiments.get(row.experiment_id)
            if e is None or max(e.registered_on, e.started_on, row.joined_on) > period.end:
                continue
            if min(e.ended_on or NEVER, row.left_on or NEVER) < period.end:
                continue
            if row.contract_id is None or row.contract_id == first_contract(world, person, period):
                consents.append(None if row.consented_on is None else row.consented_on <= period.end)
        if True in consents:
            units.append(Unit(person.id, Decimal(1)))
        else:
            units.append(Unit(person.id, None if None in consents or main is None else Decimal(0)))
    judged = [
        e
        for e in world.experiments.values()
        if e.organisation_id == world.organisation.pk and e.ended_on and add_months(e.ended_on, 6) <= period.end
    ]
    told = [e for e in judged if e.evaluation_published_on and e.evaluation_published_on <= period.end]
    return shares(
        units, ended=str(len(judged)), evaluated=str(len(told)), evaluated_rate=text(over(len(told), len(judged)))
    )


def first_contract(world: World, person: Person, period: Period) -> int | None:
    """Her main contract, were the hours known all there are."""
    lines = [
        (sum(h for h in c.months[period.month] if h is not None), c)
        for c in person.contracts
        if period.month in c.months
    ]
    if sum(hours for hours, _c in lines) < 1:
        return None
    best = min(
        lines,
        key=lambda line: (
            -line[0],
            -(line[1].securing if line[1].securing is not None else -1),
            line[1].started_on,
            line[1].pgh_obj_id,
        ),
    )
    return int(best[1].pgh_obj_id)
