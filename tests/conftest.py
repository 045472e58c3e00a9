"""What every test may use."""

from pathlib import Path

import pytest
from django.conf import settings

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of official files and samples, read in place. Absent from a clone: the test then says so."""
    if not SAMPLES.is_dir():
        pytest.skip(f"NOT RUN: the reference data is absent ({SAMPLES.relative_to(SAMPLES.parents[2])})")
    return SAMPLES
