"""What every test of the spool finds: an empty one of its own."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def spool_folder(tmp_path: Path, settings: Settings) -> Path:
    """Return the folder of the spool, which does not exist yet."""
    settings.SPOOL_DIR = tmp_path / "spool"
    return tmp_path / "spool"
