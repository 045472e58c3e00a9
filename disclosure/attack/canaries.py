"""Publishers an attacker must break: what is done elsewhere, and what we refuse to do."""

from collections.abc import Sequence

import numpy as np

from disclosure.attack.bounds import Said, counted
from disclosure.catalogue import NESTED_IN, Margin
from disclosure.keys import Secret, record_keys, summed, uniforms
from disclosure.population import STRUCTURE, Floats, Ints, Population, grouped
from disclosure.ptable import ptable


def thresholded(population: Population, margins: Sequence[Margin], least: int = 5) -> list[Said]:
    """Exact counts, those under `least` hidden: the attacker knows the rule."""
    found = []
    for margin in margins:
        truth = counted(population, margin).astype(float)
        hidden = (truth > 0) & (truth < least)
        found.append(Said(margin, None, np.where(hidden, 1.0, truth), np.where(hidden, least - 1.0, truth)))
    return found


def never_alone(population: Population, margins: Sequence[Margin], least: int = 5) -> list[Said]:
    """Exact counts with textbook secondary suppression: no sum holds a single hidden cell. The rule is known, not which
    cells were hidden for what."""
    kept = {margin: counted(population, margin) for margin in margins}
    hidden = {margin: (truth > 0) & (truth < least) for margin, truth in kept.items()}
    sums = [(wide, fine, _of_parent(population, wide, fine)) for fine in margins for wide in _parents(fine, margins)]
    moved = True
    while moved:
        moved = False
        for wide, fine, parent in sums:
            live = kept[fine] > 0
            alone = np.bincount(parent[hidden[fine] & live], minlength=len(kept[wide])) + hidden[wide] == 1
            for cell in np.flatnonzero(alone):
                inside = np.flatnonzero((parent == cell) & live & ~hidden[fine])
                if len(inside):
                    hidden[fine][inside[np.argmin(kept[fine][inside])]] = True
                elif hidden[wide][cell]:
                    continue
                else:
                    hidden[wide][cell] = kept[wide][cell] > 0
                moved = moved or bool(len(inside))
    return [
        Said(margin, None, np.where(hidden[margin], 0.0, truth), np.where(hidden[margin], np.inf, truth.astype(float)))
        for margin, truth in kept.items()
    ]


def _parents(fine: Margin, margins: Sequence[Margin]) -> list[Margin]:
    """The margins one step wider: a dimension less, or a place replaced by the one it lies in."""
    wider = [tuple(name for name in fine if name != out) for out in fine]
    for inner in set(fine) & set(NESTED_IN):
        rest = tuple(name for name in fine if name != inner)
        wider += [(place, *rest) for place in NESTED_IN[inner]]
        wider += [("department", "kind", *rest)] if inner == STRUCTURE else []
    by_set = {frozenset(margin): margin for margin in margins}
    return [by_set[frozenset(margin)] for margin in wider if frozenset(margin) in by_set]


def _of_parent(population: Population, wide: Margin, fine: Margin) -> Ints:
    """For each cell of the finer margin, the wider cell it adds up to (0 when it holds nobody)."""
    found = np.zeros(len(grouped(population, fine)), dtype=np.int64)
    found[grouped(population, fine).of_row] = grouped(population, wide).of_row
    return found


def rounded(population: Population, margins: Sequence[Margin], base: int) -> list[Said]:
    """Conventional rounding to the nearest multiple."""
    found = []
    for margin in margins:
        value = np.floor(counted(population, margin) / base + 0.5) * base
        reach = (base - 1) // 2
        found.append(Said(margin, None, np.maximum(value - reach, 0), value + reach))
    return found


def exact_means(population: Population, amount: str, margin: Margin, digits: int | None = None) -> Floats:
    """Exact means of an amount, at so many decimals."""
    groups = grouped(population, margin)
    amounts = population.amounts[amount]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = groups.total(np.nan_to_num(amounts)) / groups.count(~np.isnan(amounts))
    return found if digits is None else np.round(found, digits)


def keyed_on_contributors(
    population: Population, attribute: str, category: str, margin: Margin, secret: Secret, spread: int, variance: float
) -> Floats:
    """The usual cell key: the noise of a count follows from those who make it, the same in every period. Without an
    attribute, the count of everybody."""
    column = population.attributes.get(attribute)
    has = np.ones(len(population), dtype=bool) if column is None else column.codes == column.labels.index(category)
    keys = record_keys(secret.of_issue("always", 1), population.persons.tolist())
    groups = grouped(population, margin)
    contributors = summed(groups.of_row[has], keys[has], len(groups))
    counts = groups.count(has)
    found: Floats = (
        counts + ptable(spread, variance).noise(counts, uniforms(secret.material, "", contributors))
    ).astype(float)
    return found
