"""What would a boost, pin, lower or hide change? (L4) Policy run again, nothing logged or shown.

One example is shown place by place: a named learner, or a new learner whose goal is the course's
field. What many would get is played over logged requests (decision/whatif).
"""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from personalize.data import Item, NewOverride, Preview, Source
from personalize.decision import context, personal, standing, upkeep
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask
from personalize.decision.finish import items_of
from personalize.decision.overrides import Controls, InForce
from personalize.decision.shelf import Shelf
from personalize.decision.standing import Standing
from personalize.decision.surfaces import SURFACES
from personalize.engine.artifacts import ModelUnusable
from personalize.models import Decision
from personalize.models.decisions import SOURCE_CODES
from signals import api as signals
from signals.data import Allowed, LearnerState

REPLAYED_MOST = 30  # learners of recent requests
REPLAYED_DAYS = 1
FIRST_PAGE = 6  # places that count as what a learner sees

_PERSONAL = [SOURCE_CODES[Source.MODEL], SOURCE_CODES[Source.ONBOARDING]]
NOBODY = LearnerState(
    learner_id=0,
    kind="test",
    age_band="",
    allowed=Allowed(personalization=True, fine_grained=False, inferred=False),
    course_ids=np.zeros(0, dtype=np.int32),
    touches=np.zeros(0, dtype=np.int8),
    last_at=np.zeros(0),
)


def preview(new: NewOverride, *, learner: str, goal: str, surface: str, now: datetime) -> Preview:
    """Return a list before and after a change that is not made."""
    shelf, controls = upkeep.look()
    considered = InForce.of(replace(new, starts_at=min(new.starts_at, now)))
    changed = replace(controls, changes=(*controls.changes, considered))
    ask = ask_for(None, surface, now)
    shown_for, state, said = _example(new, learner, goal, shelf, now)
    before, after = (_items(ask, state, said, shelf, each) for each in (controls, changed))
    return Preview(
        shown_for=shown_for,
        before=before,
        after=after,
    )


def _example(
    new: NewOverride, learner: str, goal: str, shelf: Shelf, now: datetime
) -> tuple[str, LearnerState, Standing]:
    state = signals.learner_state(external_id=learner, now=now) if learner else None
    if state is not None and state.allowed.personalization:
        return learner, state, standing.read(state.learner_id, now=now)
    course = shelf.courses.get(new.course_id)
    field = goal or (course.field if course else "")
    return f"A new learner whose goal is {field or 'not stated'}", NOBODY, Standing(goal=field)


def recent(surface: str, now: datetime) -> list[int]:
    """Return learners who got a personal list here lately, newest first."""
    rows = (
        Decision.objects.filter(
            served_at__gt=now - timedelta(days=REPLAYED_DAYS),
            served_at__lte=now,
            surface=SURFACES[surface].code,
            source__in=_PERSONAL,
            learner_id__isnull=False,
        )
        .order_by("-served_at")
        .values_list("learner_id", flat=True)[: 4 * REPLAYED_MOST]
    )
    return list(dict.fromkeys(row for row in rows if row is not None))[:REPLAYED_MOST]


def _items(
    ask: Ask, state: LearnerState, said: Standing, shelf: Shelf, controls: Controls
) -> tuple[Item, ...]:
    return items_of(ask, chosen(ask, state, said, shelf, controls), shelf, controls)


def chosen(
    ask: Ask, state: LearnerState, said: Standing, shelf: Shelf, controls: Controls
) -> Chosen:
    """Return the list somebody would get under some controls."""
    known = context.read(ask, state, said, shelf)
    try:
        found = personal.choose(ask, known, (), shelf=shelf, controls=controls)
    except ModelUnusable:  # without a model there is only the stated goal to rank by
        known = context.read(ask, NOBODY, said, shelf)
        found = personal.choose(ask, known, (), shelf=shelf, controls=controls)
    return replace(found, goal=said.goal, signals=known.signals)


def ask_for(learner_id: int | None, surface: str, now: datetime) -> Ask:
    """Return a request that explores nothing."""
    place = SURFACES[surface]
    return Ask(
        learner_id=learner_id,
        external_id=None,
        surface=place,
        unit="course",
        intent=None,
        k=place.k,
        now=now,
        entropy=b"\x00\x00\x00\x00\x00\x00\x03\xe7",  # explores nothing
    )
