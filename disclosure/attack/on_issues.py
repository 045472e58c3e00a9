"""One issue and another: asked again, corrected, renamed, split, moved in time."""

from dataclasses import replace

import numpy as np

from disclosure import export
from disclosure.attack import averaging, canaries
from disclosure.attack.battle import CATALOGUE, HEADCOUNT, Battle, Outcome
from disclosure.attack.bounds import counted
from disclosure.catalogue import Margin
from disclosure.population import STRUCTURE
from disclosure.protection import Former, Issue, protect
from disclosure.ptable import ptable


def t6_repeat(battle: Battle, times: int = 20) -> Outcome:
    """The same issue asked for again, people and statistics in another order: the same bytes."""
    table = ptable(battle.policy.noise_spread, battle.policy.noise_variance)
    fresh = averaging.asked_again(3, 16, table)
    draw = np.random.default_rng(11)
    first = export.as_csv(battle.issue)
    different = 0
    for _time in range(times):
        shuffled = battle.local.rows(draw.permutation(len(battle.local)))
        statistics = [CATALOGUE[number] for number in draw.permutation(len(CATALOGUE))]
        again = protect(shuffled, statistics, policy=battle.policy, secret=battle.secret, period=battle.period)
        different += export.as_csv(again) != first
    return Outcome(
        "T6", "the same question again", {"hit rate of 16 fresh draws": fresh}, fresh >= 0.6,
        {"exports": times, "different": different}, different == 0,
    )  # fmt: skip


def t7_reissue(battle: Battle) -> Outcome:
    """One record corrected after publication: the old figures stand, whatever the correction."""
    column = battle.local.attributes["exit"]
    row = int(np.flatnonzero(column.codes >= 0)[0])
    codes = column.codes.copy()
    codes[row] = (codes[row] + 1) % len(column.labels)
    corrected = replace(battle.local, attributes={**battle.local.attributes, "exit": replace(column, codes=codes)})
    redrawn = protect(
        corrected, CATALOGUE, policy=battle.policy, secret=battle.secret, period=battle.period, revision=2
    )
    carried = protect(
        corrected, CATALOGUE, policy=battle.policy, secret=battle.secret, period=battle.period, revision=2,
        former=Former(battle.local, battle.issue),
    )  # fmt: skip
    without = _moved(battle.issue, redrawn)
    held = _moved(battle.issue, carried)
    return Outcome(
        "T7", "one record corrected, asked again", {"figures drawn again without the rule": without}, without > 0,
        {"figures that moved": held}, held == 0,
    )  # fmt: skip


def _moved(one: Issue, two: Issue) -> int:
    moved = 0
    for first, second in zip(one.blocks, two.blocks, strict=True):
        for old, new in ((first.base, second.base), (first.values, second.values)):
            moved += int((~((old == new) | (np.isnan(old) & np.isnan(new)))).sum())
    return moved


def t17_metamorphic(battle: Battle) -> Outcome:
    """Structures renamed: the same figures. Statistics made apart: the same figures. Another period: other noise."""
    renamed = replace(
        battle.local,
        dimensions={
            **battle.local.dimensions,
            STRUCTURE: replace(
                battle.local.dimensions[STRUCTURE],
                labels=tuple(f"renamed {label}" for label in battle.local.dimensions[STRUCTURE].labels),
            ),
        },
    )
    again = protect(renamed, CATALOGUE, policy=battle.policy, secret=battle.secret, period=battle.period)
    apart = [battle.published(each).blocks for each in sorted(CATALOGUE, key=lambda each: each.code)]
    joined = replace(battle.issue, blocks=tuple(block for blocks in apart for block in blocks))
    moved = _moved(battle.issue, again) + _moved(battle.issue, joined)
    margin: Margin = (STRUCTURE, "sex", "age")
    truth = counted(battle.local, margin)
    big = truth > battle.policy.noise_spread
    other = (
        battle.published(HEADCOUNT, policy=battle.bare, period="2026").block("HEADCOUNT", margin).base[big] - truth[big]
    )
    first = battle.everything.block("HEADCOUNT", margin).base[big] - truth[big]
    correlation = float(np.corrcoef(first, other)[0, 1])
    keyed = [
        canaries.keyed_on_contributors(battle.local, "", "", margin, battle.secret, 10, 5.0)[big] - truth[big]
        for _year in (1, 2)
    ]
    stuck = float(np.corrcoef(keyed[0], keyed[1])[0, 1])
    return Outcome(
        "T17", "renamed, split, moved in time", {"correlation of two periods, contributor key": stuck}, stuck > 0.99,
        {"figures that moved": moved, "correlation of two periods": correlation},
        moved == 0 and abs(correlation) <= 4 / np.sqrt(max(int(big.sum()), 1)),
    )  # fmt: skip
