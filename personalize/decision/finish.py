"""How does a decision become an answer? (L4) Its id, its reasons, its row in the log."""

from time import time

import numpy as np
from numpy.typing import NDArray

from personalize.data import Change, Confidence, Item, Recommendation, Slot
from personalize.decision import (
    cohorts,
    confidence,
    explanations,
    inputs,
    log,
    memory,
    metrics,
    mix,
    rulebooks,
    staleness,
)
from personalize.decision.chosen import Chosen
from personalize.decision.context import Ask
from personalize.decision.deadline import Deadline
from personalize.decision.memory import LastList, Remember
from personalize.decision.overrides import Controls
from personalize.decision.parts import named
from personalize.decision.phrases import book
from personalize.decision.policy import POLICY_VERSION
from personalize.decision.reasons import Evidence, reasons
from personalize.decision.row import DecisionRow
from personalize.decision.shelf import Shelf
from personalize.models.decisions import INTENT_CODES, SLOT_CODES, SOURCE_CODES
from signals import api as signals
from signals.data import Allowed, Tier
from signals.request_ids import read_request_id

PARTS_REMEMBERED = 4


def finish(
    ask: Ask, chosen: Chosen, *, shelf: Shelf, controls: Controls, deadline: Deadline
) -> Recommendation:
    """Return the answer, and leave its row with the log."""
    request_id = signals.new_request_id(
        at=ask.now,
        surface=ask.surface.code,
        arm=chosen.arm,
        learner_id=chosen.learner_id or ask.learner_id,
        entropy=ask.entropy,
    )
    served_at, _surface, _arm = read_request_id(request_id)
    items = items_of(ask, chosen, shelf, controls)
    codes = chosen.parts.codes.ravel().tolist()
    own, formats = max(codes, default=0) > 0, explanations.counted_formats(codes)
    answer = Recommendation(
        request_id=request_id,
        learner_id=chosen.learner_id,
        surface=ask.surface.key,
        source=chosen.source,
        model=chosen.model,
        items=items,
        not_used=explanations.not_used(
            chosen.source, allowed=chosen.allowed, own=own, formats=formats
        ),
        used=explanations.used(
            chosen.source,
            allowed=chosen.allowed,
            goal=chosen.goal,
            signals=chosen.signals,
            own=own,
            formats=formats,
        ),
        took_ms=deadline.took_ms(),
        served_at=served_at,
        intent=ask.intent,
        signals=chosen.signals,
        newest_days=staleness.days_of(chosen.known, ask.now) if chosen.signals else None,
        drafted=chosen.teams is not None,
        mix=mix.of_list(chosen.parts),
        languages=chosen.known.languages if chosen.known else (),
    )
    row = _row(ask, chosen, answer, shelf, controls)
    log.write(log.Entry(row, _remember(ask, chosen, answer), controls))
    metrics.ANSWERED.labels(ask.surface.key, chosen.source.value).inc()
    metrics.TOOK.observe(answer.took_ms / 1000)
    return answer


def items_of(ask: Ask, chosen: Chosen, shelf: Shelf, controls: Controls) -> tuple[Item, ...]:
    """Return the items with their confidence and reasons."""
    scores, listed = chosen.parts.scores().tolist(), chosen.parts.listed()
    chances = _chances(chosen)
    bars = _confidences(chosen, listed, chances)
    pool = round(1 / chosen.propensity)
    module_ids = chosen.module_ids.tolist() if chosen.module_ids is not None else None
    mine = cohorts.of(goal=chosen.goal, signals=chosen.signals)
    evidence = Evidence(shelf.courses, chosen.goal, chosen.source, pool, book())
    items = []
    for at, (course_id, parts) in enumerate(zip(chosen.course_ids.tolist(), listed, strict=True)):
        slot = chosen.slots[at]
        staff = _staff(course_id, slot, ask, controls, mine)
        items.append(
            Item(
                course_id=course_id,
                module_id=(module_ids[at] or None) if module_ids else None,
                rank=at + 1,
                score=scores[at],
                confidence=bars[at],
                slot=slot,
                parts=named(parts),
                reasons=reasons(parts, evidence, slot=slot, staff=staff),
                propensity=chosen.propensity if slot is Slot.EXPLORE else 1.0,
                chance=chances[at],
                mix=mix.of(parts),
            )
        )
    return tuple(items)


