"""Rules of training data: named, counted, and each does what its sentence says."""

import numpy as np
import pytest

from personalize.data import Slot
from personalize.engine import dataset
from personalize.engine.rules import own_lists, seen
from personalize.engine.rules.base import NO_SPANS, NOTHING_SHOWN, Given, Shown, Spans
from personalize.engine.rules.registry import RULES, govern, named
from personalize.engine.rules.told import told
from signals import api
from signals.data import Purpose
from signals.models import LearnerCourse
from tests.factories import consents, moment, new_course, new_learner
from tests.personalize.engine.models import promoted
from tests.personalize.engine.test_dataset import decided, rows
from tests.personalize.shop import Shop

SIGHTS = 400


def sights(*, ranked: int, explored: int) -> Shown:
    """Return pairs of the learners 0, 1, ... and course 3, seen once in the same place on day 1."""
    n = ranked + explored
    learners = np.arange(n, dtype=np.int64)
    spans = Spans(learners, np.full(n, 3, np.int32), np.ones(n), np.ones(n))
    return Shown(spans, np.ones(n, np.int32), np.full(n, 2, np.int16), learners >= ranked)


def given(shown: Shown, *chosen_by: range) -> Given:
    """Return choices of course 3 on day 2 by some of the learners."""
    learners = [learner for some in chosen_by for learner in some]
    choices = rows(*[(learner, 3, 2.0) for learner in learners])
    return Given(choices, np.array([3], np.int32), NO_SPANS, shown)


def test_where_places_are_chosen_and_not_courses_choices_from_lists_count_nothing() -> None:
    shown = sights(ranked=SIGHTS, explored=SIGHTS)
    half = SIGHTS // 2
    asked = given(shown, range(half), range(SIGHTS, SIGHTS + half))
    assert own_lists.explained(asked.rows, shown) == 1.0
    factors = own_lists.factors(asked)
    assert factors[:half].tolist() == [0.0] * half
    assert factors[half:].tolist() == [1.0] * half


def test_where_what_is_drawn_at_random_is_hardly_chosen_choices_from_lists_nearly_count() -> None:
    shown = sights(ranked=SIGHTS, explored=SIGHTS)
    asked = given(shown, range(SIGHTS // 2), range(SIGHTS, SIGHTS + 4))
    assert own_lists.explained(asked.rows, shown) == pytest.approx(12 / 210)
    assert own_lists.factors(asked)[0] == pytest.approx(1 - 12 / 210)


def test_without_anything_tried_out_a_choice_from_a_list_counts_for_a_part() -> None:
    shown = sights(ranked=10, explored=0)
    factors = own_lists.factors(given(shown, range(12)))
    assert factors[:10].tolist() == pytest.approx([1 - (5 + 5**0.5) / 10] * 10)
    assert factors[10:].tolist() == [1.0, 1.0]


def test_a_choice_before_a_list_or_more_than_a_week_after_it_was_not_led_to() -> None:
    shown = sights(ranked=1, explored=0)
    choices = rows((0, 3, 0.9), (0, 3, 8.1))
    asked = Given(choices, np.array([3], np.int32), NO_SPANS, shown)
    assert own_lists.factors(asked).tolist() == [1.0, 1.0]


def test_every_rule_has_a_name_and_a_sentence_and_counts_what_it_did() -> None:
    shown = sights(ranked=10, explored=0)
    choices = rows(*[(learner, 3, 2.0) for learner in range(10)], (11, 99, 1.0))
    left, counts = govern(Given(choices, np.array([3], np.int32), NO_SPANS, shown))
    assert list(counts) == [rule.key for rule in RULES]
    assert counts["unlisted_course"] == {"rows": 1.0, "left_out": 1.0, "weight": 1.0}
    part = (5 + 5**0.5) / 10
    assert counts["led_by_own_lists"] == pytest.approx(
        {"rows": 10.0, "left_out": 0.0, "weight": 10 * part}, abs=1e-3
    )
    assert left.weights.tolist() == pytest.approx([1 - part] * 10)
    told = named(counts)
    assert [one.rule for one in told] == list(counts)
    assert all(one.title and one.says.endswith(".") for one in told)


def test_with_nothing_shown_nothing_changes() -> None:
    choices = rows((0, 3, 1.0), (1, 3, 2.0))
    left, counts = govern(Given(choices, np.array([3], np.int32), NO_SPANS, NOTHING_SHOWN))
    assert left.weights.tolist() == [1.0, 1.0]
    assert not any(one["rows"] for one in counts.values())


@pytest.mark.django_db
def test_what_lists_showed_is_read_by_pair_with_its_best_place_and_how_often() -> None:
    decided(1, moment(days=8), (3, Slot.GREEDY), (5, Slot.GREEDY))
    decided(1, moment(days=6), (5, Slot.GREEDY), (8, Slot.EXPLORE), (9, Slot.PINNED))
    decided(2, moment(days=5), (7, Slot.GREEDY), (5, Slot.EXPLORE))
    decided(None, moment(days=5), (5, Slot.GREEDY))
    decided(2, moment(days=181), (3, Slot.GREEDY))
    shown = seen.shown(now=moment())
    spans = shown.spans
    found = zip(
        spans.learner_ids.tolist(),
        spans.course_ids.tolist(),
        shown.sights.tolist(),
        shown.places.tolist(),
        shown.explored.tolist(),
        strict=True,
    )
    assert sorted(found) == [
        (1, 3, 1, 0, False),
        (1, 5, 2, 0, False),
        (1, 8, 1, 1, True),
        (2, 5, 1, 1, True),
        (2, 7, 1, 0, False),
    ]
    at = spans.course_ids.tolist().index(3)
    assert spans.first[at] == moment(days=8).timestamp() / dataset.DAY_S


@pytest.mark.django_db
def test_what_signals_keeps_back_is_counted_by_why_each_once() -> None:
    course = new_course("py").course_id
    objecting, staff, assigned, left, fine = (
        new_learner(kind=kind) for kind in ("real", "staff", "real", "real", "real")
    )
    consents(objecting, Purpose.PERSONALIZATION, granted=False)
    at = moment(days=3)
    for learner_id, changes in (
        (objecting, {"mandatory": True}),
        (staff, {}),
        (assigned, {"mandatory": True}),
        (left, {"unenrolled_at": moment(days=1)}),
        (fine, {}),
    ):
        LearnerCourse.objects.create(
            learner_id=learner_id, course_id=course, enrolled_at=at, last_at=at, **changes
        )
    assert api.training_rows(until=moment()).kept_back == {
        "staff_and_tests": 1,
        "objected": 1,
        "assigned": 1,
        "robots": 0,
        "slips": 0,
        "left_again": 1,
    }
    assert len(api.training_rows(until=moment()).learner_ids) == 1


@pytest.mark.django_db
def test_a_card_tells_what_governed_its_training(shop: Shop) -> None:
    counts = dataset.read(now=moment()).governed
    promoted("one", now=moment(), governed=counts)
    assert [one.rule for one in told("one")] == [
        *api.training_rows(until=moment()).kept_back,
        *[r.key for r in RULES],
    ]
    assert told("none") == ()
