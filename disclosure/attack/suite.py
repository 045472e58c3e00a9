"""The red team, T1 to T17 (§7 of the reference): each attack breaks its canary, then tries the issue. One outcome each.

`./run test` runs it on two regions; `manage.py attack_release` on the whole country.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from disclosure import export
from disclosure.attack import amounts, averaging, canaries, inference
from disclosure.attack.bounds import Recovery, Said, attacked, counted, said_by
from disclosure.attack.inference import Guess, Keying
from disclosure.catalogue import Margin, Measure, Sensitivity, Statistic
from disclosure.keys import Secret
from disclosure.policy import Policy
from disclosure.policy import policy as policy_of
from disclosure.population import STRUCTURE, Floats, Ints, Population, grouped
from disclosure.protection import Audience, Former, Issue, known, protect
from disclosure.ptable import ptable
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


def _shares(found: Recovery) -> float:
    return found.exact / max(found.targets, 1)


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
        {"naive exact share": _shares(naive), "secondary suppression exact": second.exact},
        _shares(naive) >= 0.90 and second.exact >= 1,
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
        "T2", "chains of places", {"naive exact share": _shares(naive)}, naive.exact > 0,
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
    said = said_by(battle.issue, "HEADCOUNT", battle.policy)
    naive, held = [], []
    for structure, neighbours in _neighbourhoods(battle.local)[:most]:
        truth = counted(battle.local, (STRUCTURE, *crossed))
        wanted = (
            (truth >= 1)
            & (truth <= 4)
            & np.isin(grouped(battle.local, (STRUCTURE, *crossed)).coordinates[:, 0], neighbours)
        )
        if not wanted.any():
            continue
        targets: Targets = {((STRUCTURE, *crossed), None): wanted}
        naive.append(battle.lp(exact, targets, crossed, director_of=structure))
        held.append(battle.lp(said, targets, crossed, director_of=structure))
    cells, found = sum(each.targets for each in held), sum(each.exact for each in held)
    near = sum(each.within[2] for each in held)
    leaked = sum(each.exact for each in naive) / max(sum(each.targets for each in naive), 1)
    return Outcome(
        "T3", "a director who knows his own structure", {"secondary suppression exact share": leaked}, leaked >= 0.05,
        {"directors": len(held), "cells": cells, "exact": found, "within 2": near},
        cells > 0 and found == 0 and near == 0,
    )  # fmt: skip


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
        "T4", "tables together, numerators with denominators", {"naive exact share": _shares(naive)}, naive.exact > 0,
        {
            **{f"tables, {k}": v for k, v in report(tables).items()},
            **{f"joint, {k}": v for k, v in report(joint).items()},
            **{f"joint displayed, {k}": v for k, v in report(displayed).items()},
        },
        tables.exact == joint.exact == 0 and tables.within[3] == joint.within[3] == 0 and displayed.within[5] == 0,
    )  # fmt: skip


def t5_newcomer(battle: Battle) -> Outcome:
    """The only arrival of a base between two issues: did the figure move?"""
    before, after = battle.local, battle.next_quarter
    margins: list[Margin] = [
        (STRUCTURE, "sex", "age"),
        (STRUCTURE, "sex"),
        (STRUCTURE, "level"),
        (STRUCTURE, "sex", "age", "level"),
    ]
    prior = float((before.attributes["rqth"].codes == 1).mean())
    table = ptable(battle.policy.noise_spread, battle.policy.noise_variance)
    results: dict[Keying, list[tuple[Floats, Floats]]] = {keying: [] for keying in Keying}
    asked = Statistic("RQTH", Measure.SHARE, tuple(margins), Sensitivity.A, "rqth", ("oui",))
    noise_alone, displayed = (
        [
            protect(rows, [asked], policy=policy, secret=battle.secret, period=period)
            for rows, period in ((before, "2025"), (after, "2026"))
        ]
        for policy in (battle.bare, battle.policy)
    )
    shown: list[tuple[Floats, Floats]] = []
    for margin in margins:
        bases, rows = inference.single_entrants(before, after, margin)
        truth = (after.attributes["rqth"].codes[rows] == 1).astype(float)
        sizes = counted(before, margin)[bases]
        exact = tuple(counted(each, margin, "rqth", "oui").astype(float) for each in (before, after))
        keyed = tuple(
            canaries.keyed_on_contributors(each, "rqth", "oui", margin, battle.secret, table.spread, table.variance)
            for each in (before, after)
        )
        based, seen = (
            tuple(each.block("RQTH", margin).values[:, 0][bases] for each in issues)
            for issues in (noise_alone, displayed)
        )
        exact, keyed = ((one[bases], two[bases]) for one, two in (exact, keyed))
        for keying, (first, second) in ((Keying.EXACT, exact), (Keying.CONTRIBUTORS, keyed), (Keying.BASE, based)):
            results[keying].append((inference.newcomer(sizes, first, second, prior, table, keying), truth))
        shown.append((inference.newcomer(sizes, seen[0], seen[1], prior, table, Keying.BASE), truth))

    def scored(pairs: list[tuple[Floats, Floats]]) -> Guess:
        return Guess.of(np.concatenate([p for p, _t in pairs]), np.concatenate([t for _p, t in pairs]))

    guess = {keying: scored(pairs) for keying, pairs in results.items()}
    noise, held = guess[Keying.BASE], scored(shown)
    return Outcome(
        "T5", "the only newcomer of a base",
        {"exact counts exposed": guess[Keying.EXACT].exposed, "contributor key exposed": guess[Keying.CONTRIBUTORS].exposed},
        guess[Keying.EXACT].exposed == 1.0 and guess[Keying.CONTRIBUTORS].exposed >= 0.60,
        {"newcomers": held.targets, "exposed, all shown": noise.exposed, "exposed": held.exposed, "accuracy": held.accuracy,
         "blind": held.blind},
        held.targets > 0 and noise.exposed <= 0.005 and held.exposed <= 0.005 and held.accuracy <= held.blind + 0.01,
    )  # fmt: skip


def t6_repeat(battle: Battle, times: int = 20) -> Outcome:
    """The same issue asked for again, people and statistics in another order: the same bytes."""
    table = ptable(battle.policy.noise_spread, battle.policy.noise_variance)
    fresh = averaging.asked_again(3, 16, table)
    draw = np.random.default_rng(11)
    first = export.as_csv(battle.issue)
    different = 0
    for _time in range(times):
        shuffled = battle.local.rows(draw.permutation(len(battle.local)))
        statistics = [CATALOGUE[number] for number in draw.permutation(len(CATALOGUE))]
        again = protect(shuffled, statistics, policy=battle.policy, secret=battle.secret, period=battle.period)
        different += export.as_csv(again) != first
    return Outcome(
        "T6", "the same question again", {"hit rate of 16 fresh draws": fresh}, fresh >= 0.6,
        {"exports": times, "different": different}, different == 0,
    )  # fmt: skip


def t7_reissue(battle: Battle) -> Outcome:
    """One record corrected after publication: the old figures stand, whatever the correction."""
    column = battle.local.attributes["exit"]
    row = int(np.flatnonzero(column.codes >= 0)[0])
    codes = column.codes.copy()
    codes[row] = (codes[row] + 1) % len(column.labels)
    corrected = replace(battle.local, attributes={**battle.local.attributes, "exit": replace(column, codes=codes)})
    redrawn = protect(
        corrected, CATALOGUE, policy=battle.policy, secret=battle.secret, period=battle.period, revision=2
    )
    carried = protect(
        corrected, CATALOGUE, policy=battle.policy, secret=battle.secret, period=battle.period, revision=2,
        former=Former(battle.local, battle.issue),
    )  # fmt: skip
    without = _moved(battle.issue, redrawn)
    held = _moved(battle.issue, carried)
    return Outcome(
        "T7", "one record corrected, asked again", {"figures drawn again without the rule": without}, without > 0,
        {"figures that moved": held}, held == 0,
    )  # fmt: skip


def _moved(one: Issue, two: Issue) -> int:
    moved = 0
    for first, second in zip(one.blocks, two.blocks, strict=True):
        for old, new in ((first.base, second.base), (first.values, second.values)):
            moved += int((~((old == new) | (np.isnan(old) & np.isnan(new)))).sum())
    return moved


def t8_all_or_none(battle: Battle) -> Outcome:
    """« All of them have it »: claimed when the two counts are equal and the other category is 0."""
    margin: Margin = (STRUCTURE,)
    truth = counted(battle.local, margin, "rqth", "oui")
    sizes = counted(battle.local, margin)
    degenerate = (sizes >= 5) & ((truth == 0) | (truth == sizes))
    spread, variance = battle.policy.noise_spread, battle.policy.noise_variance
    yes, no, every = (
        canaries.keyed_on_contributors(battle.local, attribute, category, margin, battle.secret, spread, variance)
        for attribute, category in (("rqth", "oui"), ("rqth", "non"), ("", ""))
    )
    claims = (sizes >= 5) & (((yes == every) & (no == 0)) | ((no == every) & (yes == 0)))
    recall = float(claims[degenerate].mean()) if degenerate.any() else 0.0
    block = battle.issue.block("RQTH", margin)
    value, base = block.values[:, 0], block.base
    shown = ~np.isnan(value)
    flat = int((shown & ((value <= 0) | (value >= base))).sum())
    said = int((shown & degenerate).sum())
    found = said / max(int(degenerate.sum()), 1)
    return Outcome(
        "T8", "all or none", {"contributor key recall": recall}, recall >= 0.9,
        {"structures all or none": int(degenerate.sum()), "rates at 0 or 100 %": flat, "of them shown": said, "recall": found},
        flat == 0 and found <= 0.05 and bool(degenerate.any()),
    )  # fmt: skip


def t9_all_but_one(battle: Battle, targets: int = 2000) -> Outcome:
    """Who knows everybody of a cell but one person, over all the cells that hold her."""
    rows = battle.local.rows(battle.local.attributes["exit"].codes >= 0)
    chosen = inference.balanced(rows, "exit", "durable", targets)
    truth = (rows.attributes["exit"].codes[chosen] == rows.attributes["exit"].labels.index("durable")).astype(float)

    def guessed(margins: Sequence[Margin], policy: Policy) -> Guess:
        statistic = replace(EXITS, margins=tuple(margins))
        issue = protect(rows, [statistic], policy=policy, secret=battle.secret, period=battle.period)
        cells = [(margin, issue.block("EXITS", margin).values[:, 1]) for margin in margins]
        table = ptable(policy.noise_spread, policy.noise_variance)
        return Guess.of(inference.all_but_one(rows, "exit", "durable", cells, table, chosen), truth)

    weak = guessed(CUBE, replace(battle.bare, noise_spread=5, noise_variance=3))
    held = guessed(BY_SEX, battle.policy)
    return Outcome(
        "T9", "all but one", {"D=5, 28 cells, certain": weak.certain}, weak.certain >= 0.40,
        {"targets": held.targets, "accuracy": held.accuracy, "certain": held.certain},
        held.accuracy <= 0.78 and held.certain <= 0.01 and held.targets > 0,
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


def t11_means(battle: Battle) -> Outcome:
    """Counts compatible with the published means by sex and in all."""
    bare = battle.published(HEADCOUNT, policy=battle.bare)
    by_sex = len(battle.local.dimensions["sex"].labels)
    parts = bare.block("HEADCOUNT", (STRUCTURE, "sex")).base.reshape(-1, by_sex)
    sizes = bare.block("HEADCOUNT", (STRUCTURE,)).base
    truth = counted(battle.local, (STRUCTURE, "sex")).reshape(-1, by_sex)
    spread = battle.policy.noise_spread
    mean = canaries.exact_means(battle.local, "wage", (STRUCTURE,))
    part_means = canaries.exact_means(battle.local, "wage", (STRUCTURE, "sex")).reshape(-1, by_sex)
    exact = amounts.counts_from_means(sizes, mean, parts, part_means, np.full(len(mean), 1e-9), spread, truth)
    issue = battle.published(WAGES)
    held_mean = issue.block("WAGES", (STRUCTURE,)).values[:, 0]
    held_parts = issue.block("WAGES", (STRUCTURE, "sex")).values[:, 0].reshape(-1, by_sex)
    tolerance = 0.5 * 10.0 ** (np.floor(np.log10(np.nan_to_num(held_mean, nan=1.0))) - battle.policy.means_digits + 1)
    held = amounts.counts_from_means(sizes, held_mean, parts, held_parts, tolerance, spread, truth)
    least = sizes[~np.isnan(held_mean)].min() if (~np.isnan(held_mean)).any() else np.inf
    return Outcome(
        "T11", "counts from means", {"exact means, counts found": exact}, exact >= 0.8,
        {"counts found": held, "smallest size beside a mean": float(least)},
        held <= 0.01 and least >= battle.policy.means_persons - 2 * spread,
    )  # fmt: skip


def t12_medians(battle: Battle) -> Outcome:
    """A published median that is somebody's own amount."""
    wages = replace(MEDIANS, attribute="wage", low=300, high=4000, grid=50.0)
    exact = amounts.somebodys(
        battle.local, "wage", (STRUCTURE,), amounts.exact_medians(battle.local, "wage", (STRUCTURE,))
    )
    issue = battle.published(wages)
    block = issue.block("MEDIANS", (STRUCTURE,))
    held = amounts.somebodys(battle.local, "wage", (STRUCTURE,), block.values[:, 1])
    chance = amounts.somebodys(
        battle.local, "wage", (STRUCTURE,), np.where(np.isnan(block.values[:, 1]), np.nan, block.values[:, 1] + 50)
    )
    return Outcome(
        "T12", "medians that are somebody's", {"exact medians": exact}, exact >= 0.4,
        {"published": int((~np.isnan(block.values[:, 1])).sum()), "equal to an amount": held, "by chance": chance},
        held <= chance + 0.02,
    )  # fmt: skip


