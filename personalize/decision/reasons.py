"""Which true sentences say why a pick is here? (L4) From the parts of its score, largest first.

A course is named as the reason only where a pick is that course's doing: without it another one
would be in its place (decision/deletion.py). Where it takes two, both are named; where no one
course decides, that is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext, gettext_noop, ngettext

from personalize.data import Reason, Slot, Source
from personalize.decision import deletion
from personalize.decision.parts import CODES, JUST_NOW, MARKS, NAMES, TOUCH_BITS, TOUCH_MASK
from personalize.decision.phrases import Book
from signals.data import CourseInfo, Touch

BETWEEN = " · "  # titles a reason rests on together
REASONS_MOST = 4
SHARE_LEAST = 0.03  # a smaller part of a score is no reason
PERSONAL_SHARE = 0.05  # a personal reason this large leads
PERSONAL = frozenset({"course", "goal", "interest", "intent", "more", "prerequisite", "begun"})
SILENT = frozenset(
    {"lower", "variety", "near_duplicate", "seen_often", "well_known", "known"}
)  # no reason to show

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
    "format_observed": (
        gettext_noop("It has formats that go well for you"),
        gettext_noop("lessons you finished and quizzes"),
    ),
    "format_asked": (
        gettext_noop("It has the format you asked for"),
        gettext_noop("your choice of a format"),
    ),
    "likely_opened": (
        gettext_noop("Learners at your point open it more often than others"),
        gettext_noop("what learners before you opened"),
    ),
    "likely_completed": (
        gettext_noop("Learners at your point pass it more often than others"),
        gettext_noop("what learners before you passed"),
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
PROMOTED = gettext_noop("Promoted by staff")
BY_A_PERSON = gettext_noop("a person's decision")
UNLISTED = gettext_noop("A course you took")
POPULAR_THERE = gettext_noop("Popular in %(goal)s")
TOGETHER = gettext_noop("%(one)s, together with %(other)s")
MOSTLY = gettext_noop("Several courses of yours together, most of all %(title)s")
SPEAKS = gettext_noop("Your own courses speak for it, most of all %(title)s")
SPEAK = gettext_noop("Your own courses speak for it")
SEVERAL = gettext_noop("Several courses of yours together")
HISTORY = gettext_noop("your history")

_PERSONAL_CODES = frozenset(CODES[name] for name in PERSONAL if name in CODES) | {CODES["earlier"]}
_EARLIER = CODES["earlier"]
_SILENT = frozenset(CODES[name] for name in SILENT)
_STAFF = {CODES["boost"], CODES["pin"]}
_TOGETHER = {deletion.ONE: 1, deletion.TWO: 2}  # else all


class Cause(NamedTuple):
    """Parts that are told in one sentence, the largest first."""

    codes: tuple[int, ...]
    share: float
    decides: bool = False
    speaks: bool = False  # all past courses, which decide nothing


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the sentences may name."""

    courses: Mapping[int, CourseInfo]
    goal: str
    source: Source
    pool: int  # how many courses the explored one was drawn from
    book: Book
    told: dict[int, tuple[str, str, int]] = field(default_factory=dict)  # of the same list, by code


def reasons(
    parts: Sequence[tuple[int, float]], evidence: Evidence, *, slot: Slot, staff: str = ""
) -> tuple[Reason, ...]:
    """Return the reasons of one item, the leading one first.

    parts are (code, value), largest first; staff says what people at the controls did.
    """
    total, mark = 0.0, deletion.UNASKED
    for code, value in parts:
        if value > 0:
            total += value
        elif code in MARKS:
            mark = code
    shares = [(code, value / total) for code, value in parts if value > 0]
    found = [_reason(cause, evidence, staff) for cause in _chosen(_causes(shares, mark), mark)]
    if slot is Slot.EXPLORE:
        found.insert(0, _explored(evidence))
    elif slot in {Slot.PINNED, Slot.BOOSTED}:
        found.sort(key=lambda reason: reason.kind not in {"pin", "boost"})
    return tuple(found[:REASONS_MOST])


