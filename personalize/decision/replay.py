"""Does a logged decision come out again? (L4) Made anew from what the log says it was made from.

The model of its version, the rules people had set and what was known of the learner then: the list,
its reasons and the chance of what was tried out must be the same. Where they cannot be or are not,
it is said why. Nothing is shown, logged or remembered.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

import numpy as np
from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from experiments.data import Drafting
from personalize.data import Intent, Outcome, Source
from personalize.decision import (
    context,
    drafted,
    fallbacks,
    inputs,
    lessons,
    personal,
    rulebooks,
    thresholds,
    upkeep,
)
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask, Context
from personalize.decision.earlier import remembered_before
from personalize.decision.explanations import PERSONAL_SOURCES
from personalize.decision.generic import NOBODY, REMEMBERED, Lists
from personalize.decision.inputs import UNITS, Inputs, Own
from personalize.decision.overrides import Controls
from personalize.decision.rankers import MODEL, Again, Wanted
from personalize.decision.shelf import UNREAD, Floats, Shelf, build
from personalize.decision.surfaces import BY_CODE
from personalize.engine import artifacts
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.serving import LoadedModel
from personalize.models import Decision
from personalize.models.decisions import INTENT_CODES, SOURCE_CODES
from signals.data import Allowed, LearnerState, Tier
from signals.request_ids import Arm, drawn_by, read_request_id

MODELS_OPEN = 4  # at a time: those of one week seldom are more
ENTROPY_BYTES = 8
NOT_KEPT = gettext_noop("What was known of the learner then is not kept.")

_SOURCES = {code: source for source, code in SOURCE_CODES.items()}
_INTENTS: dict[int, Intent] = {code: intent for intent, code in INTENT_CODES.items()}


class CannotReplayError(Exception):
    """A decision that cannot be made again; the text says why, `outcome` of which kind that is."""

    def __init__(self, said: str, outcome: Outcome = Outcome.GONE) -> None:
        """Keep both."""
        super().__init__(said)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Then:
    """A logged decision with everything it was made from."""

    row: Decision
    told: Inputs
    ask: Ask
    shelf: Shelf
    controls: Controls
    known: Context | None  # None: nothing of a learner was kept

    @property
    def source(self) -> Source:
        """Return where the list came from."""
        return _SOURCES[self.row.source]

    @property
    def arm(self) -> Arm:
        """Return what kind of list it was."""
        return read_request_id(self.row.request_id)[2]

    def without(self) -> frozenset[int]:
        """Return the courses that were no choice for this learner."""
        return self.known.not_offered() if self.known else NOBODY

    def lists(self) -> Lists:
        """Return the lists that nobody's history makes, as they were then."""
        said, version = self.told.most_chosen, self.told.most_chosen.removeprefix(REMEMBERED)
        remembered = said.startswith(REMEMBERED)
        popular = frozen(version).popular if remembered and version else None
        return Lists(
            self.ask,
            shelf=self.shelf,
            controls=self.controls,
            popular=tuple(popular.overall(upkeep.POPULAR_KEPT).tolist()) if popular else (),
            model=_none if remembered or not said else lambda: frozen(version),
        )


def then(row: Decision) -> Then:
    """Return a decision with what it was made from. Raises CannotReplayError."""
    if row.inputs is None:
        raise _without_inputs(row)
    told = Inputs.decoded(bytes(row.inputs))
    controls = rulebooks.read(told.controls)
    if controls is None or row.surface not in BY_CODE:
        raise CannotReplayError(gettext("The rules it was made by are not kept."))
    shelf = build({}, version=UNREAD) if told.catalogue == UNREAD else upkeep.look()[0]
    ask = _ask(row, told)
    return Then(row, told, ask, shelf, controls, _known(row, told, ask, shelf))


def _without_inputs(row: Decision) -> CannotReplayError:
    """Say why nothing is kept to make a decision from: of nobody's nothing is ever deleted."""
    if row.learner_id is None:
        return CannotReplayError(gettext("It was made before what lists are made from was kept."))
    return CannotReplayError(
        gettext("What it was made from was deleted when the learner withdrew their consent."),
        Outcome.WITHDRAWN,
    )


def made_again(before: Then) -> Chosen:
    """Return the list that comes out. Raises CannotReplayError."""
    try:
        chosen = _chosen(before)
    except ModelUnusable as error:
        raise CannotReplayError(str(error)) from error
    chosen = _with_lessons(before, chosen)
    signals = before.known.signals if before.known else 0
    return replace(
        chosen,
        learner_id=before.row.learner_id,
        goal=chosen.goal or before.row.goal or "",
        signals=chosen.signals or signals,
    )


@lru_cache(maxsize=MODELS_OPEN)
def _opened(root: Path, version: str) -> LoadedModel:
    return LoadedModel(artifacts.load(root, version))


def frozen(version: str) -> LoadedModel:
    """Return the model of a version as it was published. Raises ModelUnusable."""
    return _opened(settings.MODELS_DIR, version)


def forget() -> None:
    """Close the models that were opened."""
    _opened.cache_clear()


def _none() -> NoReturn:
    raise ModelUnusable("", "there was none when the list was made.")


