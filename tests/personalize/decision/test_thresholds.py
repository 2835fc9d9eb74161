"""Does a pick that is too unsure give way to what everyone chooses, and say so?"""

from dataclasses import replace

import numpy as np
import pytest

from personalize.data import Intent, Objectives, Slot, Source
from personalize.decision import thresholds
from personalize.decision.chosen import Chosen, listed
from personalize.decision.parts import CODES, Parts
from personalize.decision.preview import ask_for
from signals.request_ids import Arm
from tests.factories import moment

POPULAR = (90, 91, 3, 92)  # what everyone chooses most


def picks(*chances: float | None, slots: tuple[Slot, ...] = ()) -> Chosen:
    """Return a list of courses 1, 2, ... with scores that fall and these chances."""
    n = len(chances)
    told = {at + 1: chance for at, chance in enumerate(chances) if chance is not None}
    return Chosen(
        source=Source.MODEL,
        arm=Arm.PERSONAL,
        course_ids=np.arange(1, n + 1, dtype=np.int32),
        parts=Parts(np.full((n, 2), 77, np.int32), np.linspace(1.0, 0.5, 2 * n).reshape(n, 2)),
        slots=slots or (Slot.GREEDY,) * n,
        chances=told,
        seen=dict.fromkeys(range(1, n + 1), 2),
    )


def popular(without: frozenset[int]) -> Chosen:
    """Return what everyone chooses, without some courses."""
    return listed(
        Source.POPULAR, Arm.PERSONAL, POPULAR, part="popular", k=len(POPULAR), without=without
    )


def held(chosen: Chosen, least: float = 0.05) -> Chosen:
    return thresholds.held(chosen, least=least, popular=popular)


def test_what_is_too_unsure_gives_way_to_what_everyone_chooses_after_the_picks() -> None:
    found = held(picks(0.3, 0.01, 0.2, 0.02))
    assert found.course_ids.tolist() == [1, 3, 90, 91]
    assert found.chances == {1: 0.3, 3: 0.2}


def test_a_course_that_took_a_place_says_that_it_is_popular_and_nothing_else() -> None:
    found = held(picks(0.3, 0.01, 0.2, 0.02))
    assert found.parts.codes[2:].tolist() == [[CODES["popular"], 0]] * 2
    scores = found.parts.scores()
    assert (np.diff(scores) < 0).all()
    assert (scores > 0).all()


@pytest.mark.parametrize("slot", [Slot.PINNED, Slot.BOOSTED, Slot.EXPLORE])
def test_what_a_person_or_chance_put_there_stays(slot: Slot) -> None:
    found = held(picks(0.3, 0.01, slots=(Slot.GREEDY, slot)))
    assert found.course_ids.tolist() == [1, 2]


def test_a_course_of_which_nothing_is_told_stays() -> None:
    assert held(picks(0.3, None, 0.01)).course_ids.tolist() == [1, 2, 90]


def test_a_list_with_no_sure_pick_is_what_everyone_chooses() -> None:
    found = held(picks(0.01, 0.02))
    assert found.course_ids.tolist() == [90, 91]
    assert found.chances == {}


def test_what_was_not_shown_is_not_counted_as_shown() -> None:
    found = held(picks(0.3, 0.01))
    assert found.seen == {1: 2, 2: 1}


@pytest.mark.parametrize(
    "chosen",
    [picks(None, None), picks(0.3, 0.2), replace(picks(0.01), teams=b"\x01", drafted_for=1)],
    ids=["no model tells chances", "all are sure", "two rankers share it"],
)
def test_a_list_is_left_alone_where_nothing_is_too_unsure_or_may_be(chosen: Chosen) -> None:
    assert held(chosen) is chosen


@pytest.mark.parametrize(
    ("unit", "intent", "least"),
    [
        ("course", None, 0.05),
        ("any", None, 0.0),
        ("course", Intent.CONTINUE, 0.0),
        ("course", Intent.SHORT, 0.0),
    ],
)
def test_who_says_what_is_wanted_gets_it(unit: str, intent: Intent | None, least: float) -> None:
    ask = replace(ask_for(None, "home", moment()), unit=unit, intent=intent)
    assert thresholds.least_for(ask, Objectives(0.1, 0.1, least_chance=0.05)) == least


def test_without_a_least_chance_nothing_changes() -> None:
    chosen = picks(0.001)
    assert held(chosen, least=0.0) is chosen
