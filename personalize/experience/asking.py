"""What does this course say? (L5) The page's "ask": a form, in place where scripts run."""

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from personalize.agents.answers.answer import Answer
from personalize.agents.answers.ask import LONGEST, ask
from personalize.experience.opening import is_open
from personalize.experience.people import learner_of
from signals import catalogue
from signals.clock import now
from signals.data import CourseInfo

KEY = "answers"


@require_http_methods(["GET", "HEAD", "POST"])
def asking(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer a question about a course from its own lessons; nothing of it is kept."""
    course = catalogue.course_by_slug(slug)
    if course is None or not may_ask(request):
        raise Http404(gettext("There is no such course."))
    if request.method != "POST":
        return redirect("experience:course", slug)
    said = request.POST.get("question", "").replace("\x00", "")[:LONGEST]
    context = {"nav": "explore", **box(course), "asked": True, "answer": _answered(course, said)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "parts/answer.html", context)
    return render(request, "experience/ask.html", context)


def may_ask(request: HttpRequest) -> bool:
    """Say whether whoever looks is shown the box; asking draws them into its experiment."""
    learner = learner_of(request)
    return learner is not None and is_open(KEY, learner.learner_id, now=now())


def box(course: CourseInfo) -> dict[str, object]:
    """Return what the part `parts/ask.html` needs."""
    return {"course": course, "longest": LONGEST}


def _answered(course: CourseInfo, said: str) -> Answer | None:
    """Return the answer; None while the lessons cannot be read."""
    try:
        return ask(course.course_id, said)
    except Error:
        return None
