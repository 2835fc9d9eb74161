"""Which of the scored courses are shown, in which order, and what did each rule add? (L4, pure)

Arrays in, arrays out: places are positions on the shelf (decision/shelf.py), not course ids. Every
rule that changes a score logs its additive part under a name, so the parts of a shown course sum
to its score. Scores of the model are scaled so that the best course that may be shown has 1.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from personalize.data import Intent, Objectives, Slot
from personalize.decision import variety
from personalize.decision.shelf import Shelf

POLICY_VERSION = 6  # written into every decision; raise it when a rule or a number changes

Places = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

FLOOR = 0.02  # below this share of the best score history says nothing, popularity orders
POPULAR = 0.02  # the most that popularity adds
GOAL = 0.25  # in the field of the stated goal
INTEREST = 0.15  # teaches all stated interests
BEGUN = 0.3  # begun and not finished, beside new courses
CONTINUE = 1.0  # begun and not finished, where that is what the session is for
SHORT = 0.4
SHORT_MINUTES = 15  # a lesson that fits into a short session
TEST = 1.0  # has a quiz in a course that was begun
NOVELTY = 0.5  # taken from fields that fill the whole history
MORE = 0.2  # like a course the learner wanted more of
NEAR_DUPLICATE = 1.5  # like a course the learner refused; more than goal and model together
FORMAT = 0.05  # the most a format adds; nothing is lowered for its format
KNOWN = 1.0  # taken from a course that teaches nothing but what the learner says they know
SEEN_FREE = 3  # showings without a click that cost nothing
SEEN_STEP = 0.05
SEEN_MOST = 0.4
PREREQUISITE = 0.95  # of the score of the course that needs it
PREREQUISITE_DEPTH = 20  # blocked courses whose prerequisites are lifted
PIN = 5.0  # above anything the other rules can add up to
EXPLORE_POOL = 30
NEWCOMER_SHARE = 0.2  # of the explored places, the most that courses nobody has taken get together

UNMOVED = Objectives(engagement=0.0, progression=0.0)
NOWHERE: Places = np.zeros(0, dtype=np.int64)
NOTHING_SHOWN: Floats = np.zeros(0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What people at the controls decided, for one surface, as places."""

    hidden: Places = field(default_factory=lambda: NOWHERE)
    pinned: Places = field(default_factory=lambda: NOWHERE)
    boosted: Places = field(default_factory=lambda: NOWHERE)
    strengths: Floats = field(default_factory=lambda: NOTHING_SHOWN)  # signed, one for each boosted
    objectives: Objectives = UNMOVED


@dataclass(frozen=True, slots=True)
class Situation:
    """What the policy knows about this learner and this session."""

    met: Places = field(default_factory=lambda: NOWHERE)  # enrolled or completed
    open: Places = field(default_factory=lambda: NOWHERE)  # begun and not finished
    history_fields: Floats = field(default_factory=lambda: NOTHING_SHOWN)  # share, by field code
    goal_field: int = -1
    interests: frozenset[int] = frozenset()  # codes of skills
    known: Places = field(default_factory=lambda: NOWHERE)  # teach nothing else, as claimed
    unread: Places = field(default_factory=lambda: NOWHERE)  # in languages the learner reads not
    intent: Intent | None = None
    lessons: bool = False  # lessons of open courses are wanted, not new courses
    mixed: bool = False  # lessons of open courses are wanted beside new courses
    with_quiz: Places = field(default_factory=lambda: NOWHERE)  # open courses that have one
    refused: Places = field(default_factory=lambda: NOWHERE)
    snoozed: Places = field(default_factory=lambda: NOWHERE)
    more: Places = field(default_factory=lambda: NOWHERE)
    seen: Places = field(default_factory=lambda: NOWHERE)
    seen_times: Floats = field(default_factory=lambda: NOTHING_SHOWN)
    likely_opened: Floats | None = None  # by place, nan where that is not known; None: not told
    likely_completed: Floats | None = None  # with likely_opened
    newcomers: Places = field(default_factory=lambda: NOWHERE)  # nobody has taken them yet
    format: str = ""  # "format_observed" or "format_asked" where formats count
    format_lean: Floats = field(default_factory=lambda: NOTHING_SHOWN)  # 0..1 by place
    trust: float = 1.0  # what the history counts, less where it is thin


