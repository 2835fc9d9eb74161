"""What was done, in words: by a learner, and by others with a learner's data? (L5)"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext, pgettext

from signals.data import CourseInfo, LedgerRow, PastEvent, Purpose

_SWITCHED = frozenset(f"consent.{purpose}" for purpose in Purpose)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a learner did, in words."""

    at: datetime
    text: str
    about: str  # title of a course, or nothing
    slug: str
    source: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """Who did what with a learner's data, as one sentence."""

    at: datetime
    text: str


Dated = TypeVar("Dated", Line, LogLine)


def kind_words(name: str) -> tuple[str, str]:
    """Return what a learner did, and the name of that data; a new kind shows its own name."""
    told = {
        "course.viewed": (gettext("Opened a course page"), gettext("course pages opened")),
        "course.enrolled": (gettext("Joined a course"), gettext("courses joined and left")),
        "course.unenrolled": (gettext("Left a course"), gettext("courses joined and left")),
        "course.completed": (gettext("Completed a course"), gettext("courses completed")),
        "course.rated": (gettext("Rated a course"), gettext("ratings")),
        "lesson.started": (gettext("Began a lesson"), gettext("lessons begun and completed")),
        "lesson.completed": (
            gettext("Completed a lesson"),
            gettext("lessons begun and completed"),
        ),
        "lesson.progressed": (gettext("Went on in a lesson"), gettext("how far you read")),
        "quiz.scored": (gettext("Did a quiz"), gettext("quiz results")),
        "search.performed": (gettext("Searched"), gettext("searches")),
        "forum.posted": (gettext("Wrote in a forum"), gettext("forum posts")),
        "video.played": (gettext("Played a video"), gettext("video plays")),
        "video.paused": (gettext("Paused a video"), gettext("pauses")),
        "video.seeked": (gettext("Moved in a video"), gettext("rewinds and skips")),
        "rec.shown": (gettext("Saw recommendations"), _on_lists()),
        "rec.clicked": (gettext("Opened a recommendation"), _on_lists()),
        "rec.dismissed": (gettext("Hid a recommendation"), _on_lists()),
        "rec.snoozed": (gettext("Snoozed a recommendation"), _on_lists()),
        "order.paid": (gettext("Paid for a course"), gettext("orders and subscriptions")),
        "subscription.started": (
            gettext("Began a subscription"),
            gettext("orders and subscriptions"),
        ),
        "subscription.ended": (
            gettext("Ended a subscription"),
            gettext("orders and subscriptions"),
        ),
        "live.joined": (gettext("Joined a live session"), gettext("live sessions joined")),
        "platform.used": (gettext("Used the platform"), gettext("when you were active")),
    }
    family, _, verb = name.partition(".")
    return told.get(name, (f"{family}: {verb}".replace("_", " "), name.replace(".", " ")))


def _on_lists() -> str:
    return gettext("what you saw, opened, hid and snoozed in lists")


def history(events: Iterable[PastEvent], course: Callable[[int], CourseInfo | None]) -> list[Line]:
    """Return what a learner did, in words."""
    lines = []
    for event in events:
        info = course(event.course_id) if event.course_id is not None else None
        lines.append(
            Line(
                at=event.occurred_at,
                text=kind_words(event.kind)[0],
                about=info.title if info else "",
                slug=info.slug if info else "",
                source=event.source,
            )
        )
    return lines


def log(rows: Iterable[LedgerRow], *, me: str) -> list[LogLine]:
    """Return who did what with a learner's data, from the ledger."""
    return [LogLine(row.at, _deed(row, _who(row, me))) for row in rows]


def _who(row: LedgerRow, me: str) -> str:
    if row.actor == me:
        return pgettext("who did it", "You")
    return {"staff": gettext("Staff"), "source": gettext("Your platform")}.get(
        row.actor.partition(":")[0], "Northway"
    )


def _deed(row: LedgerRow, who: str) -> str:
    """Return a ledger entry as a sentence; one that has no words here shows its own name."""
    action = row.action
    if action in _SWITCHED:
        on = bool(row.detail.get("granted"))
        action += ".on" if on else ".off"
    elif action == "consent.gpc" and row.detail.get("granted"):
        action += ".withdrawn"
    told = {
        "consent.personalization.on": gettext("%s turned personalization on"),
        "consent.personalization.off": gettext("%s turned personalization off"),
        "consent.fine_grained.on": gettext("%s turned fine details on"),
        "consent.fine_grained.off": gettext("%s turned fine details off"),
        "consent.inferred.on": gettext("%s turned inferences on"),
        "consent.inferred.off": gettext("%s turned inferences off"),
        "consent.gpc.withdrawn": gettext("%s chose again, without Global Privacy Control"),
        "consent.gpc": gettext("%s sent Global Privacy Control, which is honoured"),
        "learner.exported": gettext("%s downloaded a copy"),
        "learner.reset": gettext("%s reset your recommendations"),
        "learner.history_deleted": gettext("%s deleted your history"),
        "learner.age_band": gettext("%s set your age band"),
        "sign_in.ended": gettext("%s ended the sign-in on all devices"),
        "sign_in.ended_elsewhere": gettext("%s ended the sign-in on other devices"),
        "reminders.mail_on": gettext("%s switched reminders by e-mail on"),
        "reminders.mail_off": gettext("%s switched reminders by e-mail off"),
        "reminders.stopped": gettext("%s stopped all reminders"),
    }.get(action)
    return told % who if told else f"{who}: {row.action}"


def by_day(lines: Iterable[Dated]) -> list[tuple[date, list[Dated]]]:
    """Return lines under their days."""
    return [(day, list(rows)) for day, rows in groupby(lines, key=lambda line: day_of(line.at))]


def day_of(moment: datetime) -> date:
    """Return the day of a moment as pages show it."""
    return timezone.localtime(moment).date()
