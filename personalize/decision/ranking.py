"""What does the live model say, laid out on the shelf? (L4) Between engine and policy.

The model numbers its courses in its own way and may know fewer or other courses than the
catalogue; both directions are computed once for each pair of model and shelf.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from personalize.decision.shelf import Floats, Places, Shelf
from personalize.engine.heads import Outlook, Outlooks
from personalize.engine.serving import LoadedModel, Scored
from signals.data import LearnerState


@dataclass(frozen=True, slots=True)
class Aligned:
    """A model on a shelf."""

    model: LoadedModel
    shelf: Shelf
    rows: NDArray[np.int64]  # rows of the model that are on the shelf
    places: Places  # and where, parallel
    row_of: NDArray[np.int64]  # of each place, -1 where the model lacks the course
    popularity: Floats  # of each place, 1 for the most chosen course, 0 for unknown ones
    outlooks: Outlooks | None  # of a model that tells probabilities

    def base(self, scored: Scored) -> Floats:
        """Return the scores by place; 0 where the model lacks the course."""
        base = np.zeros(len(self.row_of))
        base[self.places] = scored.scores[self.rows]
        return base

    def explain(
        self, scored: Scored, places: Places, scale: float, *, past: int
    ) -> tuple[NDArray[np.float64], dict[str, Floats]]:
        """Return the scaled parts of some places: (past, k) and named ones."""
        rows = self.row_of[places]
        known = np.flatnonzero(rows >= 0)
        found = scored.explain(rows[known])
        history = np.zeros((past, len(places)))
        history[:, known] = found.past * scale
        named = {}
        for name, values in found.named.items():
            named[name] = np.zeros(len(places))
            named[name][known] = values * scale
        return history, named

    def outlook(self, state: LearnerState, *, goal: str, now: datetime) -> Outlook | None:
        """Return both probabilities by place, nan where the model lacks the course."""
        if self.outlooks is None:
            return None
        told = self.outlooks.of(
            state.course_ids,
            state.touches,
            state.last_at,
            goal=goal,
            now=now,
            score=state.score_mean,
        )
        return Outlook(self._laid_out(told.opened), self._laid_out(told.completed))

    def _laid_out(self, values: Floats) -> Floats:
        found = np.full(len(self.row_of), np.nan)
        found[self.places] = values[self.rows]
        return found


KEPT = 4  # models that serve at a time: live, canary, challenger, and one for those held back
_aligned: tuple[Aligned, ...] = ()


def align(model: LoadedModel, shelf: Shelf) -> Aligned:
    """Return the model on the shelf; computed when either has changed."""
    global _aligned
    for kept in _aligned:
        if kept.model is model and kept.shelf is shelf:
            return kept
    new = _align(model, shelf)
    _aligned = (new, *_aligned[: KEPT - 1])
    return new


def _align(model: LoadedModel, shelf: Shelf) -> Aligned:
    all_places = shelf.places(model.course_ids)
    rows = np.flatnonzero(all_places >= 0)
    places = all_places[rows]
    row_of = np.full(len(shelf.course_ids), -1, dtype=np.int64)
    row_of[places] = rows
    popularity = np.zeros(len(row_of))
    ordered = shelf.known(model.popular.overall(len(model.course_ids)))
    popularity[ordered] = 1.0 - np.arange(len(ordered)) / max(len(ordered), 1)
    outlooks = Outlooks(model.heads, shelf.courses) if model.heads else None
    return Aligned(model, shelf, rows, places, row_of, popularity, outlooks)
