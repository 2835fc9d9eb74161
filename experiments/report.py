"""What may leave the house of an experiment? Plan, versions and looks, by the aggregate rules.

Numbers of learners are rounded to 5 and 0 stands for fewer than 10, in an export as on a page, and
what was measured is told to three digits; the exact sums a look was computed from stay inside.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from experiments.data import Effect, ExperimentRefusedError
from experiments.metrics import METRICS
from experiments.models import Experiment, Snapshot
from experiments.stats import wording

FORMAT = 1
LOOK = (  # of what a look keeps; exact sums and counts, and evidence made of them, stay inside
    "format",
    "digest",
    "as_of",
    "confidence",
    "trustworthy",
    "detectable",
    "advice",
    "sentence",
    "effects",
    "guardrails",
    "cohorts",
    "secondary",
    "trends",
)
COUNTS = frozenset({"n_control", "n_variant"})
SET = frozenset({"confidence", "margin"})  # nobody measured these
EVIDENCE = "evidence"
COLUMNS = (
    "look",
    "as_of",
    "confidence",
    "metric",
    "title",
    "track",
    "unit",
    "control_mean",
    "variant_mean",
    "difference",
    "low",
    "high",
    "p_value",
    "margin",
    "reading",
    "n_control",
    "n_variant",
)


def report(key: str) -> dict[str, Any]:
    """Return an experiment as JSON: plan, digest, people, versions, looks and decision.

    Raises:
        ExperimentRefusedError: where there is no such experiment.
    """
    row = _get(key)
    return {
        "format": FORMAT,
        "plan": asdict(row.plan),
        "digest": row.digest,
        "intact": row.intact,
        "state": row.state,
        "people": asdict(row.people),
        "started_at": row.started_at,
        "stopped_at": row.stopped_at,
        "decided_at": row.decided_at,
        "verdict": row.verdict,
        "verdict_reason": row.verdict_reason,
        "versions": [
            {"number": one.number, "by": one.by, "at": one.at, "changed": one.changed}
            for one in row.versions.order_by("number")
        ],
        "looks": [_look(one) for one in row.snapshots.order_by("look")],
    }


def effect_rows(key: str) -> list[dict[str, Any]]:
    """Return every effect of every sound look as one row of COLUMNS."""
    row = _get(key)
    return [
        _row(look, Effect(**effect))
        for look in row.snapshots.order_by("look")
        if look.results["trustworthy"]
        for effect in look.results["effects"]
    ]


def _get(key: str) -> Experiment:
    experiment = Experiment.objects.filter(key=key).first()
    if experiment is None:
        raise ExperimentRefusedError(f"There is no experiment {key}.")
    return experiment


def _look(look: Snapshot) -> dict[str, Any]:
    kept = look.results
    counts = {arm: wording.shown(count) for arm, count in kept["n"].items()}
    said = _shown({name: kept[name] for name in LOOK if name in kept})
    if not kept["trustworthy"]:
        said["effects"] = []
    return {"look": look.look, "taken_at": look.taken_at, "n": counts, **said}


def _shown(value: Any) -> Any:
    """Return a kept value with everything measured in it as it may be shown."""
    if isinstance(value, Mapping):
        return {name: _part(name, part) for name, part in value.items() if name != EVIDENCE}
    if isinstance(value, list):
        return [_shown(part) for part in value]
    return wording.told(value) if isinstance(value, float) else value


def _part(name: str, value: Any) -> Any:
    if name in SET:
        return value
    return wording.shown(value) if name in COUNTS else _shown(value)


def _row(look: Snapshot, effect: Effect) -> dict[str, Any]:
    values = {
        **_shown(asdict(effect)),
        "look": look.look,
        "as_of": look.results["as_of"],
        "confidence": look.results["confidence"],
        "title": METRICS[effect.metric].title,
        "reading": effect.reading,
    }
    return {name: values[name] for name in COLUMNS}
