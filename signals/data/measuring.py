"""What do models and experiments read of what learners did? (L2; pure)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Positive course choices for models, sorted by learner, then time.

    Parallel arrays: learner_ids int64, course_ids int32, times float64 (days since the epoch),
    weights float32 in 0..1. Only real learners with personalization on. kept_back says how many
    choices are not among them, by why, each once.
    """

    learner_ids: NDArray[np.int64]
    course_ids: NDArray[np.int32]
    times: NDArray[np.float64]
    weights: NDArray[np.float32]
    kept_back: Mapping[str, int] = field(default_factory=dict)


class Step(IntEnum):
    """What a learner did in a course, as models of what becomes of it tell it apart."""

    VIEWED = 1
    STARTED = 2  # a lesson
    ENROLLED = 3
    COMPLETED = 4
    LEFT = 5
    OTHER = 6
    SCORED = 7  # a quiz, with a share of its points


@dataclass(frozen=True, slots=True)
class Steps:
    """What learners did in courses. Parallel arrays, in no order.

    learner_ids int64, course_ids int32, steps int8 (codes of Step), times float64 (days since the
    epoch, UTC), shares float64 (0..1 of a quiz's points, nan where none was scored). Choices and
    quizzes stand each with their moment, lessons with their newest of a day.
    """

    learner_ids: NDArray[np.int64]
    course_ids: NDArray[np.int32]
    steps: NDArray[np.int8]
    times: NDArray[np.float64]
    shares: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Exposed:
    """First sight of an experiment's arm by a learner; the key is opaque to signals."""

    experiment: str
    learner_id: int
    arm: str
    exposed_at: datetime
    cluster: str = ""  # the class or cohort that was drawn; empty where the learner was


@dataclass(frozen=True, slots=True)
class Asked:
    """A metric of `signals.derive.measures` to be read, with its window after the exposure.

    It begins `from_days` after the exposure. `winsor` is a quantile of the values above 0, over all
    arms together: no learner counts with more.
    """

    metric: str
    window_days: int
    from_days: int = 0
    winsor: float | None = None

    @property
    def until_days(self) -> int:
        """Return how long after the exposure the window ends."""
        return self.from_days + self.window_days


@dataclass(frozen=True, slots=True)
class Objected:
    """A time in which somebody who is exposed to an experiment objected to personalization."""

    arm: str
    learner_id: int
    exposed_at: datetime
    since: datetime
    until: datetime  # taken back, or the moment of the question


@dataclass(frozen=True, slots=True)
class RatioMoments:
    """Sums of what has two numbers an observation, in the order of `PairedRatio`.

    That is: numerator and denominator after the exposure, then both before it; products is the
    symmetric 4 x 4 matrix of their sums of products, squares on its diagonal.
    """

    totals: tuple[float, float, float, float]
    products: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ArmMoments:
    """Exact sufficient statistics of one metric in one arm: n learners, sum and sum of squares.

    Those `before` are of the same metric over as many days before the exposure, 0 where a learner
    did nothing then; `products` sums each learner's value times the one before. A metric that is a
    ratio, or whose observations are clusters, has `ratio` as well, and the other sums are those of
    its numerator; the denominator of a cluster is its learners, unless the metric has its own.
    `learners` are those measured, where n counts clusters too; `telling` are those of them who have
    something in the denominator.
    """

    arm: str
    n: int
    total: float
    squares: float
    before_total: float = 0.0
    before_squares: float = 0.0
    products: float = 0.0
    cohort: str = ""  # one value of the cohort asked for
    ratio: RatioMoments | None = None
    learners: int = 0
    telling: int = 0


@dataclass(frozen=True, slots=True)
class Apart:
    """What learners kept apart and all others did: how many were here, and moments by metric.

    The arms are named "apart" and "others"; one without a value of a metric is missing there.
    """

    learners: tuple[int, int]  # apart, others
    moments: Mapping[Asked, Sequence[ArmMoments]]


@dataclass(frozen=True, slots=True)
class Done:
    """How many learners completed how many lessons: exact sums of what each of them did."""

    learners: int
    telling: int  # of them, who completed any
    total: float
    squares: float


@dataclass(frozen=True, slots=True)
class Audience:
    """Learners who are alike in their age band and in how many courses they touched."""

    age_band: str
    courses: int
    learners: int  # exact: rounded before it is shown
