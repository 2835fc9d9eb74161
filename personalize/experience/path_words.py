"""Why does a course stand in a path, and what does the path reach, in words? (L5)"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from personalize.agents.changes import BY_LEARNER, Reason
from personalize.agents.path import Leg, Path
from personalize.experience import start_words
from personalize.experience.languages import listing
from personalize.experience.skill_words import in_a_sentence
from personalize.models import PathChange
from signals import catalogue
from signals.data import CourseInfo

SHOWN = 3
HOUR = 60


def why_here(leg: Leg) -> str:
    """Return why a course stands where it stands: quizzes, then what it brings, then order."""
    said = []
    missed = [skill for skill in leg.brings if skill in leg.missed]
    if missed:
        said.append(gettext("A quiz showed that this is still open: %s.") % _skills(missed))
    elif leg.brings:
        said.append(gettext("Your goal asks for %s.") % _skills(leg.brings))
    if leg.asked:
        said.append(gettext("You chose it."))
    if leg.after:
        said.append(gettext("Needs %s, so it comes after.") % _list(titles_of(leg.after)))
    elif leg.needed_by and not leg.brings:
        later = titles_of(leg.needed_by)
        first = ngettext(
            "First, because %s builds on it.", "First, because these build on it: %s.", len(later)
        )
        said.append(first % _list(later))
    return " ".join(said)


def coverage(path: Path) -> str:
    """Return what a path reaches of its goal, and what it leaves out and why."""
    asked = list(path.goal.weights)
    open_ = {*path.left_out, *path.out_of_reach}
    reached = len(asked) - len(open_)
    said = [
        ngettext(
            "Covers %(reached)d of %(asked)d skill.",
            "Covers %(reached)d of %(asked)d skills.",
            len(asked),
        )
        % {"reached": reached, "asked": len(asked)}
    ]
    if path.left_out:
        said.append(gettext("Not in this time: %s.") % _skills(path.left_out))
    nowhere = (*path.out_of_reach, *path.goal.untaught)
    if nowhere:
        said.append(gettext("Not taught here: %s.") % _skills(nowhere))
    return " ".join(said)


def weeks(leg: Leg) -> str:
    """Return in which weeks of the path a course falls."""
    first, last = leg.weeks
    if first >= last:
        return gettext("Week %d") % first
    return gettext("Weeks %(first)d to %(last)d") % {"first": first, "last": last}


def titles_of(courses: tuple[CourseInfo, ...]) -> tuple[str, ...]:
    """Return the titles of courses."""
    return tuple(course.title for course in courses)


def _skills(names: tuple[str, ...] | list[str]) -> str:
    return _list([in_a_sentence(name) for name in names])


def _list(names: tuple[str, ...] | list[str]) -> str:
    shown, more = listing(names[:SHOWN]), len(names) - SHOWN
    if more <= 0:
        return shown
    said = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more)
    return said % {"names": shown, "n": more}


@dataclass(frozen=True, slots=True)
class Told:
    """One change of a path, in words."""

    change_id: int
    what: str
    why: str
    at: datetime
    by_learner: bool
    undo: bool


def summary(path: Path, *, done: int) -> str:
    """Return the line under the title: how many courses, and when they are done."""
    courses = len(path.legs) + done
    said = ngettext("%d course", "%d courses", courses) % courses
    if done:
        said += ", " + ngettext("%d done", "%d done", done) % done
    said += ". "
    if not path.legs:
        return said
    said += gettext("At %(pace)s you arrive on %(day)s") % {
        "pace": start_words.hours(path.pace),
        "day": date_format(path.arrives),
    }
    spare = path.spare_days
    if spare is None or path.by_when is None or path.by_when <= path.today:
        return f"{said}."
    return f"{said}, {_spare(spare)}."


def _spare(days: int) -> str:
    if days == 0:
        return gettext("on your date")
    return ngettext("%d day early", "%d days early", days) % days


def pace(path: Path) -> str:
    """Return what another pace would mean; nothing where there is no way ahead."""
    if not path.legs:
        return ""
    slower = path.pace - HOUR if path.pace > HOUR else path.pace + HOUR
    said = gettext("At %(pace)s you would arrive on %(day)s.") % {
        "pace": start_words.hours(slower),
        "day": date_format(path.arrives_at(slower)),
    }
    if slower < path.pace:
        said += " " + gettext("Nothing is lost if you slow down.")
    return said


def told(change: PathChange, *, undo: bool) -> Told:
    """Return a change in words: what became of the path, and why."""
    reason = Reason(change.reason)
    return Told(
        change_id=change.pk,
        what=_what(change, reason),
        why=_why(change, reason),
        at=change.at,
        by_learner=reason in BY_LEARNER,
        undo=undo,
    )


def _what(change: PathChange, reason: Reason) -> str:
    new, gone = _titles(change.added), _titles(change.removed)
    if reason is Reason.BEGUN:
        return ngettext("Path of %d course", "Path of %d courses", len(new)) % len(new)
    if reason is Reason.FINISHED and change.about:
        return gettext("%s is done") % _list(_titles(change.about))
    if new and gone:
        return gettext("%(new)s instead of %(gone)s") % {"new": _list(new), "gone": _list(gone)}
    if new:
        return gettext("%s came in") % _list(new)
    return gettext("%s left out") % _list(gone) if gone else gettext("Same courses as before")


def _why(change: PathChange, reason: Reason) -> str:
    if reason is Reason.QUIZ and change.about:
        return gettext("A quiz in %s says more than the answers at the start.") % _list(
            _titles(change.about)
        )
    return {
        Reason.BEGUN: gettext("Planned from your answers."),
        Reason.GOAL: gettext("You set another goal."),
        Reason.KNOWN: gettext("You changed what you know."),
        Reason.LANGUAGES: gettext("You changed which languages you read."),
        Reason.PACE: gettext("You changed your time in a week."),
        Reason.DATE: gettext("You changed your date."),
        Reason.SWAP: gettext("You swapped it."),
        Reason.KNOW: gettext("You said that you know it."),
        Reason.UNDO: gettext("You took a change back."),
        Reason.QUIZ: gettext("A quiz says more than the answers at the start."),
        Reason.FINISHED: gettext("What comes next was planned anew."),
        Reason.CATALOGUE: gettext("The courses on offer changed."),
        Reason.TIME: gettext("Your date came nearer, so less fits."),
    }[reason]


def _titles(ids: Iterable[int]) -> list[str]:
    return [info.title for c in ids if (info := catalogue.course(c)) is not None]
