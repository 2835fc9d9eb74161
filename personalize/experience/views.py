"""What does a learner see first, and what can they say about it? (L5) Home, reasons, switches."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from personalize.data import Action, Intent, Item, Recommendation, Source
from personalize.decision import explanations, feedback, log, standing, upkeep
from personalize.decision.context import Ask
from personalize.decision.onboarding import SIGNALS_ENOUGH
from personalize.decision.recommend import recommend
from personalize.decision.standing import Standing
from personalize.decision.surfaces import SURFACES
from personalize.decision.surfaces import home as home_surface
from personalize.experience import cards, happenings, lists, progress
from personalize.experience.forms import (
    FeedbackForm,
    GoalForm,
    SwitchForm,
    formats,
    languages,
    times,
    way_back,
)
from personalize.experience.guidance.home import guidance
from personalize.experience.guidance.visits import saw_why
from personalize.experience.nudges import page as reminded
from personalize.experience.on_the_way import invited, lead_there, on_the_way, remember
from personalize.experience.people import Learner, learner_of, learners_only
from signals import aggregates, catalogue
from signals import api as signals
from signals.clock import now
from signals.data import UNDER_13, CourseInfo, ModuleInfo, ModuleState, Purpose, Touch

SKILLS_OFFERED = 40
WORKING = frozenset({Source.MODEL, Source.LAST_GOOD})


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """Lead everyone to their own first page."""
    if learner_of(request) is not None:
        return redirect("experience:home")
    return redirect("tower:start" if request.user.is_authenticated else "signin")


@require_safe
@learners_only
def home(request: HttpRequest, learner: Learner) -> HttpResponse:
    """Show where the learner stands, what they are in the middle of, and their picks."""
    moment = now()
    said = _said(learner, moment)
    answer = _recommended(request, learner, moment)
    picks = _picks(request, answer, said.goal)
    state = _begun(learner, moment)
    nudge = reminded.line(learner.learner_id, now=moment)
    way = on_the_way(learner, now=moment)
    remember(request, way)
    return render(
        request,
        "experience/home.html",
        {
            "nav": "home",
            "name": learner.name,
            "picks": picks,
            "headline": lists.headline(picks, way.course.title if way else ""),
            "goal": said.goal,
            "goals": _goals(),
            "steps": _first_steps(answer, said),
            "undo": _just_silenced(request, learner, moment),
            "way": way,
            "invited": not said.goal and picks.on and invited(learner, now=moment),
            "nudge": nudge,
            "guidance": guidance(
                learner.learner_id, answer, said, quiet=nudge is not None, now=moment
            ),
            "nudge_stopped": request.session.pop(reminded.STOPPED, False),
            **state,
        },
    )


@require_safe
@learners_only
def picks(request: HttpRequest, learner: Learner) -> HttpResponse:
    """Show the list alone, for a change of intent or an undo in place."""
    return _picks_fragment(request, learner)


@require_safe
@learners_only
def why(request: HttpRequest, learner: Learner, request_id: UUID, course_id: int) -> HttpResponse:
    """Explain one item, in place or as a page of its own; ?open=0 closes it again."""
    found = explanations.panel(request_id, course_id, learner_id=learner.learner_id)
    course = catalogue.course(course_id)
    if found is None or course is None:
        raise Http404(gettext("This list showed you no such course."))
    saw_why(learner.learner_id, now=now())
    rating = _ratings([course_id]).get(course_id)
    lesson = _lessons([found.item]).get(found.item.module_id or 0)
    card = cards.explained(found, course, rating=rating, lesson=lesson)
    if request.htmx:  # type: ignore[attr-defined]
        if request.GET.get("open") == "0":
            card = replace(card, why=None)
        return render(request, "parts/card.html", {"card": card})
    gone = course_id not in upkeep.courses()
    return render(request, "experience/why.html", {"nav": "home", "card": card, "gone": gone})


@require_POST
@learners_only
def give_feedback(request: HttpRequest, learner: Learner, request_id: UUID) -> HttpResponseBase:
    """Keep "not for me", snooze, more or undo; the next answer already follows it."""
    form = FeedbackForm(request.POST)
    course = catalogue.course(int(form.cleaned_data["course"])) if form.is_valid() else None
    if course is None:
        raise BadRequest(gettext("Say which course, and one of not_for_me, snooze, more, undo."))
    action = Action(form.cleaned_data["action"])
    try:
        given = feedback.give(
            learner.learner_id,
            request_id=request_id,
            course_id=course.course_id,
            action=action,
            now=now(),
        )
    except feedback.NotShownError as error:
        raise Http404(gettext("This list showed you no such course.")) from error
    silences = action in feedback.EVENTS
    if not request.htmx:  # type: ignore[attr-defined]
        said = f"?silenced={course.course_id}" if silences else ""
        return redirect(way_back(request, reverse("experience:home") + said))
    if not silences:
        return _picks_fragment(request, learner)
    undo = lists.undo(action, course, request_id=request_id, until=given.until)
    return render(request, "parts/undo.html", {"undo": undo})


@require_POST
@learners_only
def personalization(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Switch personalization on or off: one click, and the same click is the way back."""
    form = SwitchForm(request.POST)
    if not form.is_valid():
        raise BadRequest(gettext("Say on=1 or on=0."))
    granted = form.cleaned_data["on"] == "1"
    signals.set_consent(
        learner.learner_id,
        purpose=Purpose.PERSONALIZATION,
        granted=granted,
        via="page",
        actor=learner.actor,
        now=now(),
    )
    messages.success(
        request,
        gettext("Personalization is on.")
        if granted
        else gettext("Personalization is off, and the stored reasons of your picks are deleted."),
    )
    return redirect(way_back(request))


