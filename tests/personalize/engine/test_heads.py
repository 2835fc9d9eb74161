"""Do the heads of a model come from what was shown, and say the same wherever they are asked?"""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from personalize.algorithms.heads.head import TooFewOutcomesError
from personalize.decision import log
from personalize.decision.parts import Parts
from personalize.decision.row import DecisionRow
from personalize.engine import heads
from personalize.engine.heads import Outlooks, Stored
from signals import api, catalogue
from signals.data import NewEvent
from tests.factories import moment, new_learner
from tests.personalize.shop import Shop, open_shop

pytestmark = pytest.mark.django_db

LEARNERS, LISTS, SHOWN = 120, 6, 4


def lived(shop: Shop, rng: np.random.Generator) -> list[int]:
    """Make learners who open a course of the first field when it is shown, and seldom others."""
    liked = {course.course_id for course in shop.courses if course.field == shop.courses[0].field}
    ids = np.array(sorted(course.course_id for course in shop.courses), np.int32)
    events: list[NewEvent] = []
    learners = []
    for _ in range(LEARNERS):
        learner_id = new_learner()
        learners.append(learner_id)
        for number in range(LISTS):
            at = moment(days=28 - 3 * number)
            shown = rng.choice(ids, size=SHOWN, replace=False)
            log.write(log.Entry(listed(learner_id, shown, at), None))
            opened = [c for c in shown.tolist() if rng.random() < (0.8 if c in liked else 0.1)]
            for course_id in opened:
                later = at + timedelta(hours=2)
                kinds = ["course.viewed", "course.enrolled"]
                kinds += ["course.completed"] if rng.random() < 0.6 else []
                for step, kind in enumerate(kinds):
                    when = later + timedelta(hours=step)
                    events.append(NewEvent(kind, learner_id, when, course_id=course_id))
    assert api.record(events, now=moment()).accepted == len(events)
    log.flush()
    return learners


def listed(learner_id: int, course_ids: np.ndarray, at: object) -> DecisionRow:
    """Return the log row of a list."""
    n = len(course_ids)
    return DecisionRow(
        served_at=at,  # type: ignore[arg-type]
        request_id=uuid4(),
        learner_id=learner_id,
        surface=1,
        source=1,
        intent=0,
        rules=1,
        signals=0,
        tiers=1,
        took_ms=1.0,
        propensity=None,
        model=None,
        goal=None,
        course_ids=course_ids.astype(np.int32),
        module_ids=None,
        scores=np.ones(n),
        confidences=np.ones(n, np.int16),
        slots=np.ones(n, np.int16),
        parts=Parts(np.zeros((n, 1), np.int32), np.zeros((n, 1))),
    )


def test_what_was_opened_when_shown_is_told_to_be_likelier_also_once_stored(
    tmp_path: Path,
) -> None:
    shop = open_shop()
    learners = lived(shop, np.random.default_rng(3))
    ids = np.array(sorted(course.course_id for course in shop.courses), np.int32)
    fitted = heads.learn(
        np.array(sorted(learners)),
        ids,
        catalogue.courses(),
        now=moment(),
        rng=np.random.default_rng(1),
    )
    for name, array in heads.pack(fitted).items():
        np.save(tmp_path / f"{name}.npy", array, allow_pickle=False)
    arrays = {path.stem: np.load(path) for path in tmp_path.glob("*.npy")}
    stored = Stored.of(ids, arrays)
    assert stored is not None
    state = api.learner_state(learners[0], now=moment())
    assert state is not None
    told = Outlooks(stored, catalogue.courses()).of(
        state.course_ids, state.touches, state.last_at, goal="", now=moment()
    )
    first = np.array([shop.by_id(i).field == shop.courses[0].field for i in ids.tolist()])
    new = ~np.isin(ids, state.course_ids)
    assert told.opened[first & new].mean() > told.opened[~first & new].mean()
    assert heads.card(fitted)["engage"]["n"] > 0


def test_a_platform_that_has_shown_nothing_tells_no_probabilities() -> None:
    shop = open_shop()
    ids = np.array(sorted(course.course_id for course in shop.courses), np.int32)
    with pytest.raises(TooFewOutcomesError):
        heads.learn(
            np.array([new_learner()]),
            ids,
            catalogue.courses(),
            now=moment(),
            rng=np.random.default_rng(1),
        )


def test_a_model_without_heads_has_none() -> None:
    assert Stored.of(np.array([1], np.int32), {"ease.weights": np.zeros(1)}) is None
