"""People at the controls: which experiments are there, and what may be said without opening one?"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from controltower import access
from experiments import api as experiments
from experiments.data import ExperimentInfo
from experiments.phases import CRAWL, RUN, WALK, Phase
from personalize.api import SURFACES
from signals.clock import now


@dataclass(frozen=True, slots=True)
class Row:
    """One experiment of the list, with what may be said without opening it."""

    info: ExperimentInfo
    says: str


@dataclass(frozen=True, slots=True)
class Surface:
    """A place of the product and how far it may be trusted with learners."""

    sentence: str
    word: str
    tone: str
    phase: Phase


OPENED = {  # surfaces that are no list
    "answers": gettext_lazy("Answers from a course"),
    "guidance": gettext_lazy("Tour and tips"),
    "nudges": gettext_lazy("Reminders"),
    "onboarding": gettext_lazy("Four questions at the start"),
    "path": gettext_lazy("Learning path"),
}
PHASES = {
    CRAWL: (gettext_lazy("Crawl"), ""),
    WALK: (gettext_lazy("Walk"), "warn"),
    RUN: (gettext_lazy("Run"), "ok"),
}


@require_safe
@access.requires(access.may_see_experiments)
def experiment_list(request: HttpRequest) -> HttpResponse:
    """Show all experiments, running ones first."""
    at = now()
    rows = sorted(experiments.list_experiments(now=at), key=_place)
    found = experiments.stands(now=at)
    context = {
        "nav": "experiments",
        "rows": [Row(info, _says(info)) for info in rows],
        "surfaces": [_surface(phase) for phase in found.phases],
        "prunings": found.prunings,
        "holdout_share": experiments.HOLDOUT_SHARE,
        "may_run": access.may_run_experiments(access.roles_of(request.user)),
    }
    return render(request, "tower/experiments.html", context)


def _surface(phase: Phase) -> Surface:
    word, tone = PHASES[phase.phase]
    place = SURFACES.get(phase.surface)
    sentence = place.sentence if place else str(OPENED.get(phase.surface, phase.surface))
    return Surface(sentence, str(word), tone, phase)


def _place(info: ExperimentInfo) -> int:
    """Return where an experiment stands in the list: what runs first, what is put away last."""
    order = ("running", "paused", "stopped", "approved", "registered", "draft", "decided")
    return order.index(info.state) if info.state in order else len(order)


def _says(info: ExperimentInfo) -> str:
    if info.verdict:
        return gettext("Decided: %s") % info.verdict
    if info.next_look is not None:
        when = date_format(info.next_look, "j F")
        if info.looks_taken:
            return gettext("Open it for the last look; the next is on %s") % when
        return gettext("Nothing before the first look on %s") % when
    if info.looks_taken:
        return gettext("Open it for the last look; it waits for a decision")
    waits = {
        "registered": gettext("Not started: waits for a second person to approve it"),
        "approved": gettext("Not started: approved, and ready to start"),
        "archived": gettext("Put away without a start"),
    }
    if info.state in waits:
        return waits[info.state]
    if info.state == "stopped":
        return gettext("Stopped before its first look: nothing")
    return gettext("Not started: nothing")
