"""Means that give counts back (T11), medians that are somebody's amount (T12)."""

import numpy as np

from disclosure.population import Floats, Ints, Population, grouped


def counts_from_means(
    sizes: Floats, mean: Floats, parts: Floats, part_means: Floats, tolerance: Floats, spread: int, truth: Ints
) -> float:
    """Share of bases of two parts whose true counts are the only ones compatible with the published means.

    `sizes`, `mean`, `tolerance` are by base; `parts`, `part_means`, `truth` are base x 2. The attacker tries every pair
    within the spread of the noise.
    """
    found, tried = 0, 0
    reach = np.arange(-spread, spread + 1)
    for base in range(len(mean)):
        figures = (mean[base], *part_means[base], *parts[base], sizes[base])
        if np.isnan(figures).any():
            continue
        tried += 1
        one, two = np.meshgrid(
            np.maximum(parts[base, 0] + reach, 0), np.maximum(parts[base, 1] + reach, 0), indexing="ij"
        )
        total = np.maximum(one + two, 1)
        off = np.abs((one * part_means[base, 0] + two * part_means[base, 1]) / total - mean[base])
        fit = (off <= tolerance[base]) & (np.abs(one + two - sizes[base]) <= spread)
        pairs = np.unique(np.stack([one[fit], two[fit]], axis=1), axis=0)
        found += int(len(pairs) == 1 and (pairs[0] == truth[base]).all())
    return found / max(tried, 1)


def somebodys(population: Population, amount: str, margin: tuple[str, ...], published: Floats) -> float:
    """Share of published quantiles equal, to the cent, to the amount of someone of the base."""
    groups = grouped(population, margin)
    amounts = population.amounts[amount]
    hits = [
        bool(np.isclose(amounts[groups.of_row == base], published[base], atol=0.004).any())
        for base in np.flatnonzero(~np.isnan(published))
    ]
    return float(np.mean(hits)) if hits else 0.0


def exact_medians(population: Population, amount: str, margin: tuple[str, ...]) -> Floats:
    """The canary of T12: exact medians."""
    groups = grouped(population, margin)
    order = np.lexsort((population.amounts[amount], groups.of_row))
    counts = groups.count()
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    ranked = population.amounts[amount][order]
    found = np.full(len(groups), np.nan)
    some = counts > 0
    low, high = starts[some] + (counts[some] - 1) // 2, starts[some] + counts[some] // 2
    found[some] = (ranked[low] + ranked[high]) / 2
    return found
