"""What every test may use."""

from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models.signals import post_migrate
from django.utils import translation
from hypothesis import settings as hypothesis

from lawbook import overlay

hypothesis.register_profile("parcours", deadline=None)  # no test measures time
hypothesis.load_profile("parcours")
overlay.forget()
SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data"


def _territory_again(**_signal):
    import_module("accounts.migrations.0002_territory").load(apps, None)


@pytest.fixture(scope="session", autouse=True)
def _what_migrations_wrote_comes_back():
    """A test that commits empties the base behind it, and Django then tells that it is as after `migrate`: what migrations
    wrote comes back with it, so that the order of tests says nothing."""
    post_migrate.connect(_territory_again, sender=apps.get_app_config("accounts"))
    yield
    post_migrate.disconnect(_territory_again, sender=apps.get_app_config("accounts"))


@pytest.fixture(autouse=True)
def _french():
    """Each test starts in French, whatever language a request before it asked for."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _law_of_the_files():
    """Each test starts with the law of the files: a value added in a test goes with its database."""
    overlay.forget()
    yield
    overlay.forget()


@pytest.fixture(autouse=True)
def _passwords_alone(settings):
    """A second factor is asked for by the tests that speak of it (tests/trust/test_sign_in.py)."""
    settings.REQUIRE_SECOND_FACTOR = False


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of official files and samples, read in place. Absent from a clone: the test then says so."""
    if not SAMPLES.is_dir():
        pytest.skip(f"NOT RUN: the reference data is absent ({SAMPLES.relative_to(SAMPLES.parents[2])})")
    return SAMPLES
