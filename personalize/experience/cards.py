"""What does the card of one pick show? (L5)"""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from personalize.data import Explanation, Item, Slot, Source
from personalize.experience.why import Why, panel, words
from signals.data import CourseInfo, ModuleInfo

PERSONAL = frozenset({Source.MODEL, Source.LAST_GOOD, Source.ONBOARDING})
STAFF_KINDS = frozenset({"boost", "pin"})


@dataclass(frozen=True, slots=True)
class Card:
    """One course on a list, with its panel when it is open."""

    request_id: UUID
    course_id: int
    href: str
    title: str
    provider: str
    field: str
    level: str
    minutes: int
    summary: str
    skills: tuple[str, ...]
    line: str  # the one reason under the title; empty on lists that are not personal
    confidence: int  # bars, 0 on lists that are not personal
    words: str
    rating: tuple[float, int] | None  # mean and how many, from 10 ratings up
    badge: str  # "Promoted by staff" and the like
    module: str  # title of the lesson where one is recommended
    why_href: str
    why: Why | None


def explained(
    found: Explanation,
    course: CourseInfo,
    *,
    rating: tuple[float, int] | None = None,
    lesson: ModuleInfo | None = None,
) -> Card:
    """Return the card of a stored explanation with its panel open."""
    personal = found.source in PERSONAL
    return card(
        found.item,
        course,
        request_id=found.request_id,
        personal=personal,
        rating=rating,
        lesson=lesson,
        why=panel(
            found.item,
            goal=found.goal,
            signals=found.signals,
            used=found.used,
            not_used=found.not_used,
            personal=personal,
            note=found.note,
            newest_days=found.newest_days,
        ).within(kept_to(course, found.languages)),
    )


def card(
    item: Item,
    course: CourseInfo,
    *,
    request_id: UUID,
    personal: bool,
    lesson: ModuleInfo | None = None,
    rating: tuple[float, int] | None = None,
    why: Why | None = None,
) -> Card:
    """Return one card; bars and reasons only where the list is personal."""
    return Card(
        request_id=request_id,
        course_id=course.course_id,
        href=f"{_place(course, lesson)}?from={request_id}",
        title=course.title,
        provider=course.provider,
        field=course.field,
        level=level(course.level),
        minutes=course.minutes,
        summary=course.summary,
        skills=course.skills,
        line=_line(item) if personal else "",
        confidence=int(item.confidence) if personal else 0,
        words=words(item.confidence) if personal else "",
        rating=rating,
        badge=_badge(item),
        module=lesson.title if lesson else "",
        why_href=reverse("experience:why", args=[request_id, course.course_id]),
        why=why,
    )


def kept_to(course: CourseInfo, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages a list kept to, where that is true of this course."""
    return languages if course.language[:2].lower() in {"", *languages} else ()


def _place(course: CourseInfo, lesson: ModuleInfo | None) -> str:
    if lesson is None:
        return reverse("experience:course", args=[course.slug])
    return reverse("experience:module", args=[course.slug, lesson.module_id])


def _line(item: Item) -> str:
    return next((reason.text for reason in item.reasons if reason.kind not in STAFF_KINDS), "")


def _badge(item: Item) -> str:
    if item.slot not in {Slot.PINNED, Slot.BOOSTED}:
        return ""
    said = next((reason.text for reason in item.reasons if reason.kind in STAFF_KINDS), "")
    if said:
        return said
    return gettext("Pinned by staff") if item.slot is Slot.PINNED else gettext("Promoted by staff")


def level(code: str) -> str:
    """Return a level as people say it, nothing when the catalogue does not state one."""
    return {
        "beginner": gettext("Beginner"),
        "intermediate": gettext("Intermediate"),
        "advanced": gettext("Advanced"),
    }.get(code, "")


def form(code: str) -> str:
    """Return how a module teaches as people say it, nothing when it is not stated."""
    return {
        "video": gettext("Video"),
        "article": gettext("Article"),
        "exercise": gettext("Exercise"),
        "quiz": gettext("Quiz"),
    }.get(code, "")
