"""People at the controls: what is wanted of a key figure, and who answers for it?"""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from controltower import access
from controltower.forms import TargetForm
from controltower.views.key_figures import TITLES
from experiments import api as experiments
from experiments.data import KeyTarget
from experiments.metrics import METRICS
from signals.clock import now


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_set_key_targets)
def target(request: HttpRequest, kpi: str) -> HttpResponse:
    """Say what is wanted of a key figure and who answers for it; in the ledger."""
    metric = kpi.replace("-", "_")
    if metric not in TITLES:
        raise Http404(f"There is no key figure {kpi}.")
    at = now()
    wanted = experiments.key_targets(at=at)[metric]
    first = {
        "target": None if wanted.target is None else round(100 * wanted.target, 1),
        "owner": wanted.owner,
    }
    form = TargetForm(request.POST) if request.method == "POST" else TargetForm(initial=first)
    if request.method == "POST" and form.is_valid():
        percent = form.cleaned_data["target"]
        new = KeyTarget(
            metric=metric,
            target=None if percent is None else percent / 100,
            owner=form.cleaned_data["owner"],
            reason=form.cleaned_data["reason"],
        )
        try:
            experiments.set_key_target(access.actor_of(request), new, now=at)
        except ValidationError as error:
            form.refuse(error)
        else:
            said = gettext("Kept for “%s”, and written into the ledger.")
            messages.success(request, said % TITLES[metric])
            return redirect("tower:overview")
    context = {
        "nav": "overview",
        "form": form,
        "title": str(TITLES[metric]),
        "about": METRICS[metric].about,
    }
    return render(request, "tower/key_target.html", context)
