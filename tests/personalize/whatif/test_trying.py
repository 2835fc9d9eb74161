"""What previews count of what is tried out, and of what was shown often, is what comes of it."""

from collections import Counter
from datetime import timedelta
from itertools import product
from typing import Any

import numpy as np
import pytest

from personalize.data import Change
from personalize.decision import exploring, personal, policy, replay
from personalize.decision.inputs import seen_of
from personalize.decision.overrides import Controls, InForce
from personalize.decision.rankers import MODEL, Wanted
from personalize.decision.whatif import effect, gather, trying
from personalize.decision.whatif.panel import Own
from personalize.decision.whatif.showings import Showings, lowered
from personalize.engine.serving import serving
from personalize.models import Decision, ScoredRequest
from tests.factories import moment
from tests.personalize.shop import Shop, learner
from tests.personalize.whatif.asked import ask_for_lists, tell_chances

PLACES = 3


class Draws:
    """Two draws, as told."""

    def __init__(self, *told: int) -> None:
        self.left = list(told)

    def integers(self, low: int, high: int | None = None) -> int:
        """Return the next one; ValueError where it cannot come."""
        number = self.left.pop(0)
        if not (low <= number < high if high is not None else number < low):
            raise ValueError(number)
        return number


@pytest.mark.django_db
@pytest.mark.parametrize("change", [None, Change.PIN, Change.BOOST])
def test_what_is_tried_out_counts_as_often_as_it_is_drawn(
    trained: Shop, monkeypatch: pytest.MonkeyPatch, change: Change | None
) -> None:
    monkeypatch.setattr(policy, "EXPLORE_POOL", 1_000)  # of a day; over many days all come up
    tell_chances(trained)
    ask_for_lists([learner("goes-on", enrolled=trained.field("Data")[:4])], k=PLACES)
    gather.prepare(now=moment())
    ready = gather.ready()
    assert ready is not None
    panel, shelf = ready
    acts = InForce(
        course_id=trained.field("Care")[1].course_id,
        change=change or Change.BOOST,
        strength=0.9,
        surface="",
        starts_at=moment() - timedelta(days=1),
        ends_at=moment() + timedelta(days=1),
        cohort="",
    )
    controls = Controls(changes=(acts,) if change else ())
    book = effect.rulebook(controls, shelf, now=moment())
    lists = effect.played(panel, shelf, book).own

    came: Counter[int] = Counter()
    draws = 0
    for at, drawn in product(range(PLACES), range(len(shelf.course_ids))):
        monkeypatch.setattr(exploring, "draws", lambda _ask, n=(at, drawn): Draws(*n))
        try:
            came.update(again(controls))
        except ValueError:
            continue
        draws += 1
    assert draws > 2 * PLACES
    for place, course in enumerate(shelf.course_ids.tolist()):
        (chance,) = trying.held(panel, lists, book, place, share=1.0)
        assert chance == pytest.approx(came[course] / draws, abs=1e-9)


def again(controls: Controls) -> list[int]:
    """Return the list of the only request there is, trying something out."""
    before = replay.then(Decision.objects.get())
    assert before.known is not None
    assert before.told.own is not None
    chosen = personal.choose_by(
        serving(),
        before.ask,
        before.known,
        shelf=before.shelf,
        controls=controls,
        wanted=Wanted(MODEL, seen=seen_of(before.told.own)),
    )
    return [int(course) for course in chosen.course_ids]


def rows(n: int, **fields: Any) -> Own:
    """Return requests of one learner, one a day, nothing shown often so far."""
    plain: dict[str, Any] = {
        "served_at": np.arange(n, dtype=np.float64)[::-1],  # the newest first
        "learners": np.zeros(n, np.int32),
        "seen": np.zeros((n, 3), np.uint8),
    }
    names = Own.__dataclass_fields__
    return Own(**{name: {**plain, **fields}.get(name, np.zeros(0)) for name in names})


def test_a_course_that_comes_in_tires_as_if_it_had_been_shown() -> None:
    now = np.zeros((8, 1), np.int32)  # course 0 alone
    shown = Showings(rows(8), now)
    came = []
    for turn in shown.turns:
        came.append(shown.more(turn)[0, 2])
        shown.add(turn, np.full((1, 1), 2, np.int32))
    assert [turn.tolist() for turn in shown.turns] == [[n] for n in range(7, -1, -1)]
    assert came == pytest.approx([-lowered(np.array(n, np.int16)) for n in range(8)])


def test_a_course_that_goes_is_as_fresh_as_if_it_had_not_been_shown() -> None:
    seen = np.zeros((3, 3), np.uint8)
    seen[:, 0] = [8, 7, 6]
    shown = Showings(rows(3, seen=seen), np.zeros((3, 1), np.int32))
    came = []
    for turn in shown.turns:
        came.append(shown.more(turn)[0, 0])
        shown.add(turn, np.ones((1, 1), np.int32))
    assert came == pytest.approx([0.0, 0.05, 0.10])


@pytest.mark.django_db
def test_rows_of_another_form_are_none(trained: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    tell_chances(trained)
    ask_for_lists([learner("asks", enrolled=trained.field("Data")[:4])])
    gather.prepare(now=moment())
    monkeypatch.setattr("personalize.decision.whatif.panel.FORM", 99)
    assert gather.ready() is None
    assert gather.prepare(now=moment()).added == ScoredRequest.objects.count() == 1
