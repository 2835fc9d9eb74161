"""Whose doing is a pick? Leaving courses out and ranking again is the oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize.data import Slot, Source
from personalize.decision import deletion
from personalize.decision.deletion import ALL, NONE, ONE, TWO, UNASKED, deciding
from personalize.decision.parts import CODES, course_codes
from personalize.decision.phrases import book
from personalize.decision.reasons import Evidence, reasons
from signals.data import CourseInfo, Touch

GREEDY = Slot.GREEDY


def place_without(past: np.ndarray, base: np.ndarray, rows: np.ndarray, at: int) -> int:
    """Rank again without some courses: the place of the one that was at `at`."""
    left = base + np.delete(past, rows, axis=0).sum(axis=0)
    return int((left > left[at]).sum())


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(2, 8))
def test_what_is_said_to_decide_is_what_ranking_again_finds(seed: int, h: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    past, base = rng.exponential(size=(h, n)), rng.exponential(size=n)
    order = np.argsort(-(past.sum(axis=0) + base))
    past, base = past[:, order], base[order]

    found = deciding(past, past.sum(axis=0) + base, (GREEDY,) * (n - 1))

    for at, said in enumerate(found.tolist()):
        largest = np.argsort(-past[:, at])
        rest = slice(at, n)  # those that were above stay above: only who comes next counts

        def moved(rows: np.ndarray, at: int = at, rest: slice = rest) -> bool:
            return place_without(past[:, rest], base[rest], rows, 0) > 0

        expected = next(
            (
                mark
                for mark, rows in ((ONE, largest[:1]), (TWO, largest[:2]), (ALL, largest))
                if moved(rows)
            ),
            NONE,
        )
        assert said == expected


def test_places_given_by_people_and_chance_are_nobodys_doing() -> None:
    past = np.array([[0.9, 0.5, 0.1, 0.0]])
    totals = np.array([5.9, 0.6, 0.4, 0.3])

    found = deciding(past, totals, (Slot.PINNED, GREEDY, Slot.EXPLORE))

    assert found.tolist() == [UNASKED, ONE, UNASKED]


def test_where_nothing_comes_next_nothing_is_claimed() -> None:
    assert deciding(np.ones((2, 1)), np.array([2.0]), (GREEDY,)).tolist() == [UNASKED]
    assert deciding(np.zeros((0, 2)), np.ones(2), (GREEDY,)).tolist() == [UNASKED]


TITLES = {1: "Maps", 2: "Charts", 3: "Tables"}


def told(mark: int, *, goal: float = 0.1, earlier: float = 0.0) -> list[tuple[str, str, bool]]:
    """Return kind, text and whether it decides of the reasons of an item with three courses."""
    codes = course_codes(
        np.array([1, 2, 3], dtype=np.int32), np.full(3, Touch.COMPLETED, dtype=np.int8)
    ).tolist()
    parts = [*zip(codes, (0.5, 0.2, 0.1), strict=True), (CODES["goal"], goal)]
    parts.append((CODES["earlier"], earlier))
    parts = [*sorted(parts, key=lambda part: -part[1]), (mark, 0.0)]
    courses = {number: info(number, title) for number, title in TITLES.items()}
    evidence = Evidence(courses, "Care", Source.MODEL, 0, book())
    return [(r.kind, r.text, r.decides) for r in reasons(parts, evidence, slot=GREEDY)]


def info(course_id: int, title: str) -> CourseInfo:
    return CourseInfo(
        course_id=course_id,
        external_id=title,
        slug=title,
        title=title,
        summary="",
        field="Care",
        level="",
        language="en",
        provider="",
        minutes=0,
        skills=(),
        prerequisites=(),
        modules=0,
    )


@pytest.mark.parametrize(
    ("mark", "first"),
    [
        (ONE, ("course", "You completed Maps", True)),
        (TWO, ("course", "You completed Maps, together with Charts", True)),
        (ALL, ("course", "Several courses of yours together, most of all Maps", True)),
        (NONE, ("goal", "It is in Care, your goal", False)),
        (UNASKED, ("course", "You completed Maps", False)),
    ],
)
def test_a_course_is_the_reason_only_where_the_pick_is_its_doing(
    mark: int, first: tuple[str, str, bool]
) -> None:
    assert told(mark)[0] == first


def test_courses_that_decide_nothing_are_still_told_behind_what_leads() -> None:
    assert told(NONE)[1] == ("courses", "Your own courses speak for it, most of all Maps", False)
    assert told(NONE, goal=0.0)[0][2] is False  # where nothing else is to be said, without a claim


def test_a_goal_that_counts_more_than_the_course_leads() -> None:
    assert [kind for kind, _text, _decides in told(ONE, goal=0.9)][:2] == ["goal", "course"]


@pytest.mark.parametrize("mark", [ONE, UNASKED])
def test_what_can_be_named_leads_before_the_rest_of_a_long_history(mark: int) -> None:
    found = [text for _kind, text, _decides in told(mark, earlier=0.9)]
    assert found[:2] == ["You completed Maps", "Other courses of yours"]


def test_marks_are_worth_nothing() -> None:
    assert deletion.UNASKED not in {ONE, TWO, ALL, NONE}
    assert all(mark < 0 for mark in (ONE, TWO, ALL, NONE))
