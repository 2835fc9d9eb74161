"""What does this learner's own history say? (L4) Model, policy and parts, put together.

A history too thin for the model alone is the onboarding list: the stated goal and interests, and
what little history there is. It needs no model.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from django.db import DatabaseError

from personalize.data import Intent, Objectives, Source
from personalize.decision import (
    cohorts,
    context,
    deletion,
    exploring,
    formats,
    memory,
    newcomers,
    onboarding,
    policy,
    staleness,
    upkeep,
)
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask, Context
from personalize.decision.overrides import Controls
from personalize.decision.parts import Parts, compact, course_codes
from personalize.decision.policy import Ranked, Situation
from personalize.decision.rankers import FORMATS, POPULAR, Order, Wanted, order_of
from personalize.decision.ranking import Aligned, align
from personalize.decision.shelf import Floats, Places, Shelf
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.heads import OPENED, Outlook
from personalize.engine.serving import LoadedModel, serving_to, set_aside
from signals import catalogue
from signals.request_ids import Arm

QUIZ = "quiz"

log = logging.getLogger(__name__)

USUAL = Wanted()


def choose(
    ask: Ask,
    known: Context,
    arms: Iterable[str],
    *,
    shelf: Shelf,
    controls: Controls,
    wanted: Wanted = USUAL,
) -> Chosen:
    """Return the personal list. Raises ModelUnusable when it needs a model and there is none.

    A canary or challenger that fails is asked no more, and the live model answers instead.
    """
    try:
        *tried, live = serving_to(known.state.learner_id, arms)
    except ModelUnusable:
        if not onboarding.applies(known.signals):
            raise
        staleness.observe(ask, known, None)
        return choose_by(None, ask, known, shelf=shelf, controls=controls, wanted=wanted)
    for model in tried:
        try:
            found = choose_by(model, ask, known, shelf=shelf, controls=controls, wanted=wanted)
        except DatabaseError:
            raise
        except Exception:  # who is tried out on must not go without an answer
            log.exception("Model %s failed; this process serves the live one.", model.version)
            set_aside(model)
        else:
            staleness.observe(ask, known, model)
            return found
    staleness.observe(ask, known, live)
    return choose_by(live, ask, known, shelf=shelf, controls=controls, wanted=wanted)


def choose_by(
    model: LoadedModel | None,
    ask: Ask,
    known: Context,
    *,
    shelf: Shelf,
    controls: Controls,
    wanted: Wanted,
) -> Chosen:
    """Return the list one model makes, None where there is none to ask; nothing is left behind."""
    thin = onboarding.applies(known.signals)
    seen = memory.seen(known.state.learner_id) if wanted.seen is None else dict(wanted.seen)
    scene = scene_of(model, ask, known, seen, shelf=shelf, wanted=wanted)
    known, aligned, order, outlook = scene.known, scene.aligned, scene.order, scene.outlook
    draws = exploring.draws(ask) if wanted.explores and not known.state.minor else None
    ranked = policy.rank(
        order.base(),
        popularity=scene.popularity,
        shelf=shelf,
        situation=scene.situation,
        rules=_rules(ask, known, shelf, controls),
        k=ask.k,
        explore=_pool(ask, known, shelf, wanted) if draws and aligned else policy.NOWHERE,
        rng=draws,
    )
    course_ids = shelf.course_ids[ranked.places]
    return Chosen(
        source=Source.ONBOARDING if thin else Source.MODEL,
        arm=Arm.PERSONAL,
        course_ids=course_ids,
        parts=_parts(known, ranked, order),
        slots=ranked.slots,
        model=aligned.model.version if aligned else None,
        propensity=ranked.propensity,
        seen=memory.shown_again(seen, course_ids.tolist(), known.state.course_ids),
        chances=_chances(outlook, ranked.places, aligned),
        known=known,
        ranker=wanted.ranker,
        pool=shelf.course_ids[ranked.pool],
    )


def totals_by(
    model: LoadedModel, ask: Ask, known: Context, *, shelf: Shelf, controls: Controls, again: Wanted
) -> Floats:
    """Return the scores by place that one model and the policy give; nothing is left behind."""
    scene = scene_of(model, ask, known, dict(again.seen or {}), shelf=shelf, wanted=again)
    slate = policy.scored(
        scene.order.base(),
        popularity=scene.popularity,
        shelf=shelf,
        situation=scene.situation,
        rules=_rules(ask, scene.known, shelf, controls),
    )
    return slate.total


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the policy is given to make one list of, what people decided apart."""

    known: Context
    aligned: Aligned | None  # the model on the shelf
    order: Order
    outlook: Outlook | None
    situation: Situation
    popularity: Floats


