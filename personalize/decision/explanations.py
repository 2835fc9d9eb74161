"""What does an explanation say beside its reasons, and what did it say then? (L4)

The list and the panel read the same codes and values, so the panel shows what was decided and
nothing is worked out again: how much stands behind a pick, what counted for a list, what did not.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import isnan, nan
from uuid import UUID

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop

from experiments.data import Team
from personalize.data import Change, Confidence, Explanation, Item, Slot, Source
from personalize.decision import changes, inputs, log, mix
from personalize.decision.confidence import chance_of, level_of
from personalize.decision.parts import CODES, FORMAT_ASKED, FORMAT_OBSERVED, Parts, named
from personalize.decision.phrases import book
from personalize.decision.reasons import Evidence, reasons
from personalize.models import Decision
from personalize.models.decisions import SLOT_CODES, SOURCE_CODES
from signals import catalogue
from signals.data import Allowed, Tier

PERSONAL_SOURCES = frozenset({Source.MODEL, Source.ONBOARDING, Source.LAST_GOOD})

FAIR_SIGNALS, GOOD_SIGNALS, STRONG_SIGNALS = 1, 3, 6
GOOD_MARGIN, STRONG_MARGIN = 0.35, 0.7  # of the best score of the list

TAKEN = gettext_noop("courses you completed or enrolled in")
LOOKED_AT = gettext_noop("courses you looked at")
GOAL = gettext_noop("your goal")
SAID = gettext_noop("what you said about single courses")
_FORMATS = {
    FORMAT_OBSERVED: gettext_noop("which formats go well for you"),
    FORMAT_ASKED: gettext_noop("the format you asked for"),
}
PAID = gettext_noop("paid placement")
SEARCHED = gettext_noop("what you searched for")
ANYTHING = gettext_noop("anything you did")
PLAYED = gettext_noop("how you play, pause and rewind videos")
PLAYED_OFF = gettext_noop("how you play, pause and rewind videos (switched off)")
INFERRED_OFF = gettext_noop("guesses about how you learn (switched off)")
COMPARED = gettext_noop("Two ways of ordering are compared in this list: they take turns in it.")
_PUT_HERE = {
    Team.BOTH: gettext_noop("Both put this course here."),
    Team.CONTROL: gettext_noop("The usual one put this course here."),
    Team.VARIANT: gettext_noop("The new one put this course here."),
}

_SAID = frozenset({CODES["goal"], CODES["interest"]})
_PIN, _EARLIER = CODES["pin"], CODES["earlier"]
_SOURCES = {code: source for source, code in SOURCE_CODES.items()}
_SLOTS = {code: slot for slot, code in SLOT_CODES.items()}


def confidences(
    listed: Sequence[Sequence[tuple[int, float]]], *, signals: int, slots: Sequence[Slot]
) -> tuple[Confidence, ...]:
    """Return the bars of each item: how much history speaks, how close it is to the best one.

    listed are the (code, value) of each item. A pin says nothing about the match.
    """
    scores = [sum([value for code, value in parts if code != _PIN]) for parts in listed]
    best = max(scores, default=0.0)
    return tuple(
        [
            Confidence.EXPLORING
            if slot is Slot.EXPLORE
            else _bar(parts, score / best if best > 0 else 0.0, signals)
            for parts, score, slot in zip(listed, scores, slots, strict=True)
        ]
    )


def _bar(parts: Sequence[tuple[int, float]], margin: float, signals: int) -> Confidence:
    past = sum([value for code, value in parts if code > 0 or code == _EARLIER]) > 0
    if past and signals >= STRONG_SIGNALS and margin >= STRONG_MARGIN:
        return Confidence.STRONG
    if past and signals >= GOOD_SIGNALS and margin >= GOOD_MARGIN:
        return Confidence.GOOD
    if past and signals >= FAIR_SIGNALS:
        return Confidence.FAIR
    said = any(code in _SAID for code, _value in parts)
    return Confidence.FAIR if said else Confidence.EXPLORING


def used(
    source: Source,
    *,
    allowed: Allowed,
    goal: str,
    signals: int,
    own: bool = False,
    formats: str = "",
) -> tuple[str, ...]:
    """Return in plain words what counted for a list; own: it is of the learner's own courses.

    formats is the part by which formats counted, "" where they did not.
    """
    say = book()
    if source not in PERSONAL_SOURCES:
        if own:
            return (say[TAKEN],)
        return (say[GOAL],) if source is Source.COHORT and goal else ()
    words = []
    if signals:
        words.append(say[TAKEN])
        if allowed.tier(Tier.PERSONALIZATION):
            words.append(say[LOOKED_AT])
    if goal:
        words.append(say[GOAL])
    words.append(say[SAID])
    if formats:
        words.append(say[_FORMATS[formats]])
    return tuple(words)


def not_used(
    source: Source, *, allowed: Allowed, own: bool = False, formats: str = ""
) -> tuple[str, ...]:
    """Return in plain words what did not count for a list; own and formats as in `used`."""
    say = book()
    words = [say[PAID], say[SEARCHED]]
    if source not in PERSONAL_SOURCES and not own:
        words.append(say[ANYTHING])
    if formats != FORMAT_OBSERVED:
        words.append(say[PLAYED if allowed.tier(Tier.FINE_GRAINED) else PLAYED_OFF])
    if not allowed.tier(Tier.INFERRED):
        words.append(say[INFERRED_OFF])
    return tuple(words)


def counted_formats(codes: Iterable[int]) -> str:
    """Return the part by which formats counted in a list, "" where they did not."""
    found = set(codes)
    return next((name for name in _FORMATS if CODES[name] in found), "")


def panel(request_id: UUID, course_id: int, *, learner_id: int | None) -> Explanation | None:
    """Return the stored explanation of one item, for the learner it was made for.

    learner_id None is staff, who may read every trace. None where there is no such decision, where
    it is another learner's, or where the course was not in it.
    """
    row = log.find(request_id)
    if row is None or (learner_id is not None and row.learner_id != learner_id):
        return None
    if course_id not in row.course_ids:
        return None
    item = read_items(row)[row.course_ids.index(course_id)]
    source = _SOURCES[row.source]
    allowed = Allowed(*(bool(row.tiers >> tier & 1) for tier in (1, 2, 3)))
    own = any(code > 0 for code in row.part_codes)
    formats = counted_formats(row.part_codes)
    note = _compared(row, course_id)
    if source in PERSONAL_SOURCES and not row.parts_wide:
        note = gettext(
            "The reasons were deleted when what they rest on was switched off, as was promised."
        )
    return Explanation(
        request_id=request_id,
        item=item,
        source=source,
        served_at=row.served_at,
        goal=row.goal or "",
        signals=row.signals,
        used=used(
            source,
            allowed=allowed,
            goal=row.goal or "",
            signals=row.signals,
            own=own,
            formats=formats,
        ),
        not_used=not_used(source, allowed=allowed, own=own, formats=formats),
        note=note,
        newest_days=_newest_days(row),
        languages=inputs.languages(bytes(row.inputs)) if row.inputs else (),
    )


def _newest_days(row: Decision) -> float | None:
    days = inputs.newest_days(bytes(row.inputs)) if row.inputs and row.signals else nan
    return None if isnan(days) else days


def _compared(row: Decision, course_id: int) -> str:
    """Return that two ways of ordering filled the list, and which put this course where it is."""
    if not row.teams:
        return ""
    team = Team(row.teams[row.course_ids.index(course_id)])
    return f"{gettext(COMPARED)} {gettext(_PUT_HERE[team])}"


def read_items(row: Decision) -> tuple[Item, ...]:
    """Return the items of a logged decision with their reasons."""
    source = _SOURCES[row.source]
    pool = round(1 / row.propensity) if row.propensity else 0
    evidence = Evidence(catalogue.courses(), row.goal or "", source, pool, book())
    listed = stored_parts(row).listed()
    items = []
    for at, (course_id, parts) in enumerate(zip(row.course_ids, listed, strict=True)):
        slot = _SLOTS[row.slots[at]]
        staff = staff_words(course_id, slot, at=row.served_at)
        items.append(
            Item(
                course_id=course_id,
                module_id=(row.module_ids[at] or None) if row.module_ids else None,
                rank=at + 1,
                score=row.scores[at],
                confidence=level_of(row.confidences[at]),
                chance=chance_of(row.confidences[at]),
                slot=slot,
                parts=named(parts),
                mix=mix.of(parts),
                reasons=reasons(parts, evidence, slot=slot, staff=staff),
                propensity=row.propensity if slot is Slot.EXPLORE and row.propensity else 1.0,
            )
        )
    return tuple(items)


def stored_parts(row: Decision) -> Parts:
    """Return the parts of a logged decision; none where they were deleted."""
    shape = (len(row.course_ids), row.parts_wide)
    return Parts(
        np.array(row.part_codes, dtype=np.int32).reshape(shape),
        np.array(row.part_values, dtype=np.float64).reshape(shape),
    )


def staff_words(course_id: int, slot: Slot, *, at: datetime) -> str:
    """Return what people at the controls did to a shown course, in words; "" for nothing."""
    if slot not in {Slot.PINNED, Slot.BOOSTED}:
        return ""
    change = Change.PIN if slot is Slot.PINNED else Change.BOOST
    row = changes.at_that_time(course_id, change, at=at)
    return promoted(slot, row.ends_at if row else None)


def promoted(slot: Slot, until: datetime | None) -> str:
    """Return "Promoted by staff until ..."."""
    said = gettext("Pinned by staff") if slot is Slot.PINNED else gettext("Promoted by staff")
    if until is None:
        return said
    return gettext("%(said)s until %(day)s") % {
        "said": said,
        "day": date_format(until, "MONTH_DAY_FORMAT"),
    }