def _causes(shares: Sequence[tuple[int, float]], mark: int) -> list[Cause]:
    """Return what is told in a sentence each, the largest first, without trifles.

    Past courses stand in one sentence where a pick is the doing of them together.
    """
    together: list[tuple[int, float]] = []
    if mark != deletion.UNASKED:
        past = [part for part in shares if part[0] > 0 or part[0] == _EARLIER]
        past.sort(key=lambda part: part[0] == _EARLIER)  # that is of many, so none of the largest
        together = past[: _TOGETHER.get(mark, len(past))]
    joint = tuple([code for code, _share in together])
    causes = [
        Cause((code,), share)
        for code, share in shares
        if share >= SHARE_LEAST and code not in _SILENT and code not in joint
    ]
    if joint:
        share = sum([share for _code, share in together])
        causes.append(Cause(joint, share, mark != deletion.NONE, mark == deletion.NONE))
        causes.sort(key=_size, reverse=True)
    return causes


def _size(cause: Cause) -> float:
    return cause.share


def _is_unnamed(cause: Cause) -> bool:
    return cause.codes[0] == _EARLIER


def _chosen(causes: list[Cause], mark: int) -> list[Cause]:
    """Return the largest, led by the largest personal one where that is no trifle.

    What can be named goes before the rest of a long history, however much that adds up to.
    """
    able = [cause for cause in causes if _leads(cause, mark)]
    able.sort(key=_is_unnamed)
    leading = able[0] if able else None
    if leading is None or leading is causes[0]:
        return causes[:REASONS_MOST]
    return [leading, *(cause for cause in causes if cause is not leading)][:REASONS_MOST]


def _leads(cause: Cause, mark: int) -> bool:
    """Say whether a cause may be the first reason; of courses only those that decide."""
    code = cause.codes[0]
    if cause.share < PERSONAL_SHARE:
        return False
    if code > 0 or cause.decides:
        return cause.decides or mark == deletion.UNASKED
    return code in _PERSONAL_CODES and not cause.speaks


def _reason(cause: Cause, evidence: Evidence, staff: str) -> Reason:
    code = cause.codes[0]
    if len(cause.codes) > 1 or cause.speaks:
        return _joint_reason(cause, evidence)
    if code > 0:
        return _course_reason(cause, evidence)
    name = NAMES[-code - 1]
    if code in _STAFF:
        text = staff or evidence.book[PROMOTED]
        return Reason(name, text, cause.share, evidence.book[BY_A_PERSON])
    text, proof = _named(name, evidence)
    kind = "course" if name == "earlier" else name
    return Reason(kind, text, cause.share, proof, decides=cause.decides)


def _course_reason(cause: Cause, evidence: Evidence) -> Reason:
    code = cause.codes[0]
    told = evidence.told.get(code)
    if told is None:
        told = evidence.told[code] = _sentence(code, evidence)
    text, proof, course_id = told
    return Reason("course", text, cause.share, proof, course_id, cause.decides)


def _sentence(code: int, evidence: Evidence) -> tuple[str, str, int]:
    """Return text, evidence and number of a past course."""
    course_id = code >> TOUCH_BITS
    course = evidence.courses.get(course_id)
    if course is None:  # no longer listed: it counted, but cannot be named
        return evidence.book[UNLISTED], "", course_id
    text = evidence.book[_VERBS[code & TOUCH_MASK]] % {"title": course.title}
    return text, course.title, course_id


def _joint_reason(cause: Cause, evidence: Evidence) -> Reason:
    """Return the reason of two courses, which are both named, or of more, led by the largest."""
    say, largest = evidence.book, cause.codes[0] >> TOUCH_BITS
    named = [evidence.courses.get(code >> TOUCH_BITS) for code in cause.codes[:2] if code > 0]
    titles = [course.title for course in named if course is not None]
    if cause.speaks:
        if not titles:
            return Reason("courses", say[SPEAK], cause.share, say[HISTORY])
        text = say[SPEAKS] % {"title": titles[0]}
        return Reason("courses", text, cause.share, titles[0], largest)
    if not titles:
        return Reason("course", say[SEVERAL], cause.share, say[HISTORY], decides=True)
    if len(cause.codes) == len(titles):
        first = say[_VERBS[cause.codes[0] & TOUCH_MASK]] % {"title": titles[0]}
        text, proof = say[TOGETHER] % {"one": first, "other": titles[1]}, BETWEEN.join(titles)
    else:
        text, proof = say[MOSTLY] % {"title": titles[0]}, titles[0]
    return Reason("course", text, cause.share, proof, largest, decides=True)


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
    text = gettext("Put here by chance, so that the list stays open")
    return Reason(kind="explore", text=text, share=0.0, evidence=proof)
