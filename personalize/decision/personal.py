"""What does this learner's own history say? (L4) Model, policy and parts, put together.

A history too thin for the model alone is the onboarding list: the stated goal and interests, and
what little history there is. It needs no model.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
from django.db import DatabaseError

from personalize.data import Intent, Source
from personalize.decision import (
    context,
    deletion,
    formats,
    memory,
    newcomers,
    onboarding,
    policy,
    staleness,
)
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask, Context
from personalize.decision.overrides import Controls
from personalize.decision.parts import Parts, compact, course_codes
from personalize.decision.policy import Ranked, Situation
from personalize.decision.rankers import FORMATS, POPULAR, Order, Wanted, order_of
from personalize.decision.ranking import Aligned, align
from personalize.decision.shelf import Places, Shelf
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.heads import OPENED, Outlook
from personalize.engine.serving import LoadedModel, serving_to, set_aside
from signals import catalogue
from signals.request_ids import Arm

EXPLORE_SHARE = 0.1  # of requests
EXPLORE_AMONG = 300  # most chosen courses the pool of a day is drawn from
EXPLORE_DRAWN = 45  # so that about 30 are left when what a learner knows is taken out
NEWCOMERS_DRAWN = 9  # beside them, of courses nobody has taken yet
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
        return _choose(ask, known, None, shelf=shelf, controls=controls, wanted=wanted)
    for model in tried:
        try:
            return _choose(ask, known, model, shelf=shelf, controls=controls, wanted=wanted)
        except DatabaseError:
            raise
        except Exception:  # who is tried out on must not go without an answer
            log.exception("Model %s failed; this process serves the live one.", model.version)
            set_aside(model)
    return _choose(ask, known, live, shelf=shelf, controls=controls, wanted=wanted)


def _choose(
    ask: Ask,
    known: Context,
    model: LoadedModel | None,
    *,
    shelf: Shelf,
    controls: Controls,
    wanted: Wanted,
) -> Chosen:
    thin = onboarding.applies(known.signals)
    aligned = align(model, shelf) if model else None
    seen = memory.seen(known.state.learner_id) if wanted.seen is None else dict(wanted.seen)
    known = context.with_seen(known, seen, shelf)
    if ask.intent is Intent.TEST:
        known = context.with_quizzes(known, _with_quiz(known, shelf), shelf)
    outlook = _outlook(ask, known, aligned)
    if wanted.ranker == FORMATS:
        known = formats.counted(known, shelf)
    order = order_of(wanted.ranker, aligned, known, shelf_size=len(shelf.course_ids))
    if aligned is not None:
        new = newcomers.of(aligned)
        order = newcomers.Placed(order, new) if wanted.ranker != POPULAR else order
        known = replace(known, situation=replace(known.situation, newcomers=new.places))
    ranked = policy.rank(
        order.base(),
        popularity=aligned.popularity if aligned else np.zeros(len(shelf.course_ids)),
        shelf=shelf,
        situation=_likely(known.situation, outlook),
        rules=controls.rules(ask.surface.key, shelf=shelf, now=ask.now),
        k=ask.k,
        explore=_pool(ask.now.date(), aligned) if aligned else policy.NOWHERE,
        rng=_rng(ask) if wanted.explores and not known.state.minor else None,
    )
    course_ids = shelf.course_ids[ranked.places]
    staleness.observe(ask, known, model)
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
    )


def _likely(situation: Situation, outlook: Outlook | None) -> Situation:
    if outlook is None:
        return situation
    return replace(situation, likely_opened=outlook.opened, likely_completed=outlook.completed)


def _outlook(ask: Ask, known: Context, aligned: Aligned | None) -> Outlook | None:
    """Return how likely picks come to something; a lesson of a begun course is no such pick."""
    if aligned is None or ask.lessons:
        return None
    return aligned.outlook(known.state, goal=known.standing.goal, now=ask.now)


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
    found = compact(past[:, :k], course_codes(known.history, known.touches), named)
    return found.marked(deletion.deciding(past, ranked.totals, ranked.slots))


def _with_quiz(known: Context, shelf: Shelf) -> list[int]:
    """Return the begun courses that have a quiz."""
    return [
        course_id
        for course_id in shelf.course_ids[known.situation.open].tolist()
        if any(module.format == QUIZ for module in catalogue.modules(course_id))
    ]


def _rng(ask: Ask) -> np.random.Generator | None:
    """Return the draws of this request where it explores: a tenth do, by the request's entropy."""
    number = int.from_bytes(ask.entropy)
    if ask.lessons or number % 1000 >= EXPLORE_SHARE * 1000:
        return None
    return np.random.default_rng(number)


POOLS_KEPT = 8
_pools: dict[tuple[int, int], tuple[Aligned, Places]] = {}


def _pool(day: date, aligned: Aligned) -> Places:
    """Return the courses everyone may be offered today to learn from: the same for all."""
    key = (day.toordinal(), id(aligned))
    kept = _pools.get(key)
    if kept is None or kept[0] is not aligned:
        order = np.argsort(-aligned.popularity, kind="stable")
        among = order[aligned.row_of[order] >= 0][:EXPLORE_AMONG]
        rng = np.random.default_rng(day.toordinal())
        new = rng.permutation(newcomers.of(aligned).places)[:NEWCOMERS_DRAWN]
        if len(_pools) >= POOLS_KEPT:
            _pools.clear()
        kept = _pools[key] = (
            aligned,
            np.concatenate([rng.permutation(among)[:EXPLORE_DRAWN], new]),
        )
    return kept[1]
