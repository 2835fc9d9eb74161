"""Why does this course stand here? One vector of parts that sums to the final score (L3, pure).

Parts are past courses, the model's base (popularity), and whatever named steps came after the
model: boosts, exploration, diversity. A reason is shown only from such a vector, and its claim
can be checked by deleting the cited course and ranking again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import FloatArray, History, Recommender
from personalize.algorithms.blend import MemberParts

TOLERANCE = 1e-6
BASE = "base"


class PartsDoNotAddUpError(Exception):
    """The parts of a score do not sum to it; the text says by how much."""


@dataclass(frozen=True, slots=True)
class ContributionVector:
    """One course's final score as a sum.

    ``past`` (h,) holds one value per past course, oldest first; ``by_member`` how much of the
    model's score each member gave; ``named`` the base and every later additive part.
    """

    score: float
    past: NDArray[np.float64]
    named: dict[str, float]
    by_member: dict[str, float]

    def total(self) -> float:
        return float(self.past.sum() + sum(self.named.values()))


@dataclass(frozen=True, slots=True)
class Reason:
    """A past course that speaks for the recommendation."""

    place: int
    """Position of the past course in the history, oldest first."""
    course: int
    share: float
    """Its part of everything that speaks for the course, 0..1."""


def contribution_vector(
    member_parts: MemberParts,
    column: int,
    *,
    score: float,
    scale: float = 1.0,
    later: Mapping[str, float] | None = None,
) -> ContributionVector:
    """The vector of the course in this column of a blend's contributions.

    ``scale`` is what the policy multiplied the model's score by, ``later`` the parts it added.
    Raises PartsDoNotAddUpError unless everything sums to ``score`` within 1e-6.
    """
    base, parts = member_parts.base[:, column] * scale, member_parts.parts[:, :, column] * scale
    members = base + parts.sum(axis=1)
    vector = ContributionVector(
        score=score,
        past=parts.sum(axis=0),
        named={BASE: float(base.sum())} | dict(later or {}),
        by_member=dict(zip(member_parts.members, members.tolist(), strict=True)),
    )
    gap = abs(vector.total() - score)
    if not gap <= TOLERANCE:
        raise PartsDoNotAddUpError(
            f"The parts sum to {vector.total():.9g}, the score is {score:.9g}: {gap:.2g} apart; "
            "name every step that changed the score as a part"
        )
    return vector


def top_reasons(
    vector: ContributionVector, history: History, *, limit: int = 2, least_share: float = 0.1
) -> list[Reason]:
    """The past courses that speak most for the course, largest first.

    A share is of all positive parts, past and named, so a pick carried by popularity or a boost
    cites no past course as its cause.
    """
    for_it = np.maximum(vector.past, 0.0)
    whole = float(for_it.sum()) + sum(max(value, 0.0) for value in vector.named.values())
    if whole <= 0:
        return []
    shares = for_it / whole
    places = np.argsort(-shares, kind="stable")[:limit].tolist()
    return [
        Reason(place=place, course=int(history.courses[place]), share=float(shares[place]))
        for place in places
        if shares[place] >= least_share
    ]


def without(history: History, place: int) -> History:
    """The history as if the course at this place had never been taken."""
    return replace(
        history,
        courses=np.delete(history.courses, place),
        weights=np.delete(history.weights, place),
    )


def verify_by_deletion(model: Recommender, history: History, course: int, place: int) -> int:
    """By how many ranks the course falls when the cited past course is deleted.

    Positive: the reason holds. Past courses are left out of both rankings, ties count against.
    """
    others = np.setdiff1d(np.arange(model.n_courses_), history.courses)
    before = _rank(model.score(history), course, others)
    return _rank(model.score(without(history, place)), course, others) - before


def _rank(scores: FloatArray, course: int, others: NDArray[np.int64]) -> int:
    return int(np.count_nonzero(scores[others[others != course]] >= scores[course]))
