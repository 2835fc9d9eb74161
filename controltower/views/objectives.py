"""People at the controls: what should lists strive for, and what would other weights change?"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from controltower import access, second_step
from controltower.views.effects import Told, came_of_aim, cohort_words, told
from controltower.views.ranking import FIRST, Place
from personalize import api as personalize
from personalize.data import Aim, Forecast, Foreseen, ObjectiveRow, Objectives
from signals import aggregates, catalogue
from signals.clock import now
from signals.data import CourseInfo

NUMBERS = tuple(each.name for each in fields(Objectives))
DAYS_FIRST = 14
FIELD_OF = {"ends_at": "ends_on"}


class ObjectivesForm(forms.Form):
    """Weights and limits to be looked at or put in force; a limit left out stays as it is."""

    engagement = forms.FloatField()
    progression = forms.FloatField()
    least_chance = forms.FloatField(required=False)
    field_share = forms.FloatField(required=False)
    provider_share = forms.FloatField(required=False)
    well_known = forms.FloatField(required=False)
    surface = forms.ChoiceField(required=False)
    cohort = forms.ChoiceField(required=False)
    example = forms.CharField(required=False, max_length=200)
    reason = forms.CharField(required=False, max_length=200)
    ends_on = forms.DateField()

    def __init__(self, data: Mapping[str, Any] | None = None, *, at: datetime) -> None:
        """Offer what is in force for everyone, two weeks from today."""
        self._now = personalize.objectives(now=at)
        today = at.astimezone(UTC).date()
        numbers = {name: f"{getattr(self._now, name):.2f}" for name in NUMBERS}
        first = numbers | {"ends_on": today + timedelta(days=DAYS_FIRST)}
        super().__init__(data, initial=first)
        for name, keys in (
            ("surface", ("", *personalize.SURFACES)),
            ("cohort", personalize.override_cohorts()),
        ):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [(key, key) for key in keys]

    def aim(self) -> Aim:
        """Return what a valid form asks for; it acts to the end of its last day, in UTC."""
        cleaned = self.cleaned_data
        said = {name: cleaned[name] for name in NUMBERS}
        told = {name: number for name, number in said.items() if number is not None}
        last: date = cleaned["ends_on"]
        return Aim(
            objectives=replace(self._now, **told),
            ends_at=datetime.combine(last, time(23, 59), tzinfo=UTC),
            surface=cleaned["surface"],
            cohort=cleaned["cohort"],
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what the action itself found wrong, at the fields it is about."""
        for name, texts in error.message_dict.items():
            self.add_error(FIELD_OF.get(name, name), texts)


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
class Line:
    """A change with what it changed, for whom and until when, in words."""

    row: ObjectiveRow
    changed: tuple[str, ...]
    where: str
    whom: str  # "" for everyone
    state: str  # what became of it; "" while it acts
    came: tuple[str, ...]  # of it, as far as it is measured
    acts: bool
    may_undo: bool
    may_decide: bool


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
        return _page(request, ObjectivesForm(at=at), at)
    form = ObjectivesForm(request.POST, at=at)
    if not form.is_valid():
        return _page(request, form, at)
    actor, reason = access.actor_of(request), form.cleaned_data["reason"]
    try:
        if request.POST.get("step") != "publish":
            return _page(request, form, at, _played(request, form, at))
        if (asked := second_step.proof_wanted(request)) is not None:
            return asked
        row = personalize.set_objectives(actor, form.aim(), reason=reason, now=at)
    except ValidationError as error:
        form.refuse(error)
        return _page(request, form, at)
    if row.state == "waiting":
        said = gettext("It waits for a second person. Nothing is changed yet.")
    else:
        said = gettext("In force, in every list within two seconds.")
    messages.success(request, said)
    return redirect("tower:objectives")


@require_POST
@access.requires(access.may_change_objectives)
def decide(request: HttpRequest, objective_id: int) -> HttpResponse:
    """Approve what somebody else asked for, or refuse it with a reason."""
    actor, reason = access.actor_of(request), request.POST.get("reason", "")[:200]
    approves = request.POST.get("step") == "approve"
    if approves and (asked := second_step.proof_wanted(request)) is not None:
        return asked  # a second person is one only where it is they who sit there
    step = personalize.approve_objectives if approves else personalize.refuse_objectives
    try:
        step(actor, objective_id, reason=reason, now=now())
    except ObjectDoesNotExist as error:
        raise Http404(f"There is no change {objective_id}.") from error
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = gettext("Approved: in every list within two seconds.")
        messages.success(request, said if approves else gettext("Refused. Nothing is changed."))
    return redirect("tower:objectives")


