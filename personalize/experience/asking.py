"""What does this course say? (L5) The page's "ask": a form, in place where scripts run."""

from django.core.cache import cache
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from personalize.agents.answers.answer import Answer, Kind
from personalize.agents.answers.ask import AGENT, LONGEST, ask
from personalize.agents.answers.asked import read, topic
from personalize.experience import happenings
from personalize.experience.address import client_address
from personalize.experience.opening import is_open, is_open_to_guests
from personalize.experience.people import learner_of
from personalize.llm.speaking import is_on
from signals import catalogue
from signals.clock import now
from signals.data import CourseInfo

KEY = "answers"
MOST_AT_ONCE, AT_ONCE_S = 20, 60  # questions of one person, and for how long they are counted
TOO_MANY = 429


@require_http_methods(["GET", "HEAD", "POST"])
def asking(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Answer a question about a course from its own lessons.

    Nothing of an answered one is kept. One that no lesson answers is a search that found less than
    was wanted: what it is about is kept as a search of that learner is, where they allow that.
    """
    course = catalogue.course_by_slug(slug)
    if course is None or not may_ask(request):
        raise Http404(gettext("There is no such course."))
    if request.method != "POST":
        return redirect("experience:course", slug)
    said = request.POST.get("question", "").replace("\x00", "")[:LONGEST]
    too_many = _asks_too_much(request)
    answer = None if too_many else _answered(course, said)
    context = {
        "nav": "explore",
        **box(course),
        "asked": True,
        "too_many": too_many,
        "answer": answer,
        **_wanted(request, answer),
    }
    if request.htmx:  # type: ignore[attr-defined]  # what is no 200 would not be put in place
        return render(request, "parts/answer.html", context)
    status = TOO_MANY if too_many else 200
    return render(request, "experience/ask.html", context, status=status)


def may_ask(request: HttpRequest) -> bool:
    """Say whether whoever looks is shown the box; asking draws them into its experiment."""
    try:
        if not is_on(AGENT):
            return False
    except Error:
        return False
    learner = learner_of(request)
    if learner is None:
        return is_open_to_guests(KEY, now=now())
    return is_open(KEY, learner.learner_id, now=now())


def box(course: CourseInfo) -> dict[str, object]:
    """Return what the part `parts/ask.html` needs."""
    return {"course": course, "longest": LONGEST}


def _answered(course: CourseInfo, said: str) -> Answer | None:
    """Return the answer; None while the lessons cannot be read."""
    try:
        return ask(course.course_id, said, language=course.language, now=now())
    except Error:
        return None


def _wanted(request: HttpRequest, answer: Answer | None) -> dict[str, object]:
    """Return what a refused question is about, and whether it was counted as a search."""
    if answer is None or answer.kind is not Kind.REFUSED:
        return {}
    about = topic(read(answer.question))
    learner = learner_of(request)
    if not about or learner is None:
        return {"wanted": about}
    found = catalogue.search(about, limit=1).total
    counted = happenings.notice(
        learner, "search.performed", value=float(found), context={"query": about}
    )
    return {"wanted": about, "counted": counted}


def _asks_too_much(request: HttpRequest) -> bool:
    """Count a question of this learner, or of a guest's address, and say whether it is too many."""
    learner = learner_of(request)
    who = f"learner:{learner.learner_id}" if learner else f"guest:{client_address(request)}"
    counted = f"asked:{who}"
    try:
        cache.add(counted, 0, AT_ONCE_S)
        return int(cache.incr(counted)) > MOST_AT_ONCE
    except ValueError:  # it ran out between the two, or the cache is away
        return False
