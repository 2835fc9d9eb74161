"""People who must account for a list: what was it made from, and does it come out again?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from controltower import access
from controltower.views.effects import cohort_words, what
from personalize import api as personalize
from personalize.data import Change, Item, Ruled, Slot, Source
from signals import catalogue

SOURCES = {
    Source.MODEL: gettext_lazy("By the model"),
    Source.ONBOARDING: gettext_lazy("By a goal and the first things done"),
    Source.LAST_GOOD: gettext_lazy("An earlier list again"),
    Source.COHORT: gettext_lazy("Most chosen in a field"),
    Source.POPULAR: gettext_lazy("Most chosen by all"),
    Source.CURATED: gettext_lazy("The edited list"),
    Source.HOLDOUT: gettext_lazy("The comparison group's list"),
    Source.OFF: gettext_lazy("The list of who wants no profile"),
}
SLOTS = {
    Slot.GREEDY: gettext_lazy("By its score"),
    Slot.EXPLORE: gettext_lazy("Tried out"),
    Slot.PINNED: gettext_lazy("Pinned"),
    Slot.BOOSTED: gettext_lazy("Boosted"),
}
DID = {
    "VIEWED": gettext_lazy("looked at"),
    "STARTED": gettext_lazy("began"),
    "ENROLLED": gettext_lazy("enrolled"),
    "COMPLETED": gettext_lazy("completed"),
    "LEFT": gettext_lazy("left"),
}
PAST = "course:"  # before the number of a past course in the name of a part
HOUR_S, DAY_S = 3_600, 86_400
HISTORY_SHOWN = 40  # newest courses


@dataclass(frozen=True, slots=True)
class Line:
    """One place of the list in words."""

    item: Item
    title: str
    slot: str
    chance: str  # of the draw, where it was tried out
    reasons: tuple[str, ...]
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Past:
    """One course of the history as it was then."""

    title: str
    did: str
    ago: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What people had decided of a course for this list, and what became of it."""

    title: str
    what: str
    said: str  # what it did in this list
    who: str


@require_safe
@access.requires(access.may_trace_lists)
def find(request: HttpRequest) -> HttpResponse:
    """Ask for the id of a list, and go there."""
    wanted = request.GET.get("id", "").strip()
    try:
        request_id = UUID(wanted) if wanted else None
    except ValueError:
        request_id = None
    if request_id is not None and personalize.decision(request_id) is not None:
        return redirect("tower:trace", request_id)
    context = {"nav": _nav(request), "wanted": wanted}
    return render(request, "tower/find_list.html", context)


@require_safe
@access.requires(access.may_trace_lists)
def trace(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show a list with all it was made from, and make it again."""
    found = personalize.decision(request_id)
    again = personalize.replayed(request_id)
    if found is None or again is None:
        raise Http404
    made_from = found.made_from
    context = {
        "nav": _nav(request),
        "trace": found,
        "again": again,
        "source": SOURCES[found.source],
        "lines": [_line(item) for item in found.items],
        "made_from": made_from,
        "history": list(_history(made_from)) if made_from else [],
        "words": list(_words(made_from)) if made_from else [],
        "rules": [_rule(rule) for rule in found.ruled],
        "pool": _titles(made_from["tried_out_from"]) if made_from else [],
    }
    return render(request, "tower/trace.html", context)


def _nav(request: HttpRequest) -> str:
    return "models" if access.may_see_models(access.roles_of(request.user)) else "privacy"


def _line(item: Item) -> Line:
    tried = item.slot is Slot.EXPLORE
    return Line(
        item=item,
        title=_title(item.course_id),
        slot=str(SLOTS[item.slot]),
        chance=gettext("1 in %s") % round(1 / item.propensity) if tried else "",
        reasons=tuple(reason.text for reason in item.reasons),
        parts=tuple((_part(name), value) for name, value in item.parts),
    )


def _rule(ruled: Ruled) -> Rule:
    row = ruled.row
    if ruled.change is Change.HIDE:
        said = gettext("kept out of this list")
    elif ruled.rank is None:
        said = gettext("in force, and the course is not in this list")
    else:
        said = gettext("in force, and the course is at place %s") % ruled.rank
    return Rule(
        title=_title(ruled.course_id),
        what=what(ruled.change, ruled.strength),
        said=f"{said}; {cohort_words(ruled.cohort)}" if ruled.cohort else said,
        who=f"{row.created_by}: {row.reason}" if row else "",
    )


def _title(course_id: int) -> str:
    course = catalogue.course(course_id)
    return course.title if course else gettext("Course %s, gone") % course_id


def _titles(course_ids: Any) -> list[str]:
    return sorted(_title(course_id) for course_id in course_ids)


def _part(name: str) -> str:
    if name.startswith(PAST):
        return _title(int(name.removeprefix(PAST)))
    return name.replace("_", " ").capitalize()


def _history(made_from: Mapping[str, Any]) -> Iterable[Past]:
    """Yield what the learner had done, newest first."""
    for one in reversed(made_from.get("history", [])[-HISTORY_SHOWN:]):
        yield Past(_title(one["course_id"]), str(DID.get(one["did"], "")), _ago(one["seconds"]))


def _ago(seconds: float) -> str:
    days, hours = int(seconds // DAY_S), int(seconds // HOUR_S)
    if days:
        return ngettext("%s day before", "%s days before", days) % days
    if hours:
        return ngettext("%s hour before", "%s hours before", hours) % hours
    return gettext("just before")


def _words(made_from: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield what the learner had said, and what else counted, where there was any."""
    said = (
        (gettext("Interests"), list(made_from.get("interests", ()))),
        (gettext("Not for me"), _titles(made_from.get("refused", ()))),
        (gettext("Not now"), _titles(made_from.get("snoozed", ()))),
        (gettext("More like it"), _titles(made_from.get("more", ()))),
        (gettext("Shown often, not opened"), _titles(made_from.get("seen_often", ()))),
        (gettext("Formats"), list(made_from.get("formats", ()))),
    )
    return ((title, ", ".join(told)) for title, told in said if told)
