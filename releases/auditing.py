"""The checks a release passes before anyone may approve it. One that does not hold refuses the release.

They work on what the ledger holds and would be published, on the snapshot that scores it, and on what was published before.
Their report says counts and rates, never a cell.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from disclosure.attack import inference
from disclosure.attack.bounds import Recovery, Said, attacked, counted, said_by
from disclosure.attack.inference import Keying
from disclosure.attack.on_rules import allowed
from disclosure.attack.on_tables import directors
from disclosure.audience import Audience
from disclosure.catalogue import PLACES, Margin, Measure, Sensitivity, Statistic
from disclosure.policy import Policy
from disclosure.policy import policy as policy_of
from disclosure.population import STRUCTURE, Population
from disclosure.protection import Block, Issue, about, known
from disclosure.ptable import ptable
from releases import protecting, snapshot
from releases.catalogue import YES
from releases.models import PUBLISHED_STATES, Audit, LedgerCell, Release
from releases.protecting import Protected
from releases.thermometer import heat

HEADCOUNT = "EFFECTIF"
CROSSED: Margin = ("sex", "age")
MOST = 4  # cells aimed at hold at most this many people
DIRECTORS = 40  # at most so many are played, each of a département of 2 to 4 structures
LOCAL = frozenset({STRUCTURE, "department", "region"})
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

    @cached_property
    def drawn(self) -> set[tuple[str, str, str]]:
        """(audience, table, margin) of all the ledger holds of this release."""
        rows = LedgerCell.objects.filter(release=self.release).order_by()
        return set(rows.values_list("audience", "table", "margin").distinct())

    def fresh(self, audience: Audience, block: Block) -> NDArray[np.bool_]:
        """The cells of a block that this release draws; the others are carried from the one it corrects. Fingerprints are
        keyed on the revision: an equal one can only be the former's."""
        former = self.found.former.get(audience)
        if former is None:
            return np.ones(len(block.base), dtype=bool)
        old = former.issue.block(block.statistic.code, block.margin)
        fresh: NDArray[np.bool_] = (block.fingerprints != old.fingerprints).any(axis=1)
        return fresh

    def said(self, code: str) -> list[Said]:
        """What the federation reads of a statistic of counts. A carried figure speaks of the people of the release before,
        of whom fewer than the policy's number changed: it bounds today's that much less."""
        slack = self.policy.reissue_changed_records - 1
        fresh = {block.margin: self.fresh(Audience.FEDERATION, block) for block in self.federation.blocks
                 if block.statistic.code == code}  # fmt: skip
        return [
            replace(
                one,
                low=np.where(fresh[one.margin], one.low, np.maximum(one.low - slack, 0)),
                high=np.where(fresh[one.margin], one.high, one.high + slack),
            )
            for one in said_by(self.federation, code, self.policy)
        ]

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
    """What was drawn is the catalogue, table by table and margin by margin, for each audience: no more and no less."""
    due = {
        (audience.value, table.code, protecting.margin_name(margin))
        for audience in Audience
        for table in snapshot.tables_of(case.release)
        for margin in table.statistic(audience).margins
    }
    beyond, missing = len(case.drawn - due), len(due - case.drawn)
    return Check("catalogue", beyond == missing == 0, {"tables": len(due), "beyond it": beyond, "missing": missing})


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
    for audience, issue in case.found.issues.items():
        for block in issue.blocks:
            if block.statistic.measure != Measure.SHARE:
                continue
            fresh = case.fresh(audience, block)
            if not fresh.any():
                continue
            rows = case.about(block.statistic)
            base = counted(rows, block.margin)
            for column, category in enumerate(block.columns):
                truth = counted(rows, block.margin, block.statistic.attribute, category)
                flat = fresh & (base > 0) & ((truth == 0) | (truth == base))
                degenerate += int(flat.sum())
                said += int((flat & ~np.isnan(block.values[:, column])).sum())
    return Check("all or none", said == 0, {"bases all or none": degenerate, "of them shown": said})


def structures(case: Case) -> Check:
    """For other structures and the public: no cell drawn against the structure rule."""
    against = shown_cells = 0
    for block in case.peers.blocks:
        shown = ~np.isnan(block.base)
        shown_cells += int(shown.sum())
        shown &= case.fresh(Audience.PEERS, block)
        if shown.any():
            against += int((shown & ~allowed(case.about(block.statistic), block.margin, case.policy)).sum())
    return Check("structure rule", against == 0, {"cells shown": shown_cells, "against the rule": against})


def bounds(case: Case) -> Check:
    """Linear programming on all the counts shown, region by region."""
    margins, said = _counts(case)
    targets: dict[tuple[Margin, str | None], NDArray[np.bool_]] = {}
    for margin in margins:
        if set(margin) & LOCAL:
            truth = counted(case.population, margin)
            targets[margin, None] = (truth >= 1) & (truth <= MOST)
    found = attacked(case.population, _regions(case), said, targets, crossed=CROSSED)
    return Check(
        "linear programming",
        found.exact == 0 and found.within[5] == 0,
        {"cells": found.targets, "exact": found.exact, "within 3": found.within[3], "within 5": found.within[5],
         "narrowest": found.narrowest or 0},
    )  # fmt: skip


