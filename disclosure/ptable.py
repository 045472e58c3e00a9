"""The perturbation table: what noise a true count may receive, with what probability (§6.3 of the reference).

Row i gives, for a true count i, the probabilities of v in [-min(i, D), D]: of all distributions with mean 0 and variance V on
that support, the one of maximum entropy, p(v) ∝ exp(a·v + b·v²). Row 0 is no noise; rows from D+1 on are alike.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FOLDER = (
    Path(__file__).parent / "ptables"
)  # the tables in use, computed once and kept: a library's update changes no noise


@dataclass(frozen=True)
class PTable:
    """`rows[i]` is the distribution for a true count i on v = -spread … spread (zeros outside its support)."""

    spread: int
    variance: float
    rows: Floats  # (spread + 2) x (2 spread + 1)

    @property
    def sha256(self) -> str:
        """Fingerprint of the table as it is written: what a release names."""
        return hashlib.sha256(self.written().encode()).hexdigest()

    def written(self) -> str:
        """The table as CSV: a line a true count, a column a noise from -spread to spread."""
        return "".join(",".join(f"{p:.15f}" for p in row) + "\n" for row in self.rows)

    def noise(self, counts: Ints, uniforms: Floats) -> Ints:
        """The noise of each count for its uniform in [0, 1)."""
        row = np.minimum(counts, self.spread + 1)
        cumulative = np.cumsum(self.rows, axis=1)
        cumulative[:, -1] = 1.0
        found = np.empty(len(counts), dtype=np.int64)
        for each in np.unique(row):
            here = row == each
            found[here] = np.searchsorted(cumulative[each], uniforms[here], side="right") - self.spread
        return found

    def likelihood(self, counts: Ints, noises: Ints) -> Floats:
        """P(noise | true count); 0 outside the support."""
        inside = np.abs(noises) <= self.spread
        shifted = np.clip(noises + self.spread, 0, 2 * self.spread)
        return np.where(inside & (counts >= 0), self.rows[np.clip(counts, 0, self.spread + 1), shifted], 0.0)


def _row(count: int, spread: int, variance: float) -> Floats:
    row = np.zeros(2 * spread + 1)
    low = min(count, spread)
    if low == 0:
        row[spread] = 1.0
        return row
    values = np.arange(-low, spread + 1, dtype=float)

    def weights(ab: Floats) -> Floats:
        exponent = ab[0] * values + ab[1] * values**2
        weight = np.exp(exponent - exponent.max())
        found: Floats = weight / weight.sum()
        return found

    def off(ab: Floats) -> list[float]:
        p = weights(ab)
        mean = float(p @ values)
        return [mean, float(p @ values**2) - mean**2 - variance]

    from scipy.optimize import root  # slow to load, and the table of each policy is already in its file

    for start in ((0.0, -0.1), (-0.3, 0.0), (-0.5, 0.02), (-1.0, 0.05)):
        solved = root(off, start, tol=1e-13)
        if max(map(abs, off(solved.x))) < 1e-9:
            row[spread - low :] = weights(solved.x)
            return row
    raise ValueError(f"no distribution of mean 0 and variance {variance} on [-{low}, {spread}]")


def computed(spread: int, variance: float) -> PTable:
    """The table for D = `spread` and V = `variance`, solved afresh. Raises ValueError when none exists."""
    rows = np.vstack([_row(count, spread, variance) for count in range(spread + 2)])
    rows.setflags(write=False)
    return PTable(spread, variance, rows)


@cache
def ptable(spread: int, variance: float) -> PTable:
    """The kept table for D and V, or one solved afresh when none is kept."""
    path = FOLDER / f"{spread}-{variance:g}.csv"
    if not path.is_file():
        return computed(spread, variance)
    rows = np.loadtxt(path, delimiter=",")
    rows.setflags(write=False)
    return PTable(spread, variance, rows)
