"""Which way leads to my goal? (L5) The path over several courses: why each, swap, pace, history."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from personalize.agents.path import Leg
from personalize.decision import feedback, standing
from personalize.experience import kept_paths, lately, path_words, progress
from personalize.experience.forms import PathForm
from personalize.experience.kept_paths import Kept
from personalize.experience.on_the_way import SESSION_OPEN
from personalize.experience.opening import is_open
from personalize.experience.people import Learner, learners_only
from personalize.experience.views import module_states
from signals import catalogue
from signals.clock import now
from signals.data import CourseInfo

MOST_HOURS = 10  # a week that the slider shows
HOUR = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the timeline as the page shows it."""

    leg: Leg
    now: bool
    going_on: progress.Continue | None  # where it was begun
    swapping: bool  # the alternatives are open


@require_safe
@learners_only
def path(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Show the path of a learner; who has none yet is asked for a goal."""
    moment = now()
    if not is_open("path", learner.learner_id, now=moment):
        request.session.pop(SESSION_OPEN, None)
        return redirect("experience:home")
    request.session[SESSION_OPEN] = True
    stated = kept_paths.stated_of(learner)
    if stated.empty:
        return render(request, "experience/path_first.html", {"nav": "path"})
    try:
        held = kept_paths.kept(learner, now=moment)
    except kept_paths.PersonalizationOffError:
        return render(request, "experience/path_off.html", {"nav": "path"})
    every = request.GET.get("changes") == "all"
    shown = len(held.changes) if every else kept_paths.CHANGES_SHOWN
    return render(
        request,
        "experience/path.html",
        {
            "nav": "path",
            "path": held.path,
            "steps": _steps(learner, held, request.GET.get("swap", "")),
            "done": _courses(held.finished),
            "summary": path_words.summary(held.path, done=len(held.finished)),
            "pace_words": path_words.pace(held.path),
            "pace_said": bool(stated.minutes_per_week),
            "lately": lately.minutes_a_week(learner, now=moment),
            "hours": f"{min(MOST_HOURS, max(1, round(2 * held.path.pace / HOUR)) / 2):g}",
            "changes": [
                path_words.told(row, undo=kept_paths.stands(row, held.choices))
                for row in held.changes[:shown]
            ],
            "more": not every and len(held.changes) > shown,
        },
    )


@require_POST
@learners_only
def change(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Swap a step, leave out what is known, take that back, or change pace and date."""
    form, moment = PathForm(request.POST), now()
    if not form.is_valid():
        raise BadRequest(gettext("Say act=swap, know, undo or pace, and what it concerns."))
    if not is_open("path", learner.learner_id, now=moment):
        return redirect("experience:home")
    given = form.cleaned_data
    if given["act"] == "pace":
        _keep_pace(learner, given["hours"], given["by_when"], moment)
        return redirect("experience:path")
    try:
        held = kept_paths.kept(learner, now=moment)
    except kept_paths.PersonalizationOffError:
        return redirect("experience:path")
    course_id, other = given["course"] or 0, given["to"] or 0
    done = {
        "swap": lambda: kept_paths.swap(learner, held, course_id, to=other, now=moment),
        "know": lambda: kept_paths.know(learner, held, course_id, now=moment),
        "undo": lambda: kept_paths.undo(learner, held, given["change"] or 0, now=moment),
    }[given["act"]]()
    if not done:
        messages.error(request, gettext("The path has changed meanwhile. Here it is as it is now."))
    return redirect("experience:path")


def _keep_pace(learner: Learner, hours: float | None, by_when: date | None, at: datetime) -> None:
    said = standing.profile(learner.learner_id)
    ahead = by_when if by_when is not None and by_when > at.date() else None
    standing.state_wish(
        learner.learner_id,
        standing.Wish(
            goal=said.goal,
            interests=tuple(said.interests),
            minutes_per_week=round(hours * HOUR) if hours else said.minutes_per_week,
            role=said.role,
            known_skills=tuple(said.known_skills),
            by_when=ahead,
        ),
        now=at,
    )
    feedback.forget_lists(learner.learner_id)


def _steps(learner: Learner, held: Kept, swapping: str) -> list[Step]:
    return [
        Step(
            leg=leg,
            now=place == 0,
            going_on=_going_on(learner, leg),
            swapping=swapping == str(leg.course.course_id) and bool(leg.alternatives),
        )
        for place, leg in enumerate(held.path.legs)
    ]


def _going_on(learner: Learner, leg: Leg) -> progress.Continue | None:
    if leg.share is None:
        return None
    modules = catalogue.modules(leg.course.course_id)
    return progress.continuing(leg.course, modules, module_states(learner, leg.course))


def _courses(ids: tuple[int, ...]) -> list[CourseInfo]:
    return [info for c in ids if (info := catalogue.course(c)) is not None]
