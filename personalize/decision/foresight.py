"""What would other weights bring? (L4) Policy run again, with what the model expects; nothing kept.

One example is shown place by place: a newcomer with a goal, or somebody who completed the most
chosen courses of a field. Both are made up: no learner's list is shown to anybody. Beside it the
lists of recent learners are played again, to say together how many change and what is expected.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np

from personalize.data import Aim, Forecast, Foreseen, Source
from personalize.decision import context, personal, preview, standing, thresholds, upkeep
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask
from personalize.decision.generic import Lists
from personalize.decision.objectives import check
from personalize.decision.overrides import Controls
from personalize.decision.preview import FIRST_PAGE, NOBODY
from personalize.decision.ranking import Aligned, align
from personalize.decision.shelf import Shelf
from personalize.decision.standing import Standing
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.heads import Outlook
from personalize.engine.serving import serving_to
from signals import api as signals
from signals import catalogue
from signals.data import LearnerState, Touch
from signals.request_ids import Arm

HOME = "home"  # where what acts everywhere is looked at
COMPLETED = 3  # courses of the learner who has been here for a while
DAY_S = 86_400.0
NEW, RETURNING = "new:", "returning:"
GOALS_MOST = 12  # fields an example can be of

Expected = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _World:
    """What lists are made from, with the weights under consideration in force."""

    ask: Ask
    shelf: Shelf
    now: Controls
    then: Controls
    aligned: Aligned | None

    @classmethod
    def of(cls, aim: Aim, surface: str, now: datetime) -> Self:
        """Look at what is in force just now."""
        shelf, controls = upkeep.look()
        try:
            *_tried, live = serving_to(NOBODY.learner_id)
        except ModelUnusable:
            aligned = None
        else:
            aligned = align(live, shelf)
        changed = replace(controls, aims=(aim, *controls.aims))
        return cls(preview.ask_for(None, surface, now), shelf, controls, changed, aligned)

    def outlook(self, state: LearnerState, said: Standing) -> Outlook | None:
        """Return what the live model expects of each course."""
        if self.aligned is None:
            return None
        counts = context.counted(state, said)
        return self.aligned.outlook(counts, goal=said.goal, now=self.ask.now)

    def courses(self, state: LearnerState, said: Standing, controls: Controls) -> list[int]:
        """Return the list somebody would get."""
        known = context.read(self.ask, state, said, self.shelf)
        objectives = personal.objectives(self.ask, known, controls)
        found = thresholds.held(
            preview.chosen(self.ask, state, said, self.shelf, controls),
            least=thresholds.least_for(self.ask, objectives),
            popular=lambda taken: self._popular(controls, state, said, taken),
        )
        ids: list[int] = found.course_ids.tolist()
        return ids

    def _popular(
        self, controls: Controls, state: LearnerState, said: Standing, taken: frozenset[int]
    ) -> Chosen:
        lists = Lists(self.ask, shelf=self.shelf, controls=controls, popular=upkeep.KNOWN.popular)
        done = context.read(self.ask, state, said, self.shelf).not_offered()
        return lists.popular(Source.POPULAR, Arm.PERSONAL, without=done | taken)


def examples() -> tuple[tuple[str, str], ...]:
    """Return who a list can be shown for: (key, words)."""
    fields = [field for field, _n in catalogue.fields()[:GOALS_MOST] if field]
    new = [(f"{NEW}{field}", f"A newcomer whose goal is {field}") for field in fields]
    stay = [(f"{RETURNING}{field}", f"{COMPLETED} courses of {field} done") for field in fields]
    return (*new, *stay)


def foresee(aim: Aim, *, example: str, now: datetime) -> Foreseen:
    """Return lists before and after weights that are not put in force; ValidationError."""
    check(aim.objectives)
    surface = aim.surface or HOME
    world = _World.of(aim, surface, now)
    offered = dict(examples())
    key = example if example in offered else next(iter(offered), "")
    state, said = _somebody(key, world, now)
    outlook = world.outlook(state, said)
    before, after = (world.courses(state, said, each) for each in (world.now, world.then))
    played = [_played(world, learner_id) for learner_id in preview.recent(surface, now)]
    lists = [each for each in played if each is not None]
    return Foreseen(
        shown_for=offered.get(key, "Somebody new"),
        before=_forecasts(before, outlook, world.shelf),
        after=_forecasts(after, outlook, world.shelf),
        requests=len(lists),
        affected=sum(each.before != each.after for each in lists),
        expected_before=_mean([each.expected_before for each in lists]),
        expected_after=_mean([each.expected_after for each in lists]),
        orders_by=_orders_by(world.aligned),
    )


def _somebody(key: str, world: _World, now: datetime) -> tuple[LearnerState, Standing]:
    """Return a learner who does not exist: new, or with the first courses of a field completed."""
    kind, _colon, field = key.partition(":")
    if f"{kind}:" != RETURNING:
        return NOBODY, Standing(goal=field)
    shelf = world.shelf
    code = shelf.field_codes.get(field, -1)
    places = shelf.in_field[code] if code >= 0 else np.zeros(0, np.int64)
    if world.aligned is not None:
        places = places[np.argsort(-world.aligned.popularity[places], kind="stable")]
    taken = shelf.course_ids[places[:COMPLETED]]
    days = np.arange(len(taken), 0, -1, dtype=np.float64)
    state = replace(
        NOBODY,
        course_ids=taken,
        touches=np.full(len(taken), Touch.COMPLETED, np.int8),
        last_at=now.timestamp() - days * DAY_S,
    )
    return state, Standing()


def _forecasts(
    course_ids: Sequence[int], outlook: Outlook | None, shelf: Shelf
) -> tuple[Forecast, ...]:
    return tuple(
        Forecast(course_id, rank, *_chances(course_id, outlook, shelf))
        for rank, course_id in enumerate(course_ids, start=1)
    )


def _chances(
    course_id: int, outlook: Outlook | None, shelf: Shelf
) -> tuple[float | None, float | None]:
    if outlook is None:
        return None, None
    place = int(shelf.places([course_id])[0])
    opened, completed = float(outlook.opened[place]), float(outlook.completed[place])
    return (None, None) if np.isnan(opened) else (opened, completed)


@dataclass(frozen=True, slots=True)
class _Played:
    """The first places of one learner's list, and what the model expects of them on average."""

    before: list[int]
    after: list[int]
    expected_before: Expected | None
    expected_after: Expected | None


