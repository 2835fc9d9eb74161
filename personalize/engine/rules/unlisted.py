"""Is the course still in the catalogue? (L3)"""

import numpy as np

from personalize.engine.rules.base import Factors, Given, Rule


def factors(given: Given) -> Factors:
    """Leave out courses the catalogue does not list."""
    return np.isin(given.rows.course_ids, given.listed).astype(np.float32)


RULE = Rule(
    key="unlisted_course",
    title="Courses in the catalogue",
    says="A choice of a course the catalogue does not list is left out: nobody can be shown it.",
    factors=factors,
)
