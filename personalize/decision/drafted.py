"""Which list does a learner get whose experiment compares two rankers? (L4) Drafted from both.

Policy has gone over both before: what is hidden, refused or not yet met is in neither, and what is
pinned leads both, so it belongs to neither. Each item keeps the parts and the slot of the ranker
that gave it its place. Such a list explores nothing: its places are all taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from experiments import api as experiments
from experiments.data import Drafting, Team
from personalize.decision import memory
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask, Context
from personalize.decision.parts import Parts
from personalize.decision.rankers import Wanted


def together(
    drafting: Drafting,
    ask: Ask,
    known: Context,
    by: Callable[[Wanted], Chosen],
    *,
    told: Mapping[int, int] | None = None,
) -> Chosen:
    """Return one list of the two that `by` returns for what is wanted.

    told is how often courses were shown, where the cache is not asked.
    """
    # Once for both: it is asked of the cache.
    seen = memory.seen(known.state.learner_id) if told is None else dict(told)
    control, variant = (
        by(Wanted(ranker, explores=False, seen=seen))
        for ranker in (drafting.control, drafting.variant)
    )
    drafted = experiments.draft(
        drafting,
        known.state.learner_id,
        control=control.course_ids.tolist(),
        variant=variant.course_ids.tolist(),
        k=ask.k,
        now=ask.now,
    )
    of_variant = np.array([team is Team.VARIANT for team in drafted.teams], dtype=bool)
    items = np.array(drafted.items, dtype=np.int32)
    places = _places(control, items), _places(variant, items)
    slots = tuple(
        (variant.slots[places[1][at]] if other else control.slots[places[0][at]])
        for at, other in enumerate(of_variant.tolist())
    )
    return replace(
        control,
        course_ids=items,
        parts=_parts(control.parts, variant.parts, places, of_variant),
        slots=slots,
        chances={**variant.chances, **control.chances},
        seen=memory.shown_again(seen, drafted.items, known.state.course_ids),
        drafted_for=drafting.experiment_id,
        drafted=(drafting.control, drafting.variant, drafting.salt),
        known=max((control.known, variant.known), key=_tells),
        teams=bytes(drafted.teams),
    )


def _tells(known: Context | None) -> int:
    """Return how much of the learner a ranker read; the one that read more tells for both."""
    return len(known.format_shares) if known else 0


def _places(chosen: Chosen, items: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return where each item stands in a list; where it does not, the first place stands in."""
    at = {course_id: place for place, course_id in enumerate(chosen.course_ids.tolist())}
    return np.array([at.get(course_id, 0) for course_id in items.tolist()], dtype=np.int64)


def _parts(
    control: Parts,
    variant: Parts,
    places: tuple[NDArray[np.int64], NDArray[np.int64]],
    of_variant: NDArray[np.bool_],
) -> Parts:
    """Return the parts of each item from the list it is of, as wide as the wider one."""
    wide = max(control.codes.shape[1], variant.codes.shape[1])
    codes = np.zeros((len(of_variant), wide), dtype=np.int32)
    values = np.zeros((len(of_variant), wide))
    for parts, at, here in ((control, places[0], ~of_variant), (variant, places[1], of_variant)):
        own = parts.codes.shape[1]
        codes[here, :own] = parts.codes[at[here]]
        values[here, :own] = parts.values[at[here]]
    return Parts(codes, values)
