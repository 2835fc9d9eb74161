"""What tests of the embedded servers find: folders of their own, with databases in them or not."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from personalize import local
from tests.personalize.local.launching import (
    URLS,
    run,
)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about servers of their own, whatever the session around them uses."""
    for name in (*URLS, "NORTHWAY_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder everybody may enter; whatever was started in it is removed."""
    made = Path(tempfile.mkdtemp(prefix="t", dir=local.VAR))
    made.chmod(0o755)
    yield made
    for place in [*made.glob("**/place.json")]:
        local.remove(place.parent)
    shutil.rmtree(made)


@pytest.fixture
def fresh(folder: Path) -> Path:
    """A NORTHWAY_VAR that does not exist yet."""
    return folder / "var"


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="t", dir=local.VAR))
    made.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        for name in (*URLS, "NORTHWAY_DEBUG"):
            patch.delenv(name, raising=False)
        local.start(made, durable=False)
        local.stop(made)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def var(fresh: Path, template: Path) -> Path:
    """A NORTHWAY_VAR with databases in it, nothing running: copied, because making takes longer."""
    fresh.mkdir(mode=0o755)
    run(["/bin/cp", "-a", str(template / "postgres"), str(fresh)], check=True)
    return fresh