@dataclass(frozen=True, slots=True)
class Ranked:
    """The chosen courses, first to last, with what each rule added."""

    places: Places
    scale: float  # model score times this is the base of the parts
    parts: dict[str, Floats]  # name -> additive part of each chosen course, base not included
    slots: tuple[Slot, ...]
    propensity: float  # of the explore slot
    pool: Places  # what its course was drawn from
    above_floor: Mask
    totals: Floats  # of the chosen courses, then of the rivals
    rivals: Places  # that would come next, at most RIVALS


class Slate:
    """Scores under construction: every change has a name."""

    def __init__(self, base: Floats, allowed: Mask, trust: float) -> None:
        """Scale the base so that the best allowed course has what history is trusted with."""
        best = float(base[allowed].max(initial=0.0))
        self.scale = trust / best if best > 0 else 0.0
        self.base = base * self.scale
        self.total = self.base.copy()
        self.allowed = allowed
        self.parts: dict[str, Floats] = {}

    def add(
        self, name: str, places: Places | slice | Mask, values: NDArray[np.floating] | float
    ) -> None:
        """Add values to the scores at some places."""
        part = self.parts.get(name)
        if part is None:
            part = self.parts[name] = np.zeros(len(self.total))
        part[places] += values
        self.total[places] += values


def rank(
    base: Floats,
    *,
    popularity: Floats,
    shelf: Shelf,
    situation: Situation,
    rules: Rules,
    k: int,
    explore: Places = NOWHERE,
    rng: np.random.Generator | None = None,
) -> Ranked:
    """Choose k courses from base scores of the whole shelf; popularity is 0..1.

    With rng one place goes to a course of the shared pool `explore`.
    """
    slate = scored(base, popularity=popularity, shelf=shelf, situation=situation, rules=rules)
    above = slate.base >= FLOOR
    caps = variety.caps_of(rules.objectives, k)
    picked = variety.pick(slate.total, slate.allowed, shelf, situation.history_fields, caps)
    order = picked.places
    slate.add("variety", order, -picked.lowered)
    pinned = rules.pinned[slate.allowed[rules.pinned]]
    order = np.concatenate([pinned, order[~np.isin(order, pinned)]])[:k]
    slots = _slots(order, slate, pinned)
    rivals, rival_totals, pool = picked.rivals, picked.rival_totals, NOWHERE
    if rng is not None:
        pool = _pool(explore, slots, order, slate, situation.newcomers)
        order, slots, left = _explore(order, slots, pool, rng)
        rivals = np.concatenate([left, rivals])
        rival_totals = np.concatenate([slate.total[left], rival_totals])
    return Ranked(
        places=order,
        scale=slate.scale,
        parts={name: part[order] for name, part in slate.parts.items() if part[order].any()},
        slots=slots,
        propensity=1.0 / max(len(pool), 1),
        pool=pool,
        above_floor=above[order],
        totals=np.concatenate([slate.total[order], rival_totals]),
        rivals=rivals,
    )


def scored(
    base: Floats, *, popularity: Floats, shelf: Shelf, situation: Situation, rules: Rules
) -> Slate:
    """Return the whole shelf with the part of every rule, before a list is made of it."""
    slate = Slate(base, allowed(shelf, situation, rules), situation.trust)
    lacking = blocked(shelf, situation)
    for step in STEPS:
        step(slate, shelf, situation)
    _strive(slate, situation, rules.objectives, lacking)
    _lift_prerequisites(slate, shelf, lacking)
    slate.allowed = slate.allowed & ~lacking
    slate.add("popular", slice(None), POPULAR * popularity)
    _well_known(slate, situation, popularity, rules.objectives.well_known)
    _overrule(slate, rules)
    return slate