@require_http_methods(["GET", "HEAD", "POST"])
@learners_only
def goal(request: HttpRequest, learner: Learner) -> HttpResponseBase:
    """Let a learner state a goal, interests and time, and see what they hid."""
    moment = now()
    profile = standing.profile(learner.learner_id)
    if request.method == "POST":
        form = GoalForm(request.POST)
        if not form.is_valid():
            raise BadRequest(gettext("Choose a goal and skills from the lists."))
        if signals.switches(learner.learner_id).age_band == UNDER_13:
            messages.error(request, gettext("Under 13 no profile is kept, so no goal either."))
            return redirect(way_back(request))
        whole = form.cleaned_data["part"] == "all"
        standing.state_goal(
            learner.learner_id,
            goal=form.cleaned_data["goal"],
            interests=form.cleaned_data["interests"] if whole else profile.interests,
            minutes_per_week=int(form.cleaned_data["minutes_per_week"] or 0)
            if whole
            else profile.minutes_per_week,
            now=moment,
        )
        if whole and form.cleaned_data["format"] != profile.format:
            standing.state_format(
                learner.learner_id, format=form.cleaned_data["format"], now=moment
            )
        if whole and set(form.cleaned_data["languages"]) != set(profile.languages):
            standing.state_languages(learner.learner_id, form.cleaned_data["languages"], now=moment)
        feedback.forget_lists(learner.learner_id)
        lead_there(request, learner, now=moment)
        messages.success(request, gettext("Saved. Your list follows it from now on."))
        return redirect(way_back(request))
    skills = catalogue.skills()
    chosen = set(profile.interests)
    offered = skills[:SKILLS_OFFERED]
    offered += tuple(pair for pair in skills[SKILLS_OFFERED:] if pair[0] in chosen)
    return render(
        request,
        "experience/goal.html",
        {
            "nav": "",
            "goals": catalogue.fields(),
            "goal": profile.goal,
            "skills": offered,
            "interests": chosen,
            "times": times(),
            "minutes_per_week": profile.minutes_per_week,
            "formats": formats(),
            "format": profile.format,
            "languages": languages(),
            "reads": set(profile.languages),
            "on": signals.allowed(learner.learner_id).personalization,
            "gpc": signals.honours_gpc(learner.learner_id),
            "silenced": _silenced(learner, moment),
        },
    )


def _picks_fragment(request: HttpRequest, learner: Learner) -> HttpResponse:
    moment = now()
    answer = _recommended(request, learner, moment)
    picks = _picks(request, answer, _said(learner, moment).goal)
    return render(request, "experience/picks.html", {"picks": picks})


