"""What a review of models is made of, as plain functions: a model looked at, and two fortnights."""

from datetime import UTC, datetime, timedelta

from personalize.data import Assessed, CohortGap, Estimate, Known
from signals import api as signals
from signals import catalogue
from signals.data import NewEvent
from tests.factories import moment, new_course, new_learner
from tests.personalize.engine.lists import clicked, had

FIGURES = ("precision@10", "recall@10", "ndcg@10", "coverage@10", "novelty", "gini")
LEARNERS = 50
GAP = CohortGap("recall", "language", "de", 300, 0.1, 0.3, 0.33, 0.2, 0.5, alarm=True)
HEADS = {"engage": {"n": 900.0, "calibration_error": 0.02}}


def assessed(*gaps: CohortGap, ndcg: float = 0.4, newcomers: float = 0.2) -> Assessed:
    """Return what a training would have found on 1,000 learners."""
    own = dict.fromkeys(FIGURES, Estimate(ndcg, 1_000, low=ndcg - 0.02, high=ndcg + 0.02))
    return Assessed(
        figures=own,
        popular=dict.fromkeys(FIGURES, Estimate(0.3, 1_000)),
        gaps=gaps,
        by_signals=(
            Known("0", 500, 0.2, 0.2, 0.0),
            Known("1-2", 500, newcomers, 0.2, 0.01),
            Known("3-5", 500, 0.3, 0.2, 0.01),
            Known("6+", 500, 0.4, 0.2, 0.01),
        ),
        by_tier=(Known("0", 500, 0.2, 0.2, 0.0), Known("1", 500, 0.4, 0.2, 0.01)),
    )


def midnight(days: float) -> datetime:
    """Return a moment so many days before the midnight that is past."""
    now = moment()
    return datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=days)


def clicked_more_and_learned_less(model: str = "one") -> None:
    """Let learners have lists in two fortnights, learn in the first and click in the second."""
    course_id = new_course("lived", modules=["m1", "m2"]).course_id
    lessons = [module.module_id for module in catalogue.modules(course_id)]
    learners = [new_learner() for _ in range(LEARNERS)]
    had(learners, model, at=midnight(20))
    clicked(had(learners, model, at=midnight(6)))
    done = [
        NewEvent(
            "lesson.completed", learner, midnight(20), course_id=course_id, module_id=module_id
        )
        for learner in learners
        for module_id in lessons
    ]
    assert signals.record(done, now=moment()).accepted == len(done)
