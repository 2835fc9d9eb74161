"""Does the plan watch whether learners get on? Where the tracks disagree, progression wins."""

from experiments.data import Finding
from experiments.gates.context import Context
from experiments.metrics import MEASURED, METRICS


def check(context: Context) -> Finding | None:
    """Refuse a plan without a metric of the progression track."""
    tracks = {METRICS[name].track for name in context.plan.metrics if name in METRICS}
    if "progression" in tracks:
        return None
    known = [metric.key for metric in MEASURED.values() if metric.track == "progression"]
    return Finding(
        gate="progression",
        title="Progression is not watched",
        detail=f"Add a metric of the progression track to the guardrails: {', '.join(known)}.",
        evidence={"tracks": sorted(tracks)},
    )
