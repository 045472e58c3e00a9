"""One person: the only newcomer, all or none, all but one, invented people."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from disclosure.attack import canaries, inference
from disclosure.attack.battle import BY_SEX, CUBE, EXITS, HEADCOUNT, Battle, Outcome
from disclosure.attack.bounds import counted
from disclosure.attack.inference import Guess, Keying
from disclosure.catalogue import Margin, Measure, Sensitivity, Statistic
from disclosure.policy import Policy
from disclosure.population import STRUCTURE, Floats, grouped
from disclosure.protection import protect
from disclosure.ptable import ptable


def t5_newcomer(battle: Battle) -> Outcome:
    """The only arrival of a base between two issues: did the figure move?"""
    before, after = battle.local, battle.next_quarter
    margins: list[Margin] = [
        (STRUCTURE, "sex", "age"),
        (STRUCTURE, "sex"),
        (STRUCTURE, "level"),
        (STRUCTURE, "sex", "age", "level"),
    ]
    prior = float((before.attributes["rqth"].codes == 1).mean())
    table = ptable(battle.policy.noise_spread, battle.policy.noise_variance)
    results: dict[Keying, list[tuple[Floats, Floats]]] = {keying: [] for keying in Keying}
    asked = Statistic("RQTH", Measure.SHARE, tuple(margins), Sensitivity.A, "rqth", ("oui",))
    noise_alone, displayed = (
        [
            protect(rows, [asked], policy=policy, secret=battle.secret, period=period)
            for rows, period in ((before, "2025"), (after, "2026"))
        ]
        for policy in (battle.bare, battle.policy)
    )
    shown: list[tuple[Floats, Floats]] = []
    for margin in margins:
        bases, rows = inference.single_entrants(before, after, margin)
        truth = (after.attributes["rqth"].codes[rows] == 1).astype(float)
        sizes = counted(before, margin)[bases]
        exact = tuple(counted(each, margin, "rqth", "oui").astype(float) for each in (before, after))
        keyed = tuple(
            canaries.keyed_on_contributors(each, "rqth", "oui", margin, battle.secret, table.spread, table.variance)
            for each in (before, after)
        )
        based, seen = (
            tuple(each.block("RQTH", margin).values[:, 0][bases] for each in issues)
            for issues in (noise_alone, displayed)
        )
        exact, keyed = ((one[bases], two[bases]) for one, two in (exact, keyed))
        for keying, (first, second) in ((Keying.EXACT, exact), (Keying.CONTRIBUTORS, keyed), (Keying.BASE, based)):
            results[keying].append((inference.newcomer(sizes, first, second, prior, table, keying), truth))
        shown.append((inference.newcomer(sizes, seen[0], seen[1], prior, table, Keying.BASE), truth))

    def scored(pairs: list[tuple[Floats, Floats]]) -> Guess:
        return Guess.of(np.concatenate([p for p, _t in pairs]), np.concatenate([t for _p, t in pairs]))

    guess = {keying: scored(pairs) for keying, pairs in results.items()}
    noise, held = guess[Keying.BASE], scored(shown)
    return Outcome(
        "T5", "the only newcomer of a base",
        {"exact counts exposed": guess[Keying.EXACT].exposed, "contributor key exposed": guess[Keying.CONTRIBUTORS].exposed},
        guess[Keying.EXACT].exposed == 1.0 and guess[Keying.CONTRIBUTORS].exposed >= 0.60,
        {"newcomers": held.targets, "exposed, all shown": noise.exposed, "exposed": held.exposed, "accuracy": held.accuracy,
         "blind": held.blind},
        held.targets > 0 and noise.exposed <= 0.005 and held.exposed <= 0.005 and held.accuracy <= held.blind + 0.01,
    )  # fmt: skip


def t8_all_or_none(battle: Battle) -> Outcome:
    """« All of them have it »: claimed when the two counts are equal and the other category is 0."""
    margin: Margin = (STRUCTURE,)
    truth = counted(battle.local, margin, "rqth", "oui")
    sizes = counted(battle.local, margin)
    degenerate = (sizes >= 5) & ((truth == 0) | (truth == sizes))
    spread, variance = battle.policy.noise_spread, battle.policy.noise_variance
    yes, no, every = (
        canaries.keyed_on_contributors(battle.local, attribute, category, margin, battle.secret, spread, variance)
        for attribute, category in (("rqth", "oui"), ("rqth", "non"), ("", ""))
    )
    claims = (sizes >= 5) & (((yes == every) & (no == 0)) | ((no == every) & (yes == 0)))
    recall = float(claims[degenerate].mean()) if degenerate.any() else 0.0
    block = battle.issue.block("RQTH", margin)
    value, base = block.values[:, 0], block.base
    shown = ~np.isnan(value)
    flat = int((shown & ((value <= 0) | (value >= base))).sum())
    said = int((shown & degenerate).sum())
    found = said / max(int(degenerate.sum()), 1)
    return Outcome(
        "T8", "all or none", {"contributor key recall": recall}, recall >= 0.9,
        {"structures all or none": int(degenerate.sum()), "rates at 0 or 100 %": flat, "of them shown": said, "recall": found},
        flat == 0 and found <= 0.05 and bool(degenerate.any()),
    )  # fmt: skip


def t9_all_but_one(battle: Battle, targets: int = 2000) -> Outcome:
    """Who knows everybody of a cell but one person, over all the cells that hold her."""
    rows = battle.local.rows(battle.local.attributes["exit"].codes >= 0)
    chosen = inference.balanced(rows, "exit", "durable", targets)
    truth = (rows.attributes["exit"].codes[chosen] == rows.attributes["exit"].labels.index("durable")).astype(float)

    def guessed(margins: Sequence[Margin], policy: Policy) -> Guess:
        statistic = replace(EXITS, margins=tuple(margins))
        issue = protect(rows, [statistic], policy=policy, secret=battle.secret, period=battle.period)
        cells = [(margin, issue.block("EXITS", margin).values[:, 1]) for margin in margins]
        table = ptable(policy.noise_spread, policy.noise_variance)
        return Guess.of(inference.all_but_one(rows, "exit", "durable", cells, table, chosen), truth)

    weak = guessed(CUBE, replace(battle.bare, noise_spread=5, noise_variance=3))
    held = guessed(BY_SEX, battle.policy)
    return Outcome(
        "T9", "all but one", {"D=5, 28 cells, certain": weak.certain}, weak.certain >= 0.40,
        {"targets": held.targets, "accuracy": held.accuracy, "certain": held.certain},
        held.accuracy <= 0.78 and held.certain <= 0.01 and held.targets > 0,
    )  # fmt: skip


def t13_dummies(battle: Battle, dummies: int = 10) -> Outcome:
    """Invented people lift a base over the threshold, then are subtracted."""
    margin: Margin = (STRUCTURE, "sex", "age")
    truth = counted(battle.local, margin)
    small = (truth >= 1) & (truth <= 4)
    naive, _blind = inference.swollen(truth[small], (truth[small] + dummies).astype(float), dummies)
    cell = grouped(battle.local, margin).of_row
    models = np.array([int(np.argmax(cell == each)) for each in np.flatnonzero(small)])
    models = np.repeat(models, dummies)
    first = int(battle.local.persons.max()) + 1
    invented = battle.local.rows(models, np.arange(first, first + len(models)))
    issue = protect(
        battle.local.joined(invented), [HEADCOUNT], policy=battle.policy, secret=battle.secret, period=battle.period
    )
    hit, blind = inference.swollen(truth[small], issue.block("HEADCOUNT", margin).base[small], dummies)
    return Outcome(
        "T13", "invented people", {"threshold on exact counts, found": naive}, naive >= 0.99,
        {"cells": int(small.sum()), "found": hit, "blind": blind}, hit <= blind + 0.02,
    )  # fmt: skip
