"""Why is this course here? (L4) True sentences from the stored parts, at serving and ever after.

The list and the panel read the same codes and values, so the panel shows what was decided and
nothing is worked out again. A reason names what the learner did, said or was shown; what did not
count is said too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, ngettext

from experiments.data import Team
from personalize.data import Change, Confidence, Explanation, Item, Reason, Slot, Source
from personalize.decision import log, mix, overrides
from personalize.decision.confidence import chance_of, level_of
from personalize.decision.parts import CODES, JUST_NOW, NAMES, TOUCH_BITS, TOUCH_MASK, Parts, named
from personalize.decision.phrases import Book, book
from personalize.models import Decision
from personalize.models.decisions import SLOT_CODES, SOURCE_CODES
from signals import catalogue
from signals.data import Allowed, CourseInfo, Tier, Touch

REASONS_MOST = 4
SHARE_LEAST = 0.03  # a smaller part of a score is no reason
PERSONAL_SHARE = 0.05  # a personal reason this large leads
PERSONAL = frozenset({"course", "goal", "interest", "intent", "more", "prerequisite", "begun"})
SILENT = frozenset({"lower", "variety", "near_duplicate", "seen_often"})  # no reason to show
PERSONAL_SOURCES = frozenset({Source.MODEL, Source.ONBOARDING, Source.LAST_GOOD})

FAIR_SIGNALS, GOOD_SIGNALS, STRONG_SIGNALS = 1, 3, 6
GOOD_MARGIN, STRONG_MARGIN = 0.35, 0.7  # of the best score of the list

# Part -> text and evidence, marked for translation here and translated when shown.
_TOLD = {
    "earlier": (gettext_noop("Other courses of yours"), gettext_noop("your history")),
    "goal": (gettext_noop("It is in %(goal)s, your goal"), ""),
    "interest": (gettext_noop("It teaches skills you asked for"), gettext_noop("your interests")),
    "intent": (
        gettext_noop("It fits what this session is for"),
        gettext_noop("what you chose above the list"),
    ),
    "more": (gettext_noop("You asked for more like it"), gettext_noop("your feedback")),
    "begun": (gettext_noop("You are in the middle of it"), gettext_noop("your courses")),
    "prerequisite": (
        gettext_noop("Courses that suit you build on it"),
        gettext_noop("stated prerequisites"),
    ),
    "likely_opened": (
        gettext_noop("Learners at your point often open it"),
        gettext_noop("what learners before you opened"),
    ),
    "likely_completed": (
        gettext_noop("Learners at your point mostly complete it"),
        gettext_noop("what learners before you completed"),
    ),
    "popular": (
        gettext_noop("Popular with all learners"),
        gettext_noop("choices of all learners"),
    ),
    "curated": (gettext_noop("Chosen by our editors"), gettext_noop("the edited list")),
    "catalogue": (
        gettext_noop("From the catalogue, the same for everyone"),
        gettext_noop("the order of the catalogue"),
    ),
}
_VERBS = {
    int(Touch.COMPLETED): gettext_noop("You completed %(title)s"),
    int(Touch.ENROLLED): gettext_noop("You enrolled in %(title)s"),
    int(Touch.STARTED): gettext_noop("You started %(title)s"),
    int(Touch.VIEWED): gettext_noop("You looked at %(title)s"),
    int(JUST_NOW[Touch.COMPLETED]): gettext_noop("You just completed %(title)s"),
    int(JUST_NOW[Touch.ENROLLED]): gettext_noop("You just enrolled in %(title)s"),
    int(JUST_NOW[Touch.STARTED]): gettext_noop("You just started %(title)s"),
    int(JUST_NOW[Touch.VIEWED]): gettext_noop("You just looked at %(title)s"),
}
TAKEN = gettext_noop("courses you completed or enrolled in")
LOOKED_AT = gettext_noop("courses you looked at")
GOAL = gettext_noop("your goal")
SAID = gettext_noop("what you said about single courses")
PAID = gettext_noop("paid placement")
SEARCHED = gettext_noop("what you searched for")
ANYTHING = gettext_noop("anything you did")
PLAYED = gettext_noop("how you play, pause and rewind videos")
PLAYED_OFF = gettext_noop("how you play, pause and rewind videos (switched off)")
INFERRED_OFF = gettext_noop("guesses about how you learn (switched off)")
PROMOTED = gettext_noop("Promoted by staff")
BY_A_PERSON = gettext_noop("a person's decision")
UNLISTED = gettext_noop("A course you took")
POPULAR_THERE = gettext_noop("Popular in %(goal)s")

COMPARED = gettext_noop("Two ways of ordering are compared in this list: they take turns in it.")
_PUT_HERE = {
    Team.BOTH: gettext_noop("Both put this course here."),
    Team.CONTROL: gettext_noop("The usual one put this course here."),
    Team.VARIANT: gettext_noop("The new one put this course here."),
}

_PERSONAL_CODES = frozenset(CODES[name] for name in PERSONAL if name in CODES) | {CODES["earlier"]}
_SAID = frozenset({CODES["goal"], CODES["interest"]})
_PIN, _EARLIER = CODES["pin"], CODES["earlier"]
_SILENT = frozenset(CODES[name] for name in SILENT)
_STAFF = {CODES["boost"], CODES["pin"]}
_SOURCES = {code: source for source, code in SOURCE_CODES.items()}
_SLOTS = {code: slot for slot, code in SLOT_CODES.items()}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the sentences may name."""

    courses: Mapping[int, CourseInfo]
    goal: str
    source: Source
    pool: int  # how many courses the explored one was drawn from
    book: Book


