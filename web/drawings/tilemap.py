"""Régions as tiles, shaded by a released figure. What is not published is hatched and says « np »; a tile leads on."""

from collections.abc import Mapping
from dataclasses import dataclass

from releases.reading import Cell
from releases.tiles import COLUMNS, placed
from releases.words import figure

SIDE, GAP, EDGE = 66, 4, 2


@dataclass(frozen=True)
class Tile:
    """`shade` is 0 to 10; None when there is no figure to shade. `words` says all of it; `link` is where it leads."""

    x: int
    y: int
    short: str
    said: str
    shade: int | None
    words: str
    link: str
    state: str


@dataclass(frozen=True)
class TileMap:
    tiles: list[Tile]
    width: int
    height: int
    low: str
    high: str
    text: str

    side = SIDE


def tile_map(
    cells: Mapping[str, Cell], names: Mapping[str, str], unit: str, links: Mapping[str, str], title: str
) -> TileMap | None:
    """From the cell of each région by code. None when no figure is published."""
    values = [float(cell.value) for cell in cells.values() if cell.value is not None]
    if not values:
        return None
    low, high = min(values), max(values)
    where = placed(code for code in cells if code != "?")
    tiles = []
    for code, (column, row, short) in where.items():
        cell = cells.get(code)
        name = names.get(code, short)
        if cell is None:
            state, said, shade = "absent", "–", None
        elif cell.value is None:
            state, said, shade = "np", figure(cell, unit), None
        else:
            share = (float(cell.value) - low) / (high - low) if high > low else 0.5
            state, said, shade = "value", figure(cell, unit), round(10 * share)
        words = f"{name} : {said}" if cell is not None else f"{name} : pas de structure"
        tiles.append(
            Tile(EDGE + column * (SIDE + GAP), EDGE + row * (SIDE + GAP), short, said, shade, words, links.get(code, ""), state)
        )  # fmt: skip
    tiles.sort(key=lambda tile: (tile.y, tile.x))
    rows = sorted({tile.y for tile in tiles})  # no empty row between the mainland and what lies below
    level = {y: EDGE + number * (SIDE + GAP) for number, y in enumerate(rows)}
    tiles = [Tile(t.x, level[t.y], t.short, t.said, t.shade, t.words, t.link, t.state) for t in tiles]
    ends = [min((c for c in cells.values() if c.value is not None), key=lambda c: float(c.value or 0)),
            max((c for c in cells.values() if c.value is not None), key=lambda c: float(c.value or 0))]  # fmt: skip
    return TileMap(
        tiles=tiles,
        width=2 * EDGE + COLUMNS * (SIDE + GAP) - GAP,
        height=2 * EDGE + len(rows) * (SIDE + GAP) - GAP,
        low=figure(ends[0], unit),
        high=figure(ends[1], unit),
        text=title,
    )
