"""The red team on two regions: every attack breaks its canary, and none takes anything from what we publish."""

from dataclasses import replace

import numpy as np
import pytest

from disclosure.attack.battle import CATALOGUE, Battle
from disclosure.attack.suite import ATTACKS
from disclosure.catalogue import faults
from disclosure.keys import Secret
from disclosure.policy import policy
from disclosure.population import STRUCTURE, grouped
from disclosure.protection import protect
from disclosure.synthetic import population

REGIONS = (2, 3)  # some 15,000 workers in 63 structures


@pytest.fixture(scope="module")
def battle():
    return Battle(population(), REGIONS, Secret("2026", b"a secret of at least 32 bytes, for tests"))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_breaks_its_canary_and_takes_nothing_from_us(battle, attack):
    outcome = attack(battle)

    assert outcome.broke, f"{outcome.test} does not even break its canary: {outcome.canary}"
    assert outcome.held, f"{outcome.test} takes from what is published: {outcome.figures}"


def test_the_attacked_regions_are_as_large_as_promised(battle):
    assert (len(battle.local), len(np.unique(battle.local.dimensions[STRUCTURE].codes))) == (15276, 63)


def test_the_attacked_catalogue_passes_its_linter():
    assert faults(CATALOGUE, policy(), period_is_year=True) == []


def test_what_is_published_stays_useful():
    """The utility gates of §7, on the whole invented country."""
    people = population()
    issue = protect(people, CATALOGUE, policy=policy(), secret=Secret("2026", b"s" * 32), period="2025")

    def error(margin):
        base, truth = issue.block("HEADCOUNT", margin).base, grouped(people, margin).count()
        shown = ~np.isnan(base)
        return float(np.median(np.abs(base - truth)[shown] / truth[shown]))

    def displayed(margin):
        truth = grouped(people, margin).count()
        return float((~np.isnan(issue.block("HEADCOUNT", margin).base))[truth > 0].mean())

    assert error(()) <= 0.0005
    assert error(("region",)) <= 0.005
    assert error(("department",)) <= 0.025
    assert error((STRUCTURE,)) <= 0.07
    assert displayed((STRUCTURE,)) >= 0.90
    assert displayed((STRUCTURE, "sex")) >= 0.70
    bare = protect(
        people,
        CATALOGUE[:1],
        policy=replace(policy(), display_persons=0, display_backstop=0),
        secret=Secret("2026", b"s" * 32),
        period="2025",
    )
    noise = np.concatenate([block.base - grouped(people, block.margin).count() for block in bare.blocks])
    assert abs(float(noise.mean())) <= 0.03

    rates = issue.block("RQTH", (STRUCTURE,))
    truth = (
        grouped(people, (STRUCTURE,)).count(people.attributes["rqth"].codes == 1)
        / grouped(people, (STRUCTURE,)).count()
    )
    off = np.abs(rates.values[:, 0] / rates.base - truth)[~np.isnan(rates.values[:, 0])]
    assert float(np.median(off)) <= 0.01

    wages = issue.block("WAGES", (STRUCTURE,)).values[:, 0]
    exact = (
        grouped(people, (STRUCTURE,)).total(np.clip(people.amounts["wage"], 400, 2600))
        / grouped(people, (STRUCTURE,)).count()
    )
    assert float(np.nanmedian(np.abs(wages / exact - 1))) <= 0.003
