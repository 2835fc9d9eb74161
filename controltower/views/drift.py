"""People at the controls: is what arrives still what models learned from, and who looks at it?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from types import MappingProxyType

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from controltower import access, charts
from controltower.alerts.drifted import TITLES
from controltower.forms import ReasonForm
from personalize import api as personalize
from personalize.api import DriftAlert, DriftLook
from signals.clock import now

NEEDED_DAYS = 14
AS_USUAL = 0.15  # a change below it is no news
MOST_BARS = 7
TREND_FROM = 0.05  # a line of less would draw chance large

PARTS: Mapping[str, str | Promise] = MappingProxyType(
    {
        "events": gettext_lazy("Events"),
        "clicked": gettext_lazy("Clicked"),
        "unknown": gettext_lazy("Not told"),
        "other": gettext_lazy("All others"),
        "": gettext_lazy("The whole mix"),
        "model": gettext_lazy("Model"),
        "onboarding": gettext_lazy("Stated goal"),
        "last_good": gettext_lazy("Last good list"),
        "cohort": gettext_lazy("Popular for the goal"),
        "popular": gettext_lazy("Popular"),
        "curated": gettext_lazy("Edited list"),
        "holdout": gettext_lazy("Comparison group"),
        "off": gettext_lazy("Personalization off"),
    }
)
KINDS: Mapping[str, str | Promise] = MappingProxyType(
    {"rec": gettext_lazy("Pick"), "live": gettext_lazy("Live session")}
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a feature, now and in the weeks before; widths are of 100."""

    title: str
    now: str
    then: str
    wide_now: float
    wide_then: float
    change: str
    beyond: bool


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as its card shows it."""

    key: str
    title: str
    state: str  # drifted, usual, chance (much, and no more than weeks differ), unknown
    tag: str
    bars: tuple[Bar, ...]
    trend: charts.Spark | None
    trend_said: str


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as the page shows it."""

    alert: DriftAlert
    title: str
    moved: tuple[str, ...]  # sentences
    retraining: str


@require_safe
@access.requires(access.may_see_models)
def drift(request: HttpRequest) -> HttpResponse:
    """Show each feature against the weeks before, and the alerts."""
    looks = personalize.drift()
    alerts = personalize.drift_alerts()
    moved = {
        alert.feature: frozenset(each.part for each in alert.moved)
        for alert in alerts
        if alert.state != "over"
    }
    days = max((look.days for look in looks), default=0.0)
    context = {
        "nav": "models",
        "features": [_feature(look, moved.get(look.feature)) for look in looks],
        "raised": [_raised(alert) for alert in alerts if alert.state != "over"],
        "over": [_raised(alert) for alert in alerts if alert.state == "over"],
        "at": max((look.at for look in looks), default=None),
        "days": int(days),
        "needed": NEEDED_DAYS,
        "young": bool(looks) and days < NEEDED_DAYS,
        "may_take": access.may_take_alerts(access.roles_of(request.user)),
    }
    return render(request, "tower/drift.html", context)


@require_POST
@access.requires(access.may_take_alerts)
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Make whoever asks the owner of an alert."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say why, for the ledger. Nothing was changed."))
        return redirect("tower:drift")
    reason = form.cleaned_data["reason"]
    if personalize.take_drift_alert(access.actor_of(request), number, reason=reason, now=now()):
        messages.success(request, gettext("The alert is yours."))
    else:
        messages.error(request, gettext("That alert is over. Nothing was changed."))
    return redirect("tower:drift")


def name(feature: str, part: str) -> str:
    """Return a part of a feature in words."""
    if feature == "surface":
        keys = {str(surface.code): key for key, surface in personalize.SURFACES.items()}
        return keys.get(part, part).capitalize()
    said = str(PARTS.get(part, part))
    family, dot, verb = said.partition(".")
    if dot and feature == "kind":
        said = f"{KINDS.get(family, family)} {verb}"
    return said[:1].upper() + said[1:]


def _feature(look: DriftLook, moved: frozenset[str] | None) -> Feature:
    """Return a card; moved: the parts its open alert names, None where there is no alert."""
    judged = [part for part in look.parts if part.judged]
    most = max((abs(part.change) for part in judged), default=None)
    state, tag = _judged(most, raised=moved is not None)
    known = [day for day in look.trend if day is not None]
    return Feature(
        key=look.feature,
        title=str(TITLES[look.feature]),
        state=state,
        tag=tag,
        bars=_bars(look, moved),
        trend=charts.spark([*look.trend]) if len(known) > 1 and max(known) >= TREND_FROM else None,
        trend_said=_trend_said(known),
    )


