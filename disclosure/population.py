"""The people a release speaks of: a frozen snapshot, one row a person in a structure, in columns."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

STRUCTURE = "structure"


@dataclass(frozen=True)
class Column:
    """A variable in codes: `codes[i]` indexes `labels`, -1 is unknown. Labels are in their own order, whoever made them."""

    codes: Ints
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("labels are distinct")
        if len(self.codes) and not -1 <= self.codes.min() <= self.codes.max() < len(self.labels):
            raise ValueError("a code is outside its labels")


@dataclass(frozen=True)
class Population:
    """`persons` are identifiers, each once. `dimensions` identify (structure, territory, kind, sex, age band…) and have no
    unknown; `attributes` are what may be sensitive (exit, RQTH…); `amounts` are numbers, NaN when unknown."""

    persons: Ints
    dimensions: dict[str, Column]
    attributes: dict[str, Column] = field(default_factory=dict)
    amounts: dict[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(np.unique(self.persons)) != len(self.persons):
            raise ValueError("a person stands once in a snapshot")
        for name, column in {**self.dimensions, **self.attributes}.items():
            if len(column.codes) != len(self):
                raise ValueError(f"{name} has another length than the snapshot")
        for name, column in self.dimensions.items():
            if len(column.codes) and column.codes.min() < 0:
                raise ValueError(f"{name} is unknown for somebody: a dimension has a label for it")
        for name, amounts in self.amounts.items():
            if len(amounts) != len(self):
                raise ValueError(f"{name} has another length than the snapshot")

    def __len__(self) -> int:
        return len(self.persons)

    def rows(self, kept: NDArray[np.bool_] | Ints, persons: Ints | None = None) -> "Population":
        """The same columns for some rows, in the order given; as other people when their identifiers are given."""
        return Population(
            self.persons[kept] if persons is None else persons,
            {name: Column(column.codes[kept], column.labels) for name, column in self.dimensions.items()},
            {name: Column(column.codes[kept], column.labels) for name, column in self.attributes.items()},
            {name: amounts[kept] for name, amounts in self.amounts.items()},
        )

    def joined(self, other: "Population") -> "Population":
        """The rows of both, on the same dimensions and labels."""

        def both(one: dict[str, Column], two: dict[str, Column]) -> dict[str, Column]:
            return {
                name: Column(np.concatenate([column.codes, two[name].codes]), column.labels)
                for name, column in one.items()
            }

        return Population(
            np.concatenate([self.persons, other.persons]),
            both(self.dimensions, other.dimensions),
            both(self.attributes, other.attributes),
            {name: np.concatenate([amounts, other.amounts[name]]) for name, amounts in self.amounts.items()},
        )

    def changed(self, former: "Population") -> NDArray[np.int64]:
        """Persons who came, left, or have another value anywhere, in either snapshot."""
        here, there = self._facts(), former._facts()
        return np.array(
            sorted(person for person in here.keys() | there.keys() if here.get(person) != there.get(person)),
            dtype=np.int64,
        )

    def _facts(self) -> dict[int, tuple[object, ...]]:
        columns: list[list[object]] = [
            [column.labels[code] if code >= 0 else None for code in column.codes]
            for column in [*self.dimensions.values(), *self.attributes.values()]
        ]
        columns += [[None if np.isnan(x) else float(x) for x in amounts] for amounts in self.amounts.values()]
        return dict(zip(self.persons.tolist(), zip(*columns, strict=True), strict=True))


@dataclass(frozen=True)
class Groups:
    """A margin: every combination of the labels of its dimensions, and the one each row falls in.

    Combinations that hold nobody are there too: what is published never says which those are.
    """

    coordinates: Ints  # groups x dimensions, in codes, sorted
    of_row: Ints

    def __len__(self) -> int:
        return len(self.coordinates)

    def count(self, kept: NDArray[np.bool_] | None = None) -> Ints:
        chosen = self.of_row if kept is None else self.of_row[kept]
        return np.bincount(chosen, minlength=len(self)).astype(np.int64)

    def total(self, amounts: Floats) -> Floats:
        return np.bincount(self.of_row, weights=amounts, minlength=len(self)).astype(np.float64)


def grouped(population: Population, margin: tuple[str, ...]) -> Groups:
    """Rows grouped by the dimensions of a margin; the empty margin is everybody."""
    columns = [population.dimensions[name] for name in margin]
    shape = tuple(len(column.labels) for column in columns)
    if not margin:
        return Groups(np.zeros((1, 0), dtype=np.int64), np.zeros(len(population), dtype=np.int64))
    of_row = np.ravel_multi_index(tuple(column.codes for column in columns), shape)
    cells = np.arange(int(np.prod(shape)))
    return Groups(np.stack(np.unravel_index(cells, shape), axis=1).astype(np.int64), of_row.astype(np.int64))
