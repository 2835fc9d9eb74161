"""People at the controls: an experiment to take away, as a table of effects or whole as JSON?"""

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from controltower import access, exports
from experiments import api as experiments
from experiments.data import ExperimentRefusedError


@require_safe
@access.requires(access.may_see_experiments)
def effects(request: HttpRequest, key: str) -> HttpResponseBase:
    """Return every effect of every look as CSV."""
    try:
        rows = experiments.effect_rows(key)
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    columns = experiments.EFFECT_COLUMNS
    return exports.csv_file(
        f"{key}-effects", columns, ([row.get(name) for name in columns] for row in rows)
    )


@require_safe
@access.requires(access.may_see_experiments)
def whole(request: HttpRequest, key: str) -> HttpResponse:
    """Return the plan, its versions and what every look kept as JSON."""
    try:
        found = experiments.report(key)
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    text = json.dumps(found, indent=2, default=str, ensure_ascii=False)
    disposition = {"Content-Disposition": f'attachment; filename="{key}.json"'}
    return HttpResponse(text, content_type="application/json", headers=disposition)