def reasons(
    parts: Sequence[tuple[int, float]], evidence: Evidence, *, slot: Slot, staff: str = ""
) -> tuple[Reason, ...]:
    """Return the reasons of one item, the leading one first.

    parts are (code, value), largest first; staff says what people at the controls did.
    """
    positive = [part for part in parts if part[1] > 0]
    total = sum(value for _code, value in positive)
    chosen = _chosen([(code, value / total) for code, value in positive])
    found = [_reason(code, share, evidence, staff) for code, share in chosen]
    if slot is Slot.EXPLORE:
        found.insert(0, _explored(evidence))
    elif slot in {Slot.PINNED, Slot.BOOSTED}:
        found.sort(key=lambda reason: reason.kind not in {"pin", "boost"})
    return tuple(found[:REASONS_MOST])


def _chosen(shares: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return the largest shares, led by the largest personal one where that is no trifle."""
    told = [part for part in shares if part[1] >= SHARE_LEAST and part[0] not in _SILENT]
    leading = next((part for part in told if _leads(*part)), None)
    if leading is None or leading == told[0]:
        return told[:REASONS_MOST]
    return [leading, *(part for part in told if part is not leading)][:REASONS_MOST]


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
    source: Source, *, allowed: Allowed, goal: str, signals: int, own: bool = False
) -> tuple[str, ...]:
    """Return in plain words what counted for a list; own: it is of the learner's own courses."""
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
    return tuple(words)


def not_used(source: Source, *, allowed: Allowed, own: bool = False) -> tuple[str, ...]:
    """Return in plain words what did not count for a list; own as in `used`."""
    say = book()
    words = [say[PAID], say[SEARCHED]]
    if source not in PERSONAL_SOURCES and not own:
        words.append(say[ANYTHING])
    words.append(say[PLAYED if allowed.tier(Tier.FINE_GRAINED) else PLAYED_OFF])
    if not allowed.tier(Tier.INFERRED):
        words.append(say[INFERRED_OFF])
    return tuple(words)


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
    note = _compared(row, course_id)
    if source in PERSONAL_SOURCES and not row.parts_wide:
        note = gettext(
            "The reasons were deleted when personalization was switched off, as was promised."
        )
    return Explanation(
        request_id=request_id,
        item=item,
        source=source,
        served_at=row.served_at,
        goal=row.goal or "",
        signals=row.signals,
        used=used(source, allowed=allowed, goal=row.goal or "", signals=row.signals, own=own),
        not_used=not_used(source, allowed=allowed, own=own),
        note=note,
    )


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
    row = overrides.at_that_time(course_id, change, at=at)
    return promoted(slot, row.ends_at if row else None)


def promoted(slot: Slot, until: datetime | None) -> str:
    """Return "Promoted by staff until ..."."""
    said = gettext("Pinned by staff") if slot is Slot.PINNED else gettext("Promoted by staff")
    if until is None:
        return said
    return gettext("%(said)s until %(day)s") % {"said": said, "day": date_format(until, "j F")}


def _leads(code: int, share: float) -> bool:
    return share >= PERSONAL_SHARE and (code > 0 or code in _PERSONAL_CODES)


def _reason(code: int, share: float, evidence: Evidence, staff: str) -> Reason:
    if code > 0:
        return _course_reason(code, share, evidence)
    name = NAMES[-code - 1]
    if code in _STAFF:
        return Reason(name, staff or evidence.book[PROMOTED], share, evidence.book[BY_A_PERSON])
    text, proof = _named(name, evidence)
    kind = "course" if name == "earlier" else name
    return Reason(kind=kind, text=text, share=share, evidence=proof)


def _course_reason(code: int, share: float, evidence: Evidence) -> Reason:
    course_id = code >> TOUCH_BITS
    course = evidence.courses.get(course_id)
    if course is None:  # no longer listed: it counted, but cannot be named
        return Reason("course", evidence.book[UNLISTED], share, "", course_id)
    text = evidence.book[_VERBS[code & TOUCH_MASK]] % {"title": course.title}
    return Reason("course", text, share, course.title, course_id)


def _named(name: str, evidence: Evidence) -> tuple[str, str]:
    """Return text and evidence of a named part."""
    goal = evidence.goal
    if name == "popular" and evidence.source is Source.COHORT:
        return evidence.book[POPULAR_THERE] % {"goal": goal}, goal
    text, proof = _TOLD[name]
    if name == "goal":
        return evidence.book[text] % {"goal": goal}, goal
    return evidence.book[text], evidence.book[proof]


def _explored(evidence: Evidence) -> Reason:
    proof = ngettext(
        "drawn at random from %(n)d course", "drawn at random from %(n)d courses", evidence.pool
    ) % {"n": evidence.pool}
    text = gettext("Outside your usual picks, so that the list stays open")
    return Reason(kind="explore", text=text, share=0.0, evidence=proof)
