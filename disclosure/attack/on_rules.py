"""Rules: structures, the one marker, the table of the noise and its key."""

import hashlib
import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from disclosure import export
from disclosure.attack.battle import (
    CUBE,
    EXITS,
    HEADCOUNT,
    Battle,
    Outcome,
)
from disclosure.attack.bounds import counted
from disclosure.audience import Audience
from disclosure.catalogue import Margin
from disclosure.keys import Secret
from disclosure.policy import Policy
from disclosure.population import STRUCTURE, Population, grouped
from disclosure.protection import known, protect
from disclosure.ptable import ptable


def t14_structures(battle: Battle) -> Outcome:
    """For other structures: no cell of two structures, none led by one, none with few people besides the largest."""
    issue = battle.published(HEADCOUNT, audience=Audience.PEERS)
    federation = battle.issue
    wrong, hidden = 0, 0
    for margin in CUBE:
        shown = ~np.isnan(issue.block("HEADCOUNT", margin).base)
        fit = allowed(battle.local, margin, battle.policy)
        wrong += int((shown & ~fit).sum())
        hidden += int((~np.isnan(federation.block("HEADCOUNT", margin).base) & ~fit).sum())
    return Outcome(
        "T14", "the structure rule", {"cells the rule hides that the federation reads": hidden}, hidden > 0,
        {"cells shown against the rule": wrong}, wrong == 0,
    )  # fmt: skip


def allowed(population: Population, margin: Margin, policy: Policy) -> NDArray[np.bool_]:
    """The rule again, cell by cell, the obvious way."""
    groups = grouped(population, margin)
    structure = population.dimensions[STRUCTURE].codes
    found = np.zeros(len(groups), dtype=bool)
    if STRUCTURE in margin:
        return found
    order = np.argsort(groups.of_row, kind="stable")
    edges = np.searchsorted(groups.of_row[order], np.arange(len(groups) + 1))
    for cell in range(len(groups)):
        sizes = np.unique(structure[order[edges[cell] : edges[cell + 1]]], return_counts=True)[1]
        if len(sizes) >= policy.structures_least:
            total, largest = sizes.sum(), sizes.max()
            found[cell] = (
                largest <= policy.structures_largest_share * total and total - largest >= policy.structures_residual
            )
    return found


def t15_marker(battle: Battle) -> Outcome:
    """Why a figure is « np » cannot be read: one marker; how much it says of a small numerator is reported."""
    text = export.as_csv(battle.issue).decode()
    markers = {line.rsplit(",", 1)[1] for line in text.splitlines()[1:] if not line.rsplit(",", 1)[1][0].isdigit()}
    block = battle.issue.block("EXITS", (STRUCTURE,))
    hidden = np.isnan(block.values[:, 1])
    rows = battle.local.rows(known(battle.local, EXITS))
    few = counted(rows, (STRUCTURE,), "exit", "durable") < battle.policy.rates_tail
    told, said = _mutual(few, few), _mutual(hidden, few)  # a marker « small numerator » says it whole
    return Outcome(
        "T15", "the reason of a « np »", {"bits said by a marker with reasons": told}, told > said,
        {"markers": len(markers - {export.BEYOND}), "bits on a small numerator": said},
        markers - {export.BEYOND} == {export.NOT_PUBLISHED},
    )  # fmt: skip


def _mutual(one: NDArray[np.bool_], two: NDArray[np.bool_]) -> float:
    found = 0.0
    for a in (False, True):
        for b in (False, True):
            both = float(((one == a) & (two == b)).mean())
            if both > 0:
                found += both * math.log2(both / (float((one == a).mean()) * float((two == b).mean())))
    return found


def t16_keys(battle: Battle, draws: int = 1_000_000) -> Outcome:
    """A million draws are as the table says; without the secret the noise cannot be made again; it is printed nowhere."""
    table = ptable(battle.policy.noise_spread, battle.policy.noise_variance)
    counts = np.full(draws, 50)
    noise = table.noise(counts, np.random.default_rng(19).random(draws))
    guessed = replace(battle.secret, material=b"guess of an attacker, of 32 bytes")
    block, other = (
        battle.everything.block("HEADCOUNT", (STRUCTURE, "sex", "age")),
        protect(battle.local, [HEADCOUNT], policy=battle.bare, secret=guessed, period=battle.period).block(
            "HEADCOUNT", (STRUCTURE, "sex", "age")
        ),
    )
    big = counted(battle.local, (STRUCTURE, "sex", "age")) > table.spread
    alike = float((block.base[big] == other.base[big]).mean())
    chance = float((table.rows[-1] ** 2).sum())
    by_data = [
        battle.published(HEADCOUNT, policy=battle.bare, secret=_seeded(rows)).block(
            "HEADCOUNT", (STRUCTURE, "sex", "age")
        )
        for rows in (battle.local, battle.local.rows(np.arange(len(battle.local))))  # the publisher, then the attacker
    ]
    seeded = float((by_data[0].base[big] == by_data[1].base[big]).mean())
    told = battle.secret.material in export.as_csv(battle.issue) or battle.secret.material.hex() in repr(battle.secret)
    return Outcome(
        "T16", "the table and the key", {"data-seeded keys made again": seeded}, seeded == 1.0,
        {"mean": float(noise.mean()), "variance": float(noise.var()), "same noise without the secret": alike, "by chance": chance},
        abs(float(noise.mean())) <= 0.01 and abs(float(noise.var()) / table.variance - 1) <= 0.02
        and abs(alike - chance) <= 0.05 and not told,
    )  # fmt: skip


def _seeded(population: Population) -> Secret:
    """The canary of T16: a key made from the data, as some packages do. Whoever has the data has the key."""
    return Secret("data", hashlib.sha256(np.sort(population.persons).tobytes()).digest())
