"""Means, quartiles and survival medians that give no one's amount away (§5.6 of the reference).

An exact mean beside a noisy count gives the count back; an exact median is somebody's wage. So: means clipped to constants
and noised, quartiles at a noisy rank averaged over neighbours and put on a grid, medians of life tables of noisy counts.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from disclosure.catalogue import Statistic
from disclosure.policy import Policy
from disclosure.population import Floats, Groups, Ints, Population

Flags = NDArray[np.bool_]
Draw = Callable[[str], Floats]  # a uniform for each base, for a named use
Noise = Callable[[str, Ints], Ints]  # the table's noise for named counts

QUARTILES = ("p25", "p50", "p75")


def laplace(uniforms: Floats, scale: float) -> Floats:
    """Laplace noise of a scale from uniforms in [0, 1)."""
    centred = np.clip(uniforms, 2**-53, 1 - 2**-53) - 0.5
    found: Floats = -scale * np.sign(centred) * np.log1p(-2 * np.abs(centred))
    return found


def significant(values: Floats, digits: int) -> Floats:
    """Rounded to so many significant digits; 0 stays 0."""
    with np.errstate(divide="ignore"):
        power = np.where(values == 0, 0, np.floor(np.log10(np.abs(values))))
    factor = 10.0 ** (digits - 1 - power)
    found: Floats = np.round(values * factor) / factor
    return found


def means(
    each: Statistic, rows: Population, groups: Groups, noisy: Ints, shown: Flags, draw: Draw, policy: Policy
) -> Floats:
    """c + (Σ(clip(x) - c) + Laplace) / n̂, c a constant of the catalogue. One column."""
    half = (each.high - each.low) / 2
    total = groups.total(np.clip(rows.amounts[each.attribute], each.low, each.high) - each.centre)
    fit = shown & (noisy >= policy.means_persons)
    noise = laplace(draw("mean"), policy.means_noise * half)
    value = each.centre + (total + noise) / np.maximum(noisy, 1)
    found: Floats = np.where(fit, significant(value, policy.means_digits), np.nan)[:, None]
    return found


def quantiles(
    each: Statistic, rows: Population, groups: Groups, noisy: Ints, shown: Flags, draw: Draw, policy: Policy
) -> Floats:
    """P25, P50, P75: the mean of the neighbours of a noisy rank, on the statistic's grid. Three columns."""
    amounts = np.clip(rows.amounts[each.attribute], each.low, each.high)
    order = np.lexsort((amounts, groups.of_row))
    counts = groups.count()
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    ranked = amounts[order]
    found = np.full((len(groups), len(QUARTILES)), np.nan)
    reach = policy.quantiles_neighbours // 2
    for column, (name, share) in enumerate(zip(QUARTILES, (0.25, 0.5, 0.75), strict=True)):
        noise = laplace(draw(name), policy.quantiles_rank_noise)
        rank = np.rint(share * (counts - 1) + noise).astype(np.int64)
        rank = np.clip(rank, reach, np.maximum(counts - 1 - reach, reach))
        least = policy.quantiles_persons if name == "p50" else policy.quantiles_persons_outer
        for group in np.flatnonzero(shown & (noisy >= least) & (counts > 2 * reach)):
            at = starts[group] + rank[group]
            near = ranked[at - reach : at + reach + 1].mean()
            found[group, column] = np.floor(near / each.grid + 0.5) * each.grid
    return found


def survival(
    each: Statistic, rows: Population, groups: Groups, noisy: Ints, shown: Flags, noise: Noise, policy: Policy
) -> Floats:
    """The median of a life table of noisy counts on fixed intervals, by linear interpolation; +∞ when one half is not
    reached within the table (« plus de … »). `attribute` holds durations; a negative one is censored at its size."""
    durations = rows.amounts[each.attribute]
    ended, length = durations >= 0, np.abs(durations)
    edges = np.array([0.0, *each.steps])
    at_risk = noisy.astype(float)
    alive = np.ones(len(groups))
    median = np.full(len(groups), np.nan)
    events = np.zeros(len(groups))
    followed = np.ones(len(groups), dtype=bool)
    for low, high in pairwise(edges):
        inside = (length >= low) & (length < high)
        died, lost = groups.count(inside & ended), groups.count(inside & ~ended)
        deaths = np.maximum(died + noise(f"ended {low:g}", died), 0)
        leavers = np.maximum(lost + noise(f"lost {low:g}", lost), 0)
        followed &= at_risk >= policy.survival_at_risk
        exposed = np.maximum(at_risk - leavers / 2, 1)
        next_alive = alive * np.clip(1 - deaths / exposed, 0, 1)
        reached = followed & np.isnan(median) & (next_alive <= 0.5)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (alive - 0.5) / (alive - next_alive)
        median[reached] = np.round((low + share * (high - low))[reached] / each.grid) * each.grid
        events += np.where(followed, deaths, 0)
        at_risk = np.maximum(at_risk - deaths - leavers, 0)
        alive = np.where(followed, next_alive, alive)
    median[np.isnan(median) & followed & (alive > 0.5)] = np.inf
    fit = shown & (noisy >= policy.survival_persons) & (events >= policy.survival_events)
    found: Floats = np.where(fit, median, np.nan)[:, None]
    return found
