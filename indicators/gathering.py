"""Wider scopes: groups, kinds, territories and the whole are sums of their structures' cells, never means of rates.

The structures' values known at K are read once for each indicator and period, so the cost grows with their number.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from indicators import scopes
from indicators.catalogue import Definition, definitions
from indicators.computation import parameters_of, valued
from indicators.measures import MEASURES, Measure, cells
from indicators.measures.shape import Cube, merge, plain, rounded, text
from indicators.models import Value
from indicators.periods import Period, measured

FEWEST = 5  # structures whose range is told, so that none of them can be guessed from it
QUANTILES = {"p10": Fraction(10, 100), "p25": Fraction(25, 100), "p50": Fraction(1, 2), "p75": Fraction(75, 100),
             "p90": Fraction(90, 100)}  # fmt: skip


def gather(known_at: datetime, periods: Sequence[Period], codes: Iterable[str] | None = None) -> list[Value]:
    """The values of all wider scopes as known at K, from the structures' values known at K. Saves nothing."""
    chosen = [d for d in definitions().values() if codes is None or d.code in codes]
    places = scopes.places(known_at)
    return [
        value
        for definition in chosen
        for period in measured(definition.rhythm, definition.span, periods, nightly=True)
        for value in _gathered(definition, period, known_at, places)
    ]


def _gathered(
    definition: Definition, period: Period, known_at: datetime, places: Sequence[scopes.Place]
) -> list[Value]:
    rows = {
        row.organisation_id: row
        for row in Value.objects.filter(
            indicator=definition.code,
            method=definition.method,
            scope__startswith="structure:",
            period_start=period.start,
            period_end=period.end,
            known_at__lte=known_at,
        )
        .order_by("scope", "-known_at")
        .distinct("scope")
    }
    measure = MEASURES[definition.code]
    cubes = {organisation_id: binned(measure, cells.decoded(row.cells)) for organisation_id, row in rows.items()}
    parameters = parameters_of(definition, period)
    found = []
    for (scope, organisation_id), inside in scopes.members(places).items():
        open_places = [place for place in inside if place.open_in(period.start)]
        present = [rows[place.id] for place in open_places if place.id in rows]
        if not present:
            continue
        cube: Cube = {}
        for row in present:
            merge(cube, cubes[row.organisation_id])
        inputs = "\n".join(f"{row.organisation_id}={row.inputs}" for row in present)
        value = valued(
            definition,
            period,
            known_at,
            cube,
            scope=scope,
            organisation_id=organisation_id,
            reporting=sum(row.reporting for row in present),
            members=len(open_places),
            parameters=parameters,
            inputs=hashlib.sha256(inputs.encode()).hexdigest(),
        )
        if scope.startswith("kind:"):
            value.parts["range"] = spread_of(present)
        found.append(value)
    return found


def binned(measure: Measure, cube: Cube) -> Cube:
    """A structure's cube with the spreads a wider scope keeps coarser, so that its rows stay small."""
    for counts in cube.values():
        for name, places in measure.bins.items():
            spread: Counter[str] = Counter()
            for value, count in counts.spread(name).items():
                group, space, number = value.rpartition(" ")
                spread[f"{group}{space}{plain(rounded(Decimal(number), places))}"] += count
            if spread:
                counts.spreads[name] = spread
    return cube


def spread_of(rows: Sequence[Value]) -> dict[str, str] | None:
    """The range of structures' published values: quantiles, or None under five structures."""
    known = {Value.Coverage.FULL, Value.Coverage.PARTIAL}
    values = sorted(row.value for row in rows if row.value is not None and row.coverage in known)
    if len(values) < FEWEST:
        return None
    return {"structures": str(len(values)), **{name: text(quantile(values, q)) or "" for name, q in QUANTILES.items()}}


def quantile(values: Sequence[Decimal], q: Fraction) -> Fraction:
    """The q-quantile of sorted values, linear between two of them."""
    place = q * (len(values) - 1)
    below = place.numerator // place.denominator
    above = min(below + 1, len(values) - 1)
    return Fraction(values[below]) + (Fraction(values[above]) - Fraction(values[below])) * (place - below)
