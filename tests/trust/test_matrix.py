"""The matrix: every address, every method, everyone who may come. See matrix.yaml."""

import pytest

from tests.trust.matrix import cells, is_api, lines, wrong
from tests.trust.world import addresses

pytestmark = pytest.mark.django_db


@pytest.fixture
def _django_db_helper(world):
    """The transaction of the world is that of each test here: every cell undoes what it did."""


def test_every_address_has_a_line_and_every_line_an_address(world):
    found = {address.name for address in addresses(world.alpha)}

    assert found - set(lines()) == set(), "addresses without a line"
    assert set(lines()) - found == set(), "lines without an address"


def test_the_api_does_what_the_table_says_and_nothing_else(world):
    unsaid = {}
    for address in addresses(world.alpha):
        if is_api(address) and getattr(address.view, "actions", None):
            said = set(lines().get(address.name, {}))
            if (does := set(address.view.actions) - {"head"}) != said:
                unsaid[address.name] = (does, said)
    assert unsaid == {}


@pytest.mark.parametrize("door", ["pages", "api"])
def test_each_cell_gets_the_answer_the_table_says(world, door, capsys):
    tried, answered, faults = 0, 0, []
    for cell in cells(world, lambda address: is_api(address) == (door == "api")):
        tried += 1
        answered += cell.answered
        if fault := wrong(world, cell):
            faults.append(fault)
    with capsys.disabled():
        print(f"\nmatrix, {door}: {tried} cells, {answered} answered, {len(faults)} unexpected")

    assert not faults, "\n".join(faults)
    assert tried > 3000
