"""What may be released: a closed list of statistics with their margins, and the linter that refuses an unsafe one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from disclosure.policy import Policy
from disclosure.population import STRUCTURE

Margin = tuple[str, ...]

# Each dimension and what it is nested in: a structure has one kind, one department, and that one region.
NESTED_IN: dict[str, tuple[str, ...]] = {STRUCTURE: ("department", "region", "kind"), "department": ("region",)}
PLACES = frozenset({STRUCTURE, "department", "region", "kind"})


class Measure(StrEnum):
    COUNT = "count"  # how many people
    SHARE = "share"  # how many have each category of an attribute, among those for whom it is known
    MEAN = "mean"
    QUANTILES = "quantiles"
    SURVIVAL = "survival"


class Sensitivity(StrEnum):
    """NONE is a count of people. B is quarterly; A (health, justice, housing, barriers) is yearly and shallow."""

    NONE = "N"
    B = "B"
    A = "A"


@dataclass(frozen=True)
class Statistic:
    """One line of the catalogue. `categories` are those published (others stay in the base); `low`, `high` are the constants
    an amount is clipped to, `centre` the constant a mean is measured from; `grid` what a quantile is rounded to; `steps` the ends of a life table's intervals."""

    code: str
    measure: Measure
    margins: tuple[Margin, ...]
    sensitivity: Sensitivity = Sensitivity.B
    attribute: str = ""
    categories: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    centre: float = 0.0
    grid: float = 1.0
    steps: tuple[float, ...] = field(default=())

    @property
    def cells_per_person(self) -> int:
        """m: each margin puts a person in one base."""
        return len(self.margins)


def faults(statistics: Iterable[Statistic], policy: Policy, *, period_is_year: bool) -> list[str]:
    """Why a catalogue is refused, one line each; empty when it may be used (§6.1, §6.4 of the reference)."""
    found: list[str] = []
    seen: set[str] = set()
    of_attribute: dict[str, int] = {}
    for each in statistics:
        if each.code in seen:
            found.append(f"{each.code}: stands twice")
        seen.add(each.code)
        found += [f"{each.code}: {why}" for why in _faults(each, policy, period_is_year)]
        if each.sensitivity != Sensitivity.NONE:
            of_attribute[each.attribute] = of_attribute.get(each.attribute, 0) + each.cells_per_person
    found += [
        f"{attribute}: {m} cells hold one person over all its statistics, at most {policy.sensitive_cells_per_person}"
        for attribute, m in sorted(of_attribute.items())
        if m > policy.sensitive_cells_per_person
    ]
    return found


def _faults(each: Statistic, policy: Policy, period_is_year: bool) -> list[str]:
    found = []
    if len(set(map(frozenset, each.margins))) != len(each.margins):
        found.append("a margin stands twice")
    for margin in each.margins:
        for inner in margin:
            if nested := set(NESTED_IN.get(inner, ())) & set(margin):
                found.append(f"{inner} already says {', '.join(sorted(nested))}")
        if each.attribute and each.attribute in margin:
            found.append(f"{each.attribute} is what is measured, it cannot be a dimension too")
        if each.sensitivity == Sensitivity.NONE:
            continue
        crossed = [name for name in margin if name not in PLACES]
        if STRUCTURE in margin and len(crossed) > policy.sensitive_structure_dimensions:
            found.append(
                f"{len(crossed)} dimensions at structure level, at most {policy.sensitive_structure_dimensions}"
            )
        if STRUCTURE in margin and each.sensitivity == Sensitivity.A and crossed:
            found.append("nothing is crossed at structure level for health, justice, housing and barriers")
    if each.sensitivity == Sensitivity.A and not period_is_year:
        found.append("health, justice, housing and barriers are released by the year only")
    if each.measure != Measure.COUNT and not each.attribute:
        found.append("it measures no attribute")
    if each.measure == Measure.SHARE and not each.categories:
        found.append("it publishes no category")
    if each.measure in {Measure.MEAN, Measure.QUANTILES} and each.high <= each.low:
        found.append("its clipping interval is empty")
    if each.measure == Measure.MEAN and not each.low <= each.centre <= each.high:
        found.append("its centre is outside its clipping interval")
    if each.measure == Measure.SURVIVAL and list(each.steps) != sorted(set(each.steps)):
        found.append("its intervals are not in order")
    return found
