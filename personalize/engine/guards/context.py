"""What does a guardrail of a canary look at? (L3) Both groups, as they were drawn.

Learners are compared as they were drawn, whatever answered them in the end: who fell back from the
canary is the canary's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from experiments.api import always_between
from personalize.data import GuardReading

ENOUGH = 50  # learners of each group, from which on a difference is judged
SMALLEST, ROUNDED_TO = 10, 5  # learners that are shown, and how exactly
ALPHA = 0.01  # over all guardrails and all looks: a false stop in a hundred nights at most

Sums = tuple[int, float, float]  # how many, their sum, their sum of squares


@dataclass(frozen=True, slots=True)
class Group:
    """The learners who see one of both models; `shares` are of each learner's own lists."""

    learners: int
    lists: int
    shares: Mapping[str, Sums]

    def mean(self, share: str) -> float:
        """Return the mean over learners of a share; 0 of nobody."""
        n, total, _squares = self.shares[share]
        return total / n if n else 0.0


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a canary since it began, at one moment."""

    canary: Group
    live: Group
    by_canary: int  # lists of the canary's learners it made itself
    instead: int  # that the live model made for them
    p95: Mapping[str, float]  # "canary" and "live": ms, where lists were made
    limit_ms: float  # above which a list counts as slow
    against_will: int  # lists of the canary for learners who objected
    usable: str = ""  # why the canary cannot be opened; empty where it can

    @property
    def judged(self) -> bool:
        """Say whether there are enough learners to compare anything."""
        return min(self.canary.learners, self.live.learners) >= ENOUGH


def shown(learners: int) -> int:
    """Return a number of learners as it may be shown: rounded to 5, and 0 for fewer than 10."""
    return 0 if learners < SMALLEST else ROUNDED_TO * round(learners / ROUNDED_TO)


def people(learners: int) -> str:
    """Return the same in words."""
    return f"{shown(learners):,}" if learners >= SMALLEST else "fewer than 10"


def compared(
    watched: Watched, share: str, *, among: int, title: str, fell: bool, what: str
) -> GuardReading:
    """Hold a share of each learner's lists to a confidence sequence of the difference.

    `among` guardrails divide ALPHA; `fell` says that less is worse; `what` names the share.
    """
    reading = GuardReading(
        guard=share,
        holds=True,
        title=title,
        says=f"Fewer than {ENOUGH} learners have had a list of one of both models yet.",
        unit="share",
        learners=shown(watched.canary.learners),
        base=shown(watched.live.learners),
    )
    if not watched.judged:
        return reading
    canary, live = watched.canary.mean(share), watched.live.mean(share)
    sums = watched.live.shares[share], watched.canary.shares[share]
    low, high = always_between(*sums, alpha=ALPHA / among)
    worse = high < 0 if fell else low > 0
    verdict = "That is worse, and not by chance." if worse else "It is not shown to be worse."
    return replace(
        reading,
        holds=not worse,
        says=(
            f"{canary:.1%} {what} with the canary ({people(watched.canary.learners)} learners), "
            f"{live:.1%} with the live model ({people(watched.live.learners)}). {verdict}"
        ),
        canary=canary,
        live=live,
        low=low if low > -1 else None,
        high=high if high < 1 else None,
    )
