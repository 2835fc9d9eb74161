"""Do the limits that people set hold, and does a trace say which a list came up against?"""

import pytest

from personalize import api as personalize
from personalize.data import Objectives, Recommendation, Source
from personalize.decision import limits
from tests.factories import moment
from tests.personalize import aims
from tests.personalize.shop import Shop, learner, states

USUAL = personalize.USUAL_OBJECTIVES


def of_data(shop: Shop, found: Recommendation) -> int:
    """Return how many courses of a list are of the field Data."""
    return sum(shop.by_id(item.course_id).field == "Data" for item in found.items)


def told(found: Recommendation) -> tuple[str, ...]:
    """Return what the trace says of limits."""
    trace = personalize.decision(found.request_id)
    assert trace is not None
    return trace.limits


@pytest.fixture
def ada(trained: Shop) -> int:
    """Return a learner of Data, who would get little else."""
    learner_id = learner("ada", enrolled=trained.field("Data")[:2])
    states(learner_id, goal="Data")
    return learner_id


def in_force(*, days: float = 0.001, **limited: float) -> None:
    """Put limits in force so many days ago."""
    wanted = Objectives(USUAL.engagement, USUAL.progression, **limited)
    reason = "More of other fields"
    aims.in_force(wanted, reason=reason, at=moment(days=days))


def test_a_lower_limit_of_a_field_holds_in_the_next_list_and_its_trace_says_so(
    trained: Shop, ada: int
) -> None:
    before = personalize.recommend(ada, now=moment())
    assert len(before.items) == 12
    assert of_data(trained, before) > 3

    in_force(field_share=0.25)
    after = personalize.recommend(ada, now=moment())

    assert of_data(trained, after) == 3
    (sentence,) = [one for one in told(after) if "Data" in one]
    assert sentence.startswith("3 of 12 places are of Data: one field gets at most 3")


def test_without_a_limit_a_field_may_fill_what_it_can_and_no_trace_speaks_of_one(
    trained: Shop, ada: int
) -> None:
    in_force(field_share=1.0, provider_share=1.0)
    found = personalize.recommend(ada, now=moment())
    assert of_data(trained, found) == 8
    assert told(found) == ()


def test_what_a_list_was_made_with_is_told_after_the_limit_has_changed(
    trained: Shop, ada: int
) -> None:
    in_force(days=2, field_share=0.25)
    found = personalize.recommend(ada, now=moment(days=1))
    assert of_data(trained, found) == 3
    in_force(field_share=1.0)
    assert any(sentence.startswith("3 of 12 places are of Data") for sentence in told(found))


def test_a_list_that_is_not_personal_is_under_no_limit(trained: Shop) -> None:
    in_force(field_share=0.25)
    found = personalize.recommend(learner("new"), now=moment())
    assert found.source is Source.POPULAR
    assert told(found) == ()


def test_of_a_list_without_places_nothing_is_said() -> None:
    assert limits.reached((), {}, USUAL) == ()
