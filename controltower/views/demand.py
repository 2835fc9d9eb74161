"""People at the controls: what do learners look for and not find? Aggregates only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from controltower import access
from signals import aggregates
from signals.clock import now

WEEKS = 8
SHOWN = 50


@require_safe
@access.requires(access.may_see_demand)
def gaps(request: HttpRequest) -> HttpResponse:
    """Show the terms of the last closed weeks: what was not found, then what was."""
    wanted = aggregates.demand(weeks=WEEKS, now=now(), limit=SHOWN)
    found = [row for row in wanted if row.without_result < row.searches]
    missing = aggregates.demand(weeks=WEEKS, now=now(), limit=SHOWN, only_without_result=True)
    context = {
        "nav": "gaps",
        "missing": missing,
        "found": found,
        "weeks": WEEKS,
        "minimum": aggregates.K,
        "last_week": max((row.last_week for row in (*found, *missing)), default=None),
    }
    return render(request, "create/gaps.html", context)
