"""People at the controls: one experiment, what was planned, what it shows and what comes next."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from controltower import access
from controltower.views.experiments import answers, ask, results
from controltower.views.experiments.stages import stages
from experiments import api as experiments
from experiments.data import ExperimentRefusedError
from signals.clock import now

CONFLICT = 409


@require_safe
@access.requires(access.may_see_experiments)
def experiment(request: HttpRequest, key: str) -> HttpResponse:
    """Show one experiment."""
    return show(request, key)


def show(request: HttpRequest, key: str, *, refused: ask.Refused | None = None) -> HttpResponse:
    """Return the page of an experiment, with the step that was refused where one was."""
    try:
        readout = experiments.readout(key, now=now())
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    info = next(info for info in experiments.list_experiments() if info.key == key)
    control, variant = list(readout.n)[:2]
    context = {
        "nav": "experiments",
        "readout": readout,
        "verdict": results.tone(readout),
        "stages": stages(info, readout),
        "groups": results.groups(readout.effects),
        "control": control,
        "variant": variant,
        "digest": readout.digest,
        "waiting": results.visible(readout),
        "info": info,
        "people": answers.people(info),
        "versions": [answers.written(one) for one in experiments.versions(key)],
        "asked": ask.asked(access.actor_of(request), info, refused=refused),
    }
    status = CONFLICT if refused else 200
    return render(request, "tower/experiment.html", context, status=status)
