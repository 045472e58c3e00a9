"""The world of the matrix is built once a module, and undone at its end."""

import logging

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from tests.trust.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> World:
    quick = {
        "MEDIA_ROOT": tmp_path_factory.mktemp("media"),
        "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }
    with override_settings(**quick), django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _no_press(monkeypatch):
    """Papers are asked for by the hundred: the press itself is tested elsewhere (tests/documents)."""
    monkeypatch.setattr("documents.press.pressed", lambda *args, **kwargs: b"%PDF")
    # A file erased by a cell would not come back with the transaction.
    monkeypatch.setattr("django.core.files.storage.FileSystemStorage.delete", lambda *args: None)


@pytest.fixture(autouse=True)
def _nobody_called_before():
    """What allauth counts by the minute is in the process: a test does not pay for those before it."""
    cache.clear()


@pytest.fixture(autouse=True)
def _thousands_of_refusals_are_not_news():
    logger = logging.getLogger("django.request")
    before, logger.disabled = logger.disabled, True
    yield
    logger.disabled = before
