"""L1: course.bookmarked: which courses does a learner mean to come back to?"""

from signals.data import Tier
from signals.kinds.kind import Kind, Mark, Need

KINDS = (
    Kind(
        name="course.bookmarked",
        code=90,
        tier=Tier.PERSONALIZATION,
        purpose="remind of courses put aside",
        course=Need.REQUIRED,
        marks=Mark.VIEWED,
    ),
)
