"""Was the course chosen because somebody at the controls had pinned or boosted it? (L3)"""

import numpy as np

from personalize.engine.rules.base import Factors, Given, Rule, span_of

STEERED_DAYS = 7.0  # a choice this soon after a pin or boost was shown counts as its effect


def factors(given: Given) -> Factors:
    """Leave out what was chosen while a pin or boost of it was shown, and soon after."""
    within = span_of(given.rows, given.steered, days=STEERED_DAYS)
    return (within < 0).astype(np.float32)


RULE = Rule(
    key="pinned_or_boosted",
    title="Pinned or boosted",
    says=(
        "A choice within seven days of a pin or boost of that course being shown is left out: a "
        "model that learned from it would confirm what people decided."
    ),
    factors=factors,
)
