"""Does `make demo` say clearly what it cannot do? (demo)"""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import arguments, place


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_refused_with_the_way_out(
    taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        arguments.parse(["--port", str(taken)])
    assert f"Port {taken} is taken" in (said := capsys.readouterr().err)
    assert f"make demo PORT={taken + 1}" in said


def test_a_check_takes_any_free_port_when_none_is_asked_for(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arguments, "PORT", taken)
    assert arguments.parse(["--check"]).port not in {0, taken}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--catalogue", "/nowhere.csv"], "/nowhere.csv does not exist"),
        (["--interactions", __file__], "CATALOGUE="),
        (["--catalogue", __file__, "--map", "title"], "MAP=course=item_id"),
    ],
)
def test_what_is_missing_is_named(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        arguments.parse([*words, "--check"])
    assert said in capsys.readouterr().err


def test_columns_are_handed_on_one_by_one() -> None:
    told = "course=id, title=name, learner=who, interactions.course=what"
    asked = arguments.parse(["--check", "--catalogue", __file__, "--map", told])
    assert asked.columns_of("catalogue") == ["course=id", "title=name"]
    assert asked.columns_of("interactions") == ["course=id", "learner=who", "course=what"]
    assert asked.files == (Path(__file__),)


def test_own_data_never_shares_a_database_with_simulated_learners(tmp_path: Path) -> None:
    surroundings = {"NORTHWAY_VAR": str(tmp_path)}
    world = place.choose((), surroundings)
    own = place.choose((tmp_path / "courses.csv",), surroundings)
    other = place.choose((tmp_path / "courses.csv", tmp_path / "history.csv"), surroundings)
    assert world.var == tmp_path
    assert len({world.var, own.var, other.var}) == 3


def test_marks_belong_to_one_database(tmp_path: Path) -> None:
    surroundings = {"NORTHWAY_VAR": str(tmp_path), "DATABASE_URL": "postgresql://somewhere/x"}
    assert place.choose((), surroundings).folder != place.choose((), {}).folder


def test_a_lab_has_a_database_of_its_own_and_takes_no_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert arguments.parse(["--check", "--truth", "null"]).truth == "null"
    surroundings = {"NORTHWAY_VAR": str(tmp_path)}
    places = {place.choose((), surroundings, truth=one).var for one in ("", "null", "social")}
    assert len(places) == 3
    with pytest.raises(SystemExit):
        arguments.parse(["--check", "--truth", "null", "--catalogue", __file__])
    assert "leave CATALOGUE= away" in capsys.readouterr().err