@require_POST
@access.requires(access.may_ask_for_objectives)
def undo(request: HttpRequest, objective_id: int) -> HttpResponse:
    """End a change at once, or withdraw what waits."""
    try:
        row = personalize.undo_objectives(access.actor_of(request), objective_id, now=now())
    except ObjectDoesNotExist as error:
        raise Http404(f"There is no change {objective_id}.") from error
    if row.state == "waiting":
        messages.success(request, gettext("Withdrawn."))
    else:
        messages.success(request, gettext("What was before is in force again."))
    return redirect("tower:objectives")


@dataclass(frozen=True, slots=True)
class _Preview:
    """What other weights would do, and what of them needs a second person."""

    lists: Compared
    effect: Told | None
    beyond: tuple[str, ...]


def _played(request: HttpRequest, form: ObjectivesForm, at: datetime) -> _Preview:
    actor, aim = access.actor_of(request), form.aim()
    # Who only looks gives no reason yet.
    beyond = personalize.check_objectives(actor, aim, reason="only looked at", now=at)
    played = personalize.foresee_objectives_for_all(aim, now=at)
    return _Preview(_compared(form, at), told(played) if played else None, beyond)


def _page(
    request: HttpRequest, form: ObjectivesForm, at: datetime, preview: _Preview | None = None
) -> HttpResponse:
    roles = access.roles_of(request.user)
    changes = personalize.objective_changes(now=at)
    me, may_change = request.user.get_username(), access.may_change_objectives(roles)
    lines = [_line(row, me, at, may_change=may_change) for row in changes]
    context = {
        "nav": "objectives",
        "form": form,
        "limits": personalize.OBJECTIVE_LIMITS,
        "alone": personalize.OBJECTIVE_LIMITS_ALONE,
        "examples": personalize.objective_examples(),
        "surfaces": [(key, place.sentence) for key, place in personalize.SURFACES.items()],
        "cohorts": [(key, cohort_words(key)) for key in personalize.override_cohorts()],
        "changes": lines,
        "acting": sum(line.acts for line in lines),
        "may_change": may_change,
        "may_ask": access.may_ask_for_objectives(roles),
        "preview": preview.lists if preview else None,
        "effect": preview.effect if preview else None,
        "beyond": preview.beyond if preview else (),
    }
    return render(request, "tower/objectives.html", context)


def _line(row: ObjectiveRow, me: str, at: datetime, *, may_change: bool) -> Line:
    surface, mine = personalize.SURFACES.get(row.aim.surface), row.created_by == me
    lasts = row.undone_at is None and (row.aim.ends_at is None or row.aim.ends_at > at)
    waits = lasts and row.state == "waiting"
    acts = lasts and row.state == "approved"
    may_decide = waits and may_change and not mine
    return Line(
        row,
        _what_changed(row.before, row.objectives),
        surface.sentence if surface else row.aim.surface or gettext("Everywhere"),
        cohort_words(row.aim.cohort) if row.aim.cohort else "",
        "" if acts else _state(row, waits=waits),
        came_of_aim(row),
        acts,
        may_undo=(waits or acts) and (may_change or mine) and not may_decide,
        may_decide=may_decide,
    )


def _state(row: ObjectiveRow, *, waits: bool) -> str:
    if row.undone_at is not None:
        return gettext("Undone by %s") % row.undone_by
    if row.state == "refused":
        words = {"who": row.decided_by, "why": row.decided_why}
        return gettext("Refused by %(who)s: %(why)s") % words
    return gettext("Waits for a second person") if waits else gettext("Ended")


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
    return tuple(told) or (gettext("Nothing: the same as before."),)


def _plain(number: float) -> str:
    return f"{number:.2f}"


def _compared(form: ObjectivesForm, at: datetime) -> Compared:
    found = personalize.foresee_objectives(form.aim(), example=form.cleaned_data["example"], now=at)
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
