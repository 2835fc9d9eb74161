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


METRICS: Mapping[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            "ctr",
            "click-through per learner",
            "engagement",
            "share",
            28,
            about="Of the lists a learner saw, the share that was clicked, averaged over learners.",
        ),
        Metric(
            "modules_completed",
            "modules completed in 14 days",
            "progression",
            "modules",
            14,
            about="Lessons a learner completed in the two weeks after first seeing the arm.",
        ),
        Metric(
            "enrolments",
            "enrolments in 14 days",
            "engagement",
            "enrolments",
            14,
            about="Courses a learner enrolled in within the two weeks after first seeing the arm.",
        ),
    )
}
