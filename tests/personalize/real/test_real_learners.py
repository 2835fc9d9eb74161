"""Do imported learners get lists that are about them, say so truly, and open on a page?"""

import os
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from numpy.typing import NDArray
from pyarrow import parquet
from pytest_django import DjangoCaptureOnCommitCallbacks

from personalize.data import Item
from personalize.decision import upkeep
from personalize.decision.reasons import PERSONAL
from personalize.engine.serving import serving
from signals import catalogue
from tests.personalize.real.worlds import (
    bring_in,
    data,
    histories,
    personal_lists,
    signed_in,
    some,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.prove,
    pytest.mark.skipif("NORTHWAY_DATA" not in os.environ, reason="no data"),
]


@pytest.fixture(autouse=True)
def _catalogue_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of lists in one open transaction would each read the whole catalogue again."""
    monkeypatch.setattr(upkeep, "forget", lambda: None)
    upkeep.reset()


def leads_with_the_largest(item: Item) -> bool:
    """Say whether the first reason holds the largest part of the score that is the learner's.

    What can be named goes before the rest of a long history, which is of many courses.
    """
    own = [value for name, value in item.parts if value > 0 and name.split(":")[0] in PERSONAL]
    total = sum(value for _name, value in item.parts if value > 0)
    return item.reasons[0].share >= max(own, default=0.0) / total - 1e-6


def test_imported_learners_get_picks_that_say_which_of_their_courses_led_to_them(
    tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    bring_in(
        "mooccubex",
        "train.parquet",
        tmp_path,
        django_capture_on_commit_callbacks,
        learners=10_000,
    )
    asked = some(list(histories()), 2_000)
    answers = list(personal_lists(asked, k=12))
    assert len(answers) == len(asked)  # all of them have a history the model speaks about
    items = [item for answer in answers for item in answer.items]
    personal = [item for item in items if item.reasons[0].kind in PERSONAL]
    print(f"{len(personal) / len(items):.1%} of {len(items):,} picks lead with a personal reason")  # noqa: T201  make prove shows it
    assert len(personal) >= 0.95 * len(items)
    assert all(leads_with_the_largest(item) for item in personal)
    assert all(abs(sum(value for _name, value in item.parts) - item.score) < 1e-6 for item in items)


def test_the_home_page_of_an_imported_learner_shows_picks_and_why(
    tmp_path: Path,
    client: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    bring_in(
        "mooccubex",
        "train.parquet",
        tmp_path,
        django_capture_on_commit_callbacks,
        learners=1_500,
    )
    taken = histories()
    for learner_id in some(list(taken), 20):
        page = signed_in(client, learner_id).get("/home/")
        picks, text = page.context["picks"], page.content.decode()
        assert (page.status_code, picks.source) == (200, "model")
        assert not {card.course_id for card in picks.cards} & set(taken[learner_id])
        assert picks.cards[0].why.sentence
        assert "Why you are seeing this" in text
        assert all(card.line in text for card in picks.cards[1:] if card.line)
        assert sum(bool(card.line or card.why) for card in picks.cards) == len(picks.cards)


def test_imported_english_learners_are_shown_what_their_history_is_about(
    tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Ten times popularity's share by concept; by category there is no room for three times."""
    bring_in(
        "coco",
        "interactions.parquet",
        tmp_path,
        django_capture_on_commit_callbacks,
        learners=10**9,
    )
    topics = Topics()
    taken, popular = histories(), serving().popular.overall(500).tolist()
    ours, theirs = np.zeros(2), np.zeros(2)
    answers = list(personal_lists(some(list(taken), 1_000), k=10))
    for answer in answers:
        history = taken[answer.learner_id or 0]
        ours += topics.shared(history, [item.course_id for item in answer.items])
        theirs += topics.shared(history, [c for c in popular if c not in history][:10])
    ours, theirs = ours / len(answers), theirs / len(answers)
    print(f"concept: {ours[0]:.3f}, popular {theirs[0]:.3f}, {ours[0] / theirs[0]:.1f} times")  # noqa: T201  make prove shows it
    print(f"concept or category: {ours[1]:.3f}, popular {theirs[1]:.3f}")  # noqa: T201
    assert ours[0] >= 3 * theirs[0]
    assert ours[1] >= 1.25 * theirs[1]


class Topics:
    """What each course is about, in the words of the data set's own file."""

    def __init__(self) -> None:
        """Read it."""
        rows = parquet.read_table(data() / "coco" / "courses.parquet").to_pylist()
        by_name = {str(row["course"]): row for row in rows}
        self.concepts: dict[int, set[str]] = {}
        self.category: dict[int, str] = {}
        for course_id, course in catalogue.courses().items():
            row = by_name[course.external_id]
            self.concepts[course_id] = set((row["related_to_concept"] or "").split("|")) - {""}
            self.category[course_id] = row["belong_to_category"]

    def shared(self, history: list[int], shown: list[int]) -> NDArray[np.float64]:
        """Return the share of a list in the history's concepts, and in those or its categories."""
        concepts = set().union(*(self.concepts[course_id] for course_id in history))
        categories = {self.category[course_id] for course_id in history}
        near = np.array([bool(self.concepts[course_id] & concepts) for course_id in shown])
        same = np.array([self.category[course_id] in categories for course_id in shown])
        return np.array([near.mean(), (near | same).mean()])
