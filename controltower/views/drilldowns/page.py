"""People at the controls: which charts are there, and one of them with its table and its file?"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from controltower import access, exports
from controltower.views.drilldowns.kind import Drilldown
from controltower.views.drilldowns.registry import DRILLDOWNS
from signals.clock import now


@require_safe
@access.requires(access.may_see_overview)
def charts(request: HttpRequest) -> HttpResponse:
    """List the drill-downs this person may open, each with the question it answers."""
    roles = access.roles_of(request.user)
    listed = [one for one in DRILLDOWNS.values() if one.may(roles)]
    return render(request, "tower/drilldowns.html", {"nav": "charts", "listed": listed})


@require_safe
@access.requires(access.may_see_overview)
def chart(request: HttpRequest, key: str) -> HttpResponse:
    """Show a drill-down: its answer, the figure and all its numbers."""
    one = _asked(request, key)
    drawn = one.read(request.GET.get("part", ""), now())
    context = {"nav": "charts", "one": one, "drawn": drawn}
    return render(request, "tower/drilldown.html", context)


@require_safe
@access.requires(access.may_see_overview)
def chart_csv(request: HttpRequest, key: str) -> HttpResponseBase:
    """Return the numbers of a drill-down as CSV."""
    one = _asked(request, key)
    drawn = one.read(request.GET.get("part", ""), now())
    name = f"{one.key}-{drawn.part}" if drawn.part else one.key
    return exports.csv_file(name, [column.title for column in drawn.columns], drawn.rows)


def _asked(request: HttpRequest, key: str) -> Drilldown:
    one = DRILLDOWNS.get(key)
    if one is None:
        raise Http404(f"There is no chart {key}.")
    if not one.may(access.roles_of(request.user)):
        raise PermissionDenied
    return one
