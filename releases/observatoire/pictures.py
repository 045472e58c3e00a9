"""Pictures of the report as SVG, drawn from released figures. Colour never says alone what a number does not say beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from releases.reading import Cell
from releases.tiles import COLUMNS, placed
from releases.words import figure

INK, BRAND, SOFT, LINE = "#1d2b33", "#14455b", "#4a5a62", "#c9d3d8"
SHADES = ("#e1ebf0", "#cfdfe7", "#bcd2dd", "#a9c5d3", "#96b8c9", "#4d7f95", "#41738a", "#34667e", "#245670", "#14455b")
FONT = "Libertinus Serif"
WIDTH, ROW, NAME, AFTER = 480, 24, 70, 90


@dataclass(frozen=True)
class Picture:
    """`alt` says the same for who does not see it."""

    svg: str
    alt: str
    caption: str


def _svg(width: int, height: int, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONT}" font-size="12">{body}</svg>'
    )


def _text(x: float, y: float, words: str, *, fill: str = INK, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'


def bars(named: Sequence[tuple[str, Cell]], unit: str, caption: str) -> Picture | None:
    """A bar a figure, with its margin at 95 %. None when fewer than two are published."""
    known = [cell for _name, cell in named if cell.value is not None]
    if len(known) < 2:
        return None
    top = 100.0 if unit == "percent" else max(float(c.value or 0) + float(c.error or 0) for c in known) or 1.0
    room = WIDTH - NAME - AFTER
    body = [f'<line x1="{NAME}" x2="{NAME}" y1="0" y2="{ROW * len(named)}" stroke="{SOFT}"/>']
    for number, (name, cell) in enumerate(named):
        y = number * ROW
        body.append(_text(NAME - 8, y + 16, name, anchor="end"))
        end = float(NAME)
        if cell.value is not None:
            long = room * float(cell.value) / top
            body.append(f'<rect x="{NAME}" y="{y + 5}" width="{long:.1f}" height="14" fill="#96b8c9"/>')
            end = NAME + long
            if cell.error is not None:
                off = room * float(cell.error) / top
                body.append(
                    f'<line x1="{end - off:.1f}" x2="{end + off:.1f}" y1="{y + 12}" y2="{y + 12}" stroke="{BRAND}" stroke-width="2"/>'
                )
                end += off
        body.append(_text(end + 6, y + 16, figure(cell, unit)))
    alt = f"{caption} : " + " ; ".join(f"{name} {figure(cell, unit)}" for name, cell in named)
    return Picture(_svg(WIDTH, ROW * len(named) + 2, "".join(body)), alt, caption)


def tiles(cells: dict[str, Cell], names: dict[str, str], unit: str, caption: str) -> Picture | None:
    """The map of régions in tiles."""
    values = [float(cell.value) for cell in cells.values() if cell.value is not None]
    if len(values) < 2:
        return None
    low, high = min(values), max(values)
    side, gap = 62, 4
    where = placed(code for code in cells if code != "?")
    rows = sorted({row for _column, row, _short in where.values()})
    body, told = [], []
    for code, (column, row, short) in where.items():
        x, y, cell = column * (side + gap) + 1, rows.index(row) * (side + gap) + 1, cells.get(code)
        fill, ink, said, dash = "#ffffff", INK, "–", ' stroke-dasharray="3 3"'
        if cell is not None:
            said = figure(cell, unit)
            told.append(f"{names.get(code, short)} {said}")
            if cell.value is not None:
                share = (float(cell.value) - low) / (high - low) if high > low else 0.5
                fill, dash = SHADES[round(9 * share)], ""
                ink = "#ffffff" if share > 0.5 else INK
        body.append(
            f'<rect x="{x}" y="{y}" width="{side}" height="{side}" rx="4" fill="{fill}" stroke="{SOFT}"{dash}/>'
            + _text(x + side / 2, y + 26, short, fill=ink, anchor="middle")
            + _text(x + side / 2, y + 45, said, fill=ink, anchor="middle", size=11)
        )
    return Picture(
        _svg(COLUMNS * (side + gap), len(rows) * (side + gap), "".join(body)),
        f"{caption} : " + " ; ".join(told),
        caption,
    )
