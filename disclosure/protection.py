"""From a snapshot to what is published (§6.2 of the reference): count, perturb, decide what is shown.

Every figure is a function of the snapshot, the catalogue, the policy, the secret, the period and the revision. The order of
people, of statistics or of margins changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from disclosure import amounts
from disclosure.audience import Audience
from disclosure.catalogue import Margin, Measure, Sensitivity, Statistic
from disclosure.keys import Secret, Words, record_keys, summed, uniforms
from disclosure.policy import Policy
from disclosure.population import STRUCTURE, Column, Floats, Groups, Ints, Population, grouped
from disclosure.ptable import PTable, ptable

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Block:
    """A statistic at a margin. `base` is the published size of each base, `values` a column a category; NaN is « np ».

    `fingerprints` stay in the ledger: they are not exported.
    """

    statistic: Statistic
    margin: Margin
    coordinates: Ints
    fingerprints: Words
    base: Floats
    columns: tuple[str, ...]
    values: Floats

    def places(self, labels: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
        """The coordinates in words."""
        return [
            tuple(labels[name][code] for name, code in zip(self.margin, row, strict=True)) for row in self.coordinates
        ]


@dataclass(frozen=True)
class Issue:
    """What is published for a period: blocks in the order of their statistic's code and margin."""

    period: str
    revision: int
    audience: Audience
    policy: str
    ptable_sha256: str
    key_id: str
    labels: dict[str, tuple[str, ...]]
    blocks: tuple[Block, ...]

    def block(self, code: str, margin: Margin) -> Block:
        """Raises KeyError when the issue has no such block."""
        for block in self.blocks:
            if block.statistic.code == code and block.margin == margin:
                return block
        raise KeyError((code, margin))


@dataclass(frozen=True)
class Former:
    """An earlier issue of the same period with the snapshot it was made from: kept in the secure zone."""

    population: Population
    issue: Issue


@dataclass(frozen=True)
class _Base:
    """The rows a statistic is about, grouped by a margin, with the fingerprint of each group."""

    rows: Population
    groups: Groups
    counts: Ints
    fingerprints: Words


