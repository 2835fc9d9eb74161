"""What one process serves while models appear, change and break under it."""

from pathlib import Path

import numpy as np
import pytest

from personalize.engine import artifacts, live
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.serving import CHECK_S, LoadedModel, Serving
from tests.personalize.engine.models import COURSES, arrays, card


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def passes(self) -> None:
        self.seconds += CHECK_S + 0.001


def publish(root: Path, version: str = "one", **changes: object) -> None:
    artifacts.publish(root, card(version, **changes), arrays())
    live.announce(root, version)


def loaded(root: Path) -> LoadedModel:
    publish(root)
    return Serving(root).current()


def history(*course_ids: int) -> tuple[np.ndarray, np.ndarray]:
    return np.array(course_ids, np.int32), np.ones(len(course_ids), np.float32)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()  # a mapped file is replaced, never cut
    path.write_bytes(content)


def test_courses_taken_together_score_together(tmp_path: Path) -> None:
    scored = loaded(tmp_path).score(*history(4))
    assert scored.version == "one"
    assert scored.course_ids.tolist() == list(COURSES)
    assert scored.scores.dtype == np.float32
    assert scored.scores.argmax() == COURSES.index(9)


def test_parts_sum_to_the_scores_and_name_the_past_courses(tmp_path: Path) -> None:
    scored = loaded(tmp_path).score(*history(11, 4))
    places = np.array([3, 1])
    parts = scored.explain(places)
    np.testing.assert_allclose(parts.scores(), scored.scores[places], atol=1e-6)
    assert parts.past.shape == (2, 2)
    assert parts.past[0, 0] > parts.past[1, 0]  # 30 comes from 11
    assert parts.past[1, 1] > parts.past[0, 1]  # 9 comes from 4


def test_courses_the_model_does_not_know_add_nothing(tmp_path: Path) -> None:
    model = loaded(tmp_path)
    known, with_unknown = model.score(*history(4)), model.score(*history(4, 5, 99_999, -3))
    np.testing.assert_array_equal(known.scores, with_unknown.scores)
    assert not with_unknown.explain(np.array([1])).past[1:].any()


def test_an_empty_history_is_scored(tmp_path: Path) -> None:
    scored = loaded(tmp_path).score(*history())
    assert scored.scores.tolist() == [0, 0, 0, 0]
    assert scored.explain(np.array([0])).past.shape == (0, 1)


def test_popular_lists_need_no_history(tmp_path: Path) -> None:
    popular = loaded(tmp_path).popular
    assert popular.overall(2).tolist() == [4, 9]
    assert popular.in_field("Care", 5).tolist() == [11]
    assert popular.in_field("Data", 5).tolist() == [4, 9]
    assert popular.in_field("Unheard of", 5).tolist() == []
    assert popular.in_field("", 5).tolist() == []


def test_without_a_model_the_caller_is_told_to_fall_back(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="none has been promoted yet; run retrain"):
        Serving(tmp_path).current()


def test_the_first_promotion_is_served_at_once(tmp_path: Path) -> None:
    serving = Serving(tmp_path, clock=Clock())
    with pytest.raises(ModelUnusable):
        serving.current()
    publish(tmp_path)
    assert serving.current().version == "one"


def test_a_promotion_is_followed_on_the_next_request(tmp_path: Path) -> None:
    publish(tmp_path)
    serving = Serving(tmp_path, clock=Clock())
    first = serving.current()
    publish(tmp_path, "two")
    assert serving.current().version == "two"
    assert first.score(*history(4)).version == "one"  # a request under way goes on with its own


def test_a_model_is_loaded_once(tmp_path: Path) -> None:
    publish(tmp_path)
    clock = Clock()
    serving = Serving(tmp_path, clock=clock)
    first = serving.current()
    clock.passes()
    assert serving.current() is first


def test_a_damaged_new_model_leaves_the_loaded_one_serving(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish(tmp_path)
    serving = Serving(tmp_path, clock=Clock())
    assert serving.current().version == "one"
    artifacts.publish(tmp_path, card("two"), arrays())
    flip(tmp_path / "two/course_ids.npy")
    live.announce(tmp_path, "two")
    assert serving.current().version == "one"
    assert serving.current().version == "one"
    assert len(caplog.records) == 1
    assert "Model two cannot serve" in caplog.text
    assert "Serving one" in caplog.text


def test_a_damaged_only_model_is_unusable_until_it_is_repaired(tmp_path: Path) -> None:
    publish(tmp_path)
    path = tmp_path / "one/course_ids.npy"
    whole = path.read_bytes()
    flip(path)
    clock = Clock()
    serving = Serving(tmp_path, clock=clock)
    with pytest.raises(ModelUnusable, match="damaged"):
        serving.current()
    path.write_bytes(whole)
    clock.passes()
    assert serving.current().version == "one"


def test_a_file_damaged_while_it_serves_is_noticed(tmp_path: Path) -> None:
    publish(tmp_path)
    clock = Clock()
    serving = Serving(tmp_path, clock=clock)
    serving.current()
    flip(tmp_path / "one/course_ids.npy")
    clock.passes()
    with pytest.raises(ModelUnusable, match="damaged"):
        serving.current()


def test_a_folder_deleted_while_it_serves_is_noticed(tmp_path: Path) -> None:
    publish(tmp_path)
    clock = Clock()
    serving = Serving(tmp_path, clock=clock)
    serving.current()
    (tmp_path / "one").rename(tmp_path / "elsewhere")
    clock.passes()
    with pytest.raises(ModelUnusable, match="missing"):
        serving.current()


def test_a_model_of_another_format_is_unusable(tmp_path: Path) -> None:
    publish(tmp_path, format=artifacts.FORMAT + 1)
    with pytest.raises(ModelUnusable, match="format"):
        Serving(tmp_path).current()


@pytest.mark.parametrize("missing", ["course_ids", "item_knn.indptr", "popular.scores"])
def test_a_model_that_lacks_an_array_is_unusable(tmp_path: Path, missing: str) -> None:
    kept = {name: array for name, array in arrays().items() if name != missing}
    artifacts.publish(tmp_path, card(), kept)
    live.announce(tmp_path, "one")
    with pytest.raises(ModelUnusable, match="do not fit this code"):
        Serving(tmp_path).current()


def test_an_algorithm_that_is_gone_makes_its_model_unusable(tmp_path: Path) -> None:
    publish(tmp_path, serves="deep_thought", parameters={})
    with pytest.raises(ModelUnusable, match="deep_thought"):
        Serving(tmp_path).current()


def test_a_pointer_that_cannot_be_read_points_nowhere(tmp_path: Path) -> None:
    (tmp_path / live.POINTER).write_text("{")
    with pytest.raises(ModelUnusable, match="none has been promoted"):
        Serving(tmp_path).current()
