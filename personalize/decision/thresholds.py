"""Which picks are too unsure to be shown as picks? (L4) They give way to what everyone chooses.

People may set a least probability that a pick is opened. What is less likely is no match: its place
goes to one of the most chosen courses, after the picks, with the reason that it is popular and no
bars. Pins, boosts and what is being tried out stay: a person or chance put them there.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from personalize.data import Objectives, Slot
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask
from personalize.decision.parts import CODES, Parts

LEAST_MOST = 0.12  # a good match; asking for more would leave most lists to popularity
LOWEST = 0.01  # score of a popular course where nothing personal is left to stand below

Popular = Callable[[frozenset[int]], Chosen]  # what everyone chooses, without some courses


def least_for(ask: Ask, objectives: Objectives) -> float:
    """Return the least chance of a pick of this request, 0 for none.

    Who says what a session is for, or wants begun courses as well, gets what was asked for: the
    chances are those of new courses.
    """
    return 0.0 if ask.mixed or ask.intent is not None else objectives.least_chance


def held(chosen: Chosen, *, least: float, popular: Popular) -> Chosen:
    """Return the list with its unsure picks replaced; as it was where no model tells chances.

    Lists that two rankers share stay whole: the learner's choice between both is what is measured.
    """
    if least <= 0 or not chosen.chances or chosen.teams is not None:
        return chosen
    sure = np.array(
        [
            slot is not Slot.GREEDY or chosen.chances.get(course_id, 1.0) >= least
            for course_id, slot in zip(chosen.course_ids.tolist(), chosen.slots, strict=True)
        ],
        dtype=bool,
    )
    kept = np.flatnonzero(sure)
    missing = len(sure) - len(kept)
    if not missing:
        return chosen
    generic = popular(frozenset(chosen.course_ids[kept].tolist())).course_ids[:missing]
    return _together(chosen, kept, generic)


def _together(chosen: Chosen, kept: NDArray[np.intp], generic: NDArray[np.int32]) -> Chosen:
    own = chosen.parts.take(kept)
    dropped = frozenset(np.delete(chosen.course_ids, kept).tolist())
    return replace(
        chosen,
        course_ids=np.concatenate([chosen.course_ids[kept], generic]).astype(np.int32),
        parts=_below(own, len(generic)),
        slots=(*(chosen.slots[at] for at in kept.tolist()), *(Slot.GREEDY,) * len(generic)),
        chances={
            course_id: chance
            for course_id, chance in chosen.chances.items()
            if course_id not in dropped
        },
        seen=_unseen(chosen.seen, dropped),
    )


def _below(own: Parts, n: int) -> Parts:
    """Return the parts with n popular courses under them, each a little lower."""
    lowest = max(float(own.scores().min(initial=1.0)), LOWEST)
    codes = np.zeros((n, own.codes.shape[1]), dtype=np.int32)
    values = np.zeros(codes.shape)
    codes[:, 0] = CODES["popular"]
    values[:, 0] = lowest * (1.0 - np.arange(1, n + 1) / (n + 1))
    return Parts(np.vstack([own.codes, codes]), np.vstack([own.values, values]))


def _unseen(seen: dict[int, int] | None, dropped: frozenset[int]) -> dict[int, int] | None:
    """Return how often courses were shown, without this time for those that were not."""
    if seen is None:
        return None
    counted = {c: times - (c in dropped) for c, times in seen.items()}
    return {course_id: times for course_id, times in counted.items() if times > 0}
