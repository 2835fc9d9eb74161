"""People at the controls: a plan is written or changed, and its power is known while it is."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from controltower import access
from controltower.views.experiments import two_rankers
from controltower.views.experiments.plan_form import PlanForm
from experiments import api as experiments
from experiments.data import UNITS, ExperimentRefusedError, Plan
from experiments.metrics import MEASURED, METRICS, Metric
from personalize.api import SURFACES
from signals.clock import now

SAVE = "save"
GIVEN = ("title", "control", "variant")  # what a page that leads here may have filled in
CONFLICT = 409
OFTEN = frozenset(
    {"modules_completed", "courses_completed", "quiz_score", "ctr", "enrolments", "satisfaction"}
)
TRACKS = ("progression", "engagement", "guardrail")


@dataclass(frozen=True, slots=True)
class Offered:
    """A metric as the form offers it."""

    key: str
    title: str
    about: str
    track: str


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_run_experiments)
def new(request: HttpRequest) -> HttpResponse:
    """Write the plan of a new experiment."""
    return _write(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@access.requires(access.may_run_experiments)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change the plan of a draft."""
    try:
        plan = experiments.plan_of(key)
    except ExperimentRefusedError as error:
        raise Http404(str(error)) from error
    return _write(request, plan)


def _write(request: HttpRequest, edited: Plan | None) -> HttpResponse:
    """Show the form, what its plan could see, and keep it where that is asked for."""
    if request.method != "POST":
        form = PlanForm(edited=edited)
        form.initial.update({name: request.GET[name] for name in GIVEN if name in request.GET})
        sized = experiments.sized(edited, now=now()) if edited else None
        return _page(request, form, sized)
    form = PlanForm(request.POST, edited=edited)
    if not form.is_valid():
        return _page(request, form, None)
    sized = experiments.sized(form.plan(), now=now())
    if request.POST.get("do") != SAVE:
        return _page(request, form, sized)
    if sized.too_long:
        form.refuse(ExperimentRefusedError(sized.too_long))
        return _page(request, form, sized, status=CONFLICT)
    try:
        _keep(request, sized.plan, edited)
    except ExperimentRefusedError as error:
        form.refuse(error)
        return _page(request, form, sized, status=CONFLICT)
    messages.success(request, gettext("The draft is kept. Nothing of it runs yet."))
    return redirect("tower:experiment", sized.plan.key)


def _keep(request: HttpRequest, plan: Plan, edited: Plan | None) -> None:
    actor = access.actor_of(request)
    if edited is None:
        experiments.create_draft(actor, plan=plan, now=now())
    else:
        experiments.edit_draft(actor, plan=plan, now=now())


def _page(
    request: HttpRequest,
    form: PlanForm,
    sized: experiments.Sized | None,
    *,
    status: int = 200,
) -> HttpResponse:
    offered = _offered()
    guarded = set(form["guardrails"].value() or ())
    more = [one for one in offered if one.key not in OFTEN]
    context = {
        "nav": "experiments",
        "form": form,
        "edited": form.edited,
        "sized": sized,
        "unit": METRICS[sized.plan.primary_metric].unit if sized else "",
        "metric": METRICS[sized.plan.primary_metric].title if sized else "",
        "days": sized.plan.look_days[-1] if sized else 0,
        "attributes": experiments.KNOWN_ATTRIBUTES,
        "metrics": offered,
        "first": [one for one in offered if one.key in OFTEN],
        "more": more,
        "own_draw": form["unit"].value() not in {None, UNITS[0]} or bool(form["namespace"].value()),
        "more_open": any(one.key in guarded for one in more),
        "rankers": two_rankers.offered(),
        "surfaces": [(key, place.sentence) for key, place in SURFACES.items()],
    }
    return render(request, "tower/experiment_plan.html", context, status=status)


def _offered() -> list[Offered]:
    """Return the metrics that can be chosen, those that decide first."""
    found = sorted(MEASURED.values(), key=_place)
    return [Offered(one.key, capfirst(one.title), one.about, one.track) for one in found]


def _place(metric: Metric) -> int:
    return TRACKS.index(metric.track)