def _played(world: _World, learner_id: int) -> _Played | None:
    state = signals.learner_state(learner_id, now=world.ask.now)
    if state is None or not state.allowed.personalization:
        return None
    said = standing.read(learner_id, now=world.ask.now)
    outlook = world.outlook(state, said)
    before, after = (
        world.courses(state, said, each)[:FIRST_PAGE] for each in (world.now, world.then)
    )
    return _Played(
        before,
        after,
        _expected(before, outlook, world.shelf),
        _expected(after, outlook, world.shelf),
    )


def _expected(course_ids: list[int], outlook: Outlook | None, shelf: Shelf) -> Expected | None:
    """Return the mean chances of some courses, None where the model knows none of them."""
    if outlook is None:
        return None
    places = shelf.places(course_ids)
    places = places[(places >= 0) & ~np.isnan(outlook.opened[places])]
    if not len(places):
        return None
    return float(outlook.opened[places].mean()), float(outlook.completed[places].mean())


def _mean(expected: Sequence[Expected | None]) -> Expected | None:
    told = [each for each in expected if each is not None]
    if not told:
        return None
    opened, completed = np.array(told).mean(axis=0).tolist()
    return opened, completed


def _orders_by(aligned: Aligned | None) -> tuple[str, ...]:
    if aligned is None or aligned.outlooks is None:
        return ()
    return aligned.outlooks.orders_by
