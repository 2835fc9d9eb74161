"""People at the controls: what should lists strive for, and what would other weights change?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from controltower import access, second_step
from controltower.views.effects import Told, told
from controltower.views.ranking import FIRST, Place
from personalize import api as personalize
from personalize.data import Forecast, Foreseen, ObjectiveRow, Objectives
from signals import aggregates, catalogue
from signals.clock import now
from signals.data import CourseInfo

NUMBERS = tuple(each.name for each in fields(Objectives))
SHOWN = 20  # changes


class ObjectivesForm(forms.Form):
    """Weights and limits to be looked at or put in force; a limit left out stays as it is."""

    engagement = forms.FloatField()
    progression = forms.FloatField()
    least_chance = forms.FloatField(required=False)
    field_share = forms.FloatField(required=False)
    provider_share = forms.FloatField(required=False)
    well_known = forms.FloatField(required=False)
    example = forms.CharField(required=False, max_length=200)
    reason = forms.CharField(required=False, max_length=200)

    def objectives(self) -> Objectives:
        """Return the numbers of a valid form."""
        said = {name: self.cleaned_data[name] for name in NUMBERS}
        told = {name: number for name, number in said.items() if number is not None}
        return replace(personalize.objectives(), **told)

    def refuse(self, error: ValidationError) -> None:
        """Show what the action itself found wrong, at the fields it is about."""
        for name, texts in error.message_dict.items():
            self.add_error(name, texts)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the model expects of the first places of recent learners, on average."""

    what: str
    now: float
    then: float

    @property
    def points(self) -> float:
        """Return the difference in percentage points."""
        return 100 * (self.then - self.now)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change with what it changed, in words."""

    objective_id: int
    changed: tuple[str, ...]
    reason: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Compared:
    """Both lists, in words where only words are allowed."""

    shown_for: str
    now: tuple[Place, ...]
    then: tuple[Place, ...]
    reach: str
    expected: tuple[Expected, ...]
    caveat: str


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_see_objectives)
def objectives(request: HttpRequest) -> HttpResponse:
    """Show what lists strive for; play other weights through, or put them in force."""
    at = now()
    if request.method != "POST":
        current = personalize.objectives()
        form = ObjectivesForm(initial={name: f"{getattr(current, name):.2f}" for name in NUMBERS})
        return _page(request, form, None)
    form = ObjectivesForm(request.POST)
    if not form.is_valid():
        return _page(request, form, None)
    try:
        if request.POST.get("step") != "publish":
            played = personalize.foresee_objectives_for_all(form.objectives(), now=at)
            return _page(request, form, _compared(form, at), told(played) if played else None)
        if (asked := second_step.proof_wanted(request)) is not None:
            return asked
        personalize.set_objectives(
            access.actor_of(request), form.objectives(), reason=form.cleaned_data["reason"], now=at
        )
    except ValidationError as error:
        form.refuse(error)
        return _page(request, form, None)
    messages.success(request, gettext("In force, in every list within two seconds."))
    return redirect("tower:objectives")


@require_POST
@access.requires(access.may_change_objectives)
def undo(request: HttpRequest, objective_id: int) -> HttpResponse:
    """Put back what was in force before the newest change."""
    reason = request.POST.get("reason", "")[:200]
    try:
        personalize.undo_objectives(
            access.actor_of(request), objective_id, reason=reason, now=now()
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, gettext("What was before is in force again."))
    return redirect("tower:objectives")


def _page(
    request: HttpRequest,
    form: ObjectivesForm,
    preview: Compared | None,
    effect: Told | None = None,
) -> HttpResponse:
    changes = personalize.objective_changes()
    context = {
        "nav": "objectives",
        "form": form,
        "limits": personalize.OBJECTIVE_LIMITS,
        "examples": personalize.objective_examples(),
        "changes": _changes(changes),
        "newest": changes[0].objective_id if changes else None,
        "may_change": access.may_change_objectives(access.roles_of(request.user)),
        "preview": preview,
        "effect": effect,
    }
    return render(request, "tower/objectives.html", context)


def _changes(rows: Sequence[ObjectiveRow]) -> list[Changed]:
    """Return each change beside what was in force before it; the first ever beside the usual."""
    before = [*(row.objectives for row in rows[1:]), personalize.USUAL_OBJECTIVES]
    return [
        Changed(
            row.objective_id,
            _what_changed(was, row.objectives),
            row.reason,
            row.created_by,
            row.created_at,
        )
        for row, was in list(zip(rows, before, strict=False))[:SHOWN]
    ]


def _what_changed(was: Objectives, is_now: Objectives) -> tuple[str, ...]:
    titles = {
        "engagement": gettext("Engagement"),
        "progression": gettext("Progression"),
        "least_chance": gettext("Least chance of a pick"),
        "field_share": gettext("Most of one field"),
        "provider_share": gettext("Most of one school"),
        "well_known": gettext("Taken off well-known courses"),
    }
    words = {"engagement": _plain, "progression": _plain, "well_known": _plain}
    told = []
    for name, title in titles.items():
        before, after = getattr(was, name), getattr(is_now, name)
        if before != after:
            say = words.get(name, _percent)
            told.append(f"{title} {say(before)} → {say(after)}")
    return tuple(told) or (gettext("Nothing: the same was put in force again."),)


def _plain(number: float) -> str:
    return f"{number:.2f}"


def _compared(form: ObjectivesForm, at: datetime) -> Compared:
    found = personalize.foresee_objectives(
        form.objectives(), example=form.cleaned_data["example"], now=at
    )
    ids = {pick.course_id for pick in (*found.before, *found.after)}
    courses = catalogue.courses(ids)
    first = found.before[:FIRST]
    ranks = {pick.course_id: pick.rank for pick in found.before}
    return Compared(
        shown_for=found.shown_for,
        now=tuple(_place(pick, courses) for pick in first),
        then=tuple(_moved(pick, ranks, courses) for pick in found.after[:FIRST]),
        reach=_reach(found),
        expected=_expected(found),
        caveat=_caveat(found),
    )


def _place(pick: Forecast, courses: Mapping[int, CourseInfo], **moved: Any) -> Place:
    info = courses.get(pick.course_id)
    title = info.title if info else gettext("Course %d") % pick.course_id
    return Place(pick.rank, title, _said(pick) or (info.field if info else ""), **moved)


def _moved(pick: Forecast, ranks: Mapping[int, int], courses: Mapping[int, CourseInfo]) -> Place:
    before = ranks.get(pick.course_id)
    moved = 0 if before is None else before - pick.rank
    return _place(pick, courses, moved=moved, hit=before is None or before > FIRST)


def _said(pick: Forecast) -> str:
    """Return what the model expects of a pick, "" where it tells nothing of this course."""
    if pick.opened is None or pick.completed is None:
        return ""
    chances = {"opened": _percent(pick.opened), "completed": _percent(pick.completed)}
    return gettext("Opened %(opened)s, passed %(completed)s") % chances


def _percent(chance: float) -> str:
    return f"{chance:.0%}" if chance >= 0.095 else f"{chance:.1%}"


def _reach(found: Foreseen) -> str:
    """Say how many recent lists would change; of few learners nothing is said."""
    asked = aggregates.publishable(found.requests)
    if asked is None:
        return gettext("Too few learners asked for this list in the last day to say more.")
    words: dict[str, object] = {"asked": asked, "first": FIRST}
    changed = aggregates.publishable(found.affected)
    if not found.affected:
        words["many"] = gettext("none")
    elif changed is None:
        words["many"] = gettext("fewer than %d") % aggregates.K
    else:
        words["many"] = gettext("about %d") % changed
    return (
        gettext(
            "Of the last %(asked)d learners who got a personal list, %(many)s would see another "
            "first %(first)d."
        )
        % words
    )


def _expected(found: Foreseen) -> tuple[Expected, ...]:
    if (
        aggregates.publishable(found.requests) is None
        or found.expected_before is None
        or found.expected_after is None
    ):
        return ()
    named = (gettext("Opened within 7 days"), gettext("Passed within 30 days, once begun"))
    return tuple(
        Expected(what, before, after)
        for what, before, after in zip(
            named, found.expected_before, found.expected_after, strict=True
        )
    )


def _caveat(found: Foreseen) -> str:
    """Say which weight moves nothing with the model that serves just now."""
    if not found.orders_by:
        return gettext("The live model tells no probabilities yet, so no weight moves a list.")
    if "passed" not in found.orders_by:
        return gettext(
            "The live model says nothing sure about passing, so progression moves nothing yet."
        )
    if "opened" not in found.orders_by:
        return gettext(
            "The live model says nothing sure about opening, so engagement moves nothing yet."
        )
    return ""
