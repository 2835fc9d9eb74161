"""Which of two rankers did learners get more from, when both filled one list? (measurement)

One vote a learner, for the ranker whose items got more of what is credited: clicks, and lessons
completed in a course within HORIZON of its standing on a drafted list. A lesson is credited to
whoever had put the course on the last such list before. Who answered nothing has no vote, and
equal credit is a tie.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from experiments import served
from experiments.data import Effect, Plan, Team
from experiments.metrics import CLICKS_PREFERRED, CREDITS, LESSONS_PREFERRED
from experiments.models import Experiment
from experiments.stats.confidence_sequences import upper_always
from experiments.stats.contrasts import Contrast
from experiments.stats.interleaving import Preference, lead_visible, preference, votes
from experiments.stats.wording import K
from signals import api as signals

HORIZON = timedelta(days=CREDITS[LESSONS_PREFERRED].window_days)
PARTS = 8  # learners are gone through in so many parts, so that not all answers are held at once


@dataclass(frozen=True, slots=True)
class Votes:
    """How many learners got more from the variant, from the control, and from both alike."""

    wins: int = 0
    losses: int = 0
    ties: int = 0

    @property
    def cast(self) -> int:
        """Return how many learners had a vote."""
        return self.wins + self.losses + self.ties

    def __add__(self, other: "Votes") -> "Votes":
        """Return the votes of other learners beside these."""
        return Votes(self.wins + other.wins, self.losses + other.losses, self.ties + other.ties)


def count_votes(experiment: Experiment, *, as_of: datetime) -> dict[str, Votes]:
    """Return the votes by what is credited, as of a moment."""
    found = dict.fromkeys(CREDITS, Votes())
    for part in range(PARTS):
        for metric, credits in _credits(experiment, as_of=as_of, part=part).items():
            found[metric] += Votes(*votes((credit[0], credit[1]) for credit in credits))
    return found


def _credits(
    experiment: Experiment, *, as_of: datetime, part: int
) -> Mapping[str, list[NDArray[np.int64]]]:
    """Return (control, variant) credit of each learner of a part who has any, by what it is for."""
    told = signals.answered(experiment.key, as_of=as_of, part=part, parts=PARTS)
    teams = served.reader().teams(experiment.id, told, HORIZON)
    credit: dict[str, dict[int, NDArray[np.int64]]] = {
        metric: defaultdict(lambda: np.zeros(2, dtype=np.int64)) for metric in CREDITS
    }
    for answer, team in zip(told, teams, strict=True):
        if team != Team.BOTH:
            metric = LESSONS_PREFERRED if answer.request_id is None else CLICKS_PREFERRED
            credit[metric][answer.learner_id][team - Team.CONTROL] += 1
    return {metric: list(learners.values()) for metric, learners in credit.items()}


def effects_of(plan: Plan, counted: Mapping[str, Votes], *, alpha: float) -> list[Effect]:
    """Return each preference that may be shown, as the variant's share against the control's."""
    return list(_effects(plan, counted, alpha))


def _effects(plan: Plan, counted: Mapping[str, Votes], alpha: float) -> Iterator[Effect]:
    for metric in CREDITS:
        cast = counted[metric]
        if cast.wins + cast.losses >= K:
            found = preference(cast.wins, cast.losses, cast.ties, alpha=alpha)
            yield _effect(plan, metric, found)


def _effect(plan: Plan, metric: str, found: Preference) -> Effect:
    """Both shares sum to 1, so their difference is twice what the variant has beyond one half."""
    return Effect(
        metric=metric,
        track=CREDITS[metric].track,
        unit=CREDITS[metric].unit,
        control_mean=1 - found.share,
        variant_mean=found.share,
        difference=2 * found.share - 1,
        low=2 * found.low - 1,
        high=2 * found.high - 1,
        p_value=found.p_value,
        n_control=found.learners,
        n_variant=found.learners,
        margin=plan.margin(metric),
    )


def leads_visible(plan: Plan, counted: Mapping[str, Votes], *, bound: float) -> dict[str, float]:
    """Return the smallest difference of the shares that so many votes can show."""
    preferring = {metric: cast.wins + cast.losses for metric, cast in counted.items()}
    return {
        metric: lead_visible(voters=n, critical=bound, power=plan.power)
        for metric, n in preferring.items()
        if n >= K
    }


def fell(cast: Votes, *, alpha: float) -> bool:
    """Say whether learners are shown to get less from the variant, at any time of looking."""
    found = leaning(cast)
    return found is not None and bool(upper_always(found, alpha=alpha) < 0)


def leaning(cast: Votes) -> Contrast | None:
    """Return the mean vote, +1 for the variant and -1 for the control; None of fewer than 10.

    For sequences that may be looked at at any time: whoever has no preference votes 0.
    """
    n = cast.cast
    if cast.wins + cast.losses < K:
        return None
    mean = (cast.wins - cast.losses) / n
    variance = ((cast.wins + cast.losses) / n - mean**2) * n / (n - 1)
    return Contrast(mean, (max(variance, 1 / n) / n) ** 0.5, n - 1, n)