def allowed(shelf: Shelf, situation: Situation, rules: Rules) -> Mask:
    """Return which courses may be shown at all: hides, refusals, snoozes, what is already done."""
    mask = np.ones(len(shelf.course_ids), dtype=bool)
    if situation.lessons:
        mask[:] = False
        mask[situation.open] = True
    else:
        mask[situation.met] = False
        mask[situation.open] = False
    if situation.mixed or situation.intent is Intent.CONTINUE:
        mask[situation.open] = True
    if situation.intent is Intent.TEST:
        mask[situation.with_quiz] = True
    for places in (rules.hidden, situation.refused, situation.snoozed):
        mask[places] = False
    if len(situation.unread):
        read = mask.copy()
        read[situation.unread] = False
        if (read & ~blocked(shelf, situation)).any():  # a list in another language beats none
            return read
    return mask


def blocked(shelf: Shelf, situation: Situation) -> Mask:
    """Return which courses miss a prerequisite; what was begun is never blocked.

    A prerequisite that teaches only what the learner says they know is none they miss.
    """
    mask = np.zeros(len(shelf.course_ids), dtype=bool)
    if len(shelf.needing):
        met = np.zeros(len(mask), dtype=bool)
        met[situation.met] = True
        met[situation.known] = True
        mask[shelf.needing[~met[shelf.needed]]] = True
        mask[situation.open] = False
    return mask


def _goal(slate: Slate, shelf: Shelf, situation: Situation) -> None:
    if situation.goal_field >= 0:
        slate.add("goal", shelf.in_field[situation.goal_field], GOAL)
    for skill in situation.interests:
        slate.add("interest", shelf.teaching[skill], INTEREST / len(situation.interests))


def _begun(slate: Slate, shelf: Shelf, situation: Situation) -> None:
    if situation.mixed and situation.intent is not Intent.CONTINUE:  # that adds more of it
        slate.add("begun", situation.open, BEGUN)


def _intent(slate: Slate, shelf: Shelf, situation: Situation) -> None:
    if situation.intent is Intent.CONTINUE:
        slate.add("begun" if situation.mixed else "intent", situation.open, CONTINUE)
    elif situation.intent is Intent.TEST:
        slate.add("intent", situation.with_quiz, TEST)
    elif situation.intent is Intent.SHORT:
        known = shelf.lesson_minutes > 0
        slate.add("intent", known & (shelf.lesson_minutes <= SHORT_MINUTES), SHORT)
    elif situation.intent is Intent.EXPLORE and len(situation.history_fields):
        known = shelf.fields >= 0
        familiar = situation.history_fields[shelf.fields[known]]
        slate.add("intent", known, -NOVELTY * familiar)


def _feedback(slate: Slate, shelf: Shelf, situation: Situation) -> None:
    for place in situation.more.tolist():
        slate.add("more", shelf.near(place), MORE)
    for place in situation.refused.tolist():
        slate.add("near_duplicate", shelf.near(place), -NEAR_DUPLICATE)


def _known(slate: Slate, shelf: Shelf, situation: Situation) -> None:
    if len(situation.known):
        slate.add("known", situation.known, -KNOWN)


def _seen(slate: Slate, shelf: Shelf, situation: Situation) -> None:
    extra = np.maximum(situation.seen_times - SEEN_FREE, 0)
    if extra.any():
        slate.add("seen_often", situation.seen, -np.minimum(SEEN_STEP * extra, SEEN_MOST))


def _format(slate: Slate, shelf: Shelf, situation: Situation) -> None:
    if situation.format:
        slate.add(situation.format, slice(None), FORMAT * situation.format_lean)


STEPS: tuple[Callable[[Slate, Shelf, Situation], None], ...] = (
    _goal,
    _begun,
    _intent,
    _feedback,
    _known,
    _seen,
    _format,
)


def _strive(slate: Slate, situation: Situation, objectives: Objectives, lacking: Mask) -> None:
    """Move picks by how likely they come to something, against the average of what may be shown."""
    if situation.likely_opened is None or situation.likely_completed is None:
        return
    for name, weight, chances in (
        ("likely_opened", objectives.engagement, situation.likely_opened),
        ("likely_completed", objectives.progression, situation.likely_completed),
    ):
        told = ~np.isnan(chances)
        among = told & slate.allowed & ~lacking
        if weight and among.any():
            slate.add(name, told, weight * (chances[told] - chances[among].mean()))


