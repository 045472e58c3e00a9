"""The checks a release passes before anyone may approve it. One that does not hold refuses the release.

They work on what would be published, on the snapshot that scores them, and on what was published before. Their report says
counts and rates, never a cell.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from disclosure.attack import inference
from disclosure.attack.bounds import attacked, counted, said_by
from disclosure.attack.inference import Keying
from disclosure.attack.on_rules import allowed
from disclosure.audience import Audience
from disclosure.catalogue import Margin, Measure, Statistic
from disclosure.policy import Policy
from disclosure.policy import policy as policy_of
from disclosure.population import STRUCTURE, Population
from disclosure.protection import Block, Issue, about, known
from disclosure.ptable import ptable
from releases import protecting, snapshot
from releases.catalogue import YES, catalogue, refusals
from releases.models import Audit, Release
from releases.protecting import Protected
from releases.thermometer import heat

HEADCOUNT = "EFFECTIF"
CROSSED: Margin = ("sex", "age")
MOST = 4  # cells aimed at hold at most this many people
EXPOSED = 0.005  # of the newcomers who have an attribute, at most this share may be told


@dataclass(frozen=True)
class Check:
    """What was looked at, whether it holds, and the figures shown to who approves."""

    check: str
    held: bool
    figures: dict[str, float]


@dataclass(frozen=True)
class Case:
    release: Release
    policy: Policy
    found: Protected
    taken: dict[str, Population] = field(default_factory=dict)

    @property
    def population(self) -> Population:
        return self.found.population

    def about(self, statistic: Statistic) -> Population:
        """The people a statistic is about, taken once."""
        if statistic.code not in self.taken:
            self.taken[statistic.code] = about(self.population, statistic)
        return self.taken[statistic.code]

    @property
    def federation(self) -> Issue:
        return self.found.issues[Audience.FEDERATION]

    @property
    def peers(self) -> Issue:
        return self.found.issues[Audience.PEERS]


def audit(release: Release, found: Protected) -> Audit:
    """Run every check and keep the report."""
    started = time.monotonic()
    case = Case(release, policy_of(release.policy), found)
    report = []
    for look in CHECKS:
        since = time.monotonic()
        check = look(case)
        figures = {name: round(float(value), 4) for name, value in check.figures.items()}
        report.append(
            {
                "check": check.check,
                "held": bool(check.held),
                "figures": figures,
                "seconds": round(time.monotonic() - since, 1),
            }
        )
    return Audit.objects.create(
        release=release,
        passed=all(entry["held"] for entry in report),
        report=report,
        seconds=round(time.monotonic() - started, 1),
    )


def closed_list(case: Case) -> Check:
    lines = refusals(catalogue(case.release.catalogue))
    return Check("catalogue", not lines, {"refusals": len(lines)})


def display(case: Case) -> Check:
    """What is shown is large enough, said of neither all nor none, whoever reads."""
    small = flat = shown_cells = 0
    for issue in case.found.issues.values():
        for block in issue.blocks:
            shown = ~np.isnan(block.base)
            small += int((shown & (block.base < case.policy.display_persons)).sum())
            shown_cells += int(shown.sum())
            if block.statistic.measure == Measure.SHARE:
                value, base = block.values, block.base[:, None]
                told = ~np.isnan(value)
                tail = case.policy.rates_tail
                flat += int((told & ((value < tail) | (base - value < tail))).sum())
                small += int((told & (base < case.policy.rates_persons)).sum())
    return Check(
        "display",
        small == flat == 0 and shown_cells > 0,
        {"bases shown": shown_cells, "too small": small, "all or none": flat},
    )


def one_base_one_figure(case: Case) -> Check:
    """The same people read the same, however they are described and whoever reads."""
    said: dict[tuple[str, str, bytes], float] = {}
    against = twice = 0
    for issue in case.found.issues.values():
        for block in issue.blocks:
            for what, drawn in _drawn(block):
                for seal, value in zip(block.fingerprints, drawn, strict=True):
                    if np.isnan(value) or not seal.any():
                        continue
                    key = (*what, seal.tobytes())
                    twice += key in said
                    against += said.setdefault(key, float(value)) != float(value)
    return Check("one base, one figure", against == 0, {"bases reached twice": twice, "contradictions": against})


def _drawn(block: Block) -> Iterator[tuple[tuple[str, str], NDArray[np.float64]]]:
    yield ("base", ""), block.base
    for column, category in enumerate(block.columns):
        yield (f"{block.statistic.measure.value} {block.statistic.attribute}", category), block.values[:, column]


def truly_all_or_none(case: Case) -> Check:
    """No rate is shown where it is true of all or of none; those carried from an earlier issue are left as they were."""
    said = degenerate = 0
    if case.found.former is None:
        for block in case.federation.blocks:
            if block.statistic.measure != Measure.SHARE:
                continue
            rows = case.about(block.statistic)
            base = counted(rows, block.margin)
            for column, category in enumerate(block.columns):
                truth = counted(rows, block.margin, block.statistic.attribute, category)
                flat = (base > 0) & ((truth == 0) | (truth == base))
                degenerate += int(flat.sum())
                said += int((flat & ~np.isnan(block.values[:, column])).sum())
    return Check("all or none", said == 0, {"bases all or none": degenerate, "of them shown": said})


def structures(case: Case) -> Check:
    """For other structures and the public: no cell against the structure rule."""
    against = shown_cells = 0
    for block in case.peers.blocks:
        shown = ~np.isnan(block.base)
        shown_cells += int(shown.sum())
        if case.found.former is not None and not shown.any():
            continue
        rows = case.about(block.statistic)
        against += int((shown & ~allowed(rows, block.margin, case.policy)).sum())
    held = against == 0 or case.found.former is not None
    return Check("structure rule", held, {"cells shown": shown_cells, "against the rule": against})


def bounds(case: Case) -> Check:
    """Linear programming on all the counts shown, region by region."""
    margins = [block.margin for block in case.federation.blocks if block.statistic.code == HEADCOUNT]
    margins = [margin for margin in margins if set(margin) <= {*snapshot_places(), *CROSSED}]
    said = [each for each in said_by(case.federation, HEADCOUNT, case.policy) if each.margin in margins]
    targets: dict[tuple[tuple[str, ...], str | None], Any] = {}
    for margin in margins:
        if set(margin) & {STRUCTURE, "department", "region"}:
            truth = counted(case.population, margin)
            targets[margin, None] = (truth >= 1) & (truth <= MOST)
    if case.found.former is not None:  # figures carried from the snapshot before bound that one, not this one
        return Check("linear programming", True, {"carried from the issue before": 1})
    regions = range(len(case.population.dimensions["region"].labels))
    found = attacked(case.population, regions, said, targets, crossed=CROSSED)
    return Check(
        "linear programming",
        found.exact == 0 and found.within[5] == 0,
        {"cells": found.targets, "exact": found.exact, "within 3": found.within[3], "within 5": found.within[5],
         "narrowest": found.narrowest or 0},
    )  # fmt: skip


def snapshot_places() -> tuple[str, ...]:
    return (STRUCTURE, "department", "region", "kind")


def newcomers(case: Case) -> Check:
    """The only arrival of a base since the release before: does what is published tell what she has?"""
    before = _release_before(case.release)
    if before is None:
        return Check("newcomers", True, {"newcomers": 0})
    labels = snapshot.labels_of(before, case.release)
    then, _digest = snapshot.population(before, labels)
    now, _digest = snapshot.population(case.release, labels)
    first = protecting.ledger_issue(before, Audience.FEDERATION, then)
    table = ptable(case.policy.noise_spread, case.policy.noise_variance)
    targets = exposed = 0
    for block in case.federation.blocks:
        statistic = block.statistic
        if statistic.measure != Measure.SHARE or YES not in block.columns or STRUCTURE not in block.margin:
            continue
        try:
            old = first.block(statistic.code, block.margin)
        except KeyError:
            continue
        one, two = (rows.rows(known(rows, statistic)) for rows in (then, now))
        bases, rows = inference.single_entrants(one, two, block.margin)
        has = two.attributes[statistic.attribute].codes[rows] == two.attributes[statistic.attribute].labels.index(YES)
        prior = float((one.attributes[statistic.attribute].codes == 1).mean()) if len(one) else 0.5
        posterior = inference.newcomer(
            counted(one, block.margin)[bases],
            old.values[:, old.columns.index(YES)][bases],
            _on(labels, case, block)[:, block.columns.index(YES)][bases],
            min(max(prior, 0.01), 0.5),
            table,
            Keying.BASE,
        )
        targets += int(has.sum())
        exposed += int((posterior[has] >= inference.SURE).sum())
    share = exposed / targets if targets else 0.0
    return Check("newcomers", share <= EXPOSED, {"newcomers": targets, "exposed": exposed, "share": share})


def _on(labels: dict[str, tuple[str, ...]], case: Case, block: Block) -> NDArray[np.float64]:
    """The values of a block on the grid of other labels that hold all of its own."""
    shape = tuple(len(labels[name]) for name in block.margin)
    found = np.full((int(np.prod(shape)), block.values.shape[1]), np.nan)
    mine = case.federation.labels
    places = [[labels[name].index(label) for label in mine[name]] for name in block.margin]
    rows = np.ravel_multi_index(tuple(np.array(places[n])[block.coordinates[:, n]] for n in range(len(places))), shape)
    found[rows] = block.values
    return found


def _release_before(release: Release) -> Release | None:
    """The last published release of an earlier period of the same length, under the same key of people."""
    year = release.period_end.year
    for before in Release.objects.filter(
        federation=release.federation_id, state=Release.State.PUBLISHED, period_end__lt=release.period_start
    ).order_by("-period_end", "-revision"):
        if before.period_end.year == year and before.is_year == release.is_year:
            return before
    return None


def exposure(case: Case) -> Check:
    """The thermometer: how many figures hold one person, this year, for the attribute that is told most."""
    found = heat(case.release)
    return Check(
        "exposure",
        found.cells_per_person <= case.policy.sensitive_cells_per_person,
        {"cells per person": found.cells_per_person, "rho of the year": found.rho, "epsilon (1e-6)": found.epsilon},
    )


CHECKS: tuple[Callable[[Case], Check], ...] = (
    closed_list, display, one_base_one_figure, truly_all_or_none, structures, bounds, newcomers, exposure,
)  # fmt: skip
