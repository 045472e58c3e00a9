"""What linear programming says of hidden counts: each published figure bounds a sum of unknown cells (T1 to T4).

Unknowns are the finest cells (structure × the crossed dimensions, × category for a joint attack). The attacker knows which
structure is where and of which kind, the spread of the noise, the display rules, and that counts add up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from disclosure.audience import Audience
from disclosure.catalogue import Margin, Measure, Sensitivity
from disclosure.policy import Policy
from disclosure.population import STRUCTURE, Floats, Ints, Population, grouped
from disclosure.protection import Issue

PLACES = ("department", "region", "kind")
SLACK = 1e-6
# Only the objective changes from one target to the next: the last solution stays feasible, the primal simplex goes on from it.
OPTIONS: dict[str, bool | int | str] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "solver": "simplex",
    "simplex_strategy": 4,
}


@dataclass(frozen=True)
class Said:
    """What a publication says of the cells of one margin: each lies between two counts. `category` None: everybody."""

    margin: Margin
    category: str | None
    low: Floats
    high: Floats


def said_by(issue: Issue, code: str, policy: Policy) -> list[Said]:
    """The statements of an issue about one statistic of counts or shares (§6.2 read backwards)."""
    spread = policy.noise_spread
    found = []
    for block in issue.blocks:
        if block.statistic.code != code:
            continue
        least = policy.display_persons
        if block.statistic.sensitivity != Sensitivity.NONE and STRUCTURE in block.margin:
            least = max(least, policy.sensitive_structure_persons)
        hidden = np.inf if issue.audience == Audience.PEERS else max(least - 1 + spread, policy.display_backstop - 1)
        found.append(_said(block.margin, None, block.base, spread, hidden))
        if block.statistic.measure == Measure.SHARE:
            # a category may be hidden for its own size or for what is left: nothing bounds it from above
            found += [
                _said(block.margin, category, block.values[:, column], spread, np.inf)
                for column, category in enumerate(block.columns)
            ]
    return found


def _said(margin: Margin, category: str | None, values: Floats, spread: int, hidden: float) -> Said:
    shown = ~np.isnan(values)
    low = np.where(shown, np.maximum(values - spread, np.where(values > 0, 1, 0)), 0)
    return Said(margin, category, low, np.where(shown, values + spread, hidden))


@dataclass(frozen=True)
class Territory:
    """The public facts: structures of a block, their places, and the labels of what is crossed."""

    structures: Ints
    places: dict[str, Ints]  # of each structure of the block
    labels: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, population: Population, regions: Sequence[int]) -> "Territory":
        """Some regions. Only who is where is read of the population: it is no secret."""
        structure = population.dimensions[STRUCTURE].codes
        numbers, first = np.unique(structure, return_index=True)
        kept = np.isin(population.dimensions["region"].codes[first], list(regions))
        return cls(
            numbers[kept],
            {place: population.dimensions[place].codes[first][kept] for place in PLACES},
            {name: column.labels for name, column in population.dimensions.items()},
        )


class System:
    """The unknown cells of a territory and all that is said of them."""

    def __init__(self, territory: Territory, crossed: Margin, categories: tuple[str, ...] = ("",)) -> None:
        self.territory, self.crossed, self.categories = territory, crossed, categories
        shape = (len(territory.structures), *(len(territory.labels[name]) for name in crossed), len(categories))
        self.shape = shape
        self.size = int(np.prod(shape))
        self._rows: list[sparse.csr_matrix] = []
        self._low: list[Floats] = []
        self._high: list[Floats] = []

    def cells(self, margin: Margin, category: str | None = None) -> tuple[sparse.csr_matrix, Ints]:
        """The cells of a margin within the territory as sums of unknowns, and their numbers in the margin's grid."""
        index = np.indices(self.shape).reshape(len(self.shape), -1)
        codes = []
        for name in margin:
            if name == STRUCTURE:
                codes.append(self.territory.structures[index[0]])
            elif name in PLACES:
                codes.append(self.territory.places[name][index[0]])
            else:
                codes.append(index[1 + self.crossed.index(name)])
        shape = tuple(len(self.territory.labels[name]) for name in margin)
        grid = np.ravel_multi_index(tuple(codes), shape) if margin else np.zeros(self.size, dtype=np.int64)
        kept = np.ones(self.size, dtype=bool) if category is None else index[-1] == self.categories.index(category)
        numbers, row = np.unique(grid[kept], return_inverse=True)
        columns = np.flatnonzero(kept)
        matrix = sparse.csr_matrix((np.ones(len(columns)), (row, columns)), shape=(len(numbers), self.size))
        return matrix, numbers

    def hear(self, statement: Said) -> None:
        """Add a statement about cells that lie wholly in the territory; wider ones are left out."""
        if not set(statement.margin) & {STRUCTURE, "department", "region"}:
            return
        matrix, numbers = self.cells(statement.margin, statement.category)
        self._rows.append(matrix)
        self._low.append(statement.low[numbers])
        self._high.append(statement.high[numbers])

    def know(self, structure: int, truth: NDArray[np.float64]) -> None:
        """The exact cells of one structure: what its director knows. `truth` has the shape of its cells, in order."""
        position = int(np.flatnonzero(self.territory.structures == structure)[0])
        index = np.indices(self.shape).reshape(len(self.shape), -1)
        columns = np.flatnonzero(index[0] == position)
        matrix = sparse.csr_matrix(
            (np.ones(len(columns)), (np.arange(len(columns)), columns)), shape=(len(columns), self.size)
        )
        self._rows.append(matrix)
        self._low.append(truth)
        self._high.append(truth)

    def bounds(self, targets: sparse.csr_matrix) -> tuple[Ints, Ints]:
        """The least and the most each target can be, as whole numbers."""
        matrix = sparse.vstack(self._rows).tocsr()
        solver = _solver(matrix, np.concatenate(self._low), np.concatenate(self._high))
        low, high = np.empty(targets.shape[0]), np.empty(targets.shape[0])
        for number in range(targets.shape[0]):
            target = targets.getrow(number)
            columns = target.indices.astype(np.int32)
            solver.changeColsCost(len(columns), columns, target.data)
            low[number] = _solved(solver, highspy.ObjSense.kMinimize)
            high[number] = _solved(solver, highspy.ObjSense.kMaximize)
            solver.changeColsCost(len(columns), columns, np.zeros(len(columns)))
        return np.ceil(low - SLACK).astype(np.int64), np.floor(high + SLACK).astype(np.int64)