class Protection:
    """One issue being made. `key` is the issue's; noise on counts comes from the policy's table."""

    def __init__(self, policy: Policy, secret: Secret, period: str, revision: int, audience: Audience) -> None:
        if not 1 <= revision <= policy.reissue_revisions:
            raise ValueError(f"a period is issued at most {policy.reissue_revisions} times")
        self.policy, self.secret, self.audience = policy, secret, audience
        self.period, self.revision = period, revision
        self.key = secret.of_issue(period, revision)
        self.table: PTable = ptable(policy.noise_spread, policy.noise_variance)

    def issue(self, population: Population, statistics: Iterable[Statistic], former: Former | None = None) -> Issue:
        """Protect a snapshot. With the issue it corrects, the figures of bases with too few changes are carried forward."""
        ordered = sorted(statistics, key=lambda each: each.code)
        keys = record_keys(self.key, population.persons.tolist())
        blocks = tuple(block for each in ordered for block in self._blocks(population, keys, each))
        if former is not None:
            blocks = self._carried(population, former, blocks)
        return Issue(
            self.period,
            self.revision,
            self.audience,
            self.policy.version,
            self.table.sha256,
            self.secret.key_id,
            {name: column.labels for name, column in population.dimensions.items()},
            blocks,
        )

    # One block ---------------------------------------------------------------------------------------------------

    def _blocks(self, population: Population, keys: Words, each: Statistic) -> list[Block]:
        """The statistic at each of its margins, in their order. Its people are taken once."""
        kept = known(population, each)
        rows = about(population, each)
        return [self._block(rows, keys[kept], each, margin) for margin in sorted(each.margins)]

    def _block(self, rows: Population, keys: Words, each: Statistic, margin: Margin) -> Block:
        groups = grouped(rows, margin)
        counts = groups.count()
        base = _Base(rows, groups, counts, summed(groups.of_row, keys, len(groups)))
        noisy = counts + self._noise("N", counts, base.fingerprints)
        shown = (noisy >= self.policy.display_persons) & (counts >= self.policy.display_backstop)
        if each.sensitivity != Sensitivity.NONE and STRUCTURE in margin:
            shown &= noisy >= self.policy.sensitive_structure_persons
        if self.audience == Audience.PEERS:
            shown &= self._structures_allow(base, margin)
        columns, values = self._values(each, base, noisy, shown)
        return Block(
            each,
            margin,
            groups.coordinates,
            base.fingerprints,
            np.where(shown, noisy, np.nan).astype(float),
            columns,
            values,
        )

    def _noise(self, what: str, counts: Ints, fingerprints: Words) -> Ints:
        return self.table.noise(counts, uniforms(self.key, what, fingerprints))

    def _values(self, each: Statistic, base: _Base, noisy: Ints, shown: Flags) -> tuple[tuple[str, ...], Floats]:
        def draw(what: str) -> Floats:
            return uniforms(self.key, f"{each.attribute}|{what}", base.fingerprints)

        def noise(what: str, counts: Ints) -> Ints:
            return self._noise(f"{each.attribute}|{what}", counts, base.fingerprints)

        match each.measure:
            case Measure.COUNT:
                return (), np.empty((len(base.counts), 0))
            case Measure.SHARE:
                return each.categories, self._shares(each, base, noisy, shown)
            case Measure.MEAN:
                return ("mean",), amounts.means(each, base.rows, base.groups, noisy, shown, draw, self.policy)
            case Measure.QUANTILES:
                return amounts.QUARTILES, amounts.quantiles(
                    each, base.rows, base.groups, noisy, shown, draw, self.policy
                )
            case Measure.SURVIVAL:
                return ("median",), amounts.survival(each, base.rows, base.groups, noisy, shown, noise, self.policy)

    def _shares(self, each: Statistic, base: _Base, noisy: Ints, shown: Flags) -> Floats:
        """The noisy count of each category, where neither it nor the rest is small: nothing says « all » or « none ».

        As a backstop, what is truly true of all or of none is never shown either; an « np » more among many tells nothing.
        """
        column: Column = base.rows.attributes[each.attribute]
        found = np.full((len(noisy), len(each.categories)), np.nan)
        for position, category in enumerate(each.categories):
            counts = base.groups.count(column.codes == column.labels.index(category))
            value = counts + self._noise(f"{each.attribute}|{category}", counts, base.fingerprints)
            tail = self.policy.rates_tail
            fit = shown & (noisy >= self.policy.rates_persons) & (value >= tail) & (noisy - value >= tail)
            fit &= ((counts > 0) & (counts < base.counts)) | (self.policy.display_backstop == 0)
            found[fit, position] = value[fit]
        return found

    def _structures_allow(self, base: _Base, margin: Margin) -> Flags:
        """At least 3 structures, none above 85 %, and enough people (or nobody) without the largest (§6.5)."""
        if STRUCTURE in margin:
            return np.zeros(len(base.counts), dtype=bool)
        structure = base.rows.dimensions[STRUCTURE]
        width = len(structure.labels)
        pairs, sizes = np.unique(base.groups.of_row * width + structure.codes, return_counts=True)
        group = pairs // width
        structures = np.bincount(group, minlength=len(base.counts))
        largest = np.zeros(len(base.counts), dtype=np.int64)
        np.maximum.at(largest, group, sizes)
        residual = base.counts - largest
        return (
            (structures >= self.policy.structures_least)
            & (largest <= self.policy.structures_largest_share * base.counts)
            & (residual >= self.policy.structures_residual)
        )

    # An issue that corrects another ------------------------------------------------------------------------------

    def _carried(self, population: Population, former: Former, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """A base in which fewer records changed than the policy asks keeps its old figures: no new draw tells on them."""
        if (former.issue.period, former.issue.revision) != (self.period, self.revision - 1):
            raise ValueError("an issue corrects the one before it, of the same period")
        changed = population.changed(former.population)
        return tuple(self._carried_block(population, former, block, changed) for block in blocks)

    def _carried_block(self, population: Population, former: Former, block: Block, changed: Ints) -> Block:
        if former.issue.labels != {name: column.labels for name, column in population.dimensions.items()}:
            raise ValueError("an issue and the one it corrects have the same dimensions and labels")
        old = former.issue.block(block.statistic.code, block.margin)
        touched: list[set[int]] = [set() for _base in range(len(block.base))]
        for snapshot in (population, former.population):
            rows = snapshot.rows(np.isin(snapshot.persons, changed))
            for person, base in zip(rows.persons.tolist(), grouped(rows, block.margin).of_row.tolist(), strict=True):
                touched[base].add(person)
        few = np.array([len(persons) < self.policy.reissue_changed_records for persons in touched])
        return replace(
            block,
            fingerprints=np.where(few[:, None], old.fingerprints, block.fingerprints),
            base=np.where(few, old.base, block.base),
            values=np.where(few[:, None], old.values, block.values),
        )


def known(population: Population, each: Statistic) -> Flags:
    """The rows a statistic is about: those whose attribute is known."""
    if each.measure == Measure.COUNT:
        return np.ones(len(population), dtype=bool)
    if each.measure == Measure.SHARE:
        return population.attributes[each.attribute].codes >= 0
    return ~np.isnan(population.amounts[each.attribute])


def about(population: Population, each: Statistic) -> Population:
    """The people a statistic is about, with what it measures of them and nothing else."""
    kept = known(population, each)
    return Population(
        population.persons,
        population.dimensions,
        {name: column for name, column in population.attributes.items() if name == each.attribute},
        {name: amounts for name, amounts in population.amounts.items() if name == each.attribute},
    ).rows(kept)


def protect(
    population: Population,
    statistics: Iterable[Statistic],
    *,
    policy: Policy,
    secret: Secret,
    period: str,
    revision: int = 1,
    audience: Audience = Audience.FEDERATION,
    former: Former | None = None,
) -> Issue:
    """What may be published of a snapshot. See Protection.

    Raises ValueError for one revision too many, or a `former` that is not the issue before this one.
    """
    return Protection(policy, secret, period, revision, audience).issue(population, statistics, former)
