"""What can be asked next? (L5) What the lessons say beside the answer, in their own words."""

from personalize.agents.answers.asked import Asked
from personalize.agents.answers.segments import Segments

MOST = 2


def near(asked: Asked, course: Segments, row: int) -> tuple[str, ...]:
    """Return titles of the modules next to the one that answers, to be asked about."""
    module = int(course.module_of[row])
    beside = [place for place in (module + 1, module - 1) if 0 <= place < len(course.modules)]
    titles = [course.modules[place].title for place in beside]
    return tuple(title for title in titles if title != asked.text)[:MOST]
