"""The policy: every parameter of the protection, in a versioned file that never changes once used."""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "policies"


class PolicyError(ValueError):
    """A policy file is wrong; the message names the field."""


@dataclass(frozen=True)
class Policy:
    """Parameters by name, flattened from the file (§6.4 of the reference). Counts are of persons unless said otherwise."""

    version: str
    noise_spread: int
    noise_variance: float
    display_persons: int
    display_backstop: int
    rates_persons: int
    rates_tail: int
    structures_least: int
    structures_largest_share: float
    structures_residual: int
    sensitive_cells_per_person: int
    sensitive_structure_persons: int
    sensitive_structure_dimensions: int
    means_persons: int
    means_noise: float
    means_digits: int
    quantiles_persons: int
    quantiles_persons_outer: int
    quantiles_rank_noise: float
    quantiles_neighbours: int
    survival_persons: int
    survival_events: int
    survival_at_risk: int
    reissue_changed_records: int
    reissue_revisions: int


@cache
def policy(version: str = "2026-1") -> Policy:
    """A policy by version. Raises PolicyError for an unknown version or a field that is missing or unknown."""
    path = FOLDER / f"{version}.yaml"
    if not path.is_file():
        raise PolicyError(f"unknown policy {version}")
    flat: dict[str, Any] = {}
    for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        flat |= {f"{key}_{name}": each for name, each in value.items()} if isinstance(value, dict) else {key: value}
    flat["version"] = str(flat.get("version"))
    names = {field.name for field in fields(Policy)}
    if set(flat) != names:
        raise PolicyError(f"{path.name}: missing or unknown fields {sorted(names ^ set(flat))}")
    return Policy(**flat)
