"""What can be measured of a learner, and how do its numbers read? The list of metrics (pure).

How each is counted from events stands in `signals.derive`; this says what it is for, which way is
better, and how much of it may be lost before it counts as lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MARGIN = 0.1  # of the control's level: a smaller loss of a guardrail counts as none

TRACKS = ("engagement", "progression", "guardrail")
PROPORTION, MEAN, RATIO = "proportion", "mean", "ratio"
KINDS = (PROPORTION, MEAN, RATIO)
UP, DOWN = "up", "down"
AHEAD_DAYS = 37  # what ends later is not counted ahead: a plan may name it, nobody looks through it


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured for each exposed learner, and how its numbers read in a sentence.

    A proportion is 0 or 1 a learner, a mean any number a learner, and a ratio two numbers a learner
    whose sums are divided: what varies is the learner, never the list or the rating.
    """

    key: str
    title: str  # completes "... of <title>"
    track: str  # of TRACKS
    unit: str  # "share" reads as percent and points; anything else is a noun in the plural
    window_days: int  # after the learner's exposure, or after from_days
    kind: str = MEAN  # of KINDS
    better: str = UP  # or DOWN: a rise is a loss
    winsor: float | None = None  # values count no more than this quantile of those above 0
    margin: float = MARGIN  # relative loss that counts as none where a plan names no other
    from_days: int = 0  # the window begins so many days after the exposure
    about: str = ""  # one sentence for pages
    waits: bool = True  # who is in has a value only once the window has passed

    @property
    def longest_days(self) -> int:
        """Return how long after the exposure a learner has a value."""
        return self.from_days + self.window_days


def _retention(days: int) -> Metric:
    return Metric(
        f"retention_d{days}",
        f"learners here in the week from day {days}",
        "engagement",
        "share",
        7,
        kind=PROPORTION,
        from_days=days,
        about=(
            f"Of the learners whose day {days + 7} has passed, the share who did something in the "
            f"seven days that begin {days} days after first seeing the arm."
        ),
    )


_ENGAGEMENT = (
    Metric(
        "ctr",
        "click-through per learner",
        "engagement",
        "share",
        28,
        about="Of the lists a learner saw, the share that was clicked, averaged over learners.",
        waits=False,
    ),
    Metric(
        "enrolments",
        "enrolments in 14 days",
        "engagement",
        "enrolments",
        14,
        about="Courses a learner enrolled in within the two weeks after first seeing the arm.",
    ),
    Metric(
        "acceptance",
        "lists that led to an enrolment",
        "engagement",
        "share",
        14,
        kind=RATIO,
        about="Of all lists seen in two weeks, the share from which somebody enrolled in a course.",
    ),
    Metric(
        "repeat_engagement",
        "learners who clicked again on another day",
        "engagement",
        "share",
        14,
        kind=RATIO,
        about="Of those who clicked a pick in two weeks, the share who clicked on a second day.",
    ),
    Metric(
        "active_days",
        "active days in 14 days",
        "engagement",
        "days",
        14,
        about="Days (UTC) of the two weeks after first seeing the arm on which a learner was here.",
    ),
    Metric(
        "activation",
        "learners who began within five minutes",
        "engagement",
        "share",
        1,
        kind=PROPORTION,
        about=(
            "The share who enrolled, or began to learn, within five minutes of first seeing the "
            "arm."
        ),
    ),
    Metric(
        "return",
        "learners who came back within a week",
        "engagement",
        "share",
        7,
        kind=PROPORTION,
        about="The share who were here again on a later day of the week after the first sight.",
    ),
    *(_retention(days) for days in (7, 30, 90, 180)),
    Metric(
        "revenue",
        "revenue per learner in 28 days",
        "engagement",
        "in the platform's currency",
        28,
        winsor=0.99,
        about=(
            "What a learner paid for orders and subscriptions in the currency of the platform; "
            "other currencies are not counted, and the largest hundredth counts as its smallest."
        ),
    ),
    Metric(
        "preference_edits",
        "choices made by hand in 28 days",
        "engagement",
        "choices",
        28,
        about=(
            "Courses a learner sent away or put off, and switches they turned: neither many nor "
            "few are good by themselves, so this protects nothing and only tells."
        ),
    ),
)
_PROGRESSION = (
    Metric(
        "modules_completed",
        "modules completed in 14 days",
        "progression",
        "modules",
        14,
        about="Lessons a learner completed in the two weeks after first seeing the arm.",
    ),
    Metric(
        "courses_completed",
        "courses completed in 28 days",
        "progression",
        "courses",
        28,
        about="Courses a learner completed in the four weeks after first seeing the arm.",
    ),
    Metric(
        "quiz_score",
        "quiz scores",
        "progression",
        "share",
        28,
        kind=RATIO,
        about="The mean score of all quizzes taken in four weeks; who took none has no part in it.",
    ),
)
_GUARDRAILS = (
    Metric(
        "satisfaction",
        "stars given to courses",
        "guardrail",
        "stars",
        28,
        kind=RATIO,
        margin=0.05,
        about="The mean of all ratings given in four weeks, from 1 to 5 stars.",
    ),
    Metric(
        "not_for_me",
        "lists with a course sent away",
        "guardrail",
        "share",
        28,
        kind=RATIO,
        better=DOWN,
        about="Of all lists seen in four weeks, the share of which a course was sent away.",
    ),
)

# What is credited where two rankers fill one list: one vote a learner, shares of those who voted.
LESSONS_PREFERRED, CLICKS_PREFERRED = "lessons_preferred", "clicks_preferred"
_CREDITED = (
    Metric(
        LESSONS_PREFERRED,
        "preference by completed lessons",
        "progression",
        "share",
        14,
        kind=PROPORTION,
        about=(
            "Of the learners who completed lessons of courses their list had shown them in the "
            "two weeks before, the share who completed more of those this ranker had picked."
        ),
    ),
    Metric(
        CLICKS_PREFERRED,
        "preference by clicks",
        "engagement",
        "share",
        14,
        kind=PROPORTION,
        about="Of the learners who clicked picks, the share who clicked more of this ranker's.",
    ),
)

MEASURED: Mapping[str, Metric] = {
    metric.key: metric for metric in (*_ENGAGEMENT, *_PROGRESSION, *_GUARDRAILS)
}
CREDITS: Mapping[str, Metric] = {metric.key: metric for metric in _CREDITED}
METRICS: Mapping[str, Metric] = {**MEASURED, **CREDITS}
