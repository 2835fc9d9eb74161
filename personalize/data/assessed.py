"""For whom is a model good, and for whom not? Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure measured on some learners, or on something else that is counted."""

    value: float
    base: int
    low: float | None = None  # 95%; None where it is no mean of so many
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CohortGap:
    """How one kind of learner is served beside all others of its cohort, with the interval.

    measure is "recall" (gap: their own as a share of that of all others) or "calibration" (gap:
    what was said to be likely for them minus what happened; others is what happened).
    """

    measure: str
    cohort: str
    value: str
    learners: int
    own: float
    others: float
    gap: float
    low: float
    high: float
    alarm: bool  # the whole interval lies beyond the bound


@dataclass(frozen=True, slots=True)
class Known:
    """What the same learners get from so much that is known of them; popular is the same list."""

    known: str  # signals "0", "1-2", "3-5", "6+"; or a tier "0", "1", "2"
    learners: int
    ndcg: float
    popular: float
    error: float  # standard error of the difference


@dataclass(frozen=True, slots=True)
class Assessed:
    """For whom a model is good, as found on held-out learners when it was trained."""

    figures: dict[str, Estimate]
    popular: dict[str, Estimate]  # the same of lists that are alike for everyone
    gaps: tuple[CohortGap, ...]
    by_signals: tuple[Known, ...]
    by_tier: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Mistaken:
    """How many picks were wrong for one kind of learner; counts to the nearest five."""

    cohort: str  # what tells learners apart; "all"
    value: str
    learners: int
    picks: int
    share: float | None  # of the picks that was wrong; None where fewer than ten learners had one
    by_reason: Mapping[str, int | None]
    low: float | None = None  # 95% of the share, over learners
    high: float | None = None
