"""What the tests of people's data share: a structure, and files of their own."""

import pytest

from tests.factories import OrganisationFactory


@pytest.fixture(autouse=True)
def _files_apart(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def structure():
    return OrganisationFactory()
