"""People at the controls: an experiment to take away, as a table of effects or whole as JSON?"""

import csv
import io
import json

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from controltower import access
from experiments import api as experiments
from experiments.data import ExperimentRefusedError


@require_safe
@access.requires(access.may_see_experiments)
def effects(request: HttpRequest, key: str) -> HttpResponse:
    """Return every effect of every look as CSV."""
    try:
        rows = experiments.effect_rows(key)
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    text = io.StringIO()
    table = csv.DictWriter(text, experiments.EFFECT_COLUMNS)
    table.writeheader()
    table.writerows(rows)
    return _file(text.getvalue(), f"{key}-effects.csv", "text/csv; charset=utf-8")


@require_safe
@access.requires(access.may_see_experiments)
def whole(request: HttpRequest, key: str) -> HttpResponse:
    """Return the plan, its versions and what every look kept as JSON."""
    try:
        found = experiments.report(key)
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    text = json.dumps(found, indent=2, default=str, ensure_ascii=False)
    return _file(text, f"{key}.json", "application/json")


def _file(text: str, name: str, kind: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=kind, headers=disposition)
