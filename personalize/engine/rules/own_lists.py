"""Would the course have been chosen wherever it stood? (L3) Choices that our own lists led to.

How much of such choices the place alone explains is read off what was tried out: a course drawn at
random stands in the same place. If those are chosen as often as what the model put there, places
are chosen and not courses, and choices from lists teach nothing. If hardly any of them is, the
choice says nearly as much as one nobody led to.
"""

from math import sqrt

import numpy as np

from personalize.engine.rules.base import Factors, Given, Rule, Shown, span_of
from signals.data import TrainingRows

LED_DAYS = 7.0  # a choice this soon after a list showed the course counts as led to by it
PRIOR = 0.5  # of a choice from a list that its place explains, where nothing is known
PRIOR_CHOICES = 10.0  # what the prior counts for, in choices that places alone should have led to
LEAST = 0.05  # what counts for less is left out


def factors(given: Given) -> Factors:
    """Let choices that a list led to count by what their place does not explain."""
    rows, shown = given.rows, given.shown
    within = span_of(rows, shown.spans, days=LED_DAYS)
    found = np.ones(len(rows.learner_ids), np.float32)
    if not (within >= 0).any():
        return found
    led = within >= 0
    led[led] = ~shown.explored[within[led]]
    left = 1.0 - explained(rows, shown)
    found[led] = left if left >= LEAST else 0.0
    return found


def explained(rows: TrainingRows, shown: Shown) -> float:
    """Return the part of choices from lists that the place alone explains, 0 to 1.

    How often explored courses are chosen, a sight, over how often ranked ones in the same places;
    one standard error to the careful side.
    """
    within = span_of(rows, shown.spans, days=LED_DAYS)
    chosen = np.zeros(len(shown.places), bool)
    chosen[within[within >= 0]] = True
    width = int(shown.places.max(initial=0)) + 1
    ranked = ~shown.explored
    sights = shown.sights.astype(np.float64)
    seen_at = np.bincount(shown.places[ranked], weights=sights[ranked], minlength=width)
    chosen_at = np.bincount(shown.places[ranked & chosen], minlength=width)
    rates = chosen_at / np.maximum(seen_at, 1)
    expected = float((rates[shown.places] * sights)[shown.explored].sum())
    came = float(np.count_nonzero(shown.explored & chosen))
    known = came + PRIOR * PRIOR_CHOICES
    return min((known + sqrt(known)) / (expected + PRIOR_CHOICES), 1.0)


RULE = Rule(
    key="led_by_own_lists",
    title="Led to by our own lists",
    says=(
        "A choice within seven days of standing in a list counts only by what its place does not "
        "explain, measured by courses drawn at random for the same places. What was drawn at "
        "random and chosen counts in full."
    ),
    factors=factors,
)
