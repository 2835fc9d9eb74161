"""What does this learner's own history say? (L4) Model, policy and parts, put together.

A history too thin for the model alone is the onboarding list: the stated goal and interests, and
what little history there is. It needs no model.
"""

from dataclasses import replace
from datetime import date

import numpy as np

from personalize.data import Intent, Source
from personalize.decision import context, memory, onboarding, policy
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask, Context
from personalize.decision.overrides import Controls
from personalize.decision.parts import Parts, compact, course_codes
from personalize.decision.policy import Ranked
from personalize.decision.ranking import Aligned, align
from personalize.decision.shelf import Places, Shelf
from personalize.engine.artifacts import ModelUnusable
from personalize.engine.serving import Scored, serving
from signals import catalogue
from signals.request_ids import Arm

EXPLORE_SHARE = 0.1  # of requests
EXPLORE_AMONG = 300  # most chosen courses the pool of a day is drawn from
EXPLORE_DRAWN = 45  # so that about 30 are left when what a learner knows is taken out
QUIZ = "quiz"

_NO_MODEL = np.zeros(0)


def choose(ask: Ask, known: Context, *, shelf: Shelf, controls: Controls) -> Chosen:
    """Return the personal list. Raises ModelUnusable when it needs a model and there is none."""
    thin = onboarding.applies(known.signals)
    try:
        aligned = align(serving(), shelf)
    except ModelUnusable:
        if not thin:
            raise
        aligned = None
    seen = memory.seen(known.state.learner_id)
    known = context.with_seen(known, seen, shelf)
    if ask.intent is Intent.TEST:
        known = context.with_quizzes(known, _with_quiz(known, shelf), shelf)
    trusted = replace(known.situation, trust=onboarding.trust(known.signals))
    scored = aligned.model.score(known.history, known.weights) if aligned else None
    ranked = policy.rank(
        aligned.base(scored) if aligned and scored else np.zeros(len(shelf.course_ids)),
        popularity=aligned.popularity if aligned else np.zeros(len(shelf.course_ids)),
        shelf=shelf,
        situation=trusted,
        rules=controls.rules(ask.surface.key, shelf=shelf, now=ask.now),
        k=ask.k,
        explore=_pool(ask.now.date(), aligned) if aligned else policy.NOWHERE,
        rng=None if known.state.minor else _rng(ask),
    )
    course_ids = shelf.course_ids[ranked.places]
    return Chosen(
        source=Source.ONBOARDING if thin else Source.MODEL,
        arm=Arm.PERSONAL,
        course_ids=course_ids,
        parts=_parts(known, ranked, aligned, scored),
        slots=ranked.slots,
        model=aligned.model.version if aligned else None,
        propensity=ranked.propensity,
        seen=memory.shown_again(seen, course_ids.tolist(), known.state.course_ids),
    )


def _parts(known: Context, ranked: Ranked, aligned: Aligned | None, scored: Scored | None) -> Parts:
    h, k = len(known.history), len(ranked.places)
    past, named = np.zeros((h, k)), dict(ranked.parts)
    if aligned is not None and scored is not None:
        past, base = aligned.explain(scored, ranked.places, ranked.scale, past=h)
        for name, values in base.items():
            named[name] = named[name] + values if name in named else values
    return compact(past, course_codes(known.history, known.touches), named)


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


_pools: dict[tuple[int, int], Places] = {}


def _pool(day: date, aligned: Aligned) -> Places:
    """Return the courses everyone may be offered today to learn from: the same for all."""
    key = (day.toordinal(), id(aligned))
    pool = _pools.get(key)
    if pool is None:
        among = np.argsort(-aligned.popularity, kind="stable")[:EXPLORE_AMONG]
        rng = np.random.default_rng(day.toordinal())
        pool = rng.permutation(among)[:EXPLORE_DRAWN]
        _pools.clear()
        _pools[key] = pool
    return pool
