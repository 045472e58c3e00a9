"""Amounts: counts read from means, medians that are somebody's."""

from dataclasses import replace

import numpy as np

from disclosure.attack import amounts, canaries
from disclosure.attack.battle import HEADCOUNT, MEDIANS, WAGES, Battle, Outcome
from disclosure.attack.bounds import counted
from disclosure.population import STRUCTURE


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
