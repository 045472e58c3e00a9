"""Participation, citizenship, accompaniment: PAR-01 to PAR-04, CIT-01, ENG-01 to ENG-04."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from indicators.measures.shape import plain, text
from indicators.periods import Period
from law import law_on
from law.dates import add_months
from law.nomenclature import nomenclatures
from participation.models import SurveyAnswer, SurveyCode
from tests.reference.indicators.figures import Result, Unit, over, rates, shares
from tests.reference.indicators.rules import active_with_doubt, here, leaving_day, pathway_days, year_before
from tests.reference.indicators.world import NEVER, World


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


def last_ballot(world: World, period: Period) -> Any:
    recent = [b for b in world.ballots if add_months(period.end, -48) < b.first_round_on <= period.end]
    return max(recent, key=lambda b: (b.first_round_on, b.pgh_obj_id)) if recent else None


def ballot_due(world: World, ballot: Any, period: Period) -> bool:
    return ballot is not None or len(active_with_doubt(world, period.month)) >= 11


def par_01(world: World, period: Period) -> Result:
    ballot = last_ballot(world, period)
    if not ballot_due(world, ballot, period):
        return shares([], **NO_TURNOUT, ballots="0", due="0")
    if ballot is None:
        result = shares([Unit(0, None, Decimal(0))], **NO_TURNOUT, ballots="0", due="1")
        result.covered = (Decimal(0), Decimal(1))
        return result
    known = None not in (ballot.electors_workers, ballot.registered_workers)
    sound = known and ballot.registered_workers <= ballot.electors_workers
    turnout = dict(NO_TURNOUT)
    if None not in (ballot.registered, ballot.registered_workers, ballot.voters, ballot.voters_workers):
        workers = over(ballot.voters_workers, ballot.registered_workers)
        others = over(ballot.voters - ballot.voters_workers, ballot.registered - ballot.registered_workers)
        turnout = {"turnout_workers": text(workers), "turnout_others": text(others),
                   "turnout_gap": None if workers is None or others is None else text(workers - others)}  # fmt: skip
    amount = Decimal(ballot.registered_workers) if sound else None
    result = shares([Unit(0, amount, Decimal(ballot.electors_workers or 0))], **turnout, ballots="1", due="1")
    result.covered = (Decimal(sound), Decimal(1))
    return result


NO_TURNOUT: dict[str, str | None] = {"turnout_workers": None, "turnout_others": None, "turnout_gap": None}


def par_02(world: World, period: Period) -> Result:
    ballot = last_ballot(world, period)
    counts = (
        [] if ballot is None else [ballot.electors, ballot.electors_workers, ballot.elected, ballot.elected_workers]
    )
    known = bool(counts) and None not in counts
    parts: dict[str, Any] = {"among_elected": None, "among_electors": None, "mean_mandate_days": None}
    value = None
    if known:
        among, of = over(ballot.elected_workers, ballot.elected), over(ballot.electors_workers, ballot.electors)
        value = among / of if among is not None and of else None
        parts |= {"among_elected": text(among), "among_electors": text(of)}
    days = [
        (min(s.ended_on or NEVER, period.end) - s.started_on).days + 1
        for body in world.bodies.values()
        if body.kind == "cse"
        for s in body.seats
        if s.holder_status == "worker" and s.started_on <= period.end
    ]
    due = ballot_due(world, ballot, period)
    if due:
        parts["mean_mandate_days"] = text(over(sum(days), len(days)))
    seats = Decimal(ballot.elected) if known else Decimal(0)
    k = Decimal(ballot.elected_workers) if seats else None
    return Result(k, seats, seats, value, None, None, parts, (Decimal(known), Decimal(due)))


def par_03(world: World, period: Period) -> Result:
    governing = {b["code"]: b["governance"] for b in nomenclatures()["body_kind"]}
    old = add_months(period.end, -18)
    units, fresh_bodies = [], 0
    present = present_workers = expected_workers = expected_others = 0
    lefts = {p.id: [leaving_day(w) for w in p.pathways if leaving_day(w)] for p in world.people.values()}
    for body in world.bodies.values():
        if not governing.get(body.kind):
            continue
        held = [s for s in body.seats if s.voting and s.started_on <= period.end <= (s.ended_on or NEVER)]
        seats = body.voting_seats if body.voting_seats is not None else len(held)
        workers, doubt = 0, False
        for s in held:
            if s.holder_status == "worker":
                workers += 1
            elif s.holder_status == "former_worker":
                left = max(lefts.get(s.worker_id, []), default=None)
                doubt = doubt or left is None
                workers += left is not None and left >= add_months(period.end, -24)
        met = [
            m
            for m in body.meetings
            if period.start <= m.held_on <= period.end and None not in (m.present, m.present_workers)
        ]
        present += sum(m.present for m in met)
        present_workers += sum(m.present_workers for m in met)
        expected_workers += len(met) * workers
        expected_others += len(met) * (seats - workers)
        fresh = body.checked_on is not None and old <= body.checked_on <= period.end
        fresh_bodies += fresh
        amount = Decimal(workers) if fresh and workers <= seats and not doubt else None
        units.append(Unit(0, amount, Decimal(seats if fresh else 0)))
    result = shares(
        units,
        attendance_workers=text(over(present_workers, expected_workers)),
        attendance_others=text(over(present - present_workers, expected_others)),
    )
    concerned = bool(world.bodies) or bool(active_with_doubt(world, period.month))
    result.covered = (Decimal(bool(fresh_bodies)), Decimal(1)) if concerned else (Decimal(0), Decimal(0))
    return result


def par_04(world: World, period: Period) -> Result:
    law, since = law_on(period.end), year_before(period)
    held = [s for s in world.sessions.values() if since <= s.on <= period.end]
    ids = {s.pgh_obj_id for s in held}
    units = []
    for person in world.people.values():
        if pathway_days(person, since, period.end) < law.whole("expression.min_days"):
            continue
        if person.attended & ids:
            units.append(Unit(person.id, Decimal(1)))
        else:
            listed = bool(held) and all(s.attendance_listed for s in held)
            units.append(Unit(person.id, Decimal(0) if listed else None))
    days = timedelta(days=law.whole("proposal.answer_days"))
    made = [p for s in world.sessions.values() for p in s.proposals if since <= p.made_on <= period.end - days]
    answered = sum(p.answered_on is not None and p.answered_on <= p.made_on + days for p in made)
    return shares(
        units,
        sessions=str(len(held)),
        sessions_per_structure=str(len(held)) if held else None,
        proposals=str(len(made)),
        answered_in_time=text(over(answered, len(made))),
    )


def cit_01(world: World, period: Period) -> Result:
    since = year_before(period)
    units = []
    for person in world.people.values():
        if pathway_days(person, since, period.end) < law_on(period.end).whole("expression.min_days"):
            continue
        said = [s for s in person.statements if since <= s.asked_on <= period.end]
        if any(s.answer == "acted" and since <= s.acted_on <= period.end for s in said):
            units.append(Unit(person.id, Decimal(1)))
        else:
            told = any(s.answer in ("acted", "none") for s in said)
            units.append(Unit(person.id, Decimal(0) if told else None))
    return shares(units)


NOT_INDIVIDUAL = {"telephone", "atelier_collectif", "courriel", "courrier", "tiers", "post_sortie"}


def eng_01(world: World, period: Period) -> Result:
    least = law_on(period.end).whole("interview.min_minutes")
    held = [f for person in world.people.values() for p in person.pathways for f in p.follow_ups]
    calendar = any(period.start <= f.held_on <= period.end for f in held)
    units, staying, seen_lately = [], 0, 0
    missed = {"worker": 0, "structure": 0}
    for person in world.people.values():
        days = pathway_days(person, period.start, period.end)
        if not days:
            continue
        away = set()
        for p in person.pathways:
            for s in [s for c in person.contracts for s in c.suspensions]:
                first = max(p.started_on, s.started_on, period.start)
                last = min(p.ended_on or NEVER, s.ended_on or NEVER, period.end)
                away |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
        talks = [
            f for p in person.pathways for f in p.follow_ups if f.kind not in NOT_INDIVIDUAL and f.held_on <= period.end
        ]
        done = [f for f in talks if f.outcome == "present" and f.minutes is not None and f.minutes >= least]
        for f in talks:
            if f.held_on >= period.start:
                missed["worker"] += f.outcome in ("absent", "excused")
                missed["structure"] += f.outcome == "cancelled"
        if here(person, period.end):
            staying += 1
            seen_lately += any(f.held_on > period.end - timedelta(days=60) for f in done)
        interviews = sum(f.held_on >= period.start for f in done)
        units.append(Unit(person.id, Decimal(interviews), Decimal(days - len(away))))
    n = Decimal(len(units))
    return rates(
        units,
        Fraction("30.4375"),
        (n if calendar else Decimal(0), n),
        person_months=None,
        none_in_60_days=text(over(staying - seen_lately, staying)),
        missed_by_worker=str(missed["worker"]),
        missed_by_structure=str(missed["structure"]),
    )


def eng_02(world: World, period: Period) -> Result:
    days = timedelta(days=law_on(period.end).whole("engagement.days"))
    practised = any(p.engagements for person in world.people.values() for p in person.pathways)
    units, left_soon = [], 0
    for person in world.people.values():
        for p in person.pathways:
            if not period.start <= p.started_on <= period.end - days:
                continue
            dated = [(e.signed_worker_on, e.signed_structure_on) for e in p.engagements]
            signed = min((max(both) for both in dated if None not in both), default=NEVER)
            # one date missing beside one in time: signed perhaps, nobody knows when
            by_day = p.started_on + days
            doubt = any(None in both and all(day is None or day <= by_day for day in both) for both in dated)
            until = p.ended_on or NEVER
            if until < p.started_on + days and signed > until:
                left_soon += 1
                units.append(Unit(person.id, None, Decimal(0)))
            elif signed <= by_day:
                units.append(Unit(person.id, Decimal(1)))
            else:
                units.append(Unit(person.id, None if doubt or not practised else Decimal(0)))
    return shares(units, left_soon=str(left_soon))


def eng_04(world: World, period: Period) -> Result:
    waves = [w.pgh_obj_id for w in world.waves if period.start <= w.closed_on <= period.end]
    answers = list(SurveyAnswer.objects.filter(wave__in=waves, value__isnull=False))
    invited = list(SurveyCode.objects.filter(wave__in=waves))
    mine = [a for a in answers if a.item == "decided_with_me"]
    weighted, people = Fraction(0), 0
    for sex in {code.sex for code in invited}:
        told = [a.value >= 4 for a in mine if a.sex == sex]
        size = sum(1 for code in invited if code.sex == sex)
        if told:
            weighted += size * Fraction(sum(told), len(told))
            people += size
    units = [Unit(0, Decimal(a.value >= 4)) for a in mine]
    for wave, sex in {(code.wave_id, code.sex) for code in invited}:
        asked = sum(1 for code in invited if (code.wave_id, code.sex) == (wave, sex))
        told_here = sum(1 for a in mine if (a.wave_id, a.sex) == (wave, sex))
        units += [Unit(0, None)] * max(asked - told_here, 0)
    result = shares(units)
    items = {}
    for item in sorted({a.item for a in answers}):
        values = [a.value >= 4 for a in answers if a.item == item]
        items[item] = text(over(sum(values), len(values)))
    result.parts = {"unweighted": text(result.value), "invited": plain(result.eligible), "items": items}
    if people:
        result.value = weighted / people
    return result