def neighbours(case: Case) -> Check:
    """A director who takes his own exact figures away from what is shown of a département of 2 to 4 structures (T3)."""
    _margins, said = _counts(case)
    found = directors(case.population, said, CROSSED, MOST, DIRECTORS)
    cells, exact, near = (sum(each.targets for each in found), sum(each.exact for each in found),
                          sum(each.within[2] for each in found))  # fmt: skip
    return Check(
        "directors",
        exact == near == 0,
        {"directors": len(found), "cells": cells, "exact": exact, "within 2": near},
    )


def together(case: Case) -> Check:
    """Linear programming on the categories of each share with their bases (T4), region by region."""
    cells = exact = within = 0
    narrowest: list[int] = []
    for statistic in {block.statistic.code: block.statistic for block in case.federation.blocks}.values():
        if statistic.measure != Measure.SHARE:
            continue
        margins = [margin for margin in statistic.margins if set(margin) & LOCAL and set(margin) <= PLACES]
        said = [each for each in case.said(statistic.code) if each.margin in margins]
        rows, targets = case.about(statistic), dict[tuple[Margin, str | None], NDArray[np.bool_]]()
        for margin in margins:
            for category in statistic.categories:
                truth = counted(rows, margin, statistic.attribute, category)
                targets[margin, category] = (truth >= 1) & (truth <= MOST)
        found: Recovery = attacked(rows, _regions(case), said, targets, crossed=(), attribute=statistic.attribute)
        cells, exact, within = cells + found.targets, exact + found.exact, within + found.within[5]
        narrowest += [] if found.narrowest is None else [found.narrowest]
    return Check(
        "categories with their bases",
        exact == within == 0,
        {"cells": cells, "exact": exact, "within 5": within, "narrowest": min(narrowest, default=0)},
    )


def _counts(case: Case) -> tuple[list[Margin], list[Said]]:
    """The margins of the headcount an attack may use, and what is said of them."""
    margins = [block.margin for block in case.federation.blocks
               if block.statistic.code == HEADCOUNT and set(block.margin) <= {*PLACES, *CROSSED}]  # fmt: skip
    return margins, [each for each in case.said(HEADCOUNT) if each.margin in margins]


def _regions(case: Case) -> Sequence[int]:
    return range(len(case.population.dimensions["region"].labels))


def newcomers(case: Case) -> Check:
    """The only arrival of a base since a release readers have: does what is published tell what she has?"""
    targets = exposed = 0
    corrected = protecting.former_release(case.release)
    for before in filter(None, (corrected, _release_before(case.release))):
        labels = snapshot.labels_of(*filter(None, (before, corrected, case.release)))
        told, sure = _told_of_newcomers(case, before, labels)
        targets, exposed = targets + told, exposed + sure
    share = exposed / targets if targets else 0.0
    return Check("newcomers", share <= EXPOSED, {"newcomers": targets, "exposed": exposed, "share": share})


def _told_of_newcomers(case: Case, before: Release, labels: dict[str, tuple[str, ...]]) -> tuple[int, int]:
    """(newcomers who have an attribute, those of whom the two releases tell it)."""
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
    return targets, exposed


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
    """The last release of an earlier period of the same rhythm and under the same key of people: published, or withdrawn
    since, for whoever read it still has it. A civil year has none: keys change with the year."""
    earlier = Release.objects.filter(
        federation=release.federation_id,
        state__in=PUBLISHED_STATES,
        key_id=release.key_id,
        period_end__year=release.period_end.year,
        period_end__lt=release.period_start,
    ).order_by("-period_end", "-revision")
    return next((before for before in earlier if before.is_year == release.is_year), None)


def exposure(case: Case) -> Check:
    """The thermometer: how many figures of the ledger hold one person, for the attribute that is told most, and this year."""
    attribute_of = {table.code: table.attribute for table in snapshot.tables_of(case.release)
                    if table.sensitivity != Sensitivity.NONE}  # fmt: skip
    cells = Counter(
        attribute_of[table]
        for audience, table, _margin in case.drawn
        if audience == Audience.FEDERATION and table in attribute_of
    )
    most, found = max(cells.values(), default=0), heat(case.release)
    return Check(
        "exposure",
        most <= case.policy.sensitive_cells_per_person,
        {"cells per person": most, "rho of the year": found.rho, "epsilon (1e-6)": found.epsilon},
    )


CHECKS: tuple[Callable[[Case], Check], ...] = (
    closed_list, display, one_base_one_figure, truly_all_or_none, structures, bounds, neighbours, together, newcomers,
    exposure,
)  # fmt: skip
