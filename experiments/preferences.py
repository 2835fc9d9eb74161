"""Which of two rankers did learners get more from, when both filled one list? (measurement)

One vote a learner, for the ranker whose items got more of what is credited: clicks, and lessons
completed in a course within HORIZON of its standing on a drafted list. A lesson is credited to
whoever had put the course on the last such list before. Who answered nothing has no vote, and
equal credit is a tie.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from signals.data import Answered

HORIZON = timedelta(days=CREDITS[LESSONS_PREFERRED].window_days)
WIDTH = 2 * len(CREDITS)  # numbers of a learner: control and variant by each metric of CREDITS
FORM = 1  # of what is kept of them; raised by hand when what is credited changes


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
    table = signals.credited(
        experiment.key, _credit_of(experiment), form=FORM, width=WIDTH, as_of=as_of
    )
    return {
        metric: _cast(table[:, 2 * place : 2 * place + 2]) for place, metric in enumerate(CREDITS)
    }


def _cast(credit: NDArray[np.int32]) -> Votes:
    """Return the votes of learners by what each ranker is credited; of none there is no vote."""
    voters = credit[credit.any(axis=1)].tolist()
    return Votes(*votes((control, variant) for control, variant in voters))


def count_ahead(experiment: Experiment, *, now: datetime) -> int:
    """Credit everybody whose answers changed before somebody looks; return how many."""
    return signals.keep_credited(
        experiment.key, _credit_of(experiment), form=FORM, width=WIDTH, now=now
    )


def _credit_of(experiment: Experiment) -> Callable[[Sequence[Answered]], dict[int, list[int]]]:
    """Return what makes of learners' answers how often each ranker is credited, by CREDITS."""
    places = {metric: 2 * place for place, metric in enumerate(CREDITS)}

    def credit(told: Sequence[Answered]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(lambda: [0] * WIDTH)
        teams = served.reader().teams(experiment.id, told, HORIZON)
        for answer, team in zip(told, teams, strict=True):
            if team != Team.BOTH:
                metric = LESSONS_PREFERRED if answer.request_id is None else CLICKS_PREFERRED
                found[answer.learner_id][places[metric] + team - Team.CONTROL] += 1
        return found

    return credit


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
