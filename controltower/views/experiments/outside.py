"""People at the controls: who takes no part in experiments, and why?"""

from collections.abc import Mapping
from contextlib import suppress

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from controltower import access
from controltower.forms import PERCENT
from experiments import api as experiments
from experiments.data import ExperimentRefusedError
from personalize.api import SURFACES
from signals import api as signals
from signals.clock import now
from signals.data import Actor

CONFLICT = 409
REASONS = {
    "staff": gettext_lazy("Staff"),
    "bot": gettext_lazy("Bot"),
    "test": gettext_lazy("Test account"),
    "manual": gettext_lazy("By hand"),
}
HOLDOUT, EXCLUDE = "holdout", "exclude"


class HoldoutForm(forms.Form):
    """Which share of learners every experiment of a surface leaves alone, and why."""

    surface = forms.CharField(max_length=40)
    percent = forms.FloatField(min_value=0, max_value=100)
    reason = forms.CharField(max_length=500)
    done = gettext_lazy("Kept, and written into the ledger.")

    def act(self, actor: Actor) -> None:
        """Hold the share back; raise ExperimentRefusedError."""
        cleaned = self.cleaned_data
        experiments.set_surface_holdout(
            actor,
            surface=cleaned["surface"],
            share=cleaned["percent"] / PERCENT,
            reason=cleaned["reason"],
            now=now(),
        )


class ExcludeForm(forms.Form):
    """Which learner takes no part, in one experiment or in all, and why.

    Whether there is such a learner, and whether they saw an arm, is nobody's to find out here.
    """

    learner = forms.CharField(max_length=200)
    experiment = forms.CharField(max_length=80, required=False)
    code = forms.ChoiceField(choices=list(REASONS.items()))
    note = forms.CharField(max_length=200)
    done = gettext_lazy(
        "If your platform sends this id, that learner takes no part from now on. Who was shown an "
        "arm before stays counted there."
    )

    def act(self, actor: Actor) -> None:
        """Leave the learner out; raise ExperimentRefusedError."""
        cleaned = self.cleaned_data
        with suppress(experiments.SeenError):
            experiments.exclude(
                actor,
                learner_id=signals.find_learner(cleaned["learner"]),
                reason=cleaned["code"],
                note=cleaned["note"],
                now=now(),
                experiment=cleaned["experiment"],
            )


FORMS: Mapping[str, type[HoldoutForm | ExcludeForm]] = {
    HOLDOUT: HoldoutForm,
    EXCLUDE: ExcludeForm,
}


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_run_experiments)
def outside(request: HttpRequest) -> HttpResponse:
    """Show who is left out, hold a share of learners back, or leave one out."""
    if request.method != "POST":
        return _page(request, {})
    asked = request.POST.get("do", "")
    form = FORMS.get(asked, ExcludeForm)(request.POST)
    if not form.is_valid():
        return _page(request, {asked: form})
    try:
        form.act(access.actor_of(request))
    except ExperimentRefusedError as error:
        form.add_error(None, str(error))
        return _page(request, {asked: form}, status=CONFLICT)
    messages.success(request, str(form.done))
    return redirect("tower:experiment_outside")


def _page(
    request: HttpRequest, typed: Mapping[str, forms.Form], *, status: int = 200
) -> HttpResponse:
    left_out = experiments.left_out()
    context = {
        "nav": "experiments",
        "holdout": typed.get(HOLDOUT) or HoldoutForm(),
        "exclude": typed.get(EXCLUDE) or ExcludeForm(),
        "surfaces": [
            (key, place.sentence, left_out.holdouts.get(key, 0.0))
            for key, place in SURFACES.items()
        ],
        "reasons": [(code, title, left_out.counts.get(code)) for code, title in REASONS.items()],
        "experiments": [(one.key, one.title) for one in experiments.list_experiments(now=now())],
        "permanent": experiments.HOLDOUT_SHARE,
    }
    return render(request, "tower/experiment_outside.html", context, status=status)
