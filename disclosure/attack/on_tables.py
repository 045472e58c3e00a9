"""Counts: linear programming, chains of places, a director, tables together, least squares."""

from collections.abc import Sequence

import numpy as np

from disclosure.attack import averaging, canaries
from disclosure.attack.battle import (
    BY_LEVEL,
    BY_PLACE,
    CUBE,
    EXITS,
    HEADCOUNT,
    LEVELS,
    LOCAL,
    Battle,
    Outcome,
    Targets,
    exact_share,
    report,
)
from disclosure.attack.bounds import Recovery, Said, attacked, counted, said_by
from disclosure.catalogue import Margin
from disclosure.population import STRUCTURE, Ints, Population, grouped
from disclosure.protection import Issue
from disclosure.ptable import ptable


def t1_bounds(battle: Battle) -> Outcome:
    """Linear programming on every published count; all shown, then as displayed."""
    targets, crossed = battle.small(HEADCOUNT), ("sex", "age")
    local = [margin for margin in CUBE if set(margin) & LOCAL]
    naive = battle.lp(canaries.thresholded(battle.local, local), targets, crossed)
    second = battle.lp(canaries.never_alone(battle.local, local), targets, crossed)
    shown = battle.lp(said_by(battle.everything, "HEADCOUNT", battle.bare), targets, crossed)
    displayed = battle.lp(said_by(battle.issue, "HEADCOUNT", battle.policy), targets, crossed)
    return Outcome(
        "T1", "linear programming on all counts",
        {"naive exact share": exact_share(naive), "secondary suppression exact": second.exact},
        exact_share(naive) >= 0.90 and second.exact >= 1,
        {**{f"all shown, {k}": v for k, v in report(shown).items()}, **{f"displayed, {k}": v for k, v in report(displayed).items()}},
        shown.exact == 0 and shown.within[3] == 0 and displayed.within[5] == 0 and displayed.targets > 0,
    )  # fmt: skip


def t2_hierarchy(battle: Battle) -> Outcome:
    """Chains of places and kinds only; the same base by two ways says the same."""
    chain: list[Margin] = [("region",), ("department",), ("region", "kind"), ("department", "kind"), (STRUCTURE,)]
    targets = {key: wanted for key, wanted in battle.small(HEADCOUNT, 10).items() if key[0] in chain}
    naive = battle.lp(canaries.thresholded(battle.local, chain, 11), targets, ())
    said = [each for each in said_by(battle.everything, "HEADCOUNT", battle.bare) if each.margin in chain]
    found = battle.lp(said, targets, ())
    same, twice = _same_bases(battle.everything, chain)
    return Outcome(
        "T2", "chains of places", {"naive exact share": exact_share(naive)}, naive.exact > 0,
        {**report(found), "bases reached twice": twice, "with the same figure": same},
        found.exact == 0 and same == twice and twice > 0,
    )  # fmt: skip


def _same_bases(issue: Issue, chain: Sequence[Margin]) -> tuple[int, int]:
    figures: dict[bytes, set[float]] = {}
    count: dict[bytes, int] = {}
    for margin in chain:
        block = issue.block("HEADCOUNT", margin)
        for base, value in zip(block.fingerprints, block.base, strict=True):
            if base.any():
                figures.setdefault(base.tobytes(), set()).add(float(value))
                count[base.tobytes()] = count.get(base.tobytes(), 0) + 1
    twice = [base for base, times in count.items() if times > 1]
    return sum(len(figures[base]) == 1 for base in twice), len(twice)


def t3_director(battle: Battle, most: int = 40) -> Outcome:
    """Each director of a département of 2 to 4 structures subtracts his own exact figures and aims at his neighbours."""
    crossed: Margin = ("sex", "age")
    margins = [margin for margin in CUBE if set(margin) & LOCAL]
    exact = canaries.never_alone(battle.local, margins)
    naive = directors(battle.local, exact, crossed, 4, most)
    held = directors(battle.local, said_by(battle.issue, "HEADCOUNT", battle.policy), crossed, 4, most)
    cells, found = sum(each.targets for each in held), sum(each.exact for each in held)
    near = sum(each.within[2] for each in held)
    leaked = sum(each.exact for each in naive) / max(sum(each.targets for each in naive), 1)
    return Outcome(
        "T3", "a director who knows his own structure", {"secondary suppression exact share": leaked}, leaked >= 0.05,
        {"directors": len(held), "cells": cells, "exact": found, "within 2": near},
        cells > 0 and found == 0 and near == 0,
    )  # fmt: skip


