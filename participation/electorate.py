"""The electorate of a structure's workers in pathway, computed by law from their contracts (`law.representation`)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from accounts.models import Organisation
from contracts.models import Contract
from law import law_on
from law.nomenclature import contract_kind
from law.representation import Employee, Post, Span, headcount, is_elector, is_eligible

BY_MISSIONS = {"TEMPORARY"}  # contrats de mission: L2314-20 adds them


@dataclass(frozen=True)
class Electorate:
    """Counts of workers in pathway on a day. `unknown` could vote, but her age is missing."""

    present: int
    electors: int
    eligible: int
    unknown: int
    headcount: str
    hours_unknown: int


def electorate(organisation: Organisation, first_round_on: date) -> Electorate:
    """Who may vote and be elected among the workers in pathway, at the date of the first round. One query."""
    law = law_on(first_round_on)
    rows = (
        Contract.objects.filter(worker__organisation=organisation, started_on__lte=first_round_on)
        .exclude(signed_on__gt=first_round_on)
        .values_list(
            "worker_id", "worker__birth_date", "kind", "started_on", "ended_on", "planned_end_on", "weekly_hours"
        )
    )
    births: dict[int, date | None] = {}
    spans: dict[int, list[Span]] = defaultdict(list)
    missions: dict[int, bool] = {}
    posts = []
    for worker, birth, kind, start, ended, planned, hours in rows:
        span = Span(start, ended or planned)
        births[worker] = birth
        spans[worker].append(span)
        missions[worker] = missions.get(worker, True) and kind in BY_MISSIONS
        known = contract_kind(kind)
        posts.append(Post(kind, bool(known and known.open_ended), span, hours))
    people = [Employee(births[worker], tuple(spans[worker]), by_missions=missions[worker]) for worker in births]
    votes = [is_elector(person, first_round_on, law) for person in people]
    counted, hours_unknown = headcount(posts, first_round_on)
    return Electorate(
        present=sum(any(span.covers(first_round_on) for span in person.spans) for person in people),
        electors=votes.count(True),
        eligible=sum(is_eligible(person, first_round_on, law) is True for person in people),
        unknown=votes.count(None),
        headcount=f"{counted:.2f}",
        hours_unknown=hours_unknown,
    )
