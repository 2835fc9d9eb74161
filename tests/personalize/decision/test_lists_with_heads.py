"""Do a model's probabilities reach lists, REST and the preview of weights as they were told?"""

import numpy as np
import pytest
from django.test import Client

from personalize import api
from personalize.algorithms.heads.courses import Learned
from personalize.algorithms.heads.features import NAMES
from personalize.algorithms.heads.head import Head
from personalize.data import Confidence, Objectives
from personalize.decision import ranking
from personalize.engine.heads import Stored
from personalize.engine.serving import serving
from tests.factories import moment, new_key
from tests.personalize import aims
from tests.personalize.shop import Shop, learner

pytestmark = pytest.mark.django_db

USUAL = 0.2
OPENED, PASSED = NAMES.index("popularity"), NAMES.index("completion")


def head_of(feature: int) -> Head:
    """Return the head that says what one number of a course says."""
    weights = np.zeros(len(NAMES))
    weights[feature] = 1.0
    return Head(weights, bias=0.0, scale=1.0, shift=0.0, base_rate=USUAL)


def logit(chances: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.log(chances / (1 - chances))
    return found


def plant(opened: np.ndarray, passed: np.ndarray) -> None:
    """Let the live model tell these chances of its courses, in the order of their ids."""
    ranking._aligned = ()  # which holds what was told before
    model = serving()
    n = len(model.course_ids)
    learned = Learned(
        popularity=logit(opened),
        completion=logit(passed),
        follow_starts=np.zeros(n + 1, np.int64),
        follow_courses=np.zeros(0, np.int32),
        follow_shares=np.zeros(0),
    )
    model.heads = Stored(model.course_ids, head_of(OPENED), head_of(PASSED), learned)


def by_course(values: np.ndarray) -> dict[int, float]:
    """Return what was planted by course."""
    return dict(zip(serving().course_ids.tolist(), values.tolist(), strict=True))


def test_a_list_tells_of_each_pick_what_the_model_says_and_rest_what_is_usual(
    client: Client, trained: Shop
) -> None:
    n = len(trained.courses)
    chances = np.linspace(0.02, 0.4, n)
    plant(chances, np.full(n, 0.5))
    learner("ada-too", enrolled=trained.field("Data")[:4])
    answer = client.get(
        "/personalize/v1/recommendations",
        {"learner": "ada-too"},
        headers={"Authorization": f"Bearer {new_key('lms', 'recommend')}"},
    ).json()
    planted = {course.external_id: course.course_id for course in trained.courses}
    told = [by_course(chances)[planted[item["course"]]] for item in answer["items"]]
    assert [item["chance"] for item in answer["items"]] == pytest.approx(told)
    assert answer["usual_chance"] == USUAL


def test_what_is_less_likely_than_people_allow_is_replaced_by_what_everyone_chooses(
    trained: Shop,
) -> None:
    own = {course.course_id for course in trained.field("Data")[4:7]}
    ids = serving().course_ids.tolist()
    plant(np.array([0.02 if c in own else 0.3 for c in ids]), np.full(len(ids), 0.5))
    wanted = Objectives(0.0, 0.05, least_chance=0.1)
    somebody = learner("bee", enrolled=trained.field("Data")[:4])
    before = api.recommend(somebody, now=moment()).items
    assert own & {item.course_id for item in before}
    aims.in_force(wanted, reason="Fewer long shots")
    api.forget_caches()
    after = api.recommend(somebody, now=moment()).items
    assert len(after) == len(before)
    replaced = [item for item in after if item.chance is None]
    assert replaced
    assert {item.reasons[0].kind for item in replaced} == {"popular"}
    assert {item.confidence for item in replaced} == {Confidence.EXPLORING}
    assert min(item.chance for item in after if item.chance is not None) >= 0.1


def test_other_weights_are_foreseen_with_what_the_model_expects(trained: Shop) -> None:
    data = {course.course_id for course in trained.field("Data")}
    ids = serving().course_ids.tolist()
    opened = np.full(len(ids), 0.2)
    plant(opened, np.full(len(ids), 0.3))
    usual = api.foresee_objectives(aims.aim(api.USUAL_OBJECTIVES), example="new:Data", now=moment())
    assert usual.before == usual.after
    last = [pick.course_id for pick in usual.before if pick.course_id in data][-1]
    # A twentieth: with the weight in force less than popularity tells apart, with .5 more.
    plant(opened, np.array([0.35 if c == last else 0.3 for c in ids]))
    found = api.foresee_objectives(aims.aim(Objectives(0.0, 0.5)), example="new:Data", now=moment())
    assert found.before[0].course_id != last
    first = found.after[0]
    assert (first.course_id, first.rank) == (last, 1)
    assert [first.opened, first.completed] == pytest.approx([0.2, 0.35])
    assert found.orders_by == ("opened", "passed")