def directors(population: Population, said: Sequence[Said], crossed: Margin, few: int, most: int) -> list[Recovery]:
    """What each director bounds of his neighbours' finest cells of at most `few` people, from statements and from his own
    exact figures; the first `most` directors, each within his region, which holds all that is told of his département."""
    truth = counted(population, (STRUCTURE, *crossed))
    of_cell = grouped(population, (STRUCTURE, *crossed)).coordinates[:, 0]
    region_of = dict(
        zip(
            population.dimensions[STRUCTURE].codes.tolist(), population.dimensions["region"].codes.tolist(), strict=True
        )
    )
    found = []
    for structure, neighbours in _neighbourhoods(population)[:most]:
        wanted = (truth >= 1) & (truth <= few) & np.isin(of_cell, neighbours)
        if wanted.any():
            targets: Targets = {((STRUCTURE, *crossed), None): wanted}
            regions = [region_of[structure]]
            found.append(attacked(population, regions, said, targets, crossed=crossed, director_of=structure))
    return found


def _neighbourhoods(population: Population) -> list[tuple[int, Ints]]:
    structure, department = population.dimensions[STRUCTURE].codes, population.dimensions["department"].codes
    pairs = np.unique(np.stack([department, structure], axis=1), axis=0)
    found = []
    for place in np.unique(pairs[:, 0]):
        here = pairs[pairs[:, 0] == place, 1]
        if 2 <= len(here) <= 4:
            found += [(int(own), here[here != own]) for own in here]
    return found


def t4_together(battle: Battle) -> Outcome:
    """All tables at once: counts by age with counts by level, and every category of a share with its denominators."""
    targets = battle.small(LEVELS)
    levels = [margin for margin in BY_LEVEL if set(margin) & LOCAL]
    naive = battle.lp(canaries.thresholded(battle.local, levels), targets, ("level",))
    said = said_by(battle.everything, "LEVELS", battle.bare)
    said += [
        each
        for each in said_by(battle.everything, "HEADCOUNT", battle.bare)
        if each.margin in (*BY_PLACE, ("department", "sex"), (STRUCTURE, "sex"))
    ]
    tables = battle.lp(said, targets, ("sex", "level"))
    joint = battle.lp(said_by(battle.everything, "EXITS", battle.bare), battle.small(EXITS), ("sex",), attribute="exit")
    displayed = battle.lp(
        said_by(battle.issue, "EXITS", battle.policy), battle.small(EXITS), ("sex",), attribute="exit"
    )
    return Outcome(
        "T4", "tables together, numerators with denominators", {"naive exact share": exact_share(naive)}, naive.exact > 0,
        {
            **{f"tables, {k}": v for k, v in report(tables).items()},
            **{f"joint, {k}": v for k, v in report(joint).items()},
            **{f"joint displayed, {k}": v for k, v in report(displayed).items()},
        },
        tables.exact == joint.exact == 0 and tables.within[3] == joint.within[3] == 0 and displayed.within[5] == 0,
    )  # fmt: skip


def t10_average(battle: Battle) -> Outcome:
    """Least squares over the whole issue."""
    draw, weak = np.random.default_rng(13), ptable(2, 1)
    noisy = []
    for margin in CUBE:
        truth = counted(battle.local, margin)
        noisy.append((margin, (truth + weak.noise(truth, draw.random(len(truth)))).astype(float)))
    crossed: Margin = ("sex", "age")
    canary = averaging.least_squares(battle.local, battle.regions, noisy, 1.0, crossed=crossed)
    published = [(margin, battle.issue.block("HEADCOUNT", margin).base) for margin in CUBE]
    held = averaging.least_squares(
        battle.local, battle.regions, published, battle.policy.noise_variance, crossed=crossed
    )
    return Outcome(
        "T10", "least squares over the issue", {"D=2 hit rate": canary.hit}, canary.hit >= 0.5,
        {"cells": held.cells, "hit rate": held.hit, "blind": held.blind},
        held.hit <= held.blind + 0.02 and held.cells > 0,
    )  # fmt: skip
