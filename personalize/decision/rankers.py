"""By what can a list be ordered, before the policy has its say? (L4) Rankers, by name.

An experiment may set two of them against each other in one list. Whichever it is, the same policy
goes over it, and the parts of a shown course sum to its score.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from django.utils.translation import gettext_noop

from personalize.decision.context import Context
from personalize.decision.ranking import Aligned
from personalize.decision.shelf import Floats, Places
from personalize.engine.serving import Scored

MODEL, POPULAR, FORMATS = "model", "popular", "formats"
SENTENCES = {  # the usual one first
    MODEL: gettext_noop("What the model picks for each learner"),
    FORMATS: gettext_noop(
        "What the model picks, formats that go well for a learner a little ahead"
    ),
    POPULAR: gettext_noop("What all learners choose most, the same for everyone"),
}


@dataclass(frozen=True, slots=True)
class Again:
    """What a list is made from again that is else read or worked out on the way."""

    pool: Sequence[int]  # courses one place was drawn from
    format: str  # the part by which formats count
    shares: Mapping[str, float]  # by format


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose order a list shall be in, and whether a place of it may go to what nobody chose."""

    ranker: str = MODEL
    explores: bool = True
    seen: Mapping[int, int] | None = None  # how often courses were shown; None: not read yet
    again: Again | None = None  # what was read and drawn from when the list was first made


class Order(Protocol):
    """Scores of the whole shelf, and what the scores of some places are made of."""

    def base(self) -> Floats:
        """Return the scores by place."""

    def explain(
        self, places: Places, scale: float, *, past: int
    ) -> tuple[Floats, dict[str, Floats]]:
        """Return the scaled parts of some places: (past, k) and named ones."""


@dataclass(frozen=True, slots=True)
class Matching:
    """A learner's history decides, as the model reads it."""

    aligned: Aligned
    scored: Scored

    def base(self) -> Floats:
        """Return the scores by place."""
        return self.aligned.base(self.scored)

    def explain(
        self, places: Places, scale: float, *, past: int
    ) -> tuple[Floats, dict[str, Floats]]:
        """Return what each past course and named part of the model gave."""
        return self.aligned.explain(self.scored, places, scale, past=past)


@dataclass(frozen=True, slots=True)
class Popularity:
    """What most choose comes first, whoever asks."""

    popularity: Floats

    def base(self) -> Floats:
        """Return the scores by place."""
        return self.popularity

    def explain(
        self, places: Places, scale: float, *, past: int
    ) -> tuple[Floats, dict[str, Floats]]:
        """Return popularity alone: no past course had a part in it."""
        return np.zeros((past, len(places))), {"popular": self.popularity[places] * scale}


def order_of(name: str, aligned: Aligned | None, known: Context, *, shelf_size: int) -> Order:
    """Return how a ranker orders the shelf for a learner; without a model nothing is ahead."""
    if aligned is None:
        return Popularity(np.zeros(shelf_size))
    if name == POPULAR:
        return Popularity(aligned.popularity)
    return Matching(aligned, aligned.model.score(known.history, known.weights))
