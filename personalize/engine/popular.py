"""What do most learners choose lately, overall and in one field? (L3)

Kept inside the model's folder, so that the generic list of a comparison group and the list of a
learner who only stated a goal need no query. The newest choice in the data is "today": a world
that ended last year still has its own order.
"""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from personalize.algorithms.base import Interactions

HALF_LIFE_DAYS = 60.0  # a choice this old counts half
NO_FIELD = -1
SCORES, FIELDS, FIELD_OF = "popular.scores", "popular.fields", "popular.field_of"


def popular_arrays(data: Interactions, fields: list[str]) -> dict[str, NDArray[Any]]:
    """Count choices with time decay; `fields` names the field of every course, "" for none."""
    newest = data.times.max(initial=0.0)
    decayed = data.weights * np.exp2((data.times - newest) / HALF_LIFE_DAYS)
    scores = np.bincount(data.courses, weights=decayed, minlength=data.n_courses)
    names = sorted(set(fields) - {""})
    place = {name: index for index, name in enumerate(names)}
    return {
        SCORES: scores.astype(np.float32),
        FIELDS: np.array(names or [""], dtype=np.str_),
        FIELD_OF: np.array([place.get(field, NO_FIELD) for field in fields], np.int16),
    }


class PopularLists:
    """The courses of a model, most chosen first; ties in the order of course_id."""

    def __init__(
        self,
        course_ids: NDArray[np.int32],
        scores: NDArray[np.float32],
        field_of: NDArray[np.int16],
        fields: NDArray[np.str_],
    ) -> None:
        """Sort once; asking only slices."""
        order = np.argsort(-scores, kind="stable")
        self._overall = course_ids[order]
        self._by_field = {
            str(name): course_ids[order[field_of[order] == index]]
            for index, name in enumerate(fields)
            if name
        }

    @classmethod
    def from_arrays(cls, course_ids: NDArray[np.int32], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Open what popular_arrays wrote."""
        return cls(course_ids, arrays[SCORES], arrays[FIELD_OF], arrays[FIELDS])

    def overall(self, limit: int) -> NDArray[np.int32]:
        """Return the course_ids most chosen by everyone."""
        return self._overall[:limit]

    def in_field(self, field: str, limit: int) -> NDArray[np.int32]:
        """Return the course_ids most chosen in this field; empty for a field without courses."""
        found: NDArray[np.int32] = self._by_field.get(field, self._overall[:0])[:limit]
        return found