def _recommended(request: HttpRequest, learner: Learner, moment: datetime) -> Recommendation:
    """Ask for the home list, have it logged before it is shown, and record the showing."""
    surface = SURFACES[home_surface.KEY]
    wanted = request.GET.get("intent", "")
    intent = Intent(wanted) if wanted in set(Intent) else None
    answer = recommend(
        Ask(
            learner_id=learner.learner_id,
            external_id=None,
            surface=surface,
            unit="any" if intent is Intent.CONTINUE else surface.unit,
            intent=intent,
            k=surface.k,
            now=moment,
            language=(get_language() or "")[:2],
        )
    )
    try:
        log.flush()  # the next click may ask another process why
    except DatabaseError:
        return answer
    happenings.shown(request, learner, answer)
    return answer


def _picks(request: HttpRequest, answer: Recommendation, goal: str) -> lists.Picks:
    opened = request.GET.get("open", "")
    return lists.picks(
        answer,
        courses=upkeep.courses(),
        goal=goal,
        modules=_lessons(answer.items),
        ratings=_ratings([item.course_id for item in answer.items]),
        opened=int(opened) if opened.isdecimal() else None,
    )


def _lessons(items: Iterable[Item]) -> dict[int, ModuleInfo]:
    """Return the lessons of a list, by their numbers; none while they cannot be read."""
    try:
        return {
            module.module_id: module
            for item in items
            if item.module_id is not None
            for module in catalogue.modules(item.course_id)
        }
    except DatabaseError:
        return {}


def _said(learner: Learner, moment: datetime) -> Standing:
    """Return what the learner stated; nothing while it cannot be read."""
    try:
        return standing.read(learner.learner_id, now=moment)
    except DatabaseError:
        return Standing()


def _goals() -> tuple[tuple[str, int], ...]:
    try:
        return catalogue.fields()
    except DatabaseError:
        return ()


def _ratings(course_ids: list[int]) -> Mapping[int, tuple[float, int]]:
    try:
        return aggregates.course_ratings(course_ids)
    except DatabaseError:
        return {}


def _begun(learner: Learner, moment: datetime) -> dict[str, Any]:
    """Return the course the learner was in last, with its route; nothing where there is none."""
    nothing: dict[str, Any] = {"continuing": None, "route": ()}
    try:
        state = signals.learner_state(learner.learner_id, now=moment)
        if state is None:
            return nothing
        begun = [
            course_id
            for course_id, touch in zip(
                state.course_ids.tolist(), state.touches.tolist(), strict=True
            )
            if touch in {Touch.ENROLLED, Touch.STARTED}
        ]
        course = catalogue.course(begun[-1]) if begun else None
        if course is None or not (modules := catalogue.modules(course.course_id)):
            return nothing
        states = module_states(learner, course)
    except DatabaseError:
        return nothing
    return {
        "continuing": progress.continuing(course, modules, states),
        "route": progress.route(modules, states),
    }


def module_states(learner: Learner, course: CourseInfo) -> dict[int, ModuleState]:
    """Return how far a learner is in each module of a course. Raises django.db.Error."""
    states = signals.module_states(learner.learner_id, course_ids=[course.course_id])
    return {state.module_id: state for state in states}


def _first_steps(answer: Recommendation, said: Standing) -> tuple[progress.FirstStep, ...]:
    """Return what would make the list personal, until a model knows the learner."""
    if answer.source in WORKING or answer.source is Source.OFF:
        return ()
    if answer.signals >= SIGNALS_ENOUGH:
        return ()  # enough is known; that this list is not personal has another reason
    steps = progress.first_steps(goal=said.goal, interests=said.interests, begun=answer.signals > 0)
    return () if all(step.done for step in steps) else steps


def _silenced(learner: Learner, moment: datetime) -> list[lists.Undo]:
    said = feedback.silenced(learner.learner_id, now=moment)
    return [
        lists.undo(given.action, course, request_id=given.request_id, until=given.until)
        for given in said
        if given.request_id is not None
        and (course := catalogue.course(given.course_id)) is not None
    ]


def _just_silenced(request: HttpRequest, learner: Learner, moment: datetime) -> lists.Undo | None:
    """Return the line with the way back for a form that was sent without JavaScript."""
    said = request.GET.get("silenced", "")
    if not said.isdecimal():
        return None
    found = (undo for undo in _silenced(learner, moment) if undo.course_id == int(said))
    return next(found, None)
