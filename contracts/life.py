"""The life of a contract: its states, what may move it from one to another, the terms in force on a day, its chain.

No state is stored. A draft is a row of another table; every other state follows from dates and the day one asks about,
so that nothing has to be moved at midnight and an imported contract without signature has its place
(docs/decisions/0006). docs/contract-life.md is `document()`, made from TRANSITIONS; a test says when it is stale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from contracts.models import Amendment, Contract, ContractDraft
from law.dates import add_months

PAGE = Path(__file__).parents[1] / "docs" / "contract-life.md"
TO_TERM = ("term", "renewed")  # end reasons that are no break, whenever the contract stopped


class State(models.TextChoices):
    DRAFT = "draft", gettext_lazy("Projet")
    ABANDONED = "abandoned", gettext_lazy("Projet abandonné")
    SIGNED = "signed", gettext_lazy("À venir")
    RUNNING = "running", gettext_lazy("En cours")
    ENDED = "ended", gettext_lazy("Terminé")
    BROKEN = "broken", gettext_lazy("Rompu")


# What may happen in each state: verb → state after it. `start` and `term` are days that come, the others verbs of
# contracts.actions. What is not here is refused.
TRANSITIONS: dict[State, dict[str, State]] = {
    State.DRAFT: {"change": State.DRAFT, "sign": State.SIGNED, "abandon": State.ABANDONED},
    State.ABANDONED: {},
    State.SIGNED: {"start": State.RUNNING, "amend": State.SIGNED, "renew": State.SIGNED},
    State.RUNNING: {
        "amend": State.RUNNING,
        "suspend": State.RUNNING,
        "assign": State.RUNNING,
        "renew": State.RUNNING,
        "convert": State.ENDED,
        "term": State.ENDED,
        "break": State.BROKEN,
    },
    State.ENDED: {"renew": State.ENDED, "correct_end": State.ENDED},
    State.BROKEN: {"correct_end": State.BROKEN},
}

REFUSALS = {
    "sign": gettext_lazy("Ce projet ne peut plus être signé : il est déjà %(state)s."),
    "abandon": gettext_lazy("Ce projet ne peut plus être abandonné : il est déjà %(state)s."),
    "change": gettext_lazy("Ce projet ne peut plus être modifié : il est déjà %(state)s."),
    "amend": gettext_lazy("Le contrat est %(state)s le %(day)s : un avenant ne le modifie plus."),
    "suspend": gettext_lazy("Le contrat est %(state)s le %(day)s : seul un contrat en cours se suspend."),
    "assign": gettext_lazy("Le contrat est %(state)s le %(day)s : seul un contrat en cours porte une mise à disposition."),
    "renew": gettext_lazy("Le contrat est %(state)s le %(day)s : un contrat rompu ne se renouvelle pas, il s'en signe un autre."),
    "convert": gettext_lazy("Le contrat est %(state)s le %(day)s : seul un contrat en cours se transforme en CDI."),
}  # fmt: skip


def state_on(contract: Contract, day: date) -> State:
    """The state of a signed contract on a day. Its last day is still a day of the contract."""
    if day < contract.started_on:
        return State.SIGNED
    if contract.ended_on is not None and day > contract.ended_on:
        return State.BROKEN if _broken(contract) else State.ENDED
    if contract.ended_on is None and contract.planned_end_on is not None and day > contract.planned_end_on:
        return State.ENDED  # a fixed-term contract ends by itself at its term (L1243-5 CT)
    return State.RUNNING


def _broken(contract: Contract) -> bool:
    """Whether it stopped before its term; a contract without term stops by being broken."""
    if contract.ended_on is None or contract.end_reason in TO_TERM:
        return False
    return contract.planned_end_on is None or contract.ended_on < contract.planned_end_on


def draft_state(draft: ContractDraft) -> State:
    if draft.contract_id is not None:
        return State.SIGNED
    return State.DRAFT if draft.abandoned_on is None else State.ABANDONED


def in_state(state: State, day: date) -> Q:
    """The contracts in a state on a day, as a filter: the same rule as `state_on`, in SQL."""
    started = Q(started_on__lte=day)
    over = Q(ended_on__lt=day)
    broken = ~Q(end_reason__in=TO_TERM) & (Q(planned_end_on__isnull=True) | Q(ended_on__lt=F("planned_end_on")))
    past_term = Q(ended_on__isnull=True, planned_end_on__lt=day)
    return {
        State.SIGNED: Q(started_on__gt=day),
        State.RUNNING: started & (Q(ended_on__gte=day) | Q(ended_on__isnull=True) & ~past_term),
        State.ENDED: started & (past_term | over & ~broken),
        State.BROKEN: started & over & broken,
    }.get(state, Q(pk__in=[]))


def allow(state: State, verb: str, day: date | None = None) -> State:
    """The state after a verb. Raises ValidationError, in words, when the table has no such move."""
    after = TRANSITIONS[state].get(verb)
    if after is None:
        said = {"state": state.label.lower(), "day": f"{day:%d/%m/%Y}" if day else ""}
        raise ValidationError(str(REFUSALS[verb]) % said)
    return after


@dataclass(frozen=True)
class TermsInForce:
    """What binds on a day. `since` is the contract's first day or the effect of its last amendment in force."""

    since: date
    planned_end_on: date | None
    weekly_hours: Decimal | None
    hourly_gross: Decimal | None
    amendment: Amendment | None = None


