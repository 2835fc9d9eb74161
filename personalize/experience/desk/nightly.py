"""What is counted for creators every night? (L5) The conductor of the desk."""

from dataclasses import dataclass
from datetime import datetime

from personalize.agents.demand import derive_gaps
from personalize.experience.desk.briefs import measure_due
from personalize.experience.desk.insights import derive_insights


@dataclass(frozen=True, slots=True)
class Derived:
    """What came of a night."""

    topics: int
    courses: int
    briefs_measured: int

    @property
    def says(self) -> str:
        """Return it in words."""
        return (
            f"{self.topics} topics, {self.courses} courses, {self.briefs_measured} briefs measured"
        )


def derive_desk(*, now: datetime) -> Derived:
    """Count topics and courses anew, and measure the briefs whose weeks have closed."""
    return Derived(
        topics=derive_gaps(now=now),
        courses=derive_insights(now=now),
        briefs_measured=measure_due(now=now),
    )