def _chances(chosen: Chosen) -> list[float | None]:
    """Return the probability of each pick; none where chance or a person put it there."""
    return [
        chosen.chances.get(course_id) if slot in {Slot.GREEDY, Slot.BOOSTED} else None
        for course_id, slot in zip(chosen.course_ids.tolist(), chosen.slots, strict=True)
    ]


def _confidences(
    chosen: Chosen, listed: list[list[tuple[int, float]]], chances: list[float | None]
) -> tuple[Confidence, ...]:
    if chosen.source not in explanations.PERSONAL_SOURCES:
        return (Confidence.EXPLORING,) * len(chosen.slots)
    bars = explanations.confidences(listed, signals=chosen.signals, slots=chosen.slots)
    return tuple(
        bar if chance is None else confidence.bar(chance)
        for bar, chance in zip(bars, chances, strict=True)
    )


def _staff(course_id: int, slot: Slot, ask: Ask, controls: Controls, mine: frozenset[str]) -> str:
    if slot not in {Slot.PINNED, Slot.BOOSTED}:
        return ""
    change = Change.PIN if slot is Slot.PINNED else Change.BOOST
    until = controls.until(course_id, change, surface=ask.surface.key, now=ask.now, cohorts=mine)
    return explanations.promoted(slot, until)


def _row(
    ask: Ask, chosen: Chosen, answer: Recommendation, shelf: Shelf, controls: Controls
) -> DecisionRow:
    return DecisionRow(
        served_at=answer.served_at,
        request_id=answer.request_id,
        learner_id=answer.learner_id,
        surface=ask.surface.code,
        source=SOURCE_CODES[chosen.source],
        intent=INTENT_CODES[ask.intent] if ask.intent else 0,
        rules=POLICY_VERSION,
        signals=min(chosen.signals, 32_767),
        tiers=tiers(chosen.allowed),
        took_ms=answer.took_ms,
        propensity=chosen.propensity if Slot.EXPLORE in chosen.slots else None,
        model=chosen.model,
        goal=chosen.goal or None,
        course_ids=chosen.course_ids,
        module_ids=chosen.module_ids,
        scores=chosen.parts.scores(),
        confidences=_codes(
            [confidence.stored(item.confidence, item.chance) for item in answer.items]
        ),
        slots=_codes([SLOT_CODES[slot] for slot in chosen.slots]),
        parts=chosen.parts,
        drafted_for=chosen.drafted_for,
        teams=chosen.teams,
        inputs=_inputs(ask, chosen, shelf, controls),
    )


def _inputs(ask: Ask, chosen: Chosen, shelf: Shelf, controls: Controls) -> bytes:
    """Return what the list was made from; nothing of a learner who allows no list of their own."""
    may = chosen.learner_id is not None and chosen.allowed.personalization
    return inputs.of(
        ask,
        chosen,
        catalogue=shelf.version,
        controls=rulebooks.digest_of(controls),
        kept=chosen.known if may else None,
    ).encoded()


def tiers(allowed: Allowed) -> int:
    """Return the tiers that were allowed as bits of the log."""
    return sum(1 << tier for tier in Tier if allowed.tier(tier))


def _codes(codes: list[int]) -> NDArray[np.int16]:
    return np.array(codes, dtype=np.int16)


def _remember(ask: Ask, chosen: Chosen, answer: Recommendation) -> Remember | None:
    """Return what the cache keeps: only personal lists made with consent just read."""
    if chosen.learner_id is None or chosen.seen is None:
        return None
    kept = slice(memory.ITEMS_KEPT)
    few = chosen.parts.narrowed(PARTS_REMEMBERED)
    last = LastList(
        learner_id=chosen.learner_id,
        served_at=answer.served_at.timestamp(),
        consent_at=time(),
        model=chosen.model,
        goal=chosen.goal,
        signals=chosen.signals,
        course_ids=chosen.course_ids[kept],
        module_ids=None if chosen.module_ids is None else chosen.module_ids[kept],
        slots=tuple(slot.value for slot in chosen.slots[kept]),
        codes=few.codes[kept],
        values=few.values[kept],
    )
    return Remember(chosen.learner_id, ask.external_id, ask.place, last, chosen.seen)
