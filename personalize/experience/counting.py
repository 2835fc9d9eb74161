"""Which of my courses count for my picks? (L5) Each with a switch that acts on the next answer."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from personalize.decision import unused
from personalize.decision.fusion import TOUCH_WEIGHTS
from personalize.experience.forms import CountingForm, way_back
from personalize.experience.people import Learner, learners_only
from signals import api as signals
from signals import catalogue
from signals.clock import now
from signals.data import Touch


@dataclass(frozen=True, slots=True)
class Own:
    """A course of the learner's own, and what was done there."""

    course_id: int
    slug: str
    title: str
    did: str
    counts: bool
    skills: tuple[str, ...] = ()
    done: bool = False  # to its end


@require_http_methods(["GET", "HEAD", "POST"])
@learners_only
def courses(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Show the courses picks are made from, and take one out or back in."""
    if request.method == "POST":
        return _switch(request, learner)
    mine = own(learner)
    return render(
        request,
        "experience/data_courses.html",
        {
            "nav": "data",
            "counting": [each for each in mine if each.counts],
            "left_out": [each for each in mine if not each.counts],
            "on": signals.allowed(learner.learner_id).personalization,
        },
    )


def _switch(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    form = CountingForm(request.POST)
    course = catalogue.course(form.cleaned_data["course"]) if form.is_valid() else None
    if course is None:
        raise BadRequest(gettext("Say which course, and counts=1 or counts=0."))
    if form.cleaned_data["counts"] == "1":
        unused.take_back(learner.learner_id, course.course_id)
        said = gettext("%s counts for your picks again.")
    else:
        unused.take_out(learner.learner_id, course.course_id, now=now())
        said = gettext("%s does not count for your picks any more. Your progress in it stays.")
    messages.success(request, said % course.title)
    return redirect(way_back(request))


def own(learner: Learner) -> list[Own]:
    """Return the courses that say something, the newest first."""
    state = signals.learner_state(learner.learner_id, now=now())
    if state is None:
        return []
    left_out = unused.of(learner.learner_id)
    pairs = zip(state.course_ids.tolist(), state.touches.tolist(), strict=True)
    found = []
    for course_id, touch in reversed(list(pairs)):
        course = catalogue.course(course_id)
        if course is not None and TOUCH_WEIGHTS[touch] > 0:
            counts = course_id not in left_out
            found.append(
                Own(
                    course_id,
                    course.slug,
                    course.title,
                    _did(Touch(touch)),
                    counts,
                    skills=course.skills,
                    done=touch == Touch.COMPLETED,
                )
            )
    return found


def _did(touch: Touch) -> str:
    return {
        Touch.COMPLETED: gettext("completed"),
        Touch.ENROLLED: gettext("enrolled"),
        Touch.STARTED: gettext("begun"),
    }.get(touch, gettext("looked at"))
