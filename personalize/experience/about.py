"""How do recommendations work here? (L5) The main parameters, from the running configuration."""

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from experiments import api as experiments
from personalize.algorithms.registry import ALGORITHMS
from personalize.data import ModelRow, Source
from personalize.decision import (
    explanations,
    exploring,
    feedback,
    fusion,
    onboarding,
    upkeep,
    variety,
)
from personalize.decision.surfaces import SURFACES, home
from personalize.engine import registry
from personalize.experience.people import learner_of
from personalize.experience.register import running
from personalize.experience.register.base import Risk
from personalize.experience.register.running import Entry
from signals.clock import now
from signals.data import Allowed

EVERYTHING = Allowed(personalization=True, fine_grained=True, inferred=True)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say in plain language what decides the order, and who can change it."""
    learner_of(request)  # names who is signed in from the session where it must
    live = _live()
    total = sum(live.weights.values()) if live else 0.0
    places = SURFACES[home.KEY].k
    _shelf, controls = upkeep.look()
    objectives = controls.objectives(home.KEY, now=now())
    return render(
        request,
        "experience/about.html",
        {
            "nav": "",
            "live": live,
            "weights": [
                {**_algorithm(name), "share": weight / total}
                for name, weight in sorted(live.weights.items(), key=lambda pair: -pair[1])
                if weight > 0
            ]
            if live and total
            else [],
            "signals_needed": onboarding.SIGNALS_ENOUGH,
            "half_life_days": round(fusion.HALF_LIFE_DAYS),
            "session_minutes": round(fusion.SESSION_MINUTES),
            "snooze_days": feedback.SNOOZE_DAYS,
            "holdout_share": experiments.HOLDOUT_SHARE,
            "places": places,
            "caps": variety.caps_of(objectives, places),
            "well_known": objectives.well_known,
            "explore_share": exploring.SHARE,
            "sources": [{"title": _title(source), "text": _when(source)} for source in Source],
            "used": explanations.used(
                Source.MODEL, allowed=EVERYTHING, goal=gettext("a goal"), signals=1
            ),
            "features": _features(),
            "not_used": explanations.not_used(Source.MODEL, allowed=EVERYTHING),
        },
    )


def _features() -> list[tuple[Entry, str]]:
    """Return every feature of the register with its class of risk; nothing while that is away."""
    try:
        found = running.entries(now=now())
    except Error:
        return []
    classes = {
        Risk.HIGH: gettext("Treated as high-risk under the EU AI Act"),
        Risk.LIMITED: gettext("Limited risk under the EU AI Act"),
        Risk.MINIMAL: gettext("Minimal risk under the EU AI Act"),
    }
    return [(entry, classes[entry.feature.risk]) for entry in found]


def _live() -> ModelRow | None:
    """Return the live model; the rest of the page is true without it."""
    try:
        return registry.live_version()
    except Error:
        return None


def _algorithm(name: str) -> dict[str, str]:
    """Return an algorithm in words; one that has none yet is shown by its registered name."""
    told = {
        "popularity": (
            gettext("What everyone takes"),
            gettext("Courses many learners choose lately."),
        ),
        "item_knn": (
            gettext("Taken by the same learners"),
            gettext("Courses that people who took yours took as well."),
        ),
        "transitions": (
            gettext("Taken next"),
            gettext("What learners took soon after the courses you took last."),
        ),
        "ease": (
            gettext("Taken together"),
            gettext("How much each of your courses speaks for another, all weighed at once."),
        ),
        "als": (
            gettext("Similar tastes"),
            gettext("Broad tastes found in all choices, and where yours lie among them."),
        ),
        "graph_filter": (
            gettext("Near yours"),
            gettext("Courses that many short ways through other learners' choices lead to."),
        ),
        "session_knn": (
            gettext("Taken next after the same two"),
            gettext("What learners took next who had two of your latest courses."),
        ),
        "content": (
            gettext("About the same things"),
            gettext("Courses whose titles, subjects and skills are like those of yours."),
        ),
        "choice": (
            gettext("Likely next"),
            gettext("How likely each course is as the next one, learned from every choice."),
        ),
    }
    title, text = told.get(name, (name if name in ALGORITHMS else gettext("Other"), ""))
    return {"title": title, "text": text}


def _title(source: Source) -> str:
    return {
        Source.MODEL: gettext("Your own list"),
        Source.ONBOARDING: gettext("A first list"),
        Source.LAST_GOOD: gettext("Your list from earlier"),
        Source.COHORT: gettext("Popular for your goal"),
        Source.POPULAR: gettext("Popular with everyone"),
        Source.CURATED: gettext("Chosen by editors"),
        Source.HOLDOUT: gettext("Comparison group"),
        Source.OFF: gettext("Personalization off"),
    }[source]


def _when(source: Source) -> str:
    return {
        Source.MODEL: gettext("The model ranked it from your history."),
        Source.ONBOARDING: gettext(
            "There is little history yet: it follows your goal and interests."
        ),
        Source.LAST_GOOD: gettext("The model or the time was missing; nothing new is in it."),
        Source.COHORT: gettext("The model was missing: what is chosen most in your goal's field."),
        Source.POPULAR: gettext("Nothing is known about you yet: what is chosen most."),
        Source.CURATED: gettext("Nothing could be read about you, or you are not known here."),
        Source.HOLDOUT: gettext("You see the list that is the same for everyone, to compare."),
        Source.OFF: gettext("You switched it off: the same list for everyone who did."),
    }[source]
