"""Does whoever cannot use the cluster learn what to do next?"""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from personalize.engine.engines import EngineUnusable
from personalize.engine.spark import needs


@pytest.fixture
def port() -> Iterator[int]:
    """Return a port at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def silent() -> Iterator[int]:
    """Return a port that is taken and at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def installed(monkeypatch: pytest.MonkeyPatch, *, pyspark: bool, java: str | None) -> None:
    monkeypatch.setattr(needs, "find_spec", lambda name: object() if pyspark else None)
    monkeypatch.setattr(needs, "java", lambda: java)


def test_without_pyspark_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, pyspark=False, java=sys.executable)
    with pytest.raises(EngineUnusable, match=r"pip install .* -r requirements-spark\.txt"):
        needs.check("local[2]")


def test_without_java_the_package_of_debian_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, pyspark=True, java=None)
    with pytest.raises(EngineUnusable, match="apt-get install openjdk-17-jre-headless"):
        needs.check("local[2]")


def test_java_is_that_of_java_home_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert needs.java() is None
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    assert needs.java() == str(tmp_path / "bin" / "java")
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert needs.java() is None


@pytest.mark.parametrize(
    "master", ["local", "local[2]", "local[*]", "yarn", "k8s://https://10.0.0.1:6443"]
)
def test_nobody_is_asked_where_spark_itself_finds_the_machines(master: str) -> None:
    needs.check_master(master)


@pytest.mark.parametrize(
    "master",
    ["", "local[0]", "localhost", "spark://", "spark://host", "spark://host:x", "spark://h:70000"],
)
def test_an_address_that_is_none_is_told_apart_with_those_that_are(master: str) -> None:
    with pytest.raises(EngineUnusable, match="no address of a Spark cluster"):
        needs.check_master(master)


def test_a_cluster_that_does_not_answer_is_told_with_what_to_check(silent: int) -> None:
    with pytest.raises(EngineUnusable, match="the port is that of the master") as refused:
        needs.check_master(f"spark://127.0.0.1:{silent}")
    assert f"127.0.0.1:{silent}: Connection refused" in str(refused.value)


def test_one_of_several_masters_is_enough(port: int, silent: int) -> None:
    needs.check_master(f"spark://127.0.0.1:{silent},127.0.0.1:{port}")
