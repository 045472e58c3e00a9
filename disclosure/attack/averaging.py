"""Noise averaged away: by least squares over a whole issue (T10), by asking again (T6)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from disclosure.attack.bounds import System, Territory, counted
from disclosure.catalogue import Margin
from disclosure.population import Floats, Population
from disclosure.ptable import PTable

SMALL = 4


@dataclass(frozen=True)
class Averaged:
    """Small cells (1 to 4): how many, the share rounded right, and the best constant guess."""

    cells: int
    hit: float
    blind: float


def least_squares(
    population: Population,
    regions: Sequence[int],
    published: Sequence[tuple[Margin, Floats]],
    variance: float,
    *,
    crossed: Margin,
) -> Averaged:
    """Estimate the finest cells from every published count (NaN: not published), given their mean and spread as a prior."""
    hits, total, values = 0, 0, []
    finest = ("structure", *crossed)
    truth_of = counted(population, finest)
    for region in regions:
        territory = Territory.of(population, [region])
        system = System(territory, crossed)
        rows, seen = [], []
        for margin, figures in published:
            if not set(margin) & {"structure", "department", "region"}:
                continue
            matrix, numbers = system.cells(margin)
            shown = ~np.isnan(figures[numbers])
            rows.append(matrix[np.flatnonzero(shown)])
            seen.append(figures[numbers][shown])
        matrix, numbers = system.cells(finest)
        truth = np.asarray(matrix.T @ truth_of[numbers]).ravel()
        prior, spread = truth.mean(), truth.var()
        heard = sparse.vstack(rows).tocsr()
        normal = (heard.T @ heard / variance).toarray() + np.eye(system.size) / spread
        right = np.asarray(heard.T @ np.concatenate(seen)).ravel() / variance + prior / spread
        estimate = np.linalg.solve(normal, right)
        small = (truth >= 1) & (truth <= SMALL)
        hits += int((np.rint(estimate[small]) == truth[small]).sum())
        total += int(small.sum())
        values.append(truth[small])
    counts = np.unique(np.concatenate(values), return_counts=True)[1] if total else np.array([1])
    return Averaged(total, hits / max(total, 1), float(counts.max() / max(total, 1)))


def asked_again(count: int, draws: int, table: PTable, trials: int = 4000, seed: int = 5) -> float:
    """Share of times the rounded mean of fresh draws is the true count: what one noise a question would give away."""
    draw = np.random.default_rng(seed)
    counts = np.full(trials * draws, count)
    values = (counts + table.noise(counts, draw.random(trials * draws))).reshape(trials, draws)
    return float((np.floor(values.mean(axis=1) + 0.5) == count).mean())
