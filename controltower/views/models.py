"""People at the controls: which models exist, which serves whom and why, and how to go back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_celery_beat.models import PeriodicTask

from controltower import access
from controltower.forms import ReasonForm
from controltower.views.canary import shown
from personalize import api as personalize
from signals.clock import now

SERVES = "blend"  # of the algorithms, the one that ranks
METRICS = (
    ("hr@10", gettext_lazy("HR@10")),
    ("ndcg@10", gettext_lazy("NDCG@10")),
    ("coverage@10", gettext_lazy("Coverage@10")),
)
NAMES = {  # of algorithms, as the field writes them
    "als": gettext_lazy("ALS"),
    "blend": gettext_lazy("Blend"),
    "choice": gettext_lazy("Choice model"),
    "content": gettext_lazy("Content"),
    "ease": gettext_lazy("EASE"),
    "graph_filter": gettext_lazy("Graph filter"),
    "item_knn": gettext_lazy("Item neighbours"),
    "popularity": gettext_lazy("Popularity"),
    "session_knn": gettext_lazy("Session neighbours"),
    "transitions": gettext_lazy("Transitions"),
}
RETRAIN = "personalize.tasks.retrain"


@require_safe
@access.requires(access.may_see_models)
def models(request: HttpRequest) -> HttpResponse:
    """Show the versions, newest first, and the evidence of one."""
    rows = personalize.models()
    live = next((row for row in rows if row.state == "live"), None) or personalize.live_model()
    wanted = request.GET.get("version", "")
    canary = personalize.canary()
    opened = next((row for row in rows if row.version == wanted), live)
    context = {
        "nav": "models",
        "drifted": sum(alert.state != "over" for alert in personalize.drift_alerts()),
        "governed": personalize.governed(opened.version) if opened else (),
        "live": live,
        "canary": shown(canary, now=now()) if canary else None,
        "challenger": personalize.challenger(),
        "may_run_experiments": access.may_run_experiments(access.roles_of(request.user)),
        "rows": rows,
        "metrics": METRICS,
        "names": NAMES,
        "main": SERVES,
        "may_roll_back": access.may_roll_back_models(access.roles_of(request.user)),
        "opened": opened,
        "nightly": _when(),
        "may_trace": access.may_trace_lists(access.roles_of(request.user)),
    }
    return render(request, "tower/models.html", context)


@require_POST
@access.requires(access.may_roll_back_models)
def rollback(request: HttpRequest, version: str) -> HttpResponse:
    """Put a version back in service, with the reason in the ledger."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say why, for the ledger. Nothing was changed."))
        return redirect("tower:models")
    reason = form.cleaned_data["reason"]
    try:
        personalize.rollback(access.actor_of(request), version, reason=reason, now=now())
    except personalize.ModelUnusable as error:
        messages.error(request, str(error))
    else:
        messages.success(request, gettext("%s serves again, in every process.") % version)
    return redirect("tower:models")


@require_POST
@access.requires(access.may_roll_back_models)
def stop_canary(request: HttpRequest, version: str) -> HttpResponse:
    """Let nobody see a canary any more, with the reason in the ledger."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say why, for the ledger. Nothing was changed."))
        return redirect("tower:models")
    reason = form.cleaned_data["reason"]
    if personalize.stop_canary(access.actor_of(request), version, reason=reason, now=now()):
        said = gettext("%s is stopped. Its learners see the live model, in every process.")
        messages.success(request, said % version)
    else:
        messages.error(request, gettext("%s is the canary no more. Nothing was changed.") % version)
    return redirect("tower:models")


def _when() -> str:
    """Return when the schedule retrains, in words."""
    tasks = PeriodicTask.objects.filter(task=RETRAIN, enabled=True, crontab__isnull=False)
    task = tasks.select_related("crontab").first()
    if task is None:
        return gettext("by command only")
    hour, minute = str(task.crontab.hour), str(task.crontab.minute)
    if hour.isdigit() and minute.isdigit() and task.crontab.day_of_week == "*":
        return gettext("each night at %(hour)02d:%(minute)02d UTC") % {
            "hour": int(hour),
            "minute": int(minute),
        }
    return gettext("by the schedule “%s”") % str(task.name)