def t13_dummies(battle: Battle, dummies: int = 10) -> Outcome:
    """Invented people lift a base over the threshold, then are subtracted."""
    margin: Margin = (STRUCTURE, "sex", "age")
    truth = counted(battle.local, margin)
    small = (truth >= 1) & (truth <= 4)
    naive, _blind = inference.swollen(truth[small], (truth[small] + dummies).astype(float), dummies)
    cell = grouped(battle.local, margin).of_row
    models = np.array([int(np.argmax(cell == each)) for each in np.flatnonzero(small)])
    models = np.repeat(models, dummies)
    first = int(battle.local.persons.max()) + 1
    invented = battle.local.rows(models, np.arange(first, first + len(models)))
    issue = protect(
        battle.local.joined(invented), [HEADCOUNT], policy=battle.policy, secret=battle.secret, period=battle.period
    )
    hit, blind = inference.swollen(truth[small], issue.block("HEADCOUNT", margin).base[small], dummies)
    return Outcome(
        "T13", "invented people", {"threshold on exact counts, found": naive}, naive >= 0.99,
        {"cells": int(small.sum()), "found": hit, "blind": blind}, hit <= blind + 0.02,
    )  # fmt: skip


def t14_structures(battle: Battle) -> Outcome:
    """For other structures: no cell of two structures, none led by one, none with few people besides the largest."""
    issue = battle.published(HEADCOUNT, audience=Audience.PEERS)
    federation = battle.issue
    wrong, hidden = 0, 0
    for margin in CUBE:
        shown = ~np.isnan(issue.block("HEADCOUNT", margin).base)
        allowed = _allowed(battle.local, margin, battle.policy)
        wrong += int((shown & ~allowed).sum())
        hidden += int((~np.isnan(federation.block("HEADCOUNT", margin).base) & ~allowed).sum())
    return Outcome(
        "T14", "the structure rule", {"cells the rule hides that the federation reads": hidden}, hidden > 0,
        {"cells shown against the rule": wrong}, wrong == 0,
    )  # fmt: skip


