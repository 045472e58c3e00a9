"""A map of régions in tiles: one square each, about where it lies, all of one size so that none weighs more than another.

Drawn by us: no outline of any map is used. A code that is not here is set in a row below.
"""

from collections.abc import Iterable

TILES = {
    "32": (2, 0, "HDF"),
    "53": (0, 1, "BRE"), "28": (1, 1, "NOR"), "11": (2, 1, "IDF"), "44": (3, 1, "GES"),
    "52": (1, 2, "PDL"), "24": (2, 2, "CVL"), "27": (3, 2, "BFC"),
    "75": (1, 3, "NAQ"), "84": (2, 3, "ARA"),
    "76": (1, 4, "OCC"), "93": (2, 4, "PAC"), "94": (3, 4, "COR"),
    "01": (0, 5, "GUA"), "02": (1, 5, "MTQ"), "03": (2, 5, "GUY"), "04": (3, 5, "REU"), "06": (4, 5, "MAY"),
}  # fmt: skip
METROPOLE = tuple(code for code, (_column, row, _short) in TILES.items() if row < 5)
COLUMNS = 5


def placed(codes: Iterable[str]) -> dict[str, tuple[int, int, str]]:
    """(column, row, short name) of each code: the thirteen régions of the mainland, and those asked that lie elsewhere."""
    found = {code: TILES[code] for code in METROPOLE}
    strange = 0
    for code in codes:
        if code in TILES:
            found[code] = TILES[code]
        elif code not in found:
            found[code] = (strange % COLUMNS, 6 + strange // COLUMNS, code)
            strange += 1
    return found
