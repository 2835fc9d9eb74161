"""People at the controls: is this week's model better than last week's, and better than none?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from controltower import access, charts
from experiments import api as experiments
from experiments.data import ExperimentRefusedError
from personalize import api as personalize
from personalize.data import ModelRow
from signals.clock import now

BETTER, WORSE = "better", "worse"
REWARDS = {
    "opened": (
        charts.ENGAGEMENT,
        gettext_lazy("Opened within 7 days"),
        gettext_lazy("of what the model would have shown"),
    ),
    "learnt": (
        charts.PROGRESSION,
        gettext_lazy("A lesson begun within 7 days"),
        gettext_lazy("of what the model would have shown"),
    ),
}
TITLES = {
    BETTER: gettext_lazy("Better than the week before"),
    WORSE: gettext_lazy("Worse than the week before"),
    "can't tell": gettext_lazy("Not clear yet"),
}
TONES = {BETTER: "ok", WORSE: "bad"}
WHY = {
    "no_models": gettext_lazy("Two models are needed, each live when a week began."),
    "same_model": gettext_lazy("The model was the same in both weeks."),
    "model_gone": gettext_lazy("The files of one of the two models are gone."),
    "too_few": gettext_lazy("Fewer than ten learners were shown something that was tried out."),
}
ESTIMATORS = ("ips", "snips", "dr")
CURVE_MOST = 40  # versions all saw


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that may come of a draw, as both models are worth it."""

    track: str
    title: str
    about: str
    moved: str
    interval: str
    tone: str
    verdict: str
    place: charts.Forest
    base: str
    visible: str  # empty where the verdict is clear
    by: str


@dataclass(frozen=True, slots=True)
class Week:
    """One verdict."""

    shown_since: datetime
    shown_until: datetime
    new: str
    old: str
    why: str
    lines: tuple[Line, ...]
    intact: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One model all saw, with what it finds on held-out choices."""

    row: ModelRow
    found: float
    popular: float | None


@require_safe
@access.requires(access.may_see_models)
def better(request: HttpRequest) -> HttpResponse:
    """Show the weekly verdicts, the comparison group, and what more data has brought."""
    weeks = [week_of(kept) for kept in personalize.verdicts()]
    curve = _curve(personalize.models(limit=200))
    context = {
        "nav": "models",
        "weeks": weeks,
        "holdout": _holdout(),
        "curve": curve[::-1],
        "rising": charts.spark([point.found for point in curve]),
    }
    return render(request, "tower/better.html", context)


def week_of(kept: personalize.WeekVerdict) -> Week:
    """Return a verdict in words."""
    told = kept.content
    end = charts.reach([one[side] for one in told["rewards"] for side in ("low", "high")])
    return Week(
        shown_since=datetime.fromisoformat(told["shown_since"]),
        shown_until=datetime.fromisoformat(told["shown_until"]),
        new=told["new"],
        old=told["old"],
        why=str(WHY[told["why"]]) if told["why"] else "",
        lines=tuple(_line(one, end) for one in told["rewards"]),
        intact=kept.intact,
    )


def _line(told: Mapping[str, Any], end: float) -> Line:
    track, title, about = REWARDS[told["reward"]]
    verdict = told["verdict"]
    reading = verdict if verdict in TONES else "not clear"
    weeks = told["weeks"]
    place = charts.forest(
        told["low"], told["difference"], told["high"], end=end, track=track, reading=reading
    )
    return Line(
        track=track,
        title=str(title),
        about=str(about),
        moved=_points(told["difference"]),
        interval=gettext("%(low)s to %(high)s")
        % {"low": _points(told["low"]), "high": _points(told["high"])},
        tone=TONES.get(verdict, ""),
        verdict=str(TITLES[verdict]),
        place=place,
        base=ngettext(
            "%(draws)s draws of %(learners)s learners in %(weeks)s week",
            "%(draws)s draws of %(learners)s learners in %(weeks)s weeks",
            weeks,
        )
        % {"draws": f"{told['draws']:,}", "learners": f"{told['learners']:,}", "weeks": weeks},
        visible=_points(told["visible"]) if verdict not in TONES else "",
        by=", ".join(f"{name.upper()} {_points(told['by'][name])}" for name in ESTIMATORS),
    )


def _points(value: float) -> str:
    """Return a difference of shares."""
    return gettext("%s pts") % charts.signed(100 * value, 1)


def _holdout() -> dict[str, str] | None:
    """Return the newest lift over the comparison group that a weekly review has kept."""
    try:
        review = experiments.review(experiments.finished_week(now()), now=now())
    except ExperimentRefusedError:
        return None
    told = review.content.get("holdout", {})
    if "share" not in told:
        return None
    return {
        "share": f"{charts.signed(100 * told['share'], 1)}%",
        "low": f"{charts.signed(100 * told['low'], 1)}%",
        "high": f"{charts.signed(100 * told['high'], 1)}%",
        "held": f"{told['held']:,}",
        "others": f"{told['others']:,}",
        "tone": TONES.get(told["reading"], ""),
        "week": review.week,
    }


def _curve(rows: Sequence[ModelRow]) -> list[Point]:
    """Return the versions all saw, oldest first."""
    found = [
        Point(
            row=row,
            found=row.metrics["blend"]["ndcg@10"],
            popular=row.metrics.get("popularity", {}).get("ndcg@10"),
        )
        for row in rows
        if row.state in {"live", "retired"} and "ndcg@10" in row.metrics.get("blend", {})
    ]
    return found[:CURVE_MOST][::-1]
