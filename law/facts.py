"""What the rules need to know of a person, her contracts and her PASS: plain values, whoever loaded them.

Unknown is None (or an empty code), never zero. A span holds both its days; `ended_on` None means still open.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Self


@dataclass(frozen=True)
class Span:
    started_on: date
    ended_on: date | None = None

    def holds(self, day: date) -> bool:
        return self.started_on <= day and (self.ended_on is None or day <= self.ended_on)

    def touches(self, other: "Span") -> bool:
        """Whether the two share at least one day."""
        return self.started_on <= (other.ended_on or date.max) and other.started_on <= (self.ended_on or date.max)

    @property
    def days(self) -> int | None:
        """How many days it holds, both ends included; None while it is open."""
        return None if self.ended_on is None else (self.ended_on - self.started_on).days + 1


@dataclass(frozen=True)
class ContractFacts:
    """A contract as the rules need it. `planned_end_on` None: no term, or unknown.

    `renews` says that it continues a contract without a day between; `decided`, that what follows was decided and told
    to the person; `category` is worker, technician, manager, or empty when unknown; `missions` are the days at clients.
    """

    kind: str
    started_on: date
    planned_end_on: date | None = None
    ended_on: date | None = None
    signed_on: date | None = None
    weekly_hours: Decimal | None = None
    sentence_adjustment: bool = False
    renews: bool = False
    decided: bool = False
    hourly_gross: Decimal | None = None
    trial_end_on: date | None = None
    category: str = ""
    suspensions: tuple[Span, ...] = ()
    missions: tuple[Span, ...] = ()

    @property
    def last_day(self) -> date | None:
        """Effective end, else planned end; None when open."""
        return self.ended_on or self.planned_end_on

    @property
    def span(self) -> Span:
        return Span(self.started_on, self.last_day)

    def runs_on(self, day: date) -> bool:
        return self.span.holds(day)

    @property
    def formed_on(self) -> date:
        """The day whose law it must meet: its signature when that came before the first day, else the first day."""
        return min(self.signed_on or self.started_on, self.started_on)

    def until(self, end: date | None) -> Self:
        """The same contract with another planned end."""
        return replace(self, planned_end_on=end)


@dataclass(frozen=True)
class MonthFacts:
    """What was paid for a month (`month` is its first day); `client_kind` empty: no client, or an unknown one."""

    month: date
    client_kind: str = ""
    hours: Decimal | None = None
    gross_pay: Decimal | None = None


@dataclass(frozen=True)
class Derogation:
    """An exception granted to a person or, for the whole structure, to its employees (nomenclature `derogation_kind`).

    For a training `ended_on` is the last day of the training.
    """

    kind: str
    started_on: date
    ended_on: date | None = None

    @property
    def span(self) -> Span:
        return Span(self.started_on, self.ended_on)


@dataclass(frozen=True)
class Prolongation:
    """Days added to a PASS for a reason (nomenclature `prolongation_reason`)."""

    reason: str
    days: int


@dataclass(frozen=True)
class PassFacts:
    """A PASS IAE by what was decided about it: when it is over follows (`law.pass_iae.last_day`).

    `known_end_on` is the end the State gives; where it is known it is believed. `pending`: a prolongation awaits its answer.
    """

    number: str
    started_on: date
    suspensions: tuple[Span, ...] = ()
    prolongations: tuple[Prolongation, ...] = ()
    known_end_on: date | None = None
    pending: bool = False


@dataclass(frozen=True)
class ImmersionFacts:
    """A convention of immersion (PMSMP) that was not called off. `host` says whether two are at the same place.

    `result_known`: how it went was told. `renews` is the convention it continues, `contract` the contract it is part of.
    """

    started_on: date
    ended_on: date
    host: str
    object: str = ""
    host_name: str = ""
    result_known: bool = False
    renews: "ImmersionFacts | None" = None
    contract: ContractFacts | None = None

    @property
    def days(self) -> int:
        return (self.ended_on - self.started_on).days + 1


@dataclass(frozen=True)
class StructureFacts:
    """The employer. `kind` is a code of the nomenclature; the posts are full-time insertion posts of its convention."""

    kind: str = ""
    departement: str = ""
    headcount: int | None = None
    insertion_posts: Decimal | None = None
    cdi_inclusion_posts: Decimal | None = None
    quota_by_prefect: bool = False


@dataclass(frozen=True)
class PersonFacts:
    """A person in one structure: what is known of her past there, without the contract under study.

    `visited`: the medical visit of her hire is done, or does not concern her. `answered`: rules and due days about which a
    decision was told to her.
    """

    structure: StructureFacts = StructureFacts()
    birth_date: date | None = None
    disabled_worker: bool | None = None
    pathway_started_on: date | None = None
    contracts: tuple[ContractFacts, ...] = ()
    months: tuple[MonthFacts, ...] = ()
    passes: tuple[PassFacts, ...] = ()
    derogations: tuple[Derogation, ...] = ()
    health_cover: bool | None = None
    training_hours: Decimal | None = None
    immersions: tuple[ImmersionFacts, ...] = ()
    visited: bool = False
    answered: frozenset[tuple[str, date]] = frozenset()

    def age_on(self, day: date) -> int | None:
        """Whole years of age on a day, None when the birth date is unknown."""
        born = self.birth_date
        return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def granted(self, *kinds: str) -> list[Derogation]:
        return [derogation for derogation in self.derogations if derogation.kind in kinds]
