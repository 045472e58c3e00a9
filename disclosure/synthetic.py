"""An invented population of the federation's size and shape, for the attacks: structures of every size, départements with
one or two of them, attributes that are alike within a structure (where giving away is easiest)."""

import numpy as np

from disclosure.population import Column, Floats, Ints, Population

KINDS = ("ACI", "AI", "EI", "ETTI", "GEIQ")
SEXES = ("F", "H")
AGES = ("<26", "26-34", "35-44", "45-54", "55+")
LEVELS = ("3", "4", "5+", "infra 3")
EXITS = ("autre", "durable", "positive", "transition")
REGIONS, DEPARTMENTS = 13, 96


def population(
    seed: int = 1,
    structures: int = 600,
    mean_size: float = 246.0,
    regions: int = REGIONS,
    departments: int = DEPARTMENTS,
) -> Population:
    """One row a worker in a structure. Deterministic by seed; about `structures` x `mean_size` rows."""
    draw = np.random.default_rng(seed)
    region_of_department = np.sort(
        np.concatenate([np.arange(regions), draw.integers(0, regions, departments - regions)])
    )
    weights = draw.gamma(0.9, 1.0, departments) + 0.05
    department = np.concatenate(
        [np.arange(departments), draw.choice(departments, max(structures - departments, 0), p=weights / weights.sum())]
    )[:structures]
    kind = draw.choice(len(KINDS), structures, p=(0.32, 0.40, 0.11, 0.11, 0.06))
    size = np.clip(draw.gamma(2.2, mean_size / 2.2, structures), 3, mean_size * 2.55).astype(np.int64)
    structure = np.repeat(np.arange(structures), size)
    count = len(structure)

    def own(low: float, high: float, concentration: float) -> Floats:
        mean = draw.uniform(low, high, structures)
        found: Floats = draw.beta(mean * concentration, (1 - mean) * concentration)[structure]
        return found

    sex = (draw.random(count) < own(0.2, 0.75, 6)).astype(np.int64)
    age = np.minimum(draw.binomial(4, own(0.3, 0.6, 12)), 4)
    level = draw.choice(len(LEVELS), count, p=(0.34, 0.2, 0.11, 0.35))
    homogeneous = draw.random(structures) < 0.04
    disabled = np.where(homogeneous[structure], 1, draw.random(count) < own(0.04, 0.3, 8)).astype(np.int64)
    exits = np.where(
        draw.random(count) < 0.45,
        _exits(draw, structure, structures),
        -1,
    )
    wage = np.round(np.exp(draw.normal(np.log(1050), 0.35, count) + draw.normal(0, 0.12, structures)[structure]), 2)
    months = np.round(draw.exponential(9, count) + 0.5, 1)
    return Population(
        persons=np.arange(1, count + 1),
        dimensions={
            "structure": Column(structure, tuple(f"S{number:04d}" for number in range(structures))),
            "department": Column(department[structure], tuple(f"D{number:02d}" for number in range(departments))),
            "region": Column(region_of_department[department][structure], tuple(f"R{n:02d}" for n in range(regions))),
            "kind": Column(kind[structure], KINDS),
            "sex": Column(sex, SEXES),
            "age": Column(age.astype(np.int64), AGES),
            "level": Column(level, LEVELS),
        },
        attributes={"rqth": Column(disabled, ("non", "oui")), "exit": Column(exits.astype(np.int64), EXITS)},
        amounts={"wage": wage.astype(np.float64), "months": np.where(draw.random(count) < 0.45, months, -months)},
    )


def _exits(draw: np.random.Generator, structure: Ints, structures: int) -> Ints:
    shares = np.cumsum(draw.dirichlet((3, 2, 1.4, 1.6), structures), axis=1)[structure]
    found: Ints = (draw.random((len(structure), 1)) > shares).sum(axis=1).clip(0, 3)
    return found


def next_period(before: Population, seed: int = 2, leaving: float = 0.12, entering: float = 0.12) -> Population:
    """The same structures a period later: some left, as many came, who stayed did not change."""
    draw = np.random.default_rng(seed)
    stays = draw.random(len(before)) >= leaving
    model = draw.integers(0, len(before), int(len(before) * entering))
    first = int(before.persons.max()) + 1
    return before.rows(stays).joined(before.rows(model, np.arange(first, first + len(model))))
