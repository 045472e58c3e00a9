"""Rights and barriers: ACC-01 to ACC-04, PER-01, PER-02."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from indicators.measures.shape import plain, text
from indicators.periods import Period
from law import law_on
from law.dates import add_months, working_days_after
from rights.catalogue import rights
from tests.reference.indicators.figures import Result, Unit, durations, incidence, middle, shares
from tests.reference.indicators.rules import here, leaving_day
from tests.reference.indicators.world import NEVER, World


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


def acc_03(world: World, period: Period) -> Result:
    units, lapses = [], []
    for person in world.people.values():
        steps = [(p, s) for p in person.pathways for s in p.steps]
        for pathway, step in steps:
            if step.opened_on is None:
                continue
            right = rights().get(step.right)
            due = step.expires_on
            if due is None and right and right.validity:
                due = add_months(step.opened_on, right.validity.months or 0) + timedelta(days=right.validity.days or 0)
            if due is None or not period.start <= due < period.end or (pathway.ended_on or NEVER) < due:
                continue
            if ends_a_need(step, due + timedelta(days=1)):
                continue
            if any(s.renewed_from_id == step.pgh_obj_id and ends_a_need(s, period.end) for _p, s in steps):
                continue
            again = [
                s.opened_on
                for _p, s in steps
                if s.opened_on is not None and s.opened_on <= period.end
                if s.renewed_from_id == step.pgh_obj_id
                or (s.right == step.right and s is not step and s.opened_on > step.opened_on)
            ]
            if step.expires_on is None:
                units.append(Unit(person.id, None))
                continue
            in_time = bool(again) and min(again) <= due + timedelta(days=1)
            units.append(Unit(person.id, Decimal(in_time)))
            if not in_time:
                lapses.append((min(again) - due).days - 1 if again else (period.end - due).days)
    return shares(units, median_lapse=text(middle(lapses)))


def ends_a_need(step: Any, by: date) -> bool:
    """Declined or no more concerned, by a day or on an unknown one."""
    return step.state in ("not_concerned", "declined") and (step.closed_on is None or step.closed_on <= by)


def acc_04(world: World, period: Period) -> Result:
    days = law_on(period.end).whole("entry.follow_up_days")
    units, yes, told = [], defaultdict(int), defaultdict(int)
    for person in world.people.values():
        if not person.contracts:
            continue
        first = min(person.contracts, key=lambda c: (c.started_on, c.pgh_obj_id))
        start = first.started_on
        if not period.start <= start <= period.end - timedelta(days=days):
            continue
        exits = [leaving_day(p) for p in person.pathways if leaving_day(p) and leaving_day(p) >= start]
        seen_until, due = min([*exits, period.end]), add_months(start, 3)
        steps = [s for p in person.pathways for s in p.steps]
        visits = [s.opened_on for s in steps if s.right == "D20"]
        offers = [s for s in steps if s.right == "D04"]
        paid = [
            (m, closed and hours is not None)
            for c in person.contracts
            for m in c.months
            for hours, closed in zip(c.months[m], c.closed[m], strict=True)
        ] + [(m, False) for c in person.contracts for m in c.undeclared]
        window = [ok for m, ok in paid if start.replace(day=1) <= m <= seen_until and m < due.replace(day=1)]
        gone_before = seen_until < due
        components: dict[str, bool | None] = {
            "handed": None if first.handed_on is None else first.handed_on <= working_days_after(start, 2),
            "payslips": True if all(window) else None,
            "visit": True if any(v and v <= due for v in visits) or gone_before else False if visits else None,
            "health": any(
                (s.opened_on and s.opened_on <= due) or (s.waiver_signed_on and s.waiver_signed_on <= due)
                for s in offers
            )
            if offers
            else None,
            "information": None if first.rights_information_on is None else first.rights_information_on <= due,
        }
        for name, answer in components.items():
            yes[name] += answer is True
            told[name] += answer is not None
        answers = list(components.values())
        amount = Decimal(0) if False in answers else None if None in answers else Decimal(1)
        units.append(Unit(person.id, amount))
    names = ("handed", "payslips", "visit", "health", "information")
    return shares(units, **{name: f"{yes[name]}/{told[name]}" for name in names})


def looked_at(world: World, period: Period) -> tuple[Decimal, Decimal]:
    """People in a pathway at T whose situation was looked at, of all."""
    present = [person for person in world.people.values() if here(person, period.end)]
    seen = [
        person
        for person in present
        if any(
            row.made_on <= period.end for p in person.pathways for row in p.diagnoses
        ) or any(row.identified_on <= period.end for p in person.pathways for row in p.barriers)
    ]  # fmt: skip
    return Decimal(len(seen)), Decimal(len(present))


def lifted_on(barrier: Any) -> date:
    """The first day the worker says it is lifted."""
    return min((s.since for s in barrier.states if s.state == "resolved" and s.said_by == "worker"), default=NEVER)


def per_01(world: World, period: Period) -> Result:
    horizon = law_on(period.end).whole("barrier.horizon_days")
    lives = []
    for person in world.people.values():
        for p in person.pathways:
            until = p.ended_on or NEVER
            for b in p.barriers:
                if not add_months(period.end, -12) < b.identified_on <= period.end:
                    continue
                if lifted_on(b) <= min(period.end, until):
                    lives.append((max((lifted_on(b) - b.identified_on).days, 0), 1))
                elif until <= period.end:
                    lives.append((max((until - b.identified_on).days, 0), 2))
                else:
                    lives.append(((period.end - b.identified_on).days, 0))
    seen, present = looked_at(world, period)
    outcomes = [outcome for _t, outcome in lives]
    n = Decimal(len(lives))
    return Result(
        None,
        n,
        n,
        incidence(lives, horizon) if lives else None,
        None,
        None,
        {
            "horizon": str(horizon),
            "max_follow_up": text(max((t for t, _outcome in lives), default=None)),
            "open": str(outcomes.count(0)),
            "lifted": str(outcomes.count(1)),
            "left": str(outcomes.count(2)),
            "diagnosed": plain(seen),
            "in_pathway": plain(present),
        },
        (seen, present),
    )


def per_02(world: World, period: Period) -> Result:
    law = law_on(period.end)
    quiet = period.end - timedelta(days=law.whole("barrier.quiet_days"))
    recent = period.end - timedelta(days=law.whole("barrier.action_days"))
    units = []
    for person in world.people.values():
        for p in here(person, period.end):
            for b in p.barriers:
                if b.identified_on >= quiet or lifted_on(b) <= period.end:
                    continue
                acted = False
                for a in b.actions:
                    if a.decided_on > period.end or (a.state == "dropped" and a.state_on <= period.end):
                        continue
                    acted = (
                        acted or max(a.decided_on, a.state_on if a.state_on <= period.end else a.decided_on) >= recent
                    )
                units.append(Unit(person.id, Decimal(acted)))
    seen, present = looked_at(world, period)
    result = shares(units, diagnosed=plain(seen), in_pathway=plain(present))
    result.covered = (seen, present)
    return result