def _allowed(population: Population, margin: Margin, policy: Policy) -> NDArray[np.bool_]:
    """The rule again, cell by cell, the obvious way."""
    groups = grouped(population, margin)
    structure = population.dimensions[STRUCTURE].codes
    found = np.zeros(len(groups), dtype=bool)
    if STRUCTURE in margin:
        return found
    order = np.argsort(groups.of_row, kind="stable")
    edges = np.searchsorted(groups.of_row[order], np.arange(len(groups) + 1))
    for cell in range(len(groups)):
        sizes = np.unique(structure[order[edges[cell] : edges[cell + 1]]], return_counts=True)[1]
        if len(sizes) >= policy.structures_least:
            total, largest = sizes.sum(), sizes.max()
            found[cell] = (
                largest <= policy.structures_largest_share * total and total - largest >= policy.structures_residual
            )
    return found


def t15_marker(battle: Battle) -> Outcome:
    """Why a figure is « np » cannot be read: one marker; how much it says of a small numerator is reported."""
    text = export.as_csv(battle.issue).decode()
    markers = {line.rsplit(",", 1)[1] for line in text.splitlines()[1:] if not line.rsplit(",", 1)[1][0].isdigit()}
    block = battle.issue.block("EXITS", (STRUCTURE,))
    hidden = np.isnan(block.values[:, 1])
    rows = battle.local.rows(known(battle.local, EXITS))
    few = counted(rows, (STRUCTURE,), "exit", "durable") < battle.policy.rates_tail
    told, said = _mutual(few, few), _mutual(hidden, few)  # a marker « small numerator » says it whole
    return Outcome(
        "T15", "the reason of a « np »", {"bits said by a marker with reasons": told}, told > said,
        {"markers": len(markers - {export.BEYOND}), "bits on a small numerator": said},
        markers - {export.BEYOND} == {export.NOT_PUBLISHED},
    )  # fmt: skip