def _judged(most: float | None, *, raised: bool) -> tuple[str, str]:
    """Return the state of a feature and its words, by the greatest change of a part."""
    if raised:
        return "drifted", gettext("drifted")
    if most is None:
        return "unknown", gettext("not judged yet")
    percent = {"percent": max(ceil(100 * most), 1)}
    if most >= AS_USUAL:
        return "chance", gettext("up to %(percent)s%% off, as weeks may differ by chance") % percent
    return "usual", gettext("as in the weeks before, at most %(percent)s%% off") % percent


def _trend_said(known: list[float]) -> str:
    if not known:
        return ""
    said = ngettext(
        "Greatest change of a part, on %(days)s day: now %(now)s, %(most)s at most.",
        "Greatest change of a part, on each of %(days)s days: now %(now)s, %(most)s at most.",
        len(known),
    )
    return said % {"days": len(known), "now": f"{known[-1]:.1%}", "most": f"{max(known):.1%}"}


def _bars(look: DriftLook, moved: frozenset[str] | None) -> tuple[Bar, ...]:
    parts = sorted(look.parts, key=lambda part: -max(part.now, part.then))[:MOST_BARS]
    widest = max((max(part.now, part.then) for part in parts), default=0.0) or 1.0
    counted = look.feature == "volume"
    return tuple(
        Bar(
            title=name(look.feature, part.part),
            now=_amount(part.now, counted=counted),
            then=_amount(part.then, counted=counted),
            wide_now=round(100 * part.now / widest, 1),
            wide_then=round(100 * part.then / widest, 1),
            change=f"{charts.signed(100 * part.change, 0)}%" if part.judged else "",
            beyond=moved is not None
            and (part.beyond or (part.judged and _is_told(part.part, part.change, moved))),
        )
        for part in parts
    )


def _is_told(part: str, change: float, moved: frozenset[str]) -> bool:
    """Say whether the alert names a part, and it is still as far off as matters."""
    return part in moved and abs(change) >= AS_USUAL


def _amount(value: float, *, counted: bool) -> str:
    """Return a share, or how many came in five minutes."""
    return f"{value:,.0f}" if counted else f"{value:.1%}"


def _raised(alert: DriftAlert) -> Raised:
    strongest: dict[str, tuple[float, int]] = {}
    for moved in alert.moved:
        if abs(moved.change) > abs(strongest.get(moved.part, (0.0, 0))[0]):
            strongest[moved.part] = (moved.change, moved.steps)
    order = sorted(strongest, key=lambda part: -abs(strongest[part][0]))[:3]
    return Raised(
        alert=alert,
        title=str(TITLES[alert.feature]),
        moved=tuple(_moved(name(alert.feature, part), *strongest[part]) for part in order),
        retraining=_retraining(alert),
    )


def _moved(name: str, change: float, steps: int) -> str:
    if not steps:
        return gettext("The whole mix is another one (stability index %(index)s).") % {
            "index": f"{change:.2f}"
        }
    return gettext("%(part)s: %(change)s against the weeks before, over %(window)s") % {
        "part": name,
        "change": f"{charts.signed(100 * change, 0)}%",
        "window": _window(5 * steps),
    }


def _window(minutes: int) -> str:
    if minutes < 60:
        return gettext("%(minutes)s minutes") % {"minutes": minutes}
    hours = minutes // 60
    return ngettext("%(hours)s hour", "%(hours)s hours", hours) % {"hours": hours}


def _retraining(alert: DriftAlert) -> str:
    if not alert.retrains:
        return gettext("No newer model is a remedy for this: look at who sends and who answers.")
    if alert.retrained_at is None:
        return gettext(
            "A model is trained for it as soon as no canary is compared and six hours have passed "
            "since the last training."
        )
    return gettext("A model was trained for it at %(at)s UTC. %(came)s") % {
        "at": _at(alert.retrained_at),
        "came": alert.came_of_it,
    }


def _at(moment: datetime) -> str:
    return f"{moment:%H:%M}"
