"""However switches are turned and whatever is shown in between: no reason cites what is off."""

from collections.abc import Iterator
from uuid import UUID

import numpy as np
import pytest

from personalize import api
from personalize.decision import explanations, unused
from personalize.decision.rankers import FORMATS
from personalize.decision.standing import state_goal
from signals import api as signals
from signals.data import Purpose
from tests.factories import consents, moment
from tests.personalize.decision.test_formats import filmed, served
from tests.personalize.shop import Shop, learner
from tests.signals.derive.rows import one_format

__all__ = ["filmed"]

STEPS = 8
EVERYONE = frozenset({"popular", "curated", "catalogue", "pin", "boost", "explore", "cohort"})
OBSERVED = frozenset({"format_observed"})


@pytest.mark.parametrize("seed", range(4))
def test_no_reason_cites_a_tier_that_is_switched_off(filmed: Shop, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mine = [course.course_id for course in filmed.field("Data")[:5]]
    learner_id = learner("ada", enrolled=filmed.field("Data")[:5])
    one_format(learner_id, "video", completed=20)
    state_goal(learner_id, goal="Web", interests=(), minutes_per_week=60, now=moment())
    shown: list[tuple[UUID, int]] = []
    told = 0
    for number in range(STEPS):
        turn(learner_id, mine, int(rng.integers(5)))
        allowed = signals.allowed(learner_id)
        answers = [api.recommend(learner_id, now=moment())]
        if allowed.personalization:
            answers.append(served(learner_id, FORMATS, number=number))
        for answer in answers:
            shown += [(answer.request_id, item.course_id) for item in answer.items[:3]]
            told += len(answer.items)
        cited = {kind for kind, _ in reasons(learner_id, shown)}
        cited |= {reason.kind for one in answers for item in one.items for reason in item.reasons}
        if not allowed.personalization:
            assert cited <= EVERYONE
        if not allowed.inferred:
            assert not cited & OBSERVED
        out = unused.of(learner_id)
        fresh = {
            reason.course_id for one in answers for item in one.items for reason in item.reasons
        }
        assert not out & fresh
    assert told


def reasons(learner_id: int, shown: list[tuple[UUID, int]]) -> Iterator[tuple[str, int | None]]:
    """Yield the reasons of panels opened now, of everything that was ever shown."""
    for request_id, course_id in shown:
        panel = explanations.panel(request_id, course_id, learner_id=learner_id)
        for reason in panel.item.reasons if panel else ():
            yield reason.kind, reason.course_id


def turn(learner_id: int, mine: list[int], what: int) -> None:
    """Turn one of the switches of the pages."""
    allowed = signals.allowed(learner_id)
    if what == 0:
        consents(learner_id, Purpose.PERSONALIZATION, granted=not allowed.personalization)
    elif what == 1 and allowed.personalization:
        consents(learner_id, Purpose.INFERRED, granted=not allowed.inferred)
    elif what in {2, 3}:
        unused.take_out(learner_id, mine[what], now=moment())
    else:
        unused.take_back(learner_id, mine[2])
