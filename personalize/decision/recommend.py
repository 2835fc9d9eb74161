"""Which courses, for this learner, just now? (L4) The one conductor; it alone falls back.

Consent and suppression fail closed, ranking fails open. Each way out names its true source.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from django.db import DatabaseError

from experiments import api as experiments
from experiments.data import CONTROL, Assigned, Drafting
from personalize.data import Recommendation, Source
from personalize.decision import (
    context,
    drafted,
    explanations,
    fallbacks,
    lessons,
    metrics,
    onboarding,
    personal,
    standing,
    thresholds,
    upkeep,
)
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask
from personalize.decision.deadline import Deadline
from personalize.decision.finish import finish
from personalize.decision.generic import Lists
from personalize.decision.rankers import MODEL, Wanted
from personalize.engine.artifacts import ModelUnusable
from signals import api as signals
from signals.data import LearnerState
from signals.request_ids import Arm

log = logging.getLogger(__name__)


def recommend(ask: Ask, *, deadline: Deadline | None = None) -> Recommendation:
    """Answer a request, whatever is away. At most four statements once a process has warmed up."""
    deadline = deadline or Deadline()
    shelf, controls = upkeep.look()
    lists = Lists(
        ask,
        shelf=shelf,
        controls=controls,
        popular=upkeep.KNOWN.popular,
        popular_of=upkeep.KNOWN.popular_of,
    )
    if upkeep.away():
        chosen = _without_database(ask, lists)
        return finish(ask, chosen, shelf=shelf, controls=controls, deadline=deadline)
    try:
        state = signals.learner_state(ask.learner_id, external_id=ask.external_id, now=ask.now)
        if state is None:
            chosen = lists.curated()
        elif not state.allowed.personalization:
            chosen = lists.popular(Source.OFF, Arm.OFF)
            if ask.lessons:
                chosen = lists.begun(chosen, state, without=frozenset())
        else:
            chosen = _for_learner(ask, state, lists, deadline)
        if ask.lessons and chosen.module_ids is None:
            chosen = lessons.place(chosen, learner_id=state.learner_id if state else None)
        elif ask.mixed and state is not None and chosen.module_ids is None:
            chosen = lessons.place_begun(chosen, state)
    except DatabaseError as error:
        _failed("database", error)
        upkeep.database_failed(error)
        chosen = _without_database(ask, lists)
    chosen = replace(chosen, most_chosen=lists.asked)
    return finish(ask, chosen, shelf=shelf, controls=controls, deadline=deadline)


def _for_learner(ask: Ask, state: LearnerState, lists: Lists, deadline: Deadline) -> Chosen:
    """Return the list of a learner who allows one of their own. Raises django.db.Error."""
    said = standing.read(state.learner_id, now=ask.now)
    assigned = experiments.assign(
        state.learner_id,
        surface=ask.surface.key,
        now=ask.now,
        kind=state.kind,
        attributes=experiments.known_attributes(state),
        groups=state.groups,
    )
    known = context.read(ask, state, said, lists.shelf, hidden=lists.hidden)
    without = known.not_offered()
    if assigned.holdout:
        chosen = lists.popular(Source.HOLDOUT, Arm.HOLDOUT, without=without)
    elif not assigned.ranker and assigned.variant(ask.surface.experiment) == CONTROL:
        chosen = lists.popular(Source.HOLDOUT, Arm.GENERIC, without=without)
    elif ask.surface.key in upkeep.KNOWN.switched_off or not onboarding.can_start(
        signals=known.signals, goal=said.goal, interests=said.interests
    ):
        chosen = lists.popular(Source.POPULAR, Arm.GENERIC, without=without)
    elif deadline.spent():
        chosen = fallbacks.without_model(ask, known, lists)
    else:
        chosen = _ranked(ask, known, lists, assigned)
    if ask.lessons and chosen.source not in explanations.PERSONAL_SOURCES:
        chosen = lists.begun(chosen, state, without=said.kept_away())
    return replace(
        chosen,
        known=chosen.known or known,
        learner_id=state.learner_id,
        allowed=state.allowed,
        goal=chosen.goal or said.goal,
        signals=chosen.signals or known.signals,
    )


def _without_database(ask: Ask, lists: Lists) -> Chosen:
    """Return the list when nothing can be read: a switched-off surface shows nobody their own."""
    if ask.surface.key in upkeep.KNOWN.switched_off:
        return lists.curated()
    return fallbacks.without_consent(ask, lists)


def _ranked(ask: Ask, known: context.Context, lists: Lists, assigned: Assigned) -> Chosen:
    """Return the personal list; whatever breaks in ranking, the learner gets an answer."""

    def by(wanted: Wanted) -> Chosen:
        return personal.choose(
            ask,
            known,
            (*assigned.variants.values(), wanted.ranker),
            shelf=lists.shelf,
            controls=lists.controls,
            wanted=wanted,
        )

    try:
        if assigned.drafting is not None and not (ask.lessons or ask.mixed):
            return _drafted(ask, known, assigned.drafting, by)
        return thresholds.held(
            by(Wanted(assigned.ranker or MODEL)),
            least=thresholds.least_for(ask, personal.objectives(ask, known, lists.controls)),
            popular=lambda taken: lists.popular(
                Source.POPULAR, Arm.PERSONAL, without=known.not_offered() | taken
            ),
        )
    except DatabaseError:
        raise
    except ModelUnusable as error:
        _failed("model", error)
    except Exception as error:  # ranking fails open
        log.exception("Ranking for %s failed; falling back.", ask.surface.key)
        _failed("ranking", error)
    return fallbacks.without_model(ask, known, lists)


def _drafted(
    ask: Ask, known: context.Context, drafting: Drafting, by: Callable[[Wanted], Chosen]
) -> Chosen:
    """Return the list of two rankers; where one of them breaks, the control's."""
    try:
        return drafted.together(drafting, ask, known, by)
    except (DatabaseError, ModelUnusable):
        raise
    except Exception as error:  # who is tried out on must not go without an answer
        log.exception("A draft for %s failed; it is the control's list.", ask.surface.key)
        _failed("draft", error)
    return by(Wanted(drafting.control))


def _failed(step: str, error: Exception) -> None:
    metrics.FAILED_STEP.labels(step).inc()
    log.debug("A recommendation fell back at %s: %s", step, error)
