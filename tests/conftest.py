"""What every test may use."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _french():
    """Each test starts in French, whatever language a request before it asked for."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of official files and samples, read in place. Absent from a clone: the test then says so."""
    if not SAMPLES.is_dir():
        pytest.skip(f"NOT RUN: the reference data is absent ({SAMPLES.relative_to(SAMPLES.parents[2])})")
    return SAMPLES
