"""The transition matrix: where people of each class of contract stand a year later, as shares of their row."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from indicators.measures.shape import rounded

ROWS = {
    "U": gettext_lazy("À la tâche (usage, mission)"),
    "I": gettext_lazy("Durée déterminée"),
    "C": gettext_lazy("Durée indéterminée"),
}
COLUMNS = {
    **ROWS,
    "X+": gettext_lazy("Sortie durable"),
    "Xo": gettext_lazy("Autre sortie"),
    "N": gettext_lazy("En parcours, sans heure"),
    "?": gettext_lazy("Inconnu"),
}
SMALL = 11  # rule S: under eleven people, counts and no share
LEFT, TOP, CELL, HIGH = 34, 24, 44, 34


@dataclass(frozen=True)
class Cell:
    """`share` is 0 to 10, the depth of its shade; `words` is the share, or the count of a row that is small or little known."""

    x: int
    y: int
    share: int
    words: str
    count: int


@dataclass(frozen=True)
class Matrix:
    """`rows` are (code, name, people, cells); `columns` (x of its middle, code, name)."""

    rows: list[tuple[str, str, int, list[Cell]]]
    columns: list[tuple[float, str, str]]
    text: str

    width, cell, high, left = LEFT + 7 * CELL + 2, CELL, HIGH, LEFT

    @property
    def height(self) -> int:
        return TOP + len(self.rows) * HIGH + 2


def matrix_columns() -> list[tuple[str, str]]:
    """The columns of its table: (code, name)."""
    return [(code, str(name)) for code, name in COLUMNS.items()]


def matrix(moves: Mapping[str, Mapping[str, int]]) -> Matrix | None:
    """From counts by class a year before and state now. None when nobody moved nor stayed."""
    rows: list[Any] = []
    said: list[str] = []
    for code, name in ROWS.items():
        counts = moves.get(code, {})
        people = sum(counts.values())
        if not people:
            continue
        cells, y = [], TOP + len(rows) * HIGH
        told = people >= SMALL and 5 * counts.get("?", 0) <= people  # four fifths known (rule M)
        for place, column in enumerate(COLUMNS):
            count = counts.get(column, 0)
            words = "" if not count else str(count)
            if count and told:
                words = f"{rounded(Fraction(100 * count, people), 0)} %"
            cells.append(Cell(LEFT + place * CELL, y, round(10 * count / people), words, count))
        rows.append((code, str(name), people, cells))
        kept = [f"{COLUMNS[c]} {cell.words}" for c, cell in zip(COLUMNS, cells, strict=True) if cell.count]
        said.append(_("%(name)s (%(n)s) : %(moves)s") % {"name": name, "n": people, "moves": ", ".join(kept)})
    if not rows:
        return None
    columns = [(LEFT + (place + 0.5) * CELL, code, str(name)) for place, (code, name) in enumerate(COLUMNS.items())]
    return Matrix(rows, columns, " ; ".join(said))