def _mutual(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> float:
    found = 0.0
    for a in (False, True):
        for b in (False, True):
            both = float(((one == a) & (two == b)).mean())
            if both > 0:
                found += both * math.log2(both / (float((one == a).mean()) * float((two == b).mean())))
    return found


def t16_keys(battle: Battle, draws: int = 1_000_000) -> Outcome:
    """A million draws are as the table says; without the secret the noise cannot be made again; it is printed nowhere."""
    table = ptable(battle.policy.noise_spread, battle.policy.noise_variance)
    counts = np.full(draws, 50)
    noise = table.noise(counts, np.random.default_rng(19).random(draws))
    guessed = replace(battle.secret, material=b"guess of an attacker, of 32 bytes")
    block, other = (
        battle.everything.block("HEADCOUNT", (STRUCTURE, "sex", "age")),
        protect(battle.local, [HEADCOUNT], policy=battle.bare, secret=guessed, period=battle.period).block(
            "HEADCOUNT", (STRUCTURE, "sex", "age")
        ),
    )
    big = counted(battle.local, (STRUCTURE, "sex", "age")) > table.spread
    alike = float((block.base[big] == other.base[big]).mean())
    chance = float((table.rows[-1] ** 2).sum())
    by_data = [
        battle.published(HEADCOUNT, policy=battle.bare, secret=_seeded(rows)).block(
            "HEADCOUNT", (STRUCTURE, "sex", "age")
        )
        for rows in (battle.local, battle.local.rows(np.arange(len(battle.local))))  # the publisher, then the attacker
    ]
    seeded = float((by_data[0].base[big] == by_data[1].base[big]).mean())
    told = battle.secret.material in export.as_csv(battle.issue) or battle.secret.material.hex() in repr(battle.secret)
    return Outcome(
        "T16", "the table and the key", {"data-seeded keys made again": seeded}, seeded == 1.0,
        {"mean": float(noise.mean()), "variance": float(noise.var()), "same noise without the secret": alike, "by chance": chance},
        abs(float(noise.mean())) <= 0.01 and abs(float(noise.var()) / table.variance - 1) <= 0.02
        and abs(alike - chance) <= 0.05 and not told,
    )  # fmt: skip


def _seeded(population: Population) -> Secret:
    """The canary of T16: a key made from the data, as some packages do. Whoever has the data has the key."""
    return Secret("data", hashlib.sha256(np.sort(population.persons).tobytes()).digest())


def t17_metamorphic(battle: Battle) -> Outcome:
    """Structures renamed: the same figures. Statistics made apart: the same figures. Another period: other noise."""
    renamed = replace(
        battle.local,
        dimensions={
            **battle.local.dimensions,
            STRUCTURE: replace(
                battle.local.dimensions[STRUCTURE],
                labels=tuple(f"renamed {label}" for label in battle.local.dimensions[STRUCTURE].labels),
            ),
        },
    )
    again = protect(renamed, CATALOGUE, policy=battle.policy, secret=battle.secret, period=battle.period)
    apart = [battle.published(each).blocks for each in sorted(CATALOGUE, key=lambda each: each.code)]
    joined = replace(battle.issue, blocks=tuple(block for blocks in apart for block in blocks))
    moved = _moved(battle.issue, again) + _moved(battle.issue, joined)
    margin: Margin = (STRUCTURE, "sex", "age")
    truth = counted(battle.local, margin)
    big = truth > battle.policy.noise_spread
    other = (
        battle.published(HEADCOUNT, policy=battle.bare, period="2026").block("HEADCOUNT", margin).base[big] - truth[big]
    )
    first = battle.everything.block("HEADCOUNT", margin).base[big] - truth[big]
    correlation = float(np.corrcoef(first, other)[0, 1])
    keyed = [
        canaries.keyed_on_contributors(battle.local, "", "", margin, battle.secret, 10, 5.0)[big] - truth[big]
        for _year in (1, 2)
    ]
    stuck = float(np.corrcoef(keyed[0], keyed[1])[0, 1])
    return Outcome(
        "T17", "renamed, split, moved in time", {"correlation of two periods, contributor key": stuck}, stuck > 0.99,
        {"figures that moved": moved, "correlation of two periods": correlation},
        moved == 0 and abs(correlation) <= 4 / np.sqrt(max(int(big.sum()), 1)),
    )  # fmt: skip


ATTACKS: tuple[Callable[[Battle], Outcome], ...] = (
    t1_bounds, t2_hierarchy, t3_director, t4_together, t5_newcomer, t6_repeat, t7_reissue, t8_all_or_none, t9_all_but_one,
    t10_average, t11_means, t12_medians, t13_dummies, t14_structures, t15_marker, t16_keys, t17_metamorphic,
)  # fmt: skip
