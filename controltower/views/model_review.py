"""People at the controls: is the serving model what was wanted, for everyone, and what if not?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from controltower import access, charts
from controltower.forms import TargetForm
from controltower.views import model_words as words
from experiments.data import KeyTarget
from personalize import api as personalize
from signals.clock import now

RECALL, CALIBRATION = "recall", "calibration"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with what was wanted of it; an empty string where nothing is known."""

    key: str
    title: str
    about: str
    value: str
    interval: str
    base: str
    target: str
    owner: str
    reading: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One track: how it moved, on the line and in words."""

    track: str
    title: str
    about: str
    now: str
    before: str
    moved: str
    interval: str
    learners: str
    beside: str  # how the comparison group moved; empty where it is too small
    place: charts.Forest
    tone: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of learner; an empty string where too few are known."""

    cohort: str
    value: str
    learners: str
    found: str
    chances: str
    false: str
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What the same learners get from so much that is known."""

    title: str
    ndcg: str
    popular: str
    tone: str
    reading: str


@require_safe
@access.requires(access.may_see_models)
def so_far(request: HttpRequest) -> HttpResponse:
    """Show the fourteen days that are over, and lead to the reviews that were kept.

    Where the clock has not kept the last one, it is kept now.
    """
    personalize.keep_due_review(now=now())
    content, why_not = None, ""
    try:
        content = personalize.review_so_far(now=now())
    except personalize.NoReviewError as error:
        why_not = str(error)
    context = {
        "nav": "models",
        "kept": None,
        "ends": personalize.kept_reviews(),
        "may_set": access.may_set_targets(access.roles_of(request.user)),
        **(_shown(content) if content else {"content": None, "why_not": why_not}),
    }
    return render(request, "tower/model_review.html", context)


@require_safe
@access.requires(access.may_see_models)
def kept(request: HttpRequest, until: str) -> HttpResponse:
    """Show a review as it was kept; it is the same whenever it is opened."""
    context = {"nav": "models", "ends": personalize.kept_reviews(), **_kept(until)}
    return render(request, "tower/model_review.html", context)


@require_safe
@access.requires(access.may_see_models)
def printed(request: HttpRequest, until: str) -> HttpResponse:
    """Show a review on paper: nothing of who opens it or when."""
    return render(request, "tower/model_review_print.html", _kept(until))


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_set_targets)
def target(request: HttpRequest, figure: str) -> HttpResponse:
    """Say what is wanted of a figure and who answers for it."""
    if figure not in personalize.FIGURES:
        raise Http404(f"There is no figure {figure}.")
    at = now()
    wanted = personalize.targets(now=at)[figure]
    initial = {"target": wanted.target, "owner": wanted.owner}
    form = TargetForm(request.POST) if request.method == "POST" else TargetForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        new = KeyTarget(metric=figure, **form.cleaned_data)
        try:
            personalize.set_target(access.actor_of(request), new, now=at)
        except ValidationError as error:
            form.refuse(error)
        else:
            said = gettext("Kept for “%s”, and written into the ledger.")
            messages.success(request, said % words.FIGURES[figure].title)
            return redirect("tower:model_review")
    context = {
        "nav": "models",
        "form": form,
        "about": words.FIGURES[figure],
        "at_least": personalize.FIGURES[figure].at_least,
    }
    return render(request, "tower/model_target.html", context)


def _kept(until: str) -> dict[str, object]:
    try:
        found = personalize.kept_review(date.fromisoformat(until), now=now())
    except (ValueError, personalize.NoReviewError) as error:
        raise Http404(str(error)) from error
    return {"kept": found, "may_set": False, **_shown(found.content)}


def _shown(content: Mapping[str, Any]) -> dict[str, object]:
    """Return what a page is made of: a function of the content and nothing else."""
    kinds = [_kind(row) for row in content["cohorts"] if row["value"] != UNKNOWN]
    missed = [row for row in content["figures"] if row["reading"] == "missed"]
    return {
        "content": content,
        "since": datetime.fromisoformat(content["since"]),
        "until": datetime.fromisoformat(content["until"]),
        "trained_at": datetime.fromisoformat(content["model"]["trained_at"]),
        "figures": [_figure(row) for row in content["figures"]],
        "missed": len(missed),
        "verdict": words.VERDICTS[content["moved"]["reading"]],
        "parted": datetime.fromisoformat(content["moved"]["parted"]),
        "changed": content["moved"]["changed"],
        "tracks": [
            _line(track, content["moved"]["tracks"][track])
            for track in words.TRACKS
            if content["moved"]["tracks"][track]
        ],
        "kinds": kinds,
        "alarms": [alarm for kind in kinds for alarm in kind.alarms],
        "wrong": [
            (words.MISTAKES[key], n) for key, n in content["mistakes"].items() if n is not None
        ],
        "by_signals": _steps(content["by_signals"], words.SIGNALS),
        "by_tier": _steps(content["by_tier"], words.TIERS),
        "rising": _rising(content["by_signals"]),
    }


def _figure(row: Mapping[str, Any]) -> Figure:
    known = words.FIGURES[row["key"]]
    reading, tone = words.READINGS[row["reading"]]
    bound = gettext("at least %s") if row["at_least"] else gettext("at most %s")
    return Figure(
        key=row["key"],
        title=str(known.title),
        about=str(known.about),
        value=known.told(row["value"]) if row["value"] is not None else "",
        interval=_between(known.told(row["low"]), known.told(row["high"]))
        if row["low"] is not None
        else "",
        base=str(known.base) % {"n": f"{row['base']:,}"} if row["base"] else "",
        target=bound % known.told(row["target"]) if row["target"] is not None else "",
        owner=row["owner"],
        reading=str(reading),
        tone=tone,
    )


def _between(low: str, high: str) -> str:
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def _line(track: str, row: Mapping[str, Any]) -> Line:
    known = words.TRACKS[track]
    direction = int(row["low"] > 0) - int(row["high"] < 0)
    place = charts.forest(
        row["low"],
        row["difference"],
        row["high"],
        end=charts.reach([row["low"], row["high"]]),
        track=track,
        reading={1: "better", -1: "worse"}.get(direction, ""),
    )
    return Line(
        track=track,
        title=str(known.title),
        about=str(known.about),
        now=known.told(row["now"]),
        before=known.told(row["before"]),
        moved=known.difference(row["difference"]),
        interval=_between(known.difference(row["low"]), known.difference(row["high"])),
        learners=gettext("%(now)s learners, %(before)s before")
        % {"now": f"{row['learners']:,}", "before": f"{row['learners_before']:,}"},
        beside=known.difference(row["beside"]) if row.get("beside") is not None else "",
        place=place,
        tone={-1: "dn", 1: ""}.get(direction, "fl"),
    )


def _kind(row: Mapping[str, Any]) -> Kind:
    recall, chances, false = row.get(RECALL), row.get(CALIBRATION), row.get("false")
    who = words.kind(row["cohort"], row["value"])
    learners = max(
        (one["learners"] or 0 for one in (recall, chances, false) if one is not None), default=0
    )
    alarms = []
    if recall and recall["alarm"]:
        alarms.append(gettext("%s: the next course is found much more seldom") % who)
    if chances and chances["alarm"]:
        alarms.append(gettext("%s: what is said to be likely does not come true") % who)
    return Kind(
        cohort=words.cohort(row["cohort"]),
        value=words.value(row["cohort"], row["value"]),
        learners=f"{learners:,}" if learners else "",
        found=words.found(recall) if recall else "",
        chances=words.chances(chances) if chances else "",
        false=words.percent(false["share"]) if false and false["share"] is not None else "",
        alarms=tuple(alarms),
    )


def _steps(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, Any]) -> list[Step]:
    return [
        Step(
            title=str(titles[row["known"]]),
            ndcg=f"{row['ndcg']:.3f}",
            popular=f"{row['popular']:.3f}",
            tone="bad" if row["below"] else "",
            reading=gettext("Below popular courses") if row["below"] else "",
        )
        for row in rows
    ]


def _rising(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say plainly whether lists get better with what is known, and never fall below popularity.

    A fall within two standard errors is none.
    """
    if not rows:
        return gettext("Too few learners have taken six courses to tell.")
    found = [row["ndcg"] for row in rows]
    falls = [
        words.SIGNALS[row["known"]]
        for before, row in pairwise(rows)
        if row["ndcg"] + 2 * row["error"] < before["ndcg"]
    ]
    if any(row["below"] for row in rows):
        return gettext("Popular courses would serve some of them better: see where.")
    if falls:
        return gettext("Lists do not get better throughout: they are worse again with %s.") % (
            ", ".join(str(title) for title in falls)
        )
    return gettext("The more is known, the better: from %(least)s to %(most)s.") % {
        "least": f"{found[0]:.3f}",
        "most": f"{found[-1]:.3f}",
    }