def _well_known(slate: Slate, situation: Situation, popularity: Floats, most: float) -> None:
    """Lower what is better known than what this learner takes, so that lists do not end alike."""
    if len(situation.met) and most:
        over = popularity - usual(situation, popularity)
        slate.add("well_known", slice(None), -most * np.maximum(over, 0.0))


def usual(situation: Situation, popularity: Floats) -> float:
    """Return how well known what this learner takes is, nan where they took nothing."""
    met = np.sort(popularity[situation.met])
    return float(met[len(met) // 2]) if len(met) else np.nan


def _lift_prerequisites(slate: Slate, shelf: Shelf, lacking: Mask) -> None:
    """Put what is missing near the place of the course that needs it: progression first."""
    candidates = np.flatnonzero(lacking & slate.allowed)
    if not len(candidates):
        return
    strongest = candidates[np.argsort(-slate.total[candidates], kind="stable")]
    for place in strongest[:PREREQUISITE_DEPTH].tolist():
        for needed in shelf.needed[shelf.needing == place].tolist():
            gain = PREREQUISITE * slate.total[place] - slate.total[needed]
            if gain > 0 and slate.allowed[needed] and not lacking[needed]:
                slate.add("prerequisite", np.array([needed]), gain)


def _overrule(slate: Slate, rules: Rules) -> None:
    """Boosts, lowers and pins of people at the controls."""
    for place, strength in zip(rules.boosted.tolist(), rules.strengths.tolist(), strict=True):
        slate.add("boost" if strength > 0 else "lower", np.array([place]), strength)
    if len(rules.pinned):
        slate.add("pin", rules.pinned, PIN - 0.01 * np.arange(len(rules.pinned)))


def _slots(order: Places, slate: Slate, pinned: Places) -> tuple[Slot, ...]:
    boost = slate.parts.get("boost")
    pins = set(pinned.tolist())
    return tuple(
        Slot.PINNED
        if place in pins
        else Slot.BOOSTED
        if boost is not None and boost[place] > 0
        else Slot.GREEDY
        for place in order.tolist()
    )


def _pool(
    explore: Places, slots: tuple[Slot, ...], order: Places, slate: Slate, newcomers: Places
) -> Places:
    """Return what may be tried out on this learner; none where there is no place for it.

    It does not depend on what the model ranks high, so that any model can be judged by the draws:
    what a person put into the list stays where it is, what the model put there may be drawn.
    """
    if Slot.GREEDY not in slots[1:]:
        return NOWHERE
    placed = order[[slot is not Slot.GREEDY for slot in slots]]
    return _capped(explore[slate.allowed[explore] & ~np.isin(explore, placed)], newcomers)


def _explore(
    order: Places, slots: tuple[Slot, ...], pool: Places, rng: np.random.Generator
) -> tuple[Places, tuple[Slot, ...], Places]:
    """Put one course of the pool into a place that nobody chose, never the first.

    Returns the list, its slots and what has no place in it any more. A course that was in the list
    moves; the others keep their order, and those that people placed their places.
    """
    if not len(pool):
        return order, slots, NOWHERE
    free = [at for at in range(len(order)) if slots[at] is Slot.GREEDY]
    at = free[int(rng.integers(0 if free[0] else 1, len(free)))]
    drawn = int(pool[int(rng.integers(len(pool)))])
    others = [int(order[each]) for each in free if order[each] != drawn]
    changed = order.copy()
    changed[at] = drawn
    changed[[each for each in free if each != at]] = others[: len(free) - 1]
    left = np.array(others[len(free) - 1 :], dtype=np.int64)
    return changed, (*slots[:at], Slot.EXPLORE, *slots[at + 1 :]), left


def _capped(places: Places, newcomers: Places) -> Places:
    """Return at most EXPLORE_POOL places, no more than NEWCOMER_SHARE of them newcomers'."""
    new = np.isin(places, newcomers)
    most = int(NEWCOMER_SHARE * EXPLORE_POOL)
    fresh = places[new][:most]
    known = places[~new][: EXPLORE_POOL - len(fresh)]
    of_known = int(NEWCOMER_SHARE / (1 - NEWCOMER_SHARE) * len(known))
    return np.concatenate([known, fresh[:of_known]])
