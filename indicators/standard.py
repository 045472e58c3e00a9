"""A proportion beside its kind's at equal case mix (§5.3): who is welcomed differs, and crude rates then compare intakes.

Direct standardisation compares structures; observed over expected may flag one and never ranks (Rixom, BMJ 2002).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indicators.catalogue import definitions
from indicators.measures.cells import UNKNOWN, decoded, told_by
from indicators.measures.shape import Cube
from indicators.models import Value

Strata = Mapping[tuple[str, ...], tuple[Fraction, Fraction]]  # yes and all of each stratum
SMALLEST_STRATUM = 5  # under it, a stratum of the population is left out with its people


def directly_standardised(strata: Strata, population: Mapping[tuple[str, ...], Fraction]) -> Fraction | None:
    """Σ wj pj / Σ wj over the strata of a population that hold somebody here; None when none does."""
    weighed = [(Fraction(k, n), population[name]) for name, (k, n) in strata.items() if n and population.get(name)]
    total = sum((weight for _rate, weight in weighed), Fraction(0))
    return sum((rate * weight for rate, weight in weighed), Fraction(0)) / total if total else None


def observed_over_expected(strata: Strata, reference: Strata) -> Fraction | None:
    """What was observed over what the reference's own rates would have given with the same people; None without any."""
    both = [name for name, (_k, n) in strata.items() if n and reference.get(name, (0, 0))[1]]
    observed = sum((strata[name][0] for name in both), Fraction(0))
    expected = sum((strata[name][1] * Fraction(*reference[name]) for name in both), Fraction(0))
    return observed / expected if expected else None


@dataclass(frozen=True)
class Beside:
    """A structure beside its kind: its crude rate, its rate with the kind's case mix, and observed over expected."""

    crude: Fraction | None
    standardised: Fraction | None
    observed_over_expected: Fraction | None


def beside(value: Value, reference: Value, by: Sequence[str]) -> Beside:
    """A value told by some breakdowns beside the value of a wider scope, both of one indicator and period.

    Raises ValueError for another indicator, or for a breakdown the sheet has not.
    """
    if value.indicator != reference.indicator:
        raise ValueError("on ne compare que le même indicateur")
    over = definitions()[value.indicator].over
    here, there = (
        _strata(told_by(decoded(row.cells), row.cells.get("by", ()), by), over) for row in (value, reference)
    )
    population = {name: n for name, (_k, n) in there.items() if n >= SMALLEST_STRATUM}
    k, n = (sum((pair[place] for pair in here.values()), Fraction(0)) for place in (0, 1))
    return Beside(
        k / n if n else None,
        directly_standardised(here, population),
        observed_over_expected(here, {name: there[name] for name in population}),
    )


def _strata(cube: Cube, over: str) -> dict[tuple[str, ...], tuple[Fraction, Fraction]]:
    """Yes and all of each stratum; people of whom a feature is not known compare nothing."""
    return {
        key: (Fraction(counts.k or 0), Fraction(counts.eligible if over == "eligible" else counts.known))
        for key, counts in cube.items()
        if UNKNOWN not in key
    }
