"""What the tests of releases may use: keys for the years they speak of, never those of the machine."""

import pytest


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.RELEASE_SECRETS = [f"{year}:{'%064x' % (year * 7919**9)}" for year in range(2023, 2027)]
    settings.RELEASE_SECRETS_FILE = str(tmp_path / "release-secrets")
