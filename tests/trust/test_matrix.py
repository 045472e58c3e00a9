"""The matrix: every address, every method, everyone who may come. See matrix.yaml."""

import pytest
from django.apps import apps

from accounts.sealed_fields import SealedField
from parcours.models import Attachment
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


def test_what_is_sealed_holds_words_that_a_leak_would_show(world):
    sealed = [
        (model, column.name)
        for model in apps.get_models()
        if hasattr(model, "organisation_path")
        for column in model._meta.concrete_fields
        if isinstance(column, SealedField)
    ]
    told = {(model, name): {str(getattr(row, name)) for row in model._default_manager.all()} for model, name in sealed}

    assert len(sealed) >= 9
    assert [where for where, words in told.items() if not words & {world.alpha.mark, world.alpha.secret}] == []
    secret = {where for where, words in told.items() if world.alpha.secret in words}
    assert secret == {where for where in told if where[0] is not Attachment}


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
