"""What likelihood says of one person: the newcomer between two issues (T5), the one whose colleagues are all known (T9),
the base swollen with invented people (T13). Bayes with the true tables: no attacker who knows the method does better.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import binom

from disclosure.catalogue import Margin
from disclosure.population import Floats, Ints, Population, grouped
from disclosure.ptable import PTable

SURE = 0.90
CERTAIN = 0.99


class Keying(StrEnum):
    """How a publisher draws its noise, known to the attacker."""

    EXACT = "exact"  # no noise
    CONTRIBUTORS = "contributors"  # the same contributors, the same noise
    BASE = "base"  # a new draw each period


@dataclass(frozen=True)
class Guess:
    """`targets` people; among those who have the attribute, the share exposed (posterior ≥ 90 %); the share of right
    guesses beside the best blind one; the share of targets found with 99 % certainty."""

    targets: int
    exposed: float
    accuracy: float
    blind: float
    certain: float

    @classmethod
    def of(cls, posterior: Floats, truth: Floats) -> "Guess":
        has = truth > 0.5
        blind = max(float(has.mean()), 1 - float(has.mean())) if len(has) else 1.0
        return cls(
            len(truth),
            float((posterior[has] >= SURE).mean()) if has.any() else 0.0,
            float(((posterior > 0.5) == has).mean()) if len(has) else 1.0,
            blind,
            float(((posterior >= CERTAIN) | (posterior <= 1 - CERTAIN)).mean()) if len(has) else 0.0,
        )


def single_entrants(before: Population, after: Population, margin: Margin) -> tuple[Ints, Ints]:
    """Bases whose only change is one newcomer: (bases on the margin's grid, row of the newcomer in `after`)."""
    came = ~np.isin(after.persons, before.persons)
    left = ~np.isin(before.persons, after.persons)
    entries = grouped(after, margin).count(came)
    exits = grouped(before, margin).count(left)
    alone = np.flatnonzero((entries == 1) & (exits == 0))
    base_of = grouped(after, margin).of_row
    newcomer = {int(base_of[row]): row for row in np.flatnonzero(came)}
    return alone, np.array([newcomer[base] for base in alone.tolist()], dtype=np.int64)


def newcomer(sizes: Ints, first: Floats, second: Floats, prior: float, table: PTable, keying: Keying) -> Floats:
    """Posterior that the newcomer has the attribute, base by base, from two published counts of it (NaN: not published)."""
    posterior = np.full(len(sizes), prior)
    for number in np.flatnonzero(~np.isnan(first) & ~np.isnan(second)):
        had = np.arange(int(sizes[number]) + 1)
        weight = binom.pmf(had, int(sizes[number]), prior)
        one, two = int(first[number]), int(second[number])
        without, with_it = _both(had, one, two, table, keying)
        yes, no = prior * float(weight @ with_it), (1 - prior) * float(weight @ without)
        if yes + no > 0:
            posterior[number] = yes / (yes + no)
    return posterior


def _both(had: Ints, one: int, two: int, table: PTable, keying: Keying) -> tuple[Floats, Floats]:
    """P(the two published counts | how many had it before), if the newcomer does not have it, then if she does."""
    if keying == Keying.EXACT:
        return ((had == one) & (had == two)).astype(float), ((had == one) & (had + 1 == two)).astype(float)
    before = table.likelihood(had, one - had)
    with_it = before * table.likelihood(had + 1, two - had - 1)
    if keying == Keying.CONTRIBUTORS:
        return before * (one == two), with_it
    return before * table.likelihood(had, two - had), with_it


def all_but_one(
    population: Population,
    attribute: str,
    category: str,
    cells: Sequence[tuple[Margin, Floats]],
    table: PTable,
    targets: Ints,
) -> Floats:
    """Posterior (prior one half) that each target row has the category, for who knows everybody else: `cells` are the
    published counts of it on each margin's grid."""
    has = population.attributes[attribute].codes == population.attributes[attribute].labels.index(category)
    evidence = np.zeros(len(targets))
    for margin, published in cells:
        groups = grouped(population, margin)
        of_target = groups.of_row[targets]
        others = groups.count(has)[of_target] - has[targets]
        value = published[of_target]
        shown = ~np.isnan(value)
        value = np.where(shown, value, 0).astype(np.int64)
        with_it = table.likelihood(others + 1, value - others - 1)
        without = table.likelihood(others, value - others)
        with np.errstate(divide="ignore"):
            gain = np.log(np.maximum(with_it, 1e-300)) - np.log(np.maximum(without, 1e-300))
        evidence += np.where(shown, gain, 0)
    found: Floats = 1 / (1 + np.exp(-np.clip(evidence, -700, 700)))
    return found


def balanced(population: Population, attribute: str, category: str, count: int, seed: int = 3) -> Ints:
    """Rows to attack: as many who have the category as who do not."""
    has = population.attributes[attribute].codes == population.attributes[attribute].labels.index(category)
    draw = np.random.default_rng(seed)
    with_it, without = np.flatnonzero(has), np.flatnonzero(~has)
    half = min(count // 2, len(with_it), len(without))
    return np.concatenate([draw.choice(with_it, half, replace=False), draw.choice(without, half, replace=False)])


def swollen(truth: Ints, published: Floats, dummies: int) -> tuple[float, float]:
    """A director adds invented people who all have the attribute and subtracts them: (share of counts found, blind share).

    `truth` are the counts without them, `published` the counts with them (NaN: not published).
    """
    shown = ~np.isnan(published)
    if not shown.any():
        return 0.0, 1.0
    guess = np.maximum(published[shown] - dummies, 0)
    values, times = np.unique(truth[shown], return_counts=True)
    return float((guess == truth[shown]).mean()), float(times.max() / shown.sum()) if len(values) else 1.0
