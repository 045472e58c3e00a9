"""How much one person is exposed: cells that hold her and, as a thermometer only, the zCDP spent on her in a year.

No differential privacy is promised: noise is bounded. The figure says when many tables on the same people add up.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

from disclosure.audience import Audience
from disclosure.catalogue import Sensitivity
from disclosure.policy import policy as policy_of
from releases.catalogue import catalogue
from releases.models import PUBLISHED_STATES, Release

ALERT = 4.0  # rho of a year for one attribute
DELTA = 1e-6


@dataclass(frozen=True)
class Heat:
    """For the attribute most told in a release: its cells per person, and over the civil year its rho and epsilon."""

    attribute: str
    cells_per_person: int
    rho: float
    epsilon: float

    @property
    def alert(self) -> bool:
        return self.rho >= ALERT


def heat(release: Release) -> Heat:
    """The exposure once this release is published, with those published for the same year."""
    same_year = Release.objects.filter(
        federation=release.federation_id,
        period_end__year=release.period_end.year,
        state__in=PUBLISHED_STATES,
    ).exclude(pk=release.pk)
    rho: dict[str, float] = defaultdict(float)
    mine = cells_per_person(release)
    for each in [release, *same_year]:
        variance = policy_of(each.policy).noise_variance
        for attribute, cells in cells_per_person(each).items():
            rho[attribute] += cells / (2 * variance)
    most = max(sorted(mine), key=lambda attribute: rho[attribute])
    return Heat(most, max(mine.values()), rho[most], epsilon(rho[most]))


def cells_per_person(release: Release) -> dict[str, int]:
    """m by sensitive attribute."""
    found: dict[str, int] = defaultdict(int)
    for table in catalogue(release.catalogue).of(year=release.is_year):
        if table.sensitivity != Sensitivity.NONE:
            found[table.attribute] += table.statistic(Audience.FEDERATION).cells_per_person
    return dict(found)


def epsilon(rho: float) -> float:
    """ε of (ε, 1e-6)-differential privacy for a rho of zCDP."""
    return rho + 2 * math.sqrt(rho * math.log(1 / DELTA))
