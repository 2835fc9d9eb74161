"""People at the controls: how is it going, and what waits? Rollups and logs, never events."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from controltower import access
from controltower.views import key_figures, kpis, watching
from controltower.views.needs import needs
from personalize import api as personalize
from personalize.data import ModelRow, Source
from signals import aggregates
from signals.clock import now

MODELS_READ = 20
MIX_OVER = timedelta(hours=24)

SOURCES: dict[Source, str | Promise] = {  # in the order of the page
    Source.MODEL: gettext_lazy("Live model"),
    Source.ONBOARDING: gettext_lazy("Stated goal, few signals yet"),
    Source.LAST_GOOD: gettext_lazy("Last good list"),
    Source.COHORT: gettext_lazy("Popular for the goal"),
    Source.POPULAR: gettext_lazy("Popular overall"),
    Source.CURATED: gettext_lazy("Edited list"),
    Source.HOLDOUT: gettext_lazy("Comparison group"),
    Source.OFF: gettext_lazy("Personalization is off"),
}
PERSONAL = frozenset({Source.MODEL, Source.ONBOARDING, Source.LAST_GOOD})


@dataclass(frozen=True, slots=True)
class Part:
    """How many lists came from one source, rounded to 5; count is None for fewer than 10."""

    title: str
    share: float
    count: int | None
    personal: bool


@require_safe
@access.requires(access.may_see_overview)
def overview(request: HttpRequest) -> HttpResponse:
    """Show the key figures, where lists come from, the live model and what waits."""
    at = now()
    models = personalize.models(limit=MODELS_READ)
    context = _live(at, _live_of(models))
    roles = access.roles_of(request.user)
    pages = access.pages_of(roles)
    waiting = needs(models=models, counted_to=context["counted_to"], pages=pages, now=at)
    return render(
        request,
        "tower/overview.html",
        {
            **context,
            **_may(roles),
            "nav": "overview",
            "needs": waiting,
            "period": kpis.period(context["days"]),
        },
    )


@require_safe
@access.requires(access.may_see_overview)
@conditional_page
@cache_control(private=True, no_cache=True)
def live(request: HttpRequest) -> HttpResponse:
    """Answer the numbers alone; 304 while they are those the page has."""
    roles = access.roles_of(request.user)
    context = {**_live(now(), personalize.live_model()), **_may(roles)}
    return render(request, "tower/live.html", context)


@require_safe
@access.requires(access.may_see_overview)
def kpi(request: HttpRequest, kpi: str) -> HttpResponse:
    """Show one key figure day by day."""
    found = kpis.KPIS.get(kpi)
    if found is None:
        raise Http404(f"There is no key figure {kpi}.")
    report = aggregates.kpis(days=kpis.SHOWN_DAYS, now=now())
    context = {
        "nav": "overview",
        "tile": kpis.tile(found, report),
        "figure": kpis.figure(found, report.days),
        "rows": kpis.day_rows(found, report.days),
        "definition": found.definition,
    }
    return render(request, "tower/kpi.html", context)


def _may(roles: frozenset[str]) -> dict[str, bool]:
    return {"may_set": access.may_set_key_targets(roles)}


def _live(at: datetime, model: ModelRow | None) -> dict[str, Any]:
    report = aggregates.kpis(days=kpis.SHOWN_DAYS, now=at)
    speed = watching.speed(now=at)
    sources = personalize.sources(since=at - MIX_OVER, until=at)
    rows = key_figures.key_rows(now=at)
    tracks = kpis.tracks(report)
    return {
        "days": report.days,
        "tracks": tracks,
        "tension": kpis.tension(tracks),
        "key_rows": rows,
        "lift_of": {
            tile: next(row for row in rows if row.metric == metric)
            for tile, metric in key_figures.OF_TILE.items()
        },
        "traded": key_figures.is_traded(rows),
        "star": watching.north_star(),
        "drifting": watching.drifting(),
        "speed": speed,
        "counting": "" if speed else watching.counting(now=at),
        "flow": watching.flow(now=at),
        "counted_to": aggregates.rolled_up_at(),
        "mix": _mix(sources),
        "mix_total": aggregates.publishable(sources.total()),
        "model": model,
    }


def _live_of(models: Sequence[ModelRow]) -> ModelRow | None:
    """Return the live one; it is asked for only where all of the newest were refused."""
    found = next((row for row in models if row.state == "live"), None)
    return found if found or len(models) < MODELS_READ else personalize.live_model()


def _mix(sources: Counter[Source]) -> list[Part]:
    shown = {source: aggregates.publishable(count) for source, count in sources.items()}
    total = sum(count or 0 for count in shown.values())
    return [
        Part(
            title=str(title),
            share=(shown[source] or 0) / max(total, 1),
            count=shown[source],
            personal=source in PERSONAL,
        )
        for source, title in SOURCES.items()
        if source in shown
    ]
