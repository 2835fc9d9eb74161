"""A moment of a question finds what is said then; recordings are ranked by their evidence."""

import numpy as np
import pytest

from personalize.algorithms.retrieval.lectures import of_pieces
from personalize.algorithms.retrieval.moments import moment, without_moments
from personalize.algorithms.retrieval.reranking import CANDIDATES, WEIGHTS, reranked

NAMES = ["short", "short", "long", "long", "long"]
PIECES = [["heat", "flow"], ["ice"], ["heat"], ["sand"], ["heat", "flow"]]
BEGINS = [0.0, 60.0, 0.0, 60.0, 120.0]


@pytest.mark.parametrize(
    ("question", "seconds"),
    [
        ("at 19:20, why KJ?", 1160.0),
        ("1:02:03 is wrong", 3723.0),
        ("what of 62:03 and 1:00?", 3723.0),
        ("a ratio of 3:1", None),
        ("12:75?", None),
        ("why?", None),
    ],
)
def test_a_moment_is_read_in_seconds(question: str, seconds: float | None) -> None:
    assert moment(question) == seconds


def test_a_moment_is_no_word_of_the_question() -> None:
    assert without_moments("at 19:20 why 3 kJ").split() == ["at", "why", "3", "kJ"]


def test_a_recording_that_ends_before_the_moment_is_not_meant() -> None:
    lectures = of_pieces(NAMES, PIECES, BEGINS)
    assert lectures.timeline is not None
    assert lectures.timeline.lasts.tolist() == [120.0, 180.0]
    asked = ["heat", "flow"]
    unmoved, moved = lectures.scores(asked), lectures.scores(asked, at=170.0)
    gain = (moved[1] - moved[0]) - (unmoved[1] - unmoved[0])
    assert gain > WEIGHTS["inside"] / 2


def test_what_is_said_at_the_moment_counts() -> None:
    lectures = of_pieces(["a", "a", "b", "b"], [["x"], ["oil"], ["oil"], ["x"]], [0, 60, 0, 60])
    early, late = lectures.scores(["oil"], at=10.0), lectures.scores(["oil"], at=110.0)
    assert lectures.timeline is not None
    said = lectures.timeline.evidence(110.0, np.array([1, 3, 2, 1], np.float32), np.arange(2))
    assert said["at_moment"].tolist() == [3.0, 1.0]
    assert early.shape == late.shape == (2,)


def test_without_times_a_moment_changes_nothing() -> None:
    lectures = of_pieces(NAMES, PIECES)
    assert lectures.scores(["heat"], at=170.0).tolist() == lectures.scores(["heat"]).tolist()


def test_what_is_no_candidate_stands_behind_all_that_are() -> None:
    first = np.arange(5, dtype=np.float32)
    candidates = np.array([4, 3])
    evidence = {"whole": np.array([1.0, 9.0], np.float32), "length": np.zeros(2, np.float32)}
    ranked = reranked(first, candidates, evidence)
    assert np.argsort(-ranked).tolist() == [3, 4, 2, 1, 0]
    assert ranked[3] - ranked[4] == pytest.approx(8 * WEIGHTS["whole"], rel=1e-5)


def test_more_recordings_than_candidates_are_all_ranked() -> None:
    names = [str(number) for number in range(CANDIDATES + 20)]
    pieces = [["common", f"word{name}"] for name in names]
    found = of_pieces(names, pieces).scores(["word110", "common"])
    assert found.shape == (CANDIDATES + 20,)
    assert int(np.argmax(found)) == 110


def test_a_question_nobody_speaks_of_still_has_scores() -> None:
    assert np.isfinite(of_pieces(NAMES, PIECES).scores(["unheard"])).all()
    assert np.isfinite(of_pieces(NAMES, PIECES).scores([], at=5.0)).all()
