"""Does one account count for more than a person could mean? (L3)"""

import numpy as np

from personalize.engine.rules.base import Factors, Given, Rule

NEWEST_PER_LEARNER = 300  # courses; accounts with more are shared or robots


def factors(given: Given) -> Factors:
    """Leave out the rows before the newest NEWEST_PER_LEARNER of their learner."""
    learner_ids = given.rows.learner_ids
    found = np.ones(len(learner_ids), np.float32)
    if len(learner_ids) > NEWEST_PER_LEARNER:
        later = learner_ids[NEWEST_PER_LEARNER:] == learner_ids[:-NEWEST_PER_LEARNER]
        found[:-NEWEST_PER_LEARNER][later] = 0.0
    return found


RULE = Rule(
    key="beyond_newest",
    title="No account counts without end",
    says="Of an account with more than 300 courses the newest 300 count: it is shared, or a robot.",
    factors=factors,
)
