"""What is held about a learner, in words: computed, counted, and erased? (L5)"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext, ngettext

from personalize.experience.cards import form
from personalize.experience.languages import listing
from signals import api as signals
from signals.data import Derived, RequestRow, RequestStep

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing computed about a learner, and from what."""

    title: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an erasure, and what a query found after it."""

    title: str
    text: str
    found: str
    left: int


def derived(found: Derived | None) -> list[Fact]:
    """Return what was computed about a learner, each with what it was computed from."""
    if found is None:
        return []
    steps = ngettext("from %d step", "from %d steps", found.events) % found.events
    sittings = ngettext("from %d session", "from %d sessions", found.sessions) % found.sessions
    facts = [
        Fact(
            gettext("How regularly you learn"),
            ngettext("%d active day", "%d active days", found.active_days) % found.active_days,
            sittings,
        ),
        Fact(
            gettext("How far you got"),
            _completed(found.courses_completed, found.lessons_completed),
            steps,
        ),
    ]
    if found.score_mean is not None:
        share = round(PERCENT * found.score_mean)
        facts.append(
            Fact(gettext("Your quiz results on average"), f"{share}%", gettext("from your quizzes"))
        )
    if found.formats:
        facts.append(
            Fact(
                gettext("Which formats go well for you"),
                listing(
                    f"{form(name) or name} {round(PERCENT * share)}%"
                    for name, share in found.formats
                ),
                gettext("from lessons finished, rewinds and quiz results, by your consent"),
            )
        )
    return facts


def _completed(courses: int, lessons: int) -> str:
    done = ngettext("%d lesson", "%d lessons", lessons) % lessons
    if not courses:
        return done
    return listing([ngettext("%d course", "%d courses", courses) % courses, done])


def held(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return how much of what is held about a learner, for who is about to erase it."""
    words = _table_words()
    shown = [(words[table], n) for table, n in counted.items() if table in words]
    rest = sum(n for table, n in counted.items() if table not in words)
    shown.sort(key=lambda pair: -pair[1])
    return [*shown, (gettext("Other entries"), rest)] if rest else shown


def _table_words() -> dict[str, str]:
    return {
        "signals.Event": gettext("Steps in courses, lessons and lists"),
        "signals.LearnerCourse": gettext("Courses with your progress"),
        "signals.LearnerModule": gettext("Lessons with your results"),
        "signals.SearchQuery": gettext("Searches"),
        "signals.ForumPost": gettext("Forum posts"),
        "signals.LearnerSession": gettext("Study sessions"),
        "signals.ConsentChange": gettext("Changes of your switches"),
        "personalize.Decision": gettext("Lists we made for you"),
        "personalize.Feedback": gettext("What you hid or snoozed"),
        "personalize.Reminder": gettext("Reminders you were given"),
    }


def deleted(entries: int) -> str:
    """Return how much was deleted."""
    return ngettext("%d entry was deleted.", "%d entries were deleted.", entries) % entries


def steps(request: RequestRow) -> list[Step]:
    """Return the steps of an erasure in words."""
    told = _step_words()
    return [
        Step(
            signals.step_title(step.name),
            told.get(step.name, ""),
            found=_found(step),
            left=step.left,
        )
        for step in request.steps
    ]


def _found(step: RequestStep) -> str:
    if step.left:
        return ngettext("%d left", "%d left", step.left) % step.left
    if step.name == "tombstone":
        return gettext("in force")
    return gettext("%s gone, 0 left") % intcomma(step.count)


def _step_words() -> dict[str, str]:
    return {
        "tombstone": gettext("What arrives late about you is refused"),
        "refused": gettext("Sealed input that named you was opened and deleted"),
        "rows": gettext("Every table that knows learners was asked"),
        "sessions": gettext("You are signed out everywhere"),
        "spool": gettext("Input not stored yet was looked through"),
        "caches": gettext("Remembered lists are gone"),
        "keys": gettext("Destroyed: sealed copies, also in backups, cannot be read any more"),
        "models": gettext("None holds a person; totals follow at the next nightly training"),
        "requests": gettext("Requests you made no longer say whose they were"),
    }
