"""What was promised, and is it kept: targets, reviews, verdicts, speed, levels of service?"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from experiments import api as experiments
from experiments.data import KeyTarget
from personalize.decision import review, verdict
from personalize.decision.figures import FIGURES, OF_MODELS
from personalize.decision.review import Kept as KeptReview
from personalize.decision.review import NoReviewError
from personalize.decision.verdict import Kept as WeekVerdict
from personalize.engine.drift import speed as speeds
from personalize.engine.drift.speed import BOUNDS_MS, BUDGET_DAYS, LIMIT_MS, PROMISED, Speed
from personalize.operations import jobs as clock_jobs
from personalize.operations import levels
from personalize.operations.jobs import Job
from personalize.operations.levels import ServiceLevel
from signals.data import Actor

__all__ = [
    "BOUNDS_MS",
    "BUDGET_DAYS",
    "FIGURES",
    "LIMIT_MS",
    "PROMISED",
    "Job",
    "KeptReview",
    "NoReviewError",
    "ServiceLevel",
    "Speed",
    "WeekVerdict",
    "jobs",
    "keep_due_review",
    "kept_review",
    "kept_reviews",
    "newest_review",
    "review_so_far",
    "service_levels",
    "set_target",
    "speed",
    "speed_of_month",
    "targets",
    "verdicts",
]


def review_so_far(*, now: datetime) -> Mapping[str, Any]:
    """Return what a review would say of the serving model today. Raises NoReviewError."""
    return review.so_far(now=now)


def kept_review(until: date, *, now: datetime) -> KeptReview:
    """Return the review of a fortnight, made where nobody opened it yet. Raises NoReviewError."""
    return review.kept(until, now=now)


def kept_reviews() -> tuple[date, ...]:
    """Return the days on which reviews of models were kept, newest first."""
    return review.ends()


def newest_review() -> KeptReview | None:
    """Return the review that was kept last, None before the first."""
    return review.newest()


def keep_due_review(*, now: datetime) -> str:
    """Keep the review of the fortnight that ended last; its day, or nothing to do."""
    return review.keep_due(now=now)


def verdicts() -> tuple[WeekVerdict, ...]:
    """Return the newest weekly verdicts on models, newest first."""
    return verdict.verdicts()


def targets(*, now: datetime) -> dict[str, KeyTarget]:
    """Return what is wanted of each figure of a model, and who answers for it."""
    return experiments.key_targets(at=now, figures=OF_MODELS)


def set_target(actor: Actor, new: KeyTarget, *, now: datetime) -> None:
    """Say what is wanted of a figure; PermissionDenied, ValidationError."""
    experiments.set_key_target(actor, new, now=now, figures=OF_MODELS)


def speed(*, since: datetime, until: datetime) -> Speed:
    """Return how long lists took in a time, from counts of five minutes each."""
    return speeds.speed(since=since, until=until)


def speed_of_month(*, now: datetime) -> Speed:
    """Return the same of the days over which lists may miss what is promised so often."""
    return speeds.of_month(now=now)


def service_levels(*, now: datetime) -> tuple[ServiceLevel, ...]:
    """Return what was promised to learners and to people at the controls, and how it is kept."""
    return levels.service_levels(now=now)


def jobs() -> tuple[Job, ...]:
    """Return the newest run of every job of the clock, by name."""
    return clock_jobs.jobs()