def _ask(row: Decision, told: Inputs) -> Ask:
    return Ask(
        learner_id=row.learner_id,
        external_id=None,
        surface=BY_CODE[row.surface],
        unit=UNITS[told.unit],
        intent=_INTENTS.get(row.intent),
        k=told.k,
        now=row.served_at,
        near=told.near or None,
        entropy=drawn_by(row.request_id).to_bytes(ENTROPY_BYTES),
    )


def _known(row: Decision, told: Inputs, ask: Ask, shelf: Shelf) -> Context | None:
    if told.own is None or row.learner_id is None:
        return None
    allowed = Allowed(*(bool(row.tiers >> tier & 1) for tier in Tier if tier is not Tier.NEEDED))
    state = inputs.state_of(told.own, learner_id=row.learner_id, allowed=allowed, at=row.served_at)
    return context.read(ask, state, inputs.standing_of(told.own, goal=row.goal or ""), shelf)


def _chosen(before: Then) -> Chosen:
    source, lists = before.source, before.lists()
    if source is Source.LAST_GOOD:
        return _again(before, lists)
    if source in PERSONAL_SOURCES:
        return _personal(before, lists)
    chosen = _generic(before, lists)
    if before.ask.lessons and (before.known or source is Source.OFF):
        return lists.begun(chosen, _state(before), without=_said_away(before))
    return chosen


def _generic(before: Then, lists: Lists) -> Chosen:
    source = before.source
    if source is Source.CURATED:
        return lists.curated(without=before.without())
    if source is Source.COHORT:
        found = lists.cohort(before.row.goal or "", without=before.without())
        if found is None:
            raise CannotReplayError(gettext("Its field is not in the catalogue any more."))
        return found
    without = NOBODY if source is Source.OFF else before.without()
    return lists.popular(source, before.arm, without=without)


def common(before: Then, lists: Lists) -> Chosen:
    """Return a list that no learner's history makes, from these lists. CannotReplayError."""
    return _generic(before, lists)


def _again(before: Then, lists: Lists) -> Chosen:
    last = remembered_before(before.row, unit=before.ask.unit)
    found = fallbacks.again(last, before.ask, lists, without=before.without()) if last else None
    if found is None:
        raise CannotReplayError(gettext("The earlier list that it repeats is not in the log."))
    return found


def _personal(before: Then, lists: Lists) -> Chosen:
    if before.known is None or before.told.own is None:
        raise CannotReplayError(gettext(NOT_KEPT))
    known, own, told, row = before.known, before.told.own, before.told, before.row
    model = frozen(row.model) if row.model else None
    seen = inputs.seen_of(own)
    again = again_of(told, own)

    def by(wanted: Wanted) -> Chosen:
        explores = wanted.explores and not own.minor
        return personal.choose_by(
            model,
            before.ask,
            known,
            shelf=before.shelf,
            controls=before.controls,
            wanted=replace(wanted, seen=seen, again=again, explores=explores),
        )

    if row.drafted_for is not None and told.drafted:
        control, variant, salt = told.drafted
        drafting = Drafting(row.drafted_for, control, variant, salt)
        return drafted.together(drafting, before.ask, known, by, told=seen)
    return thresholds.held(
        by(Wanted(told.ranker or MODEL)),
        least=thresholds.least_for(
            before.ask, personal.objectives(before.ask, known, before.controls)
        ),
        popular=lambda taken: lists.popular(
            Source.POPULAR, Arm.PERSONAL, without=before.without() | taken
        ),
    )


def again_of(told: Inputs, own: Own) -> Again:
    """Return what is else read or worked out on the way."""
    return Again(told.pool_courses().tolist(), own.format, own.shares)


def pool_scores(before: Then, model: LoadedModel) -> Floats:
    """Return how a model, under the rules of then, scores the courses one place was drawn from.

    Courses that are not offered any more have none. Raises CannotReplayError.
    """
    known, told = before.known, before.told
    if known is None or told.own is None:
        raise CannotReplayError(gettext(NOT_KEPT))
    scores = personal.totals_by(
        model,
        before.ask,
        known,
        shelf=before.shelf,
        controls=before.controls,
        again=Wanted(
            told.ranker or MODEL, seen=inputs.seen_of(told.own), again=again_of(told, told.own)
        ),
    )
    places = before.shelf.places(told.pool_courses())
    return np.where(places >= 0, scores[places], np.nan)


def _with_lessons(before: Then, chosen: Chosen) -> Chosen:
    if chosen.module_ids is not None:
        return chosen
    if before.ask.lessons:
        told = before.told.next_lessons() if before.known else None
        return lessons.place(chosen, learner_id=None, told=told)
    return lessons.place_told(chosen, before.told.next_lessons()) if before.ask.mixed else chosen


def _state(before: Then) -> LearnerState:
    if before.known is None:
        raise CannotReplayError(
            gettext("Which courses the learner was in is not kept of those who want no profile."),
            Outcome.NO_PROFILE,
        )
    return before.known.state


def _said_away(before: Then) -> frozenset[int]:
    return before.known.standing.kept_away() if before.known else NOBODY
