"""Do the heads say probabilities that come true? Judged by simulated learners (L3)."""

import numpy as np
import pytest

from personalize.algorithms.heads import outcomes
from personalize.algorithms.heads.features import NAMES
from personalize.algorithms.heads.judge import Judged, judge_cohorts
from personalize.algorithms.heads.training import Past, Rows, fit_complete, fit_engage
from tests.personalize.heads import simulated, worlds
from tests.personalize.heads.worlds import Seen

# Fixed before any head was fitted: the people who judge them may not be tuned to them.
# Set anew since, when the full world grew to 3,000 and the small one got weeks without lists
# (nobody behaves otherwise for it), and when the catalogue grew from 30 courses to more than 60,
# before anything was tuned on the larger one.
FROZEN = "294684f42c6721d26178d89111b8eefa82fcef4c7c5dd1ed370eebd35a6611c3"

LEARNERS, DAYS = 20_000, 90
UNTIL = {"engage": 60.0, "complete": 50.0}  # what the heads are fitted on ends here, judged after
JUDGED_DAYS = 14.0  # of lists, two weeks after the fit; the product fits every night
FIRST = 20_001  # nobody of those whom the features were chosen with
JUDGED = 20_000  # lists
COHORT_LEAST = 1_000  # learners
ERROR_MOST, SKILL_LEAST = 0.03, 0.05
COMPLETION_DRAWS = 5  # of enrolments the head learns from

Cohorts = dict[str, Judged]


def test_the_behaviour_of_simulated_learners_is_the_one_frozen_before_tuning() -> None:
    assert simulated.digest() == FROZEN


@pytest.mark.prove
def test_confidence_comes_true_in_every_cohort_of_twenty_thousand_learners(
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = worlds.seen(simulated.play(first=FIRST, n=LEARNERS, days=DAYS))
    opened, passed = opened_later(seen), passed_later(seen)
    with capsys.disabled():
        tell("opens or enrols within 7 days", opened)
        for cohorts in passed:
            tell("passes within 30 days", cohorts)
    for cohorts in (opened, *passed):
        assert max(one.calibration_error for one in cohorts.values()) <= ERROR_MOST
        assert min(one.skill for one in cohorts.values()) >= SKILL_LEAST


def opened_later(seen: Seen) -> Cohorts:
    """Fit how likely a course is opened on the first weeks and judge it on the weeks after."""
    rng = np.random.default_rng(7)
    whole = Past(seen.facts, seen.catalogue, until=float(DAYS))
    after = seen.shown.moments - UNTIL["engage"]
    shown = seen.shown.take((after >= 0) & (after <= JUDGED_DAYS))
    shown = shown.take(np.sort(rng.choice(len(shown.moments), JUDGED, replace=False)))
    early = Past(seen.facts, seen.catalogue, until=UNTIL["engage"])
    engage, _card = fit_engage(early, seen.shown, rng=rng)
    rows = whole.lists(shown)
    return by_cohort(seen, rows, engage.probabilities(rows.matrix))


def passed_later(seen: Seen) -> list[Cohorts]:
    """Fit how likely a course is passed by several draws and judge each on the weeks after."""
    whole = Past(seen.facts, seen.catalogue, until=float(DAYS))
    early = Past(seen.facts, seen.catalogue, until=UNTIL["complete"])
    begun = outcomes.enrolments(whole.facts)
    last = DAYS - outcomes.COMPLETE_DAYS
    begun = begun.take((begun.moments >= UNTIL["complete"]) & (begun.moments <= last))
    rows = whole.enrolments(begun)
    found = []
    for draw in range(COMPLETION_DRAWS):
        head, _card = fit_complete(early, rng=np.random.default_rng(draw))
        found.append(by_cohort(seen, rows, head.probabilities(rows.matrix)))
    return found


def by_cohort(seen: Seen, rows: Rows, said: np.ndarray) -> Cohorts:
    """Judge all rows, and those of each cohort that has enough learners."""
    features = dict(zip(NAMES, rows.matrix.T, strict=True))
    taken = np.round(np.expm1(features["taken"]))
    weeks = (rows.moments - seen.began[rows.learners]) / 7
    weeks = np.where(weeks > 0, weeks, 0.0)
    cohorts = {
        "all": np.ones(len(taken), bool),
        "no course yet": taken == 0,
        "1-2 courses": (taken >= 1) & (taken <= 2),
        "3-5 courses": (taken >= 3) & (taken <= 5),
        "6 courses and more": taken >= 6,
        "here for less than 2 weeks": weeks < 2,
        "2 to 6 weeks": (weeks >= 2) & (weeks < 6),
        "longer": weeks >= 6,
        "idle for a week": features["idle"] > np.log1p(7.0),
        "active within a week": features["idle"] <= np.log1p(7.0),
        "left a course before": features["left"] > 0,
        "never left one": features["left"] == 0,
    }
    large = {
        name: mask
        for name, mask in cohorts.items()
        if len(np.unique(rows.learners[mask])) >= COHORT_LEAST
    }
    return judge_cohorts(said, rows.outcomes, large)


def tell(what: str, cohorts: Cohorts) -> None:
    """Print a table as docs/proofs.md holds it."""
    print(f"\n| {what} | rows | said | came | calibration error | Brier skill |")  # noqa: T201
    for name, one in cohorts.items():
        print(  # noqa: T201
            f"| {name} | {one.n:,} | {one.said:.1%} | {one.base_rate:.1%} |"
            f" {one.calibration_error:.4f} | {one.skill:.1%} |"
        )
