"""What the checks refuse: in a first release, and in a correction, where figures are drawn and others carried."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from disclosure.audience import Audience
from disclosure.catalogue import Measure
from disclosure.policy import policy
from indicators.periods import Period
from releases import actions, auditing, protecting
from releases.auditing import Case
from releases.models import LedgerCell, Release
from tests.releases.world import NOW, YEAR, small_world

pytestmark = pytest.mark.django_db
FEDERATION, PEERS = Audience.FEDERATION, Audience.PEERS
FOURTH = Period(date(2025, 10, 1), date(2025, 12, 31))
THIRD = Period(date(2025, 7, 1), date(2025, 9, 30))


@pytest.fixture
def quick(monkeypatch):
    """The world is made without the checks, which are asked one by one."""
    monkeypatch.setattr(auditing, "CHECKS", (auditing.closed_list,))


@pytest.fixture
def world(quick):
    return small_world()


def case_of(release):
    return Case(release, policy(release.policy), protecting.kept(release))


def with_block(case, audience, changed):
    """The case with one block of an issue replaced."""
    issue = case.found.issues[audience]
    blocks = tuple(
        changed if (b.statistic.code, b.margin) == (changed.statistic.code, changed.margin) else b for b in issue.blocks
    )
    return replace(
        case, found=replace(case.found, issues={**case.found.issues, audience: replace(issue, blocks=blocks)})
    )


def corrected(world):
    """A second revision: the structures of the first region lost half of their people, the others one of them."""
    first = world.published()
    rows = list(world.rows())
    region_of = {pk: place["region"] for pk, place in ((int(k), v) for k, v in first.places.items())}
    region = region_of[rows[0][1]]
    kept = [row for n, row in enumerate(rows) if region_of[row[1]] != region or n % 2]
    gone = next(n for n, row in enumerate(kept) if region_of[row[1]] != region)
    return first, world.published(kept[:gone] + kept[gone + 1 :])


def test_a_correction_is_checked_where_it_draws_and_not_where_it_carries(world):
    _first, second = corrected(world)
    case = case_of(second)
    shown = case.federation.block("EFFECTIF", ("region",))

    fresh = case.fresh(FEDERATION, shown)

    assert 0 < fresh.sum() < len(fresh)
    for check in (
        auditing.truly_all_or_none,
        auditing.structures,
        auditing.bounds,
        auditing.neighbours,
        auditing.together,
    ):
        assert check(case).held, check.__name__
    assert auditing.bounds(case).figures["cells"] > 0


def test_a_rate_true_of_all_is_found_in_a_correction_too(world):
    _first, second = corrected(world)
    case = case_of(second)
    block = case.federation.block("SORTIES", ("region",))
    row = int(np.flatnonzero(case.fresh(FEDERATION, block))[0])
    column = case.population.attributes["exit"]
    here = case.population.dimensions["region"].codes == block.coordinates[row, 0]
    codes = np.where(here & (column.codes >= 0), column.labels.index("durable"), column.codes)
    people = replace(case.population, attributes={**case.population.attributes, "exit": replace(column, codes=codes)})
    values = block.values.copy()
    values[row, block.columns.index("durable")] = 50

    wrong = with_block(replace(case, found=replace(case.found, population=people), taken={}), FEDERATION,
                       replace(block, values=values))  # fmt: skip

    assert not auditing.truly_all_or_none(wrong).held


def test_a_cell_against_the_structure_rule_is_found_in_a_correction_too(world):
    _first, second = corrected(world)
    case = case_of(second)
    block = case.peers.block("EFFECTIF", ("region", "kind"))
    fit = auditing.allowed(case.population, block.margin, case.policy)
    against = np.flatnonzero(case.fresh(PEERS, block) & ~fit)
    assert len(against)

    wrong = with_block(case, PEERS, replace(block, base=np.where(np.arange(len(fit)) == against[0], 50.0, block.base)))

    assert not auditing.structures(wrong).held


def test_counts_that_say_too_much_are_found_in_a_correction_too(world, monkeypatch):
    _first, second = corrected(world)
    case = case_of(second)
    bare = [
        replace(b, base=auditing.counted(case.population, b.margin).astype(float))
        if b.statistic.code == "EFFECTIF"
        else b
        for b in case.federation.blocks
    ]
    told = replace(
        case,
        policy=replace(case.policy, noise_spread=0, reissue_changed_records=1),  # exact counts, nothing hidden
        found=replace(
            case.found, issues={**case.found.issues, FEDERATION: replace(case.federation, blocks=tuple(bare))}
        ),
    )

    assert not auditing.bounds(told).held
    assert not auditing.neighbours(told).held


def test_a_carried_count_bounds_todays_people_as_much_less_as_may_have_changed(world):
    """Ten people may have gone from a base whose figure stands: the attack must not be told that they are there."""
    first = world.published()
    rows = list(world.rows())
    structure = rows[0][1]
    ten = [n for n, row in enumerate(rows) if row[1] == structure][:10]
    second = world.published([row for n, row in enumerate(rows) if n not in ten])
    case = case_of(second)

    assert auditing.bounds(case).held  # it raises when a bound excludes the truth
    label = str(structure)
    row = case.federation.labels["structure"].index(label)
    said = next(one for one in case.said("EFFECTIF") if one.margin == ("structure",))
    value = LedgerCell.objects.get(
        release=first, audience="federation", table="EFFECTIF", margin="structure", place=f"structure={label}"
    ).value
    assert (said.low[row], said.high[row]) == (max(float(value) - 20, 0), float(value) + 20)


def test_categories_with_their_bases_told_exactly_are_refused(world):
    release = world.published()
    case = case_of(release)
    bare = []
    for block in case.federation.blocks:
        if block.statistic.measure == Measure.SHARE:
            rows = case.about(block.statistic)
            values = [auditing.counted(rows, block.margin, block.statistic.attribute, c) for c in block.columns]
            block = replace(
                block, base=auditing.counted(rows, block.margin).astype(float), values=np.array(values, dtype=float).T
            )
        bare.append(block)
    told = replace(
        case,
        policy=replace(case.policy, noise_spread=0),
        found=replace(
            case.found, issues={**case.found.issues, FEDERATION: replace(case.federation, blocks=tuple(bare))}
        ),
    )

    assert auditing.together(case).held
    assert not auditing.together(told).held


def test_the_ledger_is_what_is_judged(world, monkeypatch):
    """A figure that the ledger holds and a second computation would not: the audit sees it."""
    real = protecting.protected

    def keeps_one_more(release):
        found = real(release)
        issue = found.issues[FEDERATION]
        blocks = tuple(
            replace(b, base=np.where(np.isnan(b.base), 3.0, b.base)) if b.statistic.code == "EFFECTIF" else b
            for b in issue.blocks
        )
        return replace(found, issues={**found.issues, FEDERATION: replace(issue, blocks=blocks)})

    monkeypatch.setattr(auditing, "CHECKS", (auditing.display,))
    monkeypatch.setattr(protecting, "protected", keeps_one_more)
    refused = world.prepared()

    assert refused.state == Release.State.REFUSED
    monkeypatch.setattr(protecting, "protected", real)
    assert world.prepared(at=NOW).state == Release.State.AUDITED


def test_what_the_ledger_holds_beside_the_catalogue_is_refused(world):
    release = world.published()
    assert auditing.closed_list(case_of(release)).held

    LedgerCell.objects.create(
        release=release, audience="peers", table="EFFECTIF", margin="structure", place="structure=1",
        fingerprint=b"\0" * 16, base=20, value=20, error=4,
    )  # fmt: skip
    found = auditing.closed_list(case_of(release))

    assert (found.held, found.figures["beyond it"], found.figures["missing"]) == (False, 1, 0)


def test_figures_of_the_ledger_that_hold_one_person_are_counted(world):
    release = world.published()
    assert auditing.exposure(case_of(release)).figures["cells per person"] == 8

    LedgerCell.objects.create(
        release=release, audience="federation", table="SORTIES", margin="level", place="level=1", category="durable",
        fingerprint=b"\0" * 16, marker="np",
    )  # fmt: skip
    found = auditing.exposure(case_of(release))

    assert (found.held, found.figures["cells per person"]) == (False, 9)


def test_newcomers_are_looked_for_since_the_revision_before_and_since_withdrawn_releases(world, monkeypatch):
    asked = []
    real = auditing._told_of_newcomers
    monkeypatch.setattr(
        auditing, "_told_of_newcomers",
        lambda case, before, labels: asked.append(before.pk) or real(case, before, labels),
    )  # fmt: skip

    def since(release):
        asked.clear()
        assert auditing.newcomers(case_of(release)).held
        return list(asked)

    year = world.published()
    third = world.published(period=THIRD)
    actions.withdraw(by=world.publisher, release=third, reason="Essai", at=NOW)
    fourth = world.published(period=FOURTH)
    again = world.published(list(world.rows())[40:], period=FOURTH)
    year_again = world.published(list(world.rows())[40:], period=YEAR)

    assert [since(release) for release in (year, fourth, again, year_again)] == [
        [], [third.pk], [fourth.pk, third.pk], [year.pk],
    ]  # fmt: skip