def _solver(matrix: sparse.csr_matrix, low: Floats, high: Floats) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in OPTIONS.items():
        solver.setOptionValue(option, value)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = matrix.shape[1], matrix.shape[0]
    program.col_cost_ = np.zeros(matrix.shape[1])
    program.col_lower_ = np.zeros(matrix.shape[1])
    program.col_upper_ = np.full(matrix.shape[1], highspy.kHighsInf)
    program.row_lower_ = low
    program.row_upper_ = np.where(np.isinf(high), highspy.kHighsInf, high)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    solver.passModel(program)
    return solver


def _solved(solver: highspy.Highs, sense: highspy.ObjSense) -> float:
    solver.changeObjectiveSense(sense)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kUnbounded:
        return float("inf") if sense == highspy.ObjSense.kMaximize else 0.0
    if status != highspy.HighsModelStatus.kOptimal:
        raise ValueError(f"what is published contradicts itself: {status}")
    return float(solver.getInfo().objective_function_value)


@dataclass(frozen=True)
class Recovery:
    """How well cells were bounded: how many, how many exactly, how many within ±1, ±2, ±3, ±5, and the widths."""

    targets: int
    exact: int
    within: Mapping[int, int]
    narrowest: int | None
    median_width: float | None

    @classmethod
    def of(cls, low: Ints, high: Ints) -> "Recovery":
        width = high - low
        return cls(
            len(width),
            int((width == 0).sum()),
            {reach: int((width <= 2 * reach).sum()) for reach in (1, 2, 3, 5)},
            int(width.min()) if len(width) else None,
            float(np.median(width)) if len(width) else None,
        )


def attacked(
    population: Population,
    regions: Sequence[int],
    statements: Sequence[Said],
    targets: Mapping[tuple[Margin, str | None], NDArray[np.bool_]],
    *,
    crossed: Margin,
    attribute: str = "",
    director_of: int | None = None,
) -> Recovery:
    """Bound the target cells of some regions, region by region, from statements. The truth checks that no bound is wrong.

    `targets` marks, on each margin's grid, the cells to find. With `attribute`, unknowns are split by its categories and
    the population is reduced to those for whom it is known.
    """
    column = population.attributes.get(attribute)
    rows = population if column is None else population.rows(column.codes >= 0)
    lows, highs = [], []
    for region in regions:
        territory = Territory.of(rows, [region])
        system = System(territory, crossed, *([] if column is None else [column.labels]))
        for statement in statements:
            system.hear(statement)
        if director_of is not None:
            if director_of not in territory.structures:
                continue
            system.know(director_of, _cells_of(rows, director_of, crossed, attribute))
        for (margin, category), wanted in targets.items():
            matrix, numbers = system.cells(margin, category)
            chosen = wanted[numbers]
            if not chosen.any():
                continue
            low, high = system.bounds(matrix[np.flatnonzero(chosen)])
            truth = counted(rows, margin, attribute, category)[numbers[chosen]]
            if ((truth < low) | (truth > high)).any():
                raise AssertionError("a bound excludes the truth: the attack misreads the publication")
            lows.append(low)
            highs.append(high)
    empty = np.empty(0, dtype=np.int64)
    return Recovery.of(np.concatenate([empty, *lows]), np.concatenate([empty, *highs]))


def counted(population: Population, margin: Margin, attribute: str = "", category: str | None = None) -> Ints:
    """The true counts of a margin's grid: for scoring only."""
    column = population.attributes.get(attribute)
    kept = None if column is None or category is None else column.codes == column.labels.index(category)
    return grouped(population, margin).count(kept)


def _cells_of(population: Population, structure: int, crossed: Margin, attribute: str) -> Floats:
    rows = population.rows(population.dimensions[STRUCTURE].codes == structure)
    codes = [rows.dimensions[name].codes for name in crossed]
    shape = [len(rows.dimensions[name].labels) for name in crossed]
    if attribute:
        codes.append(rows.attributes[attribute].codes)
        shape.append(len(rows.attributes[attribute].labels))
    flat = np.ravel_multi_index(tuple(codes), tuple(shape)) if codes else np.zeros(len(rows), dtype=np.int64)
    return np.bincount(flat, minlength=int(np.prod(shape))).astype(float)