def versions(contract: Contract, amendments: Iterable[Amendment]) -> list[TermsInForce]:
    """The terms of a contract, first as signed, then after each amendment, in the order of their effects."""
    ordered = sorted(amendments, key=lambda a: (a.effective_on, a.pk))
    names = ("planned_end_on", "weekly_hours", "hourly_gross")
    first = {}
    for name in names:
        changed = next((a for a in ordered if getattr(a, name) is not None), None)
        first[name] = getattr(contract, name) if changed is None else getattr(changed, f"former_{name}")
    found = [TermsInForce(contract.started_on, **first)]
    for amendment in ordered:
        before = found[-1]
        terms = {name: getattr(amendment, name) or getattr(before, name) for name in names}
        found.append(TermsInForce(amendment.effective_on, **terms, amendment=amendment))
    return found


def terms_on(contract: Contract, amendments: Iterable[Amendment], day: date) -> TermsInForce:
    """The version in force on a day; before the first day, what was signed for it."""
    known = versions(contract, amendments)
    return next((terms for terms in reversed(known) if terms.since <= day), known[0])


@dataclass(frozen=True)
class Chain:
    """Contracts linked by renewals, oldest first, and how long they last together."""

    contracts: tuple[Contract, ...]

    @property
    def started_on(self) -> date:
        return self.contracts[0].started_on

    @property
    def last_day(self) -> date | None:
        """Last day of the chain, as planned when it is not over; None without term."""
        last = self.contracts[-1]
        return last.ended_on or last.planned_end_on

    @property
    def length(self) -> tuple[int, int] | None:
        """(whole months, days over) from date to date, from the first day to the last; None without term."""
        end = self.last_day
        return None if end is None else months_and_days(self.started_on, end)


def months_and_days(start: date, end: date) -> tuple[int, int]:
    """A span, both ends included, as whole months from date to date and the days over.

    31/08/2024 → 30/12/2024 is 4 months exactly; 01/01/2026 → 15/02/2026, 1 month and 15 days.
    """
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    while add_months(start, months) > after:
        months -= 1
    return months, (after - add_months(start, months)).days


def chain_of(contract: Contract, others: Sequence[Contract]) -> Chain:
    """The whole chain a contract belongs to. `others`: the person's contracts (the contract itself among them or not)."""
    known = {one.pk: one for one in [*others, contract]}
    after = {one.renews_id: one for one in known.values() if one.renews_id is not None}
    first = contract
    while first.renews_id in known:
        first = known[first.renews_id]
    links = [first]
    while links[-1].pk in after:
        links.append(after[links[-1].pk])
    return Chain(tuple(links))


def document() -> str:
    """The page docs/contract-life.md: the diagram of TRANSITIONS."""
    lines = [
        f"    {state.value} --> {after.value}: {verb}"
        for state, moves in TRANSITIONS.items()
        for verb, after in moves.items()
        if after is not state
    ]
    staying = [
        f"| {state.value} | {', '.join(f'`{verb}`' for verb, after in moves.items() if after is state) or '—'} |"
        for state, moves in TRANSITIONS.items()
    ]
    return "\n".join(
        [
            "# The life of a contract",
            "",
            "Written by `just diagram` from `contracts.life.TRANSITIONS`; a test says when it is stale.",
            "Why no state is stored: [decision 0006](decisions/0006-states-of-a-contract-are-not-stored.md).",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> draft: prepare",
            "    [*] --> signed: sign",
            *lines,
            "```",
            "",
            "`start` and `term` are days that come; the rest are verbs. What is not drawn is refused, with the reason.",
            "",
            "| State | What may happen without leaving it |",
            "|---|---|",
            *staying,
            "",
        ]
    )
