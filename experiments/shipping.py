"""May what was tried be shipped? The evidence of the last look, and who stands in (measurement).

Progression wins: where progression or a guardrail may have lost more than its margin, a second
approver, who is neither the plan's approver nor who decides, has to stand in for it.
"""

from experiments.data import Effect, ExperimentRefusedError
from experiments.metrics import DOWN, METRICS
from experiments.models import Experiment
from experiments.parts import is_seconded
from experiments.stats.verdict import INVALID, ROLL_BACK
from signals import api as signals
from signals.data import Actor


def may_ship(experiment: Experiment, *, decider: Actor) -> None:
    """Raise ExperimentRefusedError where the last look does not allow to ship."""
    effects = _sound(experiment)
    _held(experiment)
    primary = effects.get(experiment.primary_metric)
    if primary is None or primary.reading != "better":
        raise ExperimentRefusedError(
            f"The last look does not show {METRICS[experiment.primary_metric].title} to be better, "
            "so there is nothing to ship. Extend it, or roll it back."
        )
    against = against_shipping(experiment, effects)
    if against and not is_seconded(experiment, decider=decider):
        raise ExperimentRefusedError(
            f"{' '.join(against)} Extend it, roll it back, or have a second person, who had no "
            "part in it so far, approve that it ships all the same."
        )


def against_shipping(experiment: Experiment, effects: dict[str, Effect]) -> list[str]:
    """Return what asks for a second approver, as sentences."""
    said = []
    lost = lost_metrics(experiment, effects)
    if lost:
        said.append(f"The last look cannot rule out that {' and '.join(lost)}.")
    last = experiment.snapshots.order_by("-look").first()
    _fell, why = _stopped_for(experiment)
    return [*said, *(last.results.get("doubts", ()) if last else ()), *([why] if why else [])]


def _sound(experiment: Experiment) -> dict[str, Effect]:
    """Return the effects of the last look by metric; raise where it may not be read."""
    last = experiment.snapshots.order_by("-look").first()
    if experiment.exploratory:
        raise ExperimentRefusedError(
            "An exploratory experiment never ships by itself. Register one that is large enough."
        )
    if last is None or last.results.get("advice") == INVALID or not last.results["trustworthy"]:
        raise ExperimentRefusedError(
            "Nothing sound has been read yet, so there is nothing to ship. "
            "Extend it, or register the experiment anew."
        )
    return {row["metric"]: Effect(**row) for row in last.results["effects"]}


def _held(experiment: Experiment) -> None:
    """Raise where a guardrail that no plan can leave out did not hold at the last look."""
    last = experiment.snapshots.order_by("-look").first()
    for row in last.results.get("guardrails", ()) if last else ():
        if row["verdict"] == ROLL_BACK:
            raise ExperimentRefusedError(f"{row['title']}: not so. {row['says']}")
    fell, why = _stopped_for(experiment)
    if fell and fell not in METRICS:
        raise ExperimentRefusedError(f"{why} Register the experiment anew.")


def _stopped_for(experiment: Experiment) -> tuple[str, str]:
    """Return the metric or guardrail it was stopped for by itself, and why; "" where none was.

    That comes between looks, and none is taken afterwards: the last one knows nothing of it.
    """
    rows = signals.ledger_rows(limit=1, action_prefix="experiment.stopped", subject=experiment.key)
    detail = rows[0].detail if rows else {}
    fell = str(detail.get("fell", ""))
    return fell, str(detail["reason"]) if fell else ""


def lost_metrics(experiment: Experiment, effects: dict[str, Effect]) -> list[str]:
    """Return what may have lost more than its margin, as clauses of a sentence."""
    return [
        f"{METRICS[metric].title} {'rose' if METRICS[metric].better == DOWN else 'fell'} by more "
        f"than {experiment.plan.margin(metric):.0%} of the control"
        for metric in experiment.guardrails
        if metric not in effects or not effects[metric].not_inferior
    ]
