"""Why is this course here? (L4) True sentences from the stored parts, at serving and ever after.

The list and the panel read the same codes and values, so the panel shows what was decided and
nothing is worked out again. A reason names what the learner did, said or was shown; what did not
count is said too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, ngettext

from personalize.data import Change, Confidence, Explanation, Item, Reason, Slot, Source
from personalize.decision import log, overrides
from personalize.decision.parts import CODES, name_of, read_course
from personalize.models import Decision
from personalize.models.decisions import SLOT_CODES, SOURCE_CODES
from signals import catalogue
from signals.data import Allowed, CourseInfo, Tier, Touch

REASONS_MOST = 4
SHARE_LEAST = 0.03  # a smaller part of a score is no reason
PERSONAL_SHARE = 0.05  # a personal reason this large leads
PERSONAL = frozenset({"course", "goal", "interest", "intent", "more", "prerequisite"})
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
    "prerequisite": (
        gettext_noop("Courses that suit you build on it"),
        gettext_noop("stated prerequisites"),
    ),
    "curated": (gettext_noop("Chosen by our editors"), gettext_noop("the edited list")),
}
_VERBS = {
    Touch.COMPLETED: gettext_noop("You completed %(title)s"),
    Touch.ENROLLED: gettext_noop("You enrolled in %(title)s"),
    Touch.STARTED: gettext_noop("You started %(title)s"),
    Touch.VIEWED: gettext_noop("You looked at %(title)s"),
}
_STAFF = {CODES["boost"], CODES["pin"]}
_SOURCES = {code: source for source, code in SOURCE_CODES.items()}
_SLOTS = {code: slot for slot, code in SLOT_CODES.items()}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the sentences may name."""

    courses: Mapping[int, CourseInfo]
    goal: str
    source: Source
    pool: int = 0  # how many courses the explored one was drawn from
    staff: str = ""  # what people at the controls did, in words


def reasons(
    parts: Sequence[tuple[int, float]], *, slot: Slot, evidence: Evidence
) -> tuple[Reason, ...]:
    """Return the reasons of one item, the leading one first; parts are (code, value)."""
    positive = [(code, value) for code, value in parts if value > 0]
    total = sum(value for _code, value in positive)
    found = [
        reason
        for code, value in positive
        if value >= SHARE_LEAST * total
        if (reason := _reason(code, value / total, evidence)) is not None
    ]
    found.sort(key=lambda reason: (not _leads(reason), -reason.share))
    if slot is Slot.EXPLORE:
        found.insert(0, _explored(evidence))
    elif evidence.staff and slot in {Slot.PINNED, Slot.BOOSTED}:
        found.sort(key=lambda reason: reason.kind not in {"pin", "boost"})
    return tuple(found[:REASONS_MOST])


def confidence(
    parts: Sequence[tuple[int, float]], *, score: float, best: float, signals: int, slot: Slot
) -> Confidence:
    """Return the bars: how much history speaks, and how close the item is to the best one."""
    past = sum(value for code, value in parts if code > 0 or code == CODES["earlier"])
    said = sum(value for code, value in parts if code in {CODES["goal"], CODES["interest"]})
    margin = score / best if best > 0 else 0.0
    if slot is Slot.EXPLORE or past + said <= 0 or (signals < FAIR_SIGNALS and not said):
        return Confidence.EXPLORING
    if signals >= STRONG_SIGNALS and margin >= STRONG_MARGIN and past > 0:
        return Confidence.STRONG
    if signals >= GOOD_SIGNALS and margin >= GOOD_MARGIN and past > 0:
        return Confidence.GOOD
    return Confidence.FAIR


def used(source: Source, *, allowed: Allowed, goal: str, signals: int) -> tuple[str, ...]:
    """Return in plain words what counted for a list."""
    if source not in PERSONAL_SOURCES:
        return (gettext("your goal"),) if source is Source.COHORT and goal else ()
    words = []
    if signals:
        words.append(gettext("courses you completed or enrolled in"))
        if allowed.tier(Tier.PERSONALIZATION):
            words.append(gettext("courses you looked at"))
    if goal:
        words.append(gettext("your goal"))
    words.append(gettext("what you said about single courses"))
    return tuple(words)


