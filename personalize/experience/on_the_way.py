"""Where on their path is a learner, or are they asked the first questions? (L5) For home."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from personalize.agents.evidence import Facts
from personalize.agents.wishes import USUAL_MINUTES
from personalize.experience import journey, kept_paths, start_words
from personalize.experience.opening import is_open
from personalize.experience.people import Learner
from personalize.experience.progress import Stop
from personalize.templatetags.northway import duration
from signals import catalogue
from signals.data import CourseInfo

SESSION_OPEN = "path_open"  # so that every page can lead there without asking the experiment
DONE_SHOWN, AHEAD_SHOWN = 2, 3  # stops of the line; a longer path says how many more there are


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Which step of a path comes next, of how many, and the line of its stops."""

    step: int
    steps: int
    course: CourseInfo
    title: str  # of the goal
    left: str  # how long it takes at which pace, in words
    stops: tuple[Stop, ...]


def on_the_way(learner: Learner, *, now: datetime) -> OnTheWay | None:
    """Return the step that comes next; nothing without a path, or where it is not open."""
    try:
        planned = _planned(learner, now=now)
        if planned is None:
            return None
        facts = journey.facts_of(learner)
        done, ahead = planned.stand(facts.finished)
        courses = catalogue.courses((*done, *ahead))
        return _told(planned, facts, _of(done, courses), _of(ahead, courses))
    except DatabaseError:
        return None


def _planned(learner: Learner, *, now: datetime) -> kept_paths.Planned | None:
    """Return the path of who it is open to, planned now where only its goal is left.

    Switching personalization off deletes a path and keeps its goal: the way back needs no visit.
    """
    held = kept_paths.planned(learner.learner_id)
    if held is None and kept_paths.stated_of(learner).empty:
        return None
    if not is_open("path", learner.learner_id, now=now):
        return None
    return held or kept_paths.planned_now(learner, now=now)


def remember(request: HttpRequest, way: OnTheWay | None) -> None:
    """Let every page lead to a path that is open."""
    if way is not None and not request.session.get(SESSION_OPEN):
        request.session[SESSION_OPEN] = True


def lead_there(request: HttpRequest, learner: Learner, *, now: datetime) -> None:
    """Let every page lead who stated a goal to their path, planned or not yet, where it is open."""
    try:
        if kept_paths.stated_of(learner).empty:
            return
    except DatabaseError:
        return
    if is_open("path", learner.learner_id, now=now):
        request.session[SESSION_OPEN] = True


def invited(learner: Learner, *, now: datetime) -> bool:
    """Say whether somebody without a goal is offered the questions of the start."""
    return is_open("onboarding", learner.learner_id, now=now)


def _of(ids: Sequence[int], courses: Mapping[int, CourseInfo]) -> list[CourseInfo]:
    return [courses[course] for course in ids if course in courses]


def _told(
    planned: kept_paths.Planned, facts: Facts, done: list[CourseInfo], ahead: list[CourseInfo]
) -> OnTheWay | None:
    if not ahead:
        return None
    pace = planned.pace or USUAL_MINUTES
    minutes = sum(course.minutes * (1 - (facts.share(course.course_id) or 0)) for course in ahead)
    weeks = max(1, round(minutes / pace))
    return OnTheWay(
        step=len(done) + 1,
        steps=len(done) + len(ahead),
        course=ahead[0],
        title=planned.title,
        left=ngettext(
            "About %(weeks)d week left at %(pace)s", "About %(weeks)d weeks left at %(pace)s", weeks
        )
        % {"weeks": weeks, "pace": start_words.hours(pace)},
        stops=_stops(done, ahead, facts),
    )


def _stops(done: list[CourseInfo], ahead: list[CourseInfo], facts: Facts) -> tuple[Stop, ...]:
    here, *later = ahead
    share = facts.share(here.course_id)
    begun = share is not None and here.modules > 0
    note = (
        gettext("%(done)d of %(all)d lessons")
        % {"done": round((share or 0) * here.modules), "all": here.modules}
        if begun
        else duration(here.minutes)
    )
    shown = [Stop(course.title, gettext("Done"), "done") for course in done[-DONE_SHOWN:]]
    shown.append(Stop(here.title, note, "now"))
    following = later if len(later) <= AHEAD_SHOWN else later[: AHEAD_SHOWN - 1]
    shown += [Stop(course.title, duration(course.minutes), "") for course in following]
    if more := len(later) - len(following):
        shown.append(Stop(gettext("%d more") % more, "", ""))
    return tuple(shown)
