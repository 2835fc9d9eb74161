"""People at the controls: does each source send as often and as completely as it should?"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from controltower import access
from controltower.forms import PERCENT, HabitForm, ObjectiveForm
from signals import api as signals
from signals.clock import now
from signals.data import SourceState

HOUR, DAY = 60, 1440  # minutes


@dataclass(frozen=True, slots=True)
class Line:
    """One source as the table shows it; level is the tone of its state."""

    state: SourceState
    level: str
    word: str
    ago: str  # since its newest event; empty where nothing ever came
    promised: str  # empty where it is held against its habit


@require_safe
@access.requires(access.may_see_sources)
def sources(request: HttpRequest) -> HttpResponse:
    """Show every source in use, those with an alarm first."""
    at = now()
    lines = [_line(state, at) for state in signals.source_states(now=at)]
    roles = access.roles_of(request.user)
    context = {
        "nav": "sources",
        "lines": lines,
        "alarms": sum(line.level == "bad" for line in lines),
        "may_change": access.may_change_sources(roles),
    }
    return render(request, "tower/sources.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_change_sources)
def source(request: HttpRequest, name: str) -> HttpResponse:
    """Show what is expected of a source, or change it."""
    at = now()
    line = _found(name, at)
    if request.method != "POST":
        return _page(request, line, ObjectiveForm(initial=_initial(line.state)))
    form = ObjectiveForm(request.POST)
    if not form.is_valid():
        return _page(request, line, form)
    actor, reason = access.actor_of(request), form.cleaned_data["reason"]
    try:
        signals.set_objective(actor, name, form.objective(), reason=reason, now=at)
    except ValidationError as error:
        form.refuse(error)
        return _page(request, line, form)
    messages.success(
        request, gettext("Kept for %s, and written into the ledger.") % line.state.title
    )
    return redirect("tower:sources")


@require_POST
@access.requires(access.may_change_sources)
def habit(request: HttpRequest, name: str) -> HttpResponse:
    """Hold a source against its habit again."""
    at = now()
    line = _found(name, at)
    form = HabitForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say in a few words why, then it is held to its habit."))
        return redirect("tower:source", name)
    reason = form.cleaned_data["reason"]
    signals.set_objective(access.actor_of(request), name, None, reason=reason, now=at)
    messages.success(request, gettext("%s is held to its habit again.") % line.state.title)
    return redirect("tower:sources")


def _page(request: HttpRequest, line: Line, form: ObjectiveForm) -> HttpResponse:
    context = {"nav": "sources", "line": line, "form": form}
    return render(request, "tower/source.html", context)


def _found(name: str, at: datetime) -> Line:
    for state in signals.source_states(now=at):
        if state.name == name:
            return _line(state, at)
    raise Http404(f"There is no source {name} in use.")


def _initial(state: SourceState) -> dict[str, object]:
    if state.objective is None:
        return {}
    return {
        "every_minutes": state.objective.every_minutes,
        "complete_percent": round(state.objective.complete_share * PERCENT, 2),
        "owner": state.objective.owner,
        "next_step": state.objective.next_step,
    }


def _line(state: SourceState, at: datetime) -> Line:
    level, word = _judged(state)
    return Line(
        state=state,
        level=level,
        word=word,
        ago=timesince(state.last_at, at, depth=1) if state.last_at else "",
        promised=_promised(state),
    )


def _judged(state: SourceState) -> tuple[str, str]:
    if state.silent:
        return "bad", gettext("Silent")
    if state.incomplete:
        return "bad", gettext("Incomplete")
    if state.objective is None:
        return "", gettext("By habit")
    return "ok", gettext("As promised")


def _promised(state: SourceState) -> str:
    """Say how often something new should arrive."""
    if state.objective is None:
        return ""
    minutes = state.objective.every_minutes
    if minutes % DAY == 0:
        return ngettext("every day", "every %d days", minutes // DAY) % (
            () if minutes == DAY else minutes // DAY
        )
    if minutes % HOUR == 0:
        return ngettext("every hour", "every %d hours", minutes // HOUR) % (
            () if minutes == HOUR else minutes // HOUR
        )
    return gettext("every %d minutes") % minutes
