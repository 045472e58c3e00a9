"""The cells of a value, as kept in its row: each cell of the sheet's breakdowns with its counts, in compact JSON.

`{"by": ["sex", "age"], "of": [{"at": ["F", "26-49"], "u": 3, "k": "2", "n": "3", "e": "3"}, …]}` — `u` units, `k` numerator,
`n` known, `e` eligible, `c` covered of `t`, `s` sums, `v` spreads. What is zero or absent is left out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from indicators.measures.shape import Counts, Cube, Key, plain

UNKNOWN = "?"
AMOUNTS = (("n", "known"), ("e", "eligible"), ("c", "covered"), ("t", "to_cover"))


def encoded(by: Sequence[str], cube: Cube) -> dict[str, Any]:
    return {"by": list(by), "of": [{"at": list(key), **_counts(cube[key])} for key in sorted(cube)]}


def _counts(counts: Counts) -> dict[str, Any]:
    found: dict[str, Any] = {"u": counts.units}
    if counts.k is not None:
        found["k"] = plain(counts.k)
    found |= {short: plain(amount) for short, name in AMOUNTS if (amount := getattr(counts, name))}
    if sums := {name: plain(Decimal(amount)) for name, amount in sorted(counts.sums.items()) if amount}:
        found["s"] = sums
    if spreads := {name: dict(sorted(spread.items())) for name, spread in sorted(counts.spreads.items()) if spread}:
        found["v"] = spreads
    return found


def decoded(stored: Mapping[str, Any]) -> Cube:
    """The cube of a stored value; empty for an empty one."""
    cube: Cube = {}
    for cell in stored.get("of", ()):
        cube[tuple(cell["at"])] = Counts(
            units=cell["u"],
            k=Decimal(cell["k"]) if "k" in cell else None,
            **{name: Decimal(cell.get(short, 0)) for short, name in AMOUNTS},
            sums=Counter({name: Decimal(amount) for name, amount in cell.get("s", {}).items()}),
            spreads={name: Counter(spread) for name, spread in cell.get("v", {}).items()},
        )
    return cube


def told_by(cube: Cube, kept: Sequence[str], asked: Sequence[str]) -> Cube:
    """The cube with only some of its breakdowns: the others are added up. Raises ValueError for one it does not hold."""
    places = [kept.index(name) for name in asked]
    fewer: Cube = {}
    for key, counts in cube.items():
        short: Key = tuple(key[place] for place in places)
        fewer.setdefault(short, Counts()).add(counts)
    return fewer
