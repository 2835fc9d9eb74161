"""Where does a course stand that nobody has taken yet? (L4) Beside its like, a little behind.

The model has nothing to say of a course it has not seen taken. Such a course gets the mean score
of those that share its skills, or else of its field, and with the score their parts, so that its
reasons are exact too. From the first model that knows it, it stands by itself.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from personalize.decision.rankers import Order
from personalize.decision.ranking import Aligned
from personalize.decision.shelf import Floats, Places, Shelf

BEHIND = 0.8  # of the mean of its like
LIKE_LEAST = 0.2  # share of skills two courses have in common to be alike
NEWEST = 300  # such courses that are placed; more is a new catalogue, for which popularity serves
KEPT = 4


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Courses the model lacks, and by row whose scores each gets how much of."""

    places: Places
    likeness: sparse.csr_matrix  # (newcomers, shelf), each row sums to BEHIND or is empty


@dataclass(frozen=True, slots=True)
class Placed:
    """An order in which newcomers stand too."""

    order: Order
    new: Newcomers

    def base(self) -> Floats:
        """Return the scores by place."""
        base = self.order.base().copy()
        base[self.new.places] = self.new.likeness @ base
        return base

    def explain(
        self, places: Places, scale: float, *, past: int
    ) -> tuple[Floats, dict[str, Floats]]:
        """Return the parts of some places: those of a newcomer are its like's."""
        at = np.flatnonzero(np.isin(places, self.new.places))
        if not len(at):
            return self.order.explain(places, scale, past=past)
        rows = self.new.likeness[np.searchsorted(self.new.places, places[at])]
        like = np.unique(rows.indices).astype(np.int64)
        told, named = self.order.explain(np.concatenate([places, like]), scale, past=past)
        shares = rows[:, like].toarray().T  # (like, newcomers)
        n = len(places)
        told[:, at] = told[:, n:] @ shares
        for values in named.values():
            values[at] = values[n:] @ shares
        return told[:, :n], {name: values[:n] for name, values in named.items()}


_found: tuple[tuple[Aligned, Newcomers], ...] = ()


def of(aligned: Aligned) -> Newcomers:
    """Return the newcomers of a model on a shelf; computed when either has changed."""
    global _found
    for model, kept in _found:
        if model is aligned:
            return kept
    new = _find(aligned.shelf, aligned.row_of >= 0)
    _found = ((aligned, new), *_found[: KEPT - 1])
    return new


def _find(shelf: Shelf, known: np.ndarray) -> Newcomers:
    places = np.flatnonzero(~known)[-NEWEST:]
    likeness = sparse.lil_matrix((len(places), len(known)))
    for row, place in enumerate(places.tolist()):
        like, shares = _like(shelf, place, known)
        if len(like):
            likeness[row, like] = BEHIND * shares / shares.sum()
    return Newcomers(places, likeness.tocsr())


def _like(shelf: Shelf, place: int, known: np.ndarray) -> tuple[Places, Floats]:
    near, shares = shelf.alike(place, at_least=LIKE_LEAST)
    near, shares = near[known[near]], shares[known[near]]
    if len(near) or shelf.fields[place] < 0:
        return near, shares
    field = shelf.in_field[shelf.fields[place]]
    field = field[known[field]]
    return field, np.ones(len(field))
