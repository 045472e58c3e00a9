"""A federation with two years published, made once for the folder and undone after it."""

import pytest
from django.db import transaction
from django.test import override_settings

from releases import auditing
from tests.releases.world import YEAR, small_world

LAST_YEAR = type(YEAR)(YEAR.start.replace(year=2024), YEAR.end.replace(year=2024))
SECRETS = [f"{year}:{'%064x' % (year * 7919**9)}" for year in range(2023, 2027)]

KEYS = {"RELEASE_SECRETS": SECRETS, "RELEASE_SECRETS_FILE": "/nonexistent"}  # never those of the machine


@pytest.fixture(scope="package")
def without_the_long_check():
    """The attack by linear programming has its own tests (tests/disclosure, tests/releases) and takes most of the time."""
    with pytest.MonkeyPatch.context() as patched:
        long = (auditing.bounds, auditing.neighbours, auditing.together)
        patched.setattr(auditing, "CHECKS", tuple(check for check in auditing.CHECKS if check not in long))
        yield


def published_world():
    world = small_world()
    world.before = world.published(world.rows(seed=7), period=LAST_YEAR)
    world.release = world.published()
    return world


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker, without_the_long_check):
    with django_db_blocker.unblock(), override_settings(**KEYS), transaction.atomic():
        yield published_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _keys(settings):
    for name, value in KEYS.items():
        setattr(settings, name, value)
