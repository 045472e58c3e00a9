"""What is attacked: a snapshot, the catalogue published of it, the regions aimed at; and how an attack ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from disclosure.attack.bounds import Recovery, Said, attacked, counted
from disclosure.catalogue import Margin, Measure, Sensitivity, Statistic
from disclosure.keys import Secret
from disclosure.policy import Policy
from disclosure.policy import policy as policy_of
from disclosure.population import STRUCTURE, Population
from disclosure.protection import Issue, known, protect
from disclosure.synthetic import next_period

Targets = dict[tuple[Margin, str | None], NDArray[np.bool_]]

PLACES: tuple[Margin, ...] = ((), ("region",), ("department",))
CUBE: tuple[Margin, ...] = tuple(
    (*place, *kind, *sex, *age)
    for place in PLACES
    for kind in ((), ("kind",))
    for sex in ((), ("sex",))
    for age in ((), ("age",))
) + tuple((STRUCTURE, *sex, *age) for sex in ((), ("sex",)) for age in ((), ("age",)))
BY_SEX: tuple[Margin, ...] = tuple((*place, *sex) for place in (*PLACES, (STRUCTURE,)) for sex in ((), ("sex",)))
BY_PLACE: tuple[Margin, ...] = (*PLACES, (STRUCTURE,))
BY_LEVEL: tuple[Margin, ...] = tuple(
    (*place, *level) for place in (*PLACES, (STRUCTURE,)) for level in ((), ("level",))
)

HEADCOUNT = Statistic("HEADCOUNT", Measure.COUNT, CUBE, Sensitivity.NONE)
LEVELS = Statistic("LEVELS", Measure.COUNT, BY_LEVEL, Sensitivity.NONE)
EXITS = Statistic("EXITS", Measure.SHARE, BY_SEX, Sensitivity.B, "exit", ("autre", "durable", "positive", "transition"))
DISABLED = Statistic("RQTH", Measure.SHARE, BY_PLACE, Sensitivity.A, "rqth", ("oui",))
WAGES = Statistic("WAGES", Measure.MEAN, BY_SEX, Sensitivity.B, "wage", low=400, high=2600, centre=1100)
MEDIANS = Statistic("MEDIANS", Measure.QUANTILES, ((), ("region",), ("department",), (STRUCTURE,)), Sensitivity.B, "months",
                    low=0, high=60, grid=1.0)  # fmt: skip
CATALOGUE = (HEADCOUNT, LEVELS, EXITS, DISABLED, WAGES, MEDIANS)
LOCAL = {STRUCTURE, "department", "region"}


@dataclass(frozen=True)
class Outcome:
    """One line of the report: what was attacked, what broke, what held. `figures` are what is printed and kept."""

    test: str
    attack: str
    canary: dict[str, float]
    broke: bool
    figures: dict[str, float]
    held: bool


@dataclass
class Battle:
    """A snapshot, the regions attacked, and what is published of it. `everything` is the issue with no display rule: the
    noise alone must hold."""

    population: Population
    regions: Sequence[int]
    secret: Secret
    policy: Policy = field(default_factory=policy_of)
    period: str = "2025"

    @cached_property
    def local(self) -> Population:
        return self.population.rows(np.isin(self.population.dimensions["region"].codes, list(self.regions)))

    @cached_property
    def bare(self) -> Policy:
        return replace(
            self.policy, display_persons=0, display_backstop=0, rates_persons=0, rates_tail=-(10**9),
            sensitive_structure_persons=0,
        )  # fmt: skip

    def published(self, *statistics: Statistic, policy: Policy | None = None, **changed: object) -> Issue:
        options: dict[str, object] = {"secret": self.secret, "period": self.period, **changed}
        return protect(self.local, statistics or CATALOGUE, policy=policy or self.policy, **options)  # type: ignore[arg-type]

    @cached_property
    def issue(self) -> Issue:
        return self.published()

    @cached_property
    def everything(self) -> Issue:
        return self.published(HEADCOUNT, LEVELS, EXITS, DISABLED, policy=self.bare)

    @cached_property
    def next_quarter(self) -> Population:
        return next_period(self.local)

    def small(self, statistic: Statistic, most: int = 4) -> Targets:
        """The cells to find: true counts from 1 to `most`, at region level and below."""
        rows = self.local.rows(known(self.local, statistic))
        categories: tuple[str | None, ...] = statistic.categories if statistic.measure == Measure.SHARE else (None,)
        found: Targets = {}
        for margin in statistic.margins:
            for category in categories if set(margin) & LOCAL else ():
                truth = counted(rows, margin, statistic.attribute, category)
                found[margin, category] = (truth >= 1) & (truth <= most)
        return found

    def lp(self, statements: Sequence[Said], targets: Targets, crossed: Margin, **options: object) -> Recovery:
        return attacked(self.local, self.regions, statements, targets, crossed=crossed, **options)  # type: ignore[arg-type]


def report(recovery: Recovery) -> dict[str, float]:
    return {
        "cells": recovery.targets,
        "exact": recovery.exact,
        **{f"within {reach}": count for reach, count in recovery.within.items()},
        "narrowest": recovery.narrowest or 0,
        "median width": recovery.median_width or 0,
    }


def exact_share(found: Recovery) -> float:
    return found.exact / max(found.targets, 1)