def scene_of(
    model: LoadedModel | None,
    ask: Ask,
    known: Context,
    seen: Mapping[int, int],
    *,
    shelf: Shelf,
    wanted: Wanted,
) -> Scene:
    """Return what one model makes of a request; nothing is left behind."""
    aligned = align(model, shelf) if model else None
    known = _completed(ask, known, aligned, seen, shelf=shelf, wanted=wanted)
    outlook = _outlook(ask, known, aligned)
    return Scene(
        known,
        aligned,
        _order(known, aligned, wanted, shelf),
        outlook,
        _likely(known.situation, outlook),
        aligned.popularity if aligned else np.zeros(len(shelf.course_ids)),
    )


def _rules(ask: Ask, known: Context, shelf: Shelf, controls: Controls) -> policy.Rules:
    """Return what people decided, as far as it is meant for this learner."""
    mine = cohorts.of(goal=known.standing.goal, signals=known.signals)
    return controls.rules(ask.surface.key, shelf=shelf, now=ask.now, cohorts=mine)


def objectives(ask: Ask, known: Context, controls: Controls) -> Objectives:
    """Return what this learner's list strives for."""
    mine = cohorts.of(goal=known.standing.goal, signals=known.signals)
    return controls.objectives(ask.surface.key, now=ask.now, cohorts=mine)


def _completed(
    ask: Ask,
    known: Context,
    aligned: Aligned | None,
    seen: Mapping[int, int],
    *,
    shelf: Shelf,
    wanted: Wanted,
) -> Context:
    """Return what is known with what was shown, quizzes, formats and newcomers."""
    known = context.with_seen(known, seen, shelf)
    if ask.intent is Intent.TEST:
        known = context.with_quizzes(known, _with_quiz(known, shelf), shelf)
    if wanted.ranker == FORMATS:
        known = _with_formats(known, shelf, wanted)
    if aligned is None:
        return known
    new = newcomers.of(aligned).places
    return replace(known, situation=replace(known.situation, newcomers=new))


def _order(known: Context, aligned: Aligned | None, wanted: Wanted, shelf: Shelf) -> Order:
    order = order_of(wanted.ranker, aligned, known, shelf_size=len(shelf.course_ids))
    if aligned is None or wanted.ranker == POPULAR:
        return order
    return newcomers.Placed(order, newcomers.of(aligned))


def _likely(situation: Situation, outlook: Outlook | None) -> Situation:
    if outlook is None:
        return situation
    return replace(situation, likely_opened=outlook.opened, likely_completed=outlook.completed)


def _outlook(ask: Ask, known: Context, aligned: Aligned | None) -> Outlook | None:
    """Return how likely picks come to something; a lesson of a begun course is no such pick."""
    if aligned is None or ask.lessons:
        return None
    counts = context.counted(known.state, known.standing)
    return aligned.outlook(counts, goal=known.standing.goal, now=ask.now)


def _chances(outlook: Outlook | None, places: Places, aligned: Aligned | None) -> dict[int, float]:
    """Return how likely each course is opened; nothing where all would be told the same."""
    if outlook is None or aligned is None or aligned.outlooks is None:
        return {}
    if OPENED not in aligned.outlooks.orders_by:
        return {}
    told = outlook.opened[places]
    known = ~np.isnan(told)
    courses = aligned.shelf.course_ids[places[known]]
    return dict(zip(courses.tolist(), told[known].tolist(), strict=True))


def _parts(known: Context, ranked: Ranked, order: Order) -> Parts:
    k, named = len(ranked.places), dict(ranked.parts)
    places = np.concatenate([ranked.places, ranked.rivals])
    past, base = order.explain(places, ranked.scale, past=len(known.history))
    for name, values in base.items():
        named[name] = named[name] + values[:k] if name in named else values[:k]
    codes = course_codes(known.history, known.touches)
    found = compact(past[:, :k], codes, named, touched=len(known.state.course_ids))
    return found.marked(deletion.deciding(past, ranked.totals, ranked.slots))


def _with_quiz(known: Context, shelf: Shelf) -> list[int]:
    """Return the begun courses that have a quiz."""
    return [
        course_id
        for course_id in shelf.course_ids[known.situation.open].tolist()
        if any(module.format == QUIZ for module in catalogue.modules(course_id))
    ]


def _with_formats(known: Context, shelf: Shelf, wanted: Wanted) -> Context:
    if wanted.again is None:
        return formats.counted(known, shelf)
    told = wanted.again
    return formats.with_shares(known, told.format, told.shares, shelf) if told.shares else known


def _pool(ask: Ask, known: Context, shelf: Shelf, wanted: Wanted) -> Places:
    """Return the courses everyone may be offered today to learn from: the same for all."""
    if wanted.again is not None:
        return shelf.known(wanted.again.pool)
    popular = upkeep.KNOWN.popular
    return exploring.pool(ask.now.date(), popular, known.situation.newcomers, shelf)
