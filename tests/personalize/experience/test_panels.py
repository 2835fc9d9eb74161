"""What the parts of a learner's page say, from answers of the decision layer."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from personalize.data import (
    Action,
    Confidence,
    Explanation,
    Item,
    Reason,
    Recommendation,
    Slot,
    Source,
)
from personalize.experience import cards, lists, progress
from personalize.experience.why import Phrase
from signals.data import CourseInfo, ModuleInfo, ModuleState

REQUEST = UUID("0192f3a4-0000-8000-8000-000000000001")
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
PAST = Reason("course", "You completed SQL for analysis", 0.6, "SQL for analysis", 9)
GOAL = Reason("goal", "It is in Data, your goal", 0.3, "Data")


def course(course_id: int, title: str = "Inference in practice") -> CourseInfo:
    return CourseInfo(
        course_id=course_id,
        external_id=f"c{course_id}",
        slug=f"c{course_id}",
        title=title,
        summary="",
        field="Data",
        level="beginner",
        language="en",
        provider="",
        minutes=60,
        skills=(),
        prerequisites=(),
        modules=3,
    )


def item(course_id: int, *reasons: Reason, slot: Slot = Slot.GREEDY) -> Item:
    return Item(course_id, None, course_id, 1.0, Confidence.STRONG, slot, (), reasons)


def answer(*items: Item, source: Source = Source.MODEL, signals: int = 4) -> Recommendation:
    return Recommendation(
        request_id=REQUEST,
        learner_id=1,
        surface="home",
        source=source,
        model="v1",
        items=items,
        not_used=("paid placement",),
        used=("your goal",),
        took_ms=5.0,
        served_at=NOW,
        signals=signals,
    )


def text(phrases: tuple[Phrase, ...]) -> str:
    return "".join(phrase.text for phrase in phrases)


def shown(
    recommendation: Recommendation, goal: str = "Data", opened: int | None = None
) -> lists.Picks:
    courses = {item.course_id: course(item.course_id) for item in recommendation.items}
    return lists.picks(recommendation, courses=courses, goal=goal, opened=opened)


def test_the_sentence_joins_the_leading_reason_and_the_goal() -> None:
    panel = shown(answer(item(1, PAST, GOAL))).cards[0].why

    assert panel is not None
    assert text(panel.sentence) == (
        "You completed SQL for analysis, and you are working towards Data."
    )
    assert [phrase.text for phrase in panel.sentence if phrase.strong] == [
        "SQL for analysis",
        "Data",
    ]


def test_the_goal_is_not_claimed_where_it_did_not_count() -> None:
    panel = shown(answer(item(1, PAST))).cards[0].why

    assert panel is not None
    assert text(panel.sentence) == "You completed SQL for analysis."


def test_the_first_card_is_open_unless_another_is_asked_for() -> None:
    recommendation = answer(item(1, PAST), item(2, GOAL))

    opened = [card.course_id for card in shown(recommendation).cards if card.why]
    asked = [card.course_id for card in shown(recommendation, opened=2).cards if card.why]
    none = [card.course_id for card in shown(recommendation, opened=0).cards if card.why]

    assert (opened, asked, none) == ([1], [2], [])


@pytest.mark.parametrize(
    "source", [Source.OFF, Source.HOLDOUT, Source.POPULAR, Source.COHORT, Source.CURATED]
)
def test_a_list_that_is_the_same_for_others_shows_no_match_and_no_reason(source: Source) -> None:
    picks = shown(answer(item(1, PAST), source=source))

    assert not picks.personal
    assert (picks.cards[0].why, picks.cards[0].confidence, picks.cards[0].line) == (None, 0, "")
    assert picks.chips == ()


def test_only_switching_off_turns_the_switch() -> None:
    assert not shown(answer(source=Source.OFF)).on
    assert shown(answer(source=Source.HOLDOUT)).on


def test_the_comparison_group_is_told_so() -> None:
    assert "comparison group" in shown(answer(item(1), source=Source.HOLDOUT)).quiet


def test_a_list_from_earlier_says_that_it_is() -> None:
    assert "earlier" in shown(answer(item(1, PAST), source=Source.LAST_GOOD)).quiet


def test_a_course_that_is_no_longer_listed_drops_out() -> None:
    picks = lists.picks(answer(item(1), item(2)), courses={2: course(2)}, goal="")

    assert [card.course_id for card in picks.cards] == [2]


def test_staff_words_are_the_badge_and_not_the_reason_line() -> None:
    staff = Reason("boost", "Promoted by staff until 15 December", 0.5, "a person's decision")

    card = shown(answer(item(1, staff, PAST, slot=Slot.BOOSTED))).cards[0]

    assert (card.badge, card.line) == (staff.text, PAST.text)


def test_an_explanation_whose_reasons_were_deleted_does_not_invent_any() -> None:
    found = Explanation(
        request_id=REQUEST,
        item=item(1),
        source=Source.MODEL,
        served_at=NOW,
        goal="Data",
        signals=4,
        used=(),
        not_used=(),
        note="The reasons were deleted.",
    )

    panel = cards.explained(found, course(1)).why

    assert panel is not None
    assert "no longer stored" in text(panel.sentence)
    assert (panel.reasons, panel.note) == ((), "The reasons were deleted.")


def test_a_long_title_does_not_become_the_headline() -> None:
    picks = lists.picks(answer(item(1, PAST)), courses={1: course(1, "x" * 80)}, goal="")

    assert lists.headline(picks) == "Your next step is ready."


def test_an_undo_line_says_until_when_a_snooze_lasts() -> None:
    line = lists.undo(Action.SNOOZE, course(1), request_id=REQUEST, until=NOW)

    assert line.text == "Snoozed. “Inference in practice” stays away until 20 November."


def modules(count: int) -> list[ModuleInfo]:
    return [ModuleInfo(i, f"m{i}", i, f"Module {i}", 10, "") for i in range(1, count + 1)]


def finished(module_id: int, score: float | None = None) -> ModuleState:
    return ModuleState(module_id, 1, 1.0, NOW, score, NOW)


def test_the_route_has_one_stop_that_is_next() -> None:
    stops = progress.route(modules(4), {1: finished(1, 0.78)})

    assert [stop.state for stop in stops] == ["done", "now", "", ""]
    assert stops[0].note == "Done, 78%"


def test_a_course_of_many_modules_has_no_route() -> None:
    assert progress.route(modules(30), {}) == ()


def test_what_is_left_of_a_course_is_counted_from_its_modules() -> None:
    card = progress.continuing(course(1), modules(3), {1: finished(1)})

    assert card is not None
    assert (card.module, card.done, card.modules, card.minutes_left) == ("Module 2", 1, 3, 20)
    assert card.share == pytest.approx(1 / 3)


def test_a_finished_course_is_not_continued() -> None:
    assert progress.continuing(course(1), modules(1), {1: finished(1)}) is None


def test_an_answer_without_goal_promises_none() -> None:
    picks = shown(replace(answer(item(1, PAST)), signals=1), goal="")

    assert picks.heading == "Picked for you"
    assert picks.sentence == "From 1 course of yours. Every card says why."
