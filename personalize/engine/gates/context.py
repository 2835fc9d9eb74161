"""What does a promotion gate look at? (L3) Figures of one candidate, measured before it serves."""

from collections.abc import Mapping
from dataclasses import dataclass

from personalize.data import CohortGap
from signals.data import QualityShares

Metrics = Mapping[str, float]  # "hr@10", "ndcg@10", "coverage@10" ... -> value


# Nothing came in, and so nothing was wrong with it.
GOOD = QualityShares(
    received=0,
    refused_share=0.0,
    unknown_share=0.0,
    learners=0,
    weightless_share=0.0,
    silent=(),
    silent_share=0.0,
)


@dataclass(frozen=True, slots=True)
class Duel:
    """Champion and candidate on the same choices, made after the champion was trained.

    Neither has seen them. `learners` is how many there are; `difference` is the mean of the
    candidate's NDCG@10 minus the champion's, `error` the standard error of that mean.
    """

    learners: int
    difference: float
    error: float


@dataclass(frozen=True, slots=True)
class Champion:
    """The live model: what it reached when it was trained, and against the candidate now."""

    version: str
    recorded: Metrics
    duel: Duel | None  # None where no choice is newer than the champion


@dataclass(frozen=True, slots=True)
class GateContext:
    """Everything a gate may judge by. `metrics` holds every single model and "blend"."""

    learners: int
    courses: int
    pairs: int
    heldout: int  # learners whose newest choice was held out
    metrics: Mapping[str, Metrics]
    errors: Metrics  # single model -> standard error of the blend's NDCG@10 minus its own
    champion: Champion | None  # None before the first promotion
    quality: QualityShares = GOOD  # of what came in lately
    gaps: tuple[CohortGap, ...] = ()  # between kinds of learners
