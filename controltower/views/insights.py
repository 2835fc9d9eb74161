"""People at the controls: how does a course fare? Who leaves where, who finds it, what is asked."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from controltower import access
from personalize import api as personalize
from personalize.data import Change
from signals import aggregates, catalogue
from signals.clock import now

SHOWN = 100


@require_safe
@access.requires(access.may_see_demand)
def insights(request: HttpRequest) -> HttpResponse:
    """List the courses with how far learners come in them, most begun first."""
    query = request.GET.get("q", "").strip().lower()
    fares = personalize.course_insights()
    rows = [
        (info, *fares[course_id])
        for course_id, info in catalogue.courses().items()
        if course_id in fares and query in info.title.lower()
    ]
    rows.sort(key=lambda row: (-(row[1].started or 0), row[0].title))
    context = {
        "nav": "insights",
        "rows": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "q": request.GET.get("q", ""),
        "counted": bool(fares),
        "minimum": aggregates.K,
    }
    return render(request, "create/insights.html", context)


@require_safe
@access.requires(access.may_see_demand)
def insight(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how one course fares."""
    at = now()
    info = catalogue.course_by_slug(slug)
    if info is None:
        raise Http404
    hidden = any(
        row.course_id == info.course_id and row.change is Change.HIDE and row.starts_at <= at
        for row in personalize.overrides_in("active", now=at)
    )
    context = {
        "nav": "insights",
        "course": info,
        "insight": personalize.course_insight(info.course_id, now=at),
        "hidden": hidden,
        "listed": info.course_id in catalogue.courses(),
        "minimum": aggregates.K,
    }
    return render(request, "create/insight.html", context)
