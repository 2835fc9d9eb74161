"""What every test of the start and the path begins with."""

from pathlib import Path

import pytest

from tests.personalize.path.world import World, open_world


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    """Return the courses."""
    return open_world(tmp_path)