def not_used(source: Source, *, allowed: Allowed) -> tuple[str, ...]:
    """Return in plain words what did not count for a list."""
    words = [gettext("paid placement"), gettext("what you searched for")]
    if source not in PERSONAL_SOURCES:
        words.append(gettext("anything you did"))
    words.append(
        gettext("how you play, pause and rewind videos")
        if allowed.tier(Tier.FINE_GRAINED)
        else gettext("how you play, pause and rewind videos (switched off)")
    )
    if not allowed.tier(Tier.INFERRED):
        words.append(gettext("guesses about how you learn (switched off)"))
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
    note = ""
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
        used=used(source, allowed=allowed, goal=row.goal or "", signals=row.signals),
        not_used=not_used(source, allowed=allowed),
        note=note,
    )


def read_items(row: Decision) -> tuple[Item, ...]:
    """Return the items of a logged decision with their reasons."""
    wide = row.parts_wide
    pool = round(1 / row.propensity) if row.propensity else 0
    items = []
    for at, course_id in enumerate(row.course_ids):
        stored = slice(at * wide, (at + 1) * wide)
        parts = [
            (code, value)
            for code, value in zip(row.part_codes[stored], row.part_values[stored], strict=True)
            if code
        ]
        slot = _SLOTS[row.slots[at]]
        evidence = Evidence(
            courses=catalogue.courses(),
            goal=row.goal or "",
            source=_SOURCES[row.source],
            pool=pool,
            staff=staff_words(course_id, slot, at=row.served_at),
        )
        items.append(
            Item(
                course_id=course_id,
                module_id=row.module_ids[at] if row.module_ids else None,
                rank=at + 1,
                score=row.scores[at],
                confidence=Confidence(row.confidences[at]),
                slot=slot,
                parts=tuple((name_of(code), value) for code, value in parts),
                reasons=reasons(parts, slot=slot, evidence=evidence),
                propensity=row.propensity if slot is Slot.EXPLORE and row.propensity else 1.0,
            )
        )
    return tuple(items)


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


def _leads(reason: Reason) -> bool:
    return reason.kind in PERSONAL and reason.share >= PERSONAL_SHARE


def _reason(code: int, share: float, evidence: Evidence) -> Reason | None:
    if code > 0:
        return _course_reason(code, share, evidence)
    name = name_of(code)
    if code in _STAFF:
        text = evidence.staff or gettext("Promoted by staff")
        return Reason(kind=name, text=text, share=share, evidence=gettext("a person's decision"))
    text, proof = _named(name, evidence)
    kind = "course" if name == "earlier" else name
    return Reason(kind=kind, text=text, share=share, evidence=proof) if text else None


def _course_reason(code: int, share: float, evidence: Evidence) -> Reason | None:
    course_id, touch = read_course(code)
    course = evidence.courses.get(course_id)
    if course is None:  # no longer listed: it counted, but cannot be named
        return Reason("course", gettext("A course you took"), share, "", course_id)
    text = gettext(_VERBS[touch]) % {"title": course.title}
    return Reason("course", text, share, course.title, course_id)


def _named(name: str, evidence: Evidence) -> tuple[str, str]:
    """Return text and evidence of a named part; nothing where it is no reason to show."""
    goal = evidence.goal
    if name == "popular":
        if evidence.source is Source.COHORT:
            return gettext("Popular in %(goal)s") % {"goal": goal}, goal
        return gettext("Popular with all learners"), gettext("choices of all learners")
    text, proof = _TOLD.get(name, ("", ""))
    if not text:
        return "", ""
    if name == "goal":
        return gettext(text) % {"goal": goal}, goal
    return gettext(text), gettext(proof)


def _explored(evidence: Evidence) -> Reason:
    proof = ngettext(
        "drawn at random from %(n)d course", "drawn at random from %(n)d courses", evidence.pool
    ) % {"n": evidence.pool}
    text = gettext("Outside your usual picks, so that the list stays open")
    return Reason(kind="explore", text=text, share=0.0, evidence=proof)
