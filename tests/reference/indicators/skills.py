"""Skills: COM-01 to COM-05."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from indicators.measures.shape import plain, text
from indicators.periods import Period
from law import law_on
from law.dates import add_months
from law.nomenclature import nomenclatures
from tests.reference.indicators.figures import Result, Unit, over, rates, shares, total
from tests.reference.indicators.rules import in_scope, leavers, leaving_day, outcome_of, pathway_days, sum_known
from tests.reference.indicators.world import NEVER, World


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
        sessions = [
            (t, s) for t in person.trainings if t.traced for s in t.sessions if period.start <= s.held_on <= period.end
        ]
        chosen = [s.attended_hours for t, s in sessions if not t.mandatory_safety]
        secure = [s.attended_hours for t, s in sessions if t.mandatory_safety]
        days_known += len(chosen) - chosen.count(None)
        days_unknown += chosen.count(None)
        safety_unknown += secure.count(None)
        for t in person.trainings:
            overlaps = t.traced and t.started_on <= period.end and (t.ended_on or t.started_on) >= period.start
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
        courses = [t for t in person.trainings if t.traced and not t.mandatory_safety]
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


def com_03(world: World, period: Period) -> Result:
    units, partial, for_job = [], 0, 0
    for person in world.people.values():
        for t in person.trainings:
            due = t.due_on or t.result_on or t.ended_on
            if not t.certifying or t.certification == "block" or due is None or not period.start <= due <= period.end:
                continue
            result = "" if t.result_on and t.result_on > period.end else t.result
            partial += result == "partial"
            for_job += result == "dropped" and t.drop_reason == "job"
            told = result in (
                "certified",
                "failed",
                "dropped",
                "partial",
            )  # attended, or still going past its due date: unknown
            units.append(Unit(person.id, Decimal(result == "certified") if told else None))
    return shares(units, partial=str(partial), dropped_for_job=str(for_job))


def com_04(world: World, period: Period) -> Result:
    units, assessed, present, uncounted = [], 0, 0, 0
    for person in world.people.values():
        days = pathway_days(person, period.start, period.end)
        if not days:
            continue
        present += 1
        seen = [a for a in person.assessments if a.assessed_on <= period.end]
        assessed += bool(seen)
        first: dict[int, date] = {}
        for a in seen:
            signed = a.worker_signed_on is not None and a.worker_signed_on <= period.end
            if a.validated and a.evidence and signed:
                first[a.skill_id] = min(max(a.assessed_on, a.worker_signed_on), first.get(a.skill_id, NEVER))
            elif a.validated and a.assessed_on >= period.start:
                uncounted += 1
        units.append(Unit(person.id, Decimal(sum(day >= period.start for day in first.values())), Decimal(days)))
    return rates(
        units,
        Fraction("365.25"),
        (Decimal(assessed), Decimal(present)),
        person_years=None,
        pathways=str(present),
        assessed=str(assessed),
        uncounted=str(uncounted),
    )


def com_05(world: World, period: Period) -> Result:
    steps = {entry["code"]: entry["step"] for entry in nomenclatures()["education_level"]}
    units, blocks = [], 0
    for person, pathway in leavers(world, period):
        scope, outcome = in_scope(world, person, pathway, period), outcome_of(pathway, period)
        if scope is False or outcome == "withdrawn":
            continue
        levels = pathway.qualification
        entry, leaving = (steps.get(getattr(levels, name, "")) for name in ("entry_level", "exit_level"))
        if entry is None:
            entry = steps.get(person.file.education_level)
        if leaving is None and pathway.exit is not None:
            leaving = steps.get(pathway.exit.education_level)
        day = leaving_day(pathway)
        won = [
            t.result_on or t.due_on or t.ended_on
            for t in person.trainings
            if t.certification == "block" and t.result == "certified"
        ]
        blocks += any(on is not None and pathway.started_on <= on <= day for on in won)
        known = scope is not None and entry is not None and leaving is not None
        units.append(Unit(person.id, Decimal(leaving > entry) if known else None))
    return shares(units, with_block=str(blocks))
