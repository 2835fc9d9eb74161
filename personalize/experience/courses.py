"""What is there to learn? (L5) Explore, search, a course and its lessons, the same for everyone."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from personalize.decision import upkeep
from personalize.experience import asking, happenings
from personalize.experience.forms import QUERY_LONGEST, RatingForm
from personalize.experience.nudges import page as reminded
from personalize.experience.people import Learner, learner_of, learners_only
from personalize.experience.views import module_states
from signals import aggregates, catalogue
from signals import api as signals
from signals.clock import now
from signals.data import CourseInfo, ModuleInfo, ModuleState, SearchPage, Touch

PER_PAGE = 24
PAGES_MOST = 1_000
DEMAND_LEARNERS = 10  # who searched for a term before creators see it

STANDING = {
    Touch.ENROLLED: "enrolled",
    Touch.STARTED: "",
    Touch.COMPLETED: "completed",
    Touch.LEFT: "left",
}


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """Show the catalogue by field and level, in the same order for everyone."""
    learner_of(request)  # names who is signed in from the session where it must
    field, level, page = _word(request, "field"), _word(request, "level"), _page(request)
    found = catalogue.search(
        "", field=field, level=level, limit=PER_PAGE, offset=(page - 1) * PER_PAGE
    )
    return render(
        request,
        "experience/explore.html",
        {
            "nav": "explore",
            "fields": catalogue.fields(),
            "field": field,
            "levels": found.facets.get("level", ()),
            "level": level,
            "found": found,
            "ratings": _ratings(found.hits),
            "window": _window(request, found, page),
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Search the catalogue; what learners look for is counted where they allow it."""
    learner_of(request)  # as above
    query = request.GET.get("q", "").replace("\x00", "").strip()[:QUERY_LONGEST]
    chosen = {name: _word(request, name) for name in ("field", "level", "format")}
    page = _page(request)
    found = catalogue.search(query, **chosen, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    first_sight = bool(query) and page == 1 and not any(chosen.values())
    return render(
        request,
        "experience/search.html",
        {
            "nav": "search",
            "q": query,
            **chosen,
            "found": found,
            "ratings": _ratings(found.hits),
            "window": _window(request, found, page),
            "counted": first_sight and _counted(request, query, found.total),
            "closest": (),
            "catalogue_size": len(upkeep.courses()),
            "minimum": DEMAND_LEARNERS,
        },
    )


@require_safe
def course(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one course, what it builds on and where it leads, and how far the learner is."""
    info, learner = _course(slug), learner_of(request)
    picked = happenings.from_pick(request, learner, info.course_id)
    if learner is not None:
        _notice_view(request, learner, info, picked)
    touches = _known_touches(learner)
    modules = _modules(info)
    states = _states(learner, info)
    finished = {key for key, state in states.items() if state.completed_at is not None}
    following = next((m for m in modules if m.module_id not in finished), None)
    standing = STANDING.get(touches.get(info.course_id, Touch.STARTED), "")
    listed = upkeep.courses()
    return render(
        request,
        "experience/course.html",
        {
            "nav": "explore",
            "course": info,
            "rating": _ratings([info]).get(info.course_id),
            "steps": [_step(module, states, following) for module in modules],
            "standing": standing,
            "done": len(finished & {module.module_id for module in modules}),
            "following": following,
            "prerequisites": [
                {"course": listed[before], "done": touches.get(before) is Touch.COMPLETED}
                for before in info.prerequisites
                if before in listed
            ],
            "leads_to": [c for c in listed.values() if info.course_id in c.prerequisites],
            "mine": None,
            "may_rate": standing == "completed",
            "why_href": reverse("experience:why", args=[picked, info.course_id]) if picked else "",
            "learner": learner is not None,
            "may_ask": bool(modules) and asking.may_ask(request),
            **asking.box(info),
        },
    )


@require_POST
@learners_only
def enrol(request: HttpRequest, learner: Learner, slug: str) -> HttpResponseBase:
    """Enrol the learner; when a pick led here, its request is kept with the enrolment."""
    info = _course(slug)
    picked = happenings.from_pick(request, learner, info.course_id)
    context = {"request_id": str(picked)} if picked else None
    happenings.record(learner, "course.enrolled", course_id=info.course_id, context=context)
    messages.success(request, gettext("You are enrolled."))
    return redirect("experience:course", slug)


@require_POST
@learners_only
def leave(request: HttpRequest, learner: Learner, slug: str) -> HttpResponseBase:
    """Take the learner out of the course; what they finished stays."""
    info = _course(slug)
    happenings.record(learner, "course.unenrolled", course_id=info.course_id)
    messages.success(request, gettext("You left the course. What you finished stays."))
    return redirect("experience:course", slug)


@require_POST
@learners_only
def rate(request: HttpRequest, learner: Learner, slug: str) -> HttpResponseBase:
    """Keep a learner's rating of a course they completed."""
    info = _course(slug)
    form = RatingForm(request.POST)
    if not form.is_valid():
        raise BadRequest(gettext("Rate from 1 to 5."))
    if _touches(learner).get(info.course_id) is not Touch.COMPLETED:
        messages.error(request, gettext("Rate a course after you have completed it."))
        return redirect("experience:course", slug)
    value = float(form.cleaned_data["rating"])
    kept = happenings.record(learner, "course.rated", course_id=info.course_id, value=value)
    if kept.accepted:
        messages.success(request, gettext("Thank you. Your rating counts."))
    else:
        messages.warning(
            request, gettext("Not kept: ratings are stored only while personalization is on.")
        )
    return redirect("experience:course", slug)


@require_safe
def module(request: HttpRequest, slug: str, module_id: int) -> HttpResponse:
    """Show one lesson; a learner who is enrolled has started it by opening it."""
    info, learner = _course(slug), learner_of(request)
    modules, at = _place(info, module_id)
    states = module_states(learner, info) if learner else {}
    state = states.get(module_id)
    picked = happenings.from_pick(request, learner, info.course_id)
    if learner is not None and picked is not None:
        happenings.clicked(request, learner, request_id=picked, course_id=info.course_id)
    if learner is not None:
        _followed(request, learner, info, module_id)
    enrolled = _touches(learner).get(info.course_id) in {Touch.ENROLLED, Touch.COMPLETED}
    opens = enrolled and state is None and happenings.asked_for_here(request)
    if learner is not None and opens:
        happenings.notice(learner, "lesson.started", course_id=info.course_id, module_id=module_id)
    return render(
        request,
        "experience/module.html",
        {
            "nav": "explore",
            "course": info,
            "module": modules[at],
            "text": catalogue.module_text(module_id),
            "modules": len(modules),
            "done": state is not None and state.completed_at is not None,
            "enrolled": enrolled,
            "learner": learner is not None,
            "previous": modules[at - 1] if at else None,
            "following": modules[at + 1] if at + 1 < len(modules) else None,
        },
    )


@require_POST
@learners_only
def done(request: HttpRequest, learner: Learner, slug: str, module_id: int) -> HttpResponseBase:
    """Mark a lesson as done; the last one completes the course."""
    info = _course(slug)
    modules, at = _place(info, module_id)
    touch = _touches(learner).get(info.course_id)
    if touch not in {Touch.ENROLLED, Touch.COMPLETED}:
        messages.error(request, gettext("Enrol first, so that your progress is kept."))
        return redirect("experience:course", slug)
    happenings.record(learner, "lesson.completed", course_id=info.course_id, module_id=module_id)
    states = module_states(learner, info)
    left = [
        module.module_id
        for module in modules
        if module.module_id not in states or states[module.module_id].completed_at is None
    ]
    if not left and touch is not Touch.COMPLETED:
        happenings.record(learner, "course.completed", course_id=info.course_id)
        messages.success(request, gettext("You completed the course."))
    if at + 1 < len(modules) and left:
        return redirect("experience:module", slug, modules[at + 1].module_id)
    return redirect("experience:course", slug)


def _notice_view(
    request: HttpRequest, learner: Learner, info: CourseInfo, picked: UUID | None
) -> None:
    context = {"referrer": happenings.referrer(request, picked=picked is not None)}
    if picked is not None:
        happenings.clicked(request, learner, request_id=picked, course_id=info.course_id)
        context["request_id"] = str(picked)
    if happenings.asked_for_here(request):
        if context["referrer"] == "nudge":
            reminded.followed(learner.learner_id, info.course_id, 0)
        happenings.notice(learner, "course.viewed", course_id=info.course_id, context=context)


def _followed(request: HttpRequest, learner: Learner, info: CourseInfo, module_id: int) -> None:
    """Record that a reminder led to a lesson, where one did."""
    if request.GET.get("referrer") != "nudge" or not happenings.asked_for_here(request):
        return
    reminded.followed(learner.learner_id, info.course_id, module_id)
    context = {"referrer": "nudge"}
    happenings.notice(learner, "course.viewed", course_id=info.course_id, context=context)


def _course(slug: str) -> CourseInfo:
    info = catalogue.course_by_slug(slug)
    if info is None:
        raise Http404(gettext("There is no such course."))
    return info


def _place(info: CourseInfo, module_id: int) -> tuple[tuple[ModuleInfo, ...], int]:
    modules = catalogue.modules(info.course_id)
    for at, candidate in enumerate(modules):
        if candidate.module_id == module_id:
            return modules, at
    raise Http404(gettext("There is no such lesson in this course."))


def _touches(learner: Learner | None) -> dict[int, Touch]:
    """Return the strongest thing a learner did in each course."""
    state = signals.learner_state(learner.learner_id, now=now()) if learner else None
    if state is None:
        return {}
    touches = [Touch(code) for code in state.touches.tolist()]
    return dict(zip(state.course_ids.tolist(), touches, strict=True))


def _known_touches(learner: Learner | None) -> dict[int, Touch]:
    """Return the same for a page that only shows it; nothing while it cannot be read."""
    try:
        return _touches(learner)
    except Error:
        return {}


def _step(
    step: ModuleInfo, states: dict[int, Any], following: ModuleInfo | None
) -> dict[str, object]:
    state = states.get(step.module_id)
    return {
        "module": step,
        "done": state is not None and state.completed_at is not None,
        "here": step is following,
        "share": state.progress if state else 0.0,
        "score": state.score if state else None,
    }


def _counted(request: HttpRequest, query: str, results: int) -> bool:
    learner = learner_of(request)
    if learner is None or not happenings.asked_for_here(request):
        return False
    return happenings.notice(
        learner, "search.performed", value=float(results), context={"query": query}
    )


def _word(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "")[:120]


def _page(request: HttpRequest) -> int:
    said = request.GET.get("page", "1")
    return min(max(int(said), 1), PAGES_MOST) if said.isdecimal() and len(said) < 7 else 1


def _window(request: HttpRequest, found: SearchPage, page: int) -> dict[str, object]:
    """Return which part of the results is shown, with the ways to its neighbours."""
    first = (page - 1) * PER_PAGE + 1 if found.hits else 0
    last = (page - 1) * PER_PAGE + len(found.hits)

    def href(to: int) -> str:
        kept = {key: value for key, value in request.GET.items() if key != "page" and value}
        return f"?{urlencode({**kept, 'page': to})}"

    return {
        "first": first,
        "last": last,
        "total": found.total,
        "previous": href(page - 1) if page > 1 else "",
        "next": href(page + 1) if last < found.total and found.hits else "",
    }


def _modules(info: CourseInfo) -> tuple[ModuleInfo, ...]:
    """Return the lessons of a course; none while they cannot be read."""
    try:
        return catalogue.modules(info.course_id)
    except Error:
        return ()


def _states(learner: Learner | None, info: CourseInfo) -> dict[int, ModuleState]:
    """Return how far a learner is in a course; nothing while it cannot be read."""
    try:
        return module_states(learner, info) if learner else {}
    except Error:
        return {}


def _ratings(courses: Iterable[CourseInfo]) -> Mapping[int, tuple[float, int]]:
    """Return the ratings of courses; none while they cannot be read."""
    try:
        return aggregates.course_ratings([course.course_id for course in courses])
    except Error:
        return {}
